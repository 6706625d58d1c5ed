-- audit_events.sql -- the trail: its head, its events, and patients shown together in one.

-- audit_head tenant
SELECT number, digest FROM audit_heads WHERE tenant_id = :tenant LIMIT 1

-- audit_head_start tenant
INSERT INTO audit_heads (tenant_id, number, digest) VALUES (:tenant, %lld, %pDb)
ON CONFLICT DO NOTHING

-- audit_head_move tenant
UPDATE audit_heads SET number = %lld, digest = %pDb WHERE tenant_id = :tenant AND number = %lld

-- audit_event_insert tenant
INSERT INTO audit_events (tenant_id, number, at, actor_id, actor_name, session, address, action,
    outcome, object_id, patient_id, reason, digest)
VALUES (:tenant, %lld, %lld, %pDb, %s, %pDb, %s, %d, %d, %pDb, %pDb, %s, %pDb)

-- audit_group_insert tenant
INSERT INTO audit_groups (tenant_id, id, members) VALUES (:tenant, %pDb, %pDb)
ON CONFLICT DO NOTHING

-- audit_group_patient_insert tenant
INSERT INTO audit_group_patients (tenant_id, patient_id, group_id) VALUES (:tenant, %pDb, %pDb)

-- audit_events_newest tenant audit_entry
SELECT e.number, e.at, e.actor_id, e.actor_name, e.address, e.action, e.outcome, e.reason,
    e.patient_id, p.mrn, u.id AS concerned_id, u.name AS concerned_name,
    u.email AS concerned_email
FROM audit_events e LEFT JOIN patients p ON p.tenant_id = :tenant AND p.id = e.patient_id
LEFT JOIN users u ON u.tenant_id = :tenant AND u.id = e.object_id
WHERE e.tenant_id = :tenant AND e.number < %lld AND e.number >= %lld AND e.at >= %lld
AND e.at < %lld AND (%d = 0 OR e.action = %d) AND (%pDb IS NULL OR e.actor_id = %pDb)
ORDER BY e.number DESC LIMIT %d

-- audit_event_latest tenant
SELECT at FROM audit_events WHERE tenant_id = :tenant ORDER BY number DESC LIMIT 1

-- audit_event_at tenant
SELECT at FROM audit_events WHERE tenant_id = :tenant AND number >= %lld ORDER BY number LIMIT 1

-- audit_events_of_patient tenant audit_entry
SELECT e.number, e.at, e.actor_id, e.actor_name, e.address, e.action, e.outcome, e.reason,
    e.patient_id, p.mrn, u.id AS concerned_id, u.name AS concerned_name,
    u.email AS concerned_email
FROM audit_events e LEFT JOIN patients p ON p.tenant_id = :tenant AND p.id = e.patient_id
LEFT JOIN users u ON u.tenant_id = :tenant AND u.id = e.object_id
WHERE e.tenant_id = :tenant AND (e.patient_id = %pDb OR e.patient_id IN (
    SELECT g.group_id FROM audit_group_patients g
    WHERE g.tenant_id = :tenant AND g.patient_id = %pDb))
AND e.number < %lld AND e.at >= %lld AND e.at < %lld
AND (%d = 0 OR e.action = %d) AND (%pDb IS NULL OR e.actor_id = %pDb)
AND (%d <> 1 OR e.action IN (4, 5, 72, 90, 166))
AND (%d <> 2 OR e.action NOT IN (4, 5, 72, 90, 166))
ORDER BY e.number DESC LIMIT %d

-- audit_people_of_patient tenant
SELECT e.actor_id FROM audit_events e
WHERE e.tenant_id = :tenant AND (e.patient_id = %pDb OR e.patient_id IN (
    SELECT g.group_id FROM audit_group_patients g
    WHERE g.tenant_id = :tenant AND g.patient_id = %pDb)) AND e.actor_id IS NOT NULL
GROUP BY e.actor_id LIMIT %d
