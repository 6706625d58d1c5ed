-- owner.sql -- what whoever owns the database reads of all organisations: medsynqctl, and the
-- server in what it does for itself. No request can run any of them.

-- owner_tenants owner
SELECT t.name, t.status, t.created_at, t.closed_at,
    (SELECT count(u.id) FROM users u WHERE u.tenant_id = t.tenant_id) AS people_found,
    COALESCE((SELECT c.value FROM counters c
        WHERE c.tenant_id = t.tenant_id AND c.name = %s), 0) AS patients_found,
    COALESCE((SELECT c.value FROM counters c
        WHERE c.tenant_id = t.tenant_id AND c.name = %s), 0) AS patients_kept,
    COALESCE((SELECT c.value FROM counters c
        WHERE c.tenant_id = t.tenant_id AND c.name = %s), 0) AS bytes_found,
    (SELECT count(j.object) FROM jobs j
        WHERE j.tenant_id = t.tenant_id AND j.kind = %d) AS files_found,
    COALESCE((SELECT sum(length(r.cells)) FROM import_rows r
        WHERE r.tenant_id = t.tenant_id), 0) AS file_bytes_found,
    COALESCE((SELECT h.number FROM audit_heads h WHERE h.tenant_id = t.tenant_id), 0)
        AS events_found
FROM tenants t WHERE t.tenant_id <> 0 ORDER BY t.name_key

-- owner_tenant_names owner
SELECT name, name_key FROM tenants WHERE tenant_id <> 0 ORDER BY tenant_id

-- owner_tenants_count owner
SELECT count(tenant_id) AS tenants_found FROM tenants WHERE tenant_id <> 0

-- owner_events owner
SELECT tenant_id, number, at, actor_id, actor_name, session, address, action, outcome, object_id,
    patient_id, reason, digest
FROM audit_events ORDER BY tenant_id, number

-- owner_heads owner owner_chain_end
SELECT tenant_id, number, digest FROM audit_heads ORDER BY tenant_id

-- owner_bases owner owner_chain_end
SELECT tenant_id, number, digest FROM audit_bases ORDER BY tenant_id

-- owner_groups owner
SELECT tenant_id, id, members FROM audit_groups ORDER BY tenant_id, id

-- owner_group_patients owner
SELECT tenant_id, group_id, patient_id FROM audit_group_patients ORDER BY tenant_id, patient_id

-- owner_chain_older owner
SELECT h.tenant_id FROM audit_heads h
WHERE (SELECT e.at FROM audit_events e WHERE e.tenant_id = h.tenant_id
    ORDER BY e.number LIMIT 1) < %lld
LIMIT 1

-- owner_erasing owner
SELECT t.name FROM counters c LEFT JOIN tenants t ON t.tenant_id = c.tenant_id AND c.tenant_id > 0
WHERE c.name >= 'erasing' AND c.name < 'erasing/' ORDER BY c.tenant_id DESC LIMIT 1

-- owner_fingerprints owner known_secret
SELECT fingerprint, is_used FROM fingerprints WHERE tenant_id = 0 ORDER BY fingerprint

-- owner_closed owner
SELECT count(tenant_id) AS tenants_found FROM tenants WHERE closed_at <= %lld

-- owner_emergencies owner
SELECT count(id) AS emergencies_found FROM emergencies WHERE state = 1

-- owner_jobs owner
SELECT t.name, t.status, j.kind, j.due_at, j.failures, j.worker
FROM jobs j JOIN tenants t ON t.tenant_id = j.tenant_id
ORDER BY j.due_at, j.tenant_id, j.kind, j.object

-- owner_partnerships owner
SELECT id, low, high FROM partnerships ORDER BY id

-- owner_partners owner
SELECT tenant_id, id FROM partners ORDER BY tenant_id, id

-- owner_shares owner
SELECT id, partner_id FROM shares ORDER BY tenant_id, id
