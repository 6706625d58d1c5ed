-- partners.sql -- organisations that are linked: by whose code, which two, what each sees of it.

-- tenant_by_code system
SELECT tenant_id, status FROM tenants WHERE connection_code = %s LIMIT 1

-- connection_code tenant
SELECT connection_code FROM tenants
WHERE tenant_id = :tenant AND connection_code IS NOT NULL LIMIT 1

-- connection_code_set tenant
UPDATE tenants SET connection_code = %s WHERE tenant_id = :tenant

-- partnership_by_id system
SELECT low, high, state FROM partnerships WHERE id = %pDb LIMIT 1

-- partnership_insert system
INSERT INTO partnerships (id, low, high, state) VALUES (%pDb, %lld, %lld, 1) ON CONFLICT DO NOTHING

-- partnership_state_set system
UPDATE partnerships SET state = %d WHERE id = %pDb AND state = %d

-- partner_insert tenant
INSERT INTO partners (tenant_id, id, name, is_ours, state, changed_here)
VALUES (:tenant, %pDb, %s, %d, 1, %d) ON CONFLICT DO NOTHING

-- partner_by_id tenant partner
SELECT id, name, is_ours, state, changed_here, allows_emergency FROM partners
WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- partners_before tenant partner
SELECT id, name, is_ours, state, changed_here, allows_emergency FROM partners
WHERE tenant_id = :tenant AND id < %pDb ORDER BY id DESC LIMIT %d

-- partner_state_set tenant
UPDATE partners SET state = %d, changed_here = %d
WHERE tenant_id = :tenant AND id = %pDb AND state = %d

-- partner_step_insert tenant
INSERT INTO partner_steps (tenant_id, partner_id, id, at, state, by_name, is_here, reason)
VALUES (:tenant, %pDb, %pDb, %lld, %d, %s, %d, %s)

-- partner_steps_before tenant
SELECT id, at, state, by_name, is_here, reason FROM partner_steps
WHERE tenant_id = :tenant AND partner_id = %pDb AND id < %pDb ORDER BY id DESC LIMIT %d
