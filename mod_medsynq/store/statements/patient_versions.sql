-- patient_versions.sql -- what a patient's record was, version by version.

-- patient_version_insert tenant
INSERT INTO patient_versions (tenant_id, patient_id, version, changed_at, changed_by, change_kind,
    change_reason, status, fields)
VALUES (:tenant, %pDb, %lld, %lld, %pDb, %d, %s, %d, %s)

-- patient_version tenant
SELECT v.version, v.changed_at, u.name AS changed_by_name, v.change_kind, v.change_reason,
    v.status, v.fields
FROM patient_versions v JOIN users u ON u.tenant_id = :tenant AND u.id = v.changed_by
WHERE v.tenant_id = :tenant AND v.patient_id = %pDb AND v.version = %lld LIMIT 1

-- patient_versions_before tenant patient_version
SELECT v.version, v.changed_at, u.name AS changed_by_name, v.change_kind, v.change_reason,
    v.status, v.fields
FROM patient_versions v JOIN users u ON u.tenant_id = :tenant AND u.id = v.changed_by
WHERE v.tenant_id = :tenant AND v.patient_id = %pDb AND v.version < %lld
ORDER BY v.version DESC LIMIT %d
