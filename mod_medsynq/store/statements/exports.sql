-- exports.sql -- all of an organisation, table by table, for its export.

-- export_patients tenant
SELECT id, version, mrn, status, created_at, created_by, updated_at, updated_by, change_kind,
    change_reason,
    {patient_fields}
FROM patients WHERE tenant_id = :tenant AND id > %pDb AND status < 3 ORDER BY id LIMIT %d

-- export_patient_versions tenant
SELECT patient_id, version, changed_at, changed_by, change_kind, change_reason, status, fields
FROM patient_versions
WHERE tenant_id = :tenant AND (patient_id, version) > (%pDb, %lld)
ORDER BY patient_id, version LIMIT %d

-- export_patient_notes tenant
SELECT patient_id, id, author_id, content, created_at, status, signed_at, parent_id, error_reason,
    error_by, error_at
FROM patient_notes
WHERE tenant_id = :tenant AND (patient_id, id) > (%pDb, %pDb) ORDER BY patient_id, id LIMIT %d

-- export_audit_events tenant
SELECT number, at, actor_id, actor_name, session, address, action, outcome, object_id, patient_id,
    reason, digest
FROM audit_events WHERE tenant_id = :tenant AND number > %lld ORDER BY number LIMIT %d

-- export_audit_groups tenant
SELECT id, members FROM audit_groups WHERE tenant_id = :tenant AND id > %pDb ORDER BY id LIMIT %d
