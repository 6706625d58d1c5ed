-- 030: what an organisation keeps is reckoned (domain/organisations/quotas.h). What is there already is
-- estimated: from now on each row counts as what it brings.

INSERT INTO counters (tenant_id, name, value)
SELECT t.tenant_id, 'room.patients',
    (SELECT count(p.id) FROM patients p WHERE p.tenant_id = t.tenant_id AND p.status < 3)
FROM tenants t WHERE t.tenant_id <> 0;

INSERT INTO counters (tenant_id, name, value)
SELECT t.tenant_id, 'room.people', (SELECT count(u.id) FROM users u WHERE u.tenant_id = t.tenant_id)
FROM tenants t WHERE t.tenant_id <> 0;

INSERT INTO counters (tenant_id, name, value)
SELECT t.tenant_id, 'room.bytes',
    (SELECT count(p.id) FROM patients p WHERE p.tenant_id = t.tenant_id) * 600
    + (SELECT count(v.version) FROM patient_versions v WHERE v.tenant_id = t.tenant_id) * 600
    + (SELECT COALESCE(sum(length(n.content) + 200), 0) FROM patient_notes n
        WHERE n.tenant_id = t.tenant_id)
    + (SELECT count(c.id) FROM chart_items c WHERE c.tenant_id = t.tenant_id) * 400
FROM tenants t WHERE t.tenant_id <> 0;
