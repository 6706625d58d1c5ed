-- invitations.sql -- invitations of people, until they are accepted, withdrawn or run out.

-- invitation_insert tenant
INSERT INTO invitations (tenant_id, id, email, email_key, name, roles, status, secret_hash,
    created_at, created_by, expires_at)
VALUES (:tenant, %pDb, %s, %s, %s, %d, 1, %pDb, %lld, %pDb, %lld) ON CONFLICT DO NOTHING

-- invitation_by_id tenant
SELECT email, name, roles, status, secret_hash, created_at, expires_at FROM invitations
WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- invitations_before tenant
SELECT id, email, name, roles, status, created_at, expires_at FROM invitations
WHERE tenant_id = :tenant AND id < %pDb AND status <> 2 ORDER BY id DESC LIMIT %d

-- invitation_status_set tenant
UPDATE invitations SET status = %d WHERE tenant_id = :tenant AND id = %pDb AND status = 1

-- invitations_supersede tenant
UPDATE invitations SET status = 3 WHERE tenant_id = :tenant AND email_key = %s AND status = 1
