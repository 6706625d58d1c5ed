-- patient_merges.sql -- records that others have replaced: who by whom, and what came along.

-- patient_merge_insert tenant
INSERT INTO patient_merges (tenant_id, source_id, target_id, merged_at, merged_by, source_status,
    target_version)
VALUES (:tenant, %pDb, %pDb, %lld, %pDb, %d, %lld) ON CONFLICT DO NOTHING

-- patient_merge_by_source tenant
SELECT m.target_id, m.merged_at, u.name AS merged_by_name, m.source_status, m.target_version,
    p.mrn, p.name
FROM patient_merges m JOIN users u ON u.tenant_id = :tenant AND u.id = m.merged_by
    JOIN patients p ON p.tenant_id = :tenant AND p.id = m.source_id
WHERE m.tenant_id = :tenant AND m.source_id = %pDb LIMIT 1

-- patient_merges_by_target tenant
SELECT m.source_id, m.merged_at, u.name AS merged_by_name, p.mrn, p.name, p.birth_date
FROM patient_merges m JOIN users u ON u.tenant_id = :tenant AND u.id = m.merged_by
    JOIN patients p ON p.tenant_id = :tenant AND p.id = m.source_id
WHERE m.tenant_id = :tenant AND m.target_id = %pDb ORDER BY m.source_id LIMIT %d

-- patient_merge_remove tenant
DELETE FROM patient_merges WHERE tenant_id = :tenant AND source_id = %pDb

-- patient_merge_part_insert tenant
INSERT INTO patient_merge_parts (tenant_id, source_id, part, item) VALUES (:tenant, %pDb, %s, %pDb)

-- patient_merge_parts_after tenant part_key
SELECT item FROM patient_merge_parts
WHERE tenant_id = :tenant AND source_id = %pDb AND part = %s AND item > %pDb
ORDER BY item LIMIT %d

-- patient_merge_parts_remove tenant
DELETE FROM patient_merge_parts WHERE tenant_id = :tenant AND source_id = %pDb

-- patient_return tenant
UPDATE patients SET version = version + 1, status = %d, listing = %d, updated_at = %lld,
    updated_by = %pDb, change_kind = %d, change_reason = %s
WHERE tenant_id = :tenant AND id = %pDb AND version = %lld AND listing = %d

-- patient_replaced tenant patient_record
SELECT p.version, p.mrn, p.status, p.created_at, p.updated_at, p.updated_by,
    u.name AS updated_by_name, p.change_kind, p.change_reason,
    {p.patient_fields}
FROM patients p JOIN users u ON u.tenant_id = :tenant AND u.id = p.updated_by
WHERE p.tenant_id = :tenant AND p.id = %pDb AND p.listing = %d LIMIT 1
