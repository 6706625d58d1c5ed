-- patients.sql -- a patient's record: added, read, changed and found by a number.

-- patient_insert tenant
INSERT INTO patients (tenant_id, id, version, mrn, name_key, family_key, national_id_key, listing,
    status,
    created_at, created_by, updated_at, updated_by, change_kind,
    {patient_fields})
VALUES (:tenant, %pDb, 1, %s, %s, %s, %s, %d, 1, %lld, %pDb, %lld, %pDb, 1,
    {%patient_fields})
ON CONFLICT DO NOTHING

-- patient_by_id tenant patient_record
SELECT p.version, p.mrn, p.status, p.created_at, p.updated_at, p.updated_by,
    u.name AS updated_by_name, p.change_kind, p.change_reason,
    {p.patient_fields}
FROM patients p JOIN users u ON u.tenant_id = :tenant AND u.id = p.updated_by
WHERE p.tenant_id = :tenant AND p.id = %pDb AND p.status < 3 LIMIT 1

-- patient_update tenant
UPDATE patients SET version = version + 1, status = %d, listing = %d, name_key = %s,
    family_key = %s, national_id_key = %s, updated_at = %lld, updated_by = %pDb, change_kind = %d,
    change_reason = %s,
    {patient_fields=%}
WHERE tenant_id = :tenant AND id = %pDb AND version = %lld AND status < 3

-- patients_by_national_id tenant
SELECT id FROM patients WHERE tenant_id = :tenant AND national_id_key = %s ORDER BY id LIMIT %d

-- patient_whole tenant
SELECT mrn, {patient_fields}
FROM patients WHERE tenant_id = :tenant AND id = %pDb AND status < 3 LIMIT 1

-- patient_by_mrn tenant
SELECT id, status FROM patients WHERE tenant_id = :tenant AND mrn = %s LIMIT 1

-- patient_brief tenant
SELECT name, birth_date, mrn, status, is_deceased, former_name, preferred_name, sex, phone1,
    address, deceased_date
FROM patients
WHERE tenant_id = :tenant AND id = %pDb AND status <> 3 LIMIT 1
