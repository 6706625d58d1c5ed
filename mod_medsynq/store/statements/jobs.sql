-- jobs.sql -- work that goes on without a person: who has ordered it, when it is due, who has it.
-- A claim is a time in due_at: whoever has a job moves it on, others have it when that stops.

-- tenants_with_jobs system
SELECT tenant_id FROM tenants WHERE jobs_due_at <= %lld AND status = 1
ORDER BY jobs_due_at LIMIT %d

-- tenants_with_jobs_after system
SELECT tenant_id, jobs_due_at FROM tenants
WHERE jobs_due_at IS NOT NULL AND (jobs_due_at, tenant_id) > (%lld, %lld) AND status = 1
ORDER BY jobs_due_at, tenant_id LIMIT %d

-- job_later tenant
SELECT kind FROM jobs WHERE tenant_id = :tenant AND kind = %d AND due_at > %lld LIMIT 1

-- job_advance tenant
UPDATE jobs SET due_at = %lld, worker = NULL
WHERE tenant_id = :tenant AND kind = %d AND due_at > %lld

-- tenant_jobs_due tenant
UPDATE tenants SET jobs_due_at = %lld WHERE tenant_id = :tenant

-- job_first tenant
SELECT due_at FROM jobs WHERE tenant_id = :tenant ORDER BY due_at, kind, object LIMIT 1

-- jobs_of_kind tenant
SELECT object FROM jobs WHERE tenant_id = :tenant AND kind = %d ORDER BY object LIMIT %d

-- job_insert tenant
INSERT INTO jobs (tenant_id, kind, object, user_id, due_at, failures)
VALUES (:tenant, %d, %pDb, %pDb, %lld, 0) ON CONFLICT DO NOTHING

-- job_order tenant
UPDATE jobs SET user_id = %pDb, due_at = %lld, worker = NULL, failures = 0
WHERE tenant_id = :tenant AND kind = %d AND object = %pDb

-- job_next tenant
SELECT kind, object, failures FROM jobs
WHERE tenant_id = :tenant AND due_at <= %lld AND kind <= %d
ORDER BY due_at, kind, object LIMIT 1

-- job_claim tenant
UPDATE jobs SET worker = %pDb, due_at = %lld
WHERE tenant_id = :tenant AND kind = %d AND object = %pDb AND due_at <= %lld

-- job_claimed tenant
SELECT user_id, failures FROM jobs
WHERE tenant_id = :tenant AND kind = %d AND object = %pDb AND worker = %pDb LIMIT 1

-- job_keep tenant
UPDATE jobs SET due_at = %lld
WHERE tenant_id = :tenant AND kind = %d AND object = %pDb AND worker = %pDb

-- job_release tenant
UPDATE jobs SET worker = NULL, due_at = %lld, failures = %lld
WHERE tenant_id = :tenant AND kind = %d AND object = %pDb AND worker = %pDb

-- job_end tenant
DELETE FROM jobs WHERE tenant_id = :tenant AND kind = %d AND object = %pDb AND worker = %pDb
