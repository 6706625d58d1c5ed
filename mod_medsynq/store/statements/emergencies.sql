-- emergencies.sql -- what somebody of a linked organisation has opened in an emergency, and who.

-- emergency_allow tenant
UPDATE partners SET allows_emergency = %d
WHERE tenant_id = :tenant AND id = %pDb AND state > 1 AND state < 4

-- emergency_partner tenant
SELECT state, allows_emergency FROM partners WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- emergency_partners tenant
SELECT id, name FROM partners
WHERE tenant_id = :tenant AND state = 2 AND allows_emergency > 0 ORDER BY id DESC LIMIT %d

-- emergency_by_mrn tenant emergency_found
SELECT id FROM patients
WHERE tenant_id = :tenant AND mrn = %s AND birth_date = %s AND status = 1 LIMIT 2

-- emergency_by_national_id tenant emergency_found
SELECT id FROM patients
WHERE tenant_id = :tenant AND national_id_key = %s AND birth_date = %s AND status = 1
ORDER BY id LIMIT 2

-- emergency_insert tenant
INSERT INTO emergencies (tenant_id, id, patient_id, partner_id, by_name, reason, opened_at,
    until_at, marks, state)
VALUES (:tenant, %pDb, %pDb, %pDb, %s, %s, %lld, %lld, %d, 1) ON CONFLICT DO NOTHING

-- emergency_use_insert tenant
INSERT INTO emergency_uses (tenant_id, id, partner_id, user_id, account_version, opened_at)
VALUES (:tenant, %pDb, %pDb, %pDb, %lld, %lld) ON CONFLICT DO NOTHING

-- emergency_uses_since tenant
SELECT id FROM emergency_uses
WHERE tenant_id = :tenant AND user_id = %pDb AND opened_at > %lld ORDER BY opened_at LIMIT %d

-- emergency_told tenant
SELECT email FROM users
WHERE tenant_id = :tenant AND status = 1 AND roles %% 2 = 1 ORDER BY email_key LIMIT %d

-- emergency_standing tenant
SELECT s.patient_id, s.partner_id, s.state, e.opened_at, e.until_at, r.allows_emergency,
    r.state AS link_state, t.status
FROM shares s JOIN emergencies e ON e.tenant_id = :tenant AND e.id = s.id
    JOIN partners r ON r.tenant_id = :tenant AND r.id = s.partner_id
    JOIN tenants t ON t.tenant_id = :tenant
WHERE s.tenant_id = :tenant AND s.id = %pDb LIMIT 1

-- emergency_use_standing tenant
SELECT e.user_id, e.account_version, u.version, r.allows_emergency, r.state AS link_state
FROM emergency_uses e JOIN users u ON u.tenant_id = :tenant AND u.id = e.user_id
    JOIN partners r ON r.tenant_id = :tenant AND r.id = e.partner_id
WHERE e.tenant_id = :tenant AND e.id = %pDb LIMIT 1

-- emergencies_open tenant
SELECT id FROM emergencies
WHERE tenant_id = :tenant AND partner_id = %pDb AND id > %pDb AND until_at > %lld
ORDER BY id LIMIT %d

-- emergencies_waiting tenant emergency
SELECT id, patient_id, by_name, reason, opened_at, until_at, marks, state
FROM emergencies WHERE tenant_id = :tenant AND state = 1 ORDER BY id LIMIT %d

-- emergencies_before tenant emergency
SELECT id, patient_id, by_name, reason, opened_at, until_at, marks, state
FROM emergencies WHERE tenant_id = :tenant AND id < %pDb ORDER BY id DESC LIMIT %d

-- emergency_by_id tenant
SELECT e.patient_id, e.by_name, e.reason, e.opened_at, e.until_at, e.marks, e.state, e.reviewed_at,
    u.name AS reviewed_by_name, e.measures, s.ended_at
FROM emergencies e JOIN shares s ON s.tenant_id = :tenant AND s.id = e.id
    LEFT JOIN users u ON u.tenant_id = :tenant AND u.id = e.reviewed_by
WHERE e.tenant_id = :tenant AND e.id = %pDb LIMIT 1

-- emergency_review tenant
UPDATE emergencies SET state = %d, reviewed_at = %lld, reviewed_by = %pDb, measures = %s
WHERE tenant_id = :tenant AND id = %pDb AND state = 1
