-- exports.sql -- all of an organisation, table by table, for its export; and all of one patient.

-- export_patients tenant
SELECT p.id, p.version, p.mrn, p.status, p.created_at, p.created_by, p.updated_at, p.updated_by,
    p.change_kind, p.change_reason, m.target_id, m.merged_at,
    {p.patient_fields}
FROM patients p LEFT JOIN patient_merges m ON m.tenant_id = :tenant AND m.source_id = p.id
WHERE p.tenant_id = :tenant AND p.id > %pDb AND p.listing <> 3 ORDER BY p.id LIMIT %d

-- export_patients_one tenant export_patients
SELECT p.id, p.version, p.mrn, p.status, p.created_at, p.created_by, p.updated_at, p.updated_by,
    p.change_kind, p.change_reason, m.target_id, m.merged_at,
    {p.patient_fields}
FROM patients p LEFT JOIN patient_merges m ON m.tenant_id = :tenant AND m.source_id = p.id
WHERE p.tenant_id = :tenant AND p.id = %pDb LIMIT %d

-- export_patient_versions tenant
SELECT patient_id, version, changed_at, changed_by, change_kind, change_reason, status, fields
FROM patient_versions
WHERE tenant_id = :tenant AND (patient_id, version) > (%pDb, %lld)
ORDER BY patient_id, version LIMIT %d

-- export_patient_versions_one tenant export_patient_versions
SELECT patient_id, version, changed_at, changed_by, change_kind, change_reason, status, fields
FROM patient_versions
WHERE tenant_id = :tenant AND patient_id = %pDb AND version > %lld ORDER BY version LIMIT %d

-- export_patient_notes tenant
SELECT patient_id, id, author_id, content, created_at, status, signed_at, signed_as, parent_id,
    error_reason, error_by, error_at, written_on, written_by
FROM patient_notes
WHERE tenant_id = :tenant AND (patient_id, id) > (%pDb, %pDb) ORDER BY patient_id, id LIMIT %d

-- export_patient_notes_one tenant export_patient_notes
SELECT patient_id, id, author_id, content, created_at, status, signed_at, signed_as, parent_id,
    error_reason, error_by, error_at, written_on, written_by
FROM patient_notes
WHERE tenant_id = :tenant AND patient_id = %pDb AND id > %pDb
    AND (status <> 1 OR author_id = %pDb)
ORDER BY id LIMIT %d

-- export_chart_items tenant
SELECT patient_id, id, kind, is_none, version, state, created_at, created_by, updated_at,
    updated_by, reason, fields
FROM chart_items
WHERE tenant_id = :tenant AND (patient_id, id) > (%pDb, %pDb) ORDER BY patient_id, id LIMIT %d

-- export_chart_items_one tenant export_chart_items
SELECT patient_id, id, kind, is_none, version, state, created_at, created_by, updated_at,
    updated_by, reason, fields
FROM chart_items
WHERE tenant_id = :tenant AND patient_id = %pDb AND id > %pDb ORDER BY id LIMIT %d

-- export_chart_item_versions tenant
SELECT c.patient_id, c.said, v.item_id, v.kind, v.version, v.state, v.changed_at, v.changed_by,
    v.reason, v.fields
FROM chart_item_versions v JOIN chart_items c ON c.tenant_id = :tenant AND c.id = v.item_id
WHERE v.tenant_id = :tenant AND (v.item_id, v.version) > (%pDb, %lld)
ORDER BY v.item_id, v.version LIMIT %d

-- export_chart_item_versions_one tenant export_chart_item_versions
SELECT c.patient_id, c.said, v.item_id, v.kind, v.version, v.state, v.changed_at, v.changed_by,
    v.reason, v.fields
FROM chart_items c JOIN chart_item_versions v ON v.tenant_id = :tenant AND v.item_id = c.id
WHERE c.tenant_id = :tenant AND c.patient_id = %pDb AND (v.item_id, v.version) > (%pDb, %lld)
ORDER BY v.item_id, v.version LIMIT %d

-- export_consents tenant
SELECT c.patient_id, c.id, r.name AS partner_name, c.given_by, c.giver_name, c.giver_relation,
    c.method, c.parts, c.purpose, c.from_at, c.until_at, c.remark, c.state, c.recorded_at,
    c.recorded_by, c.ended_at, c.ended_by_name, c.ended_reason
FROM consents c JOIN partners r ON r.tenant_id = :tenant AND r.id = c.partner_id
WHERE c.tenant_id = :tenant AND (c.patient_id, c.id) > (%pDb, %pDb)
ORDER BY c.patient_id, c.id LIMIT %d

-- export_consents_one tenant export_consents
SELECT c.patient_id, c.id, r.name AS partner_name, c.given_by, c.giver_name, c.giver_relation,
    c.method, c.parts, c.purpose, c.from_at, c.until_at, c.remark, c.state, c.recorded_at,
    c.recorded_by, c.ended_at, c.ended_by_name, c.ended_reason
FROM consents c JOIN partners r ON r.tenant_id = :tenant AND r.id = c.partner_id
WHERE c.tenant_id = :tenant AND c.patient_id = %pDb AND c.id > %pDb ORDER BY c.id LIMIT %d

-- export_share_notes tenant
SELECT s.patient_id, s.id, c.id AS consent_id, s.note, s.note_at, s.note_day
FROM share_notes s JOIN consents c ON c.tenant_id = :tenant AND c.share_id = s.share_id
WHERE s.tenant_id = :tenant AND (s.patient_id, s.id) > (%pDb, %pDb)
ORDER BY s.patient_id, s.id LIMIT %d

-- export_share_notes_one tenant export_share_notes
SELECT s.patient_id, s.id, c.id AS consent_id, s.note, s.note_at, s.note_day
FROM share_notes s JOIN consents c ON c.tenant_id = :tenant AND c.share_id = s.share_id
WHERE s.tenant_id = :tenant AND s.patient_id = %pDb AND s.id > %pDb ORDER BY s.id LIMIT %d

-- export_audit_events tenant
SELECT number, at, actor_id, actor_name, session, address, action, outcome, object_id, patient_id,
    reason, digest
FROM audit_events WHERE tenant_id = :tenant AND number > %lld ORDER BY number LIMIT %d

-- export_audit_groups tenant
SELECT id, members FROM audit_groups WHERE tenant_id = :tenant AND id > %pDb ORDER BY id LIMIT %d
