-- patients.sql -- a patient's record: added, read, changed and found by a number.

-- patient_insert tenant
INSERT INTO patients (tenant_id, id, version, mrn, name_key, national_id_key, listing, status,
    created_at, created_by, updated_at, updated_by, change_kind,
    name, given_name, family_name, former_name, preferred_name, birth_date,
    age_estimated, sex, pronouns, phone1, phone2, phone3, email, address, national_id, language,
    contact_name, contact_relation, contact_phone, is_deceased, deceased_date)
VALUES (:tenant, %pDb, 1, %s, %s, %s, %d, 1, %lld, %pDb, %lld, %pDb, 1,
    %s, %s, %s, %s, %s, %s, %d, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %d, %s)
ON CONFLICT DO NOTHING

-- patient_by_id tenant
SELECT p.version, p.mrn, p.status, p.created_at, p.updated_at, p.updated_by,
    u.name AS updated_by_name, p.change_kind, p.change_reason,
    p.name, p.given_name, p.family_name, p.former_name, p.preferred_name, p.birth_date,
    p.age_estimated, p.sex, p.pronouns, p.phone1, p.phone2, p.phone3, p.email, p.address,
    p.national_id, p.language, p.contact_name, p.contact_relation, p.contact_phone,
    p.is_deceased, p.deceased_date
FROM patients p JOIN users u ON u.tenant_id = :tenant AND u.id = p.updated_by
WHERE p.tenant_id = :tenant AND p.id = %pDb AND p.status < 3 LIMIT 1

-- patient_update tenant
UPDATE patients SET version = version + 1, status = %d, listing = %d, name_key = %s,
    national_id_key = %s, updated_at = %lld, updated_by = %pDb, change_kind = %d,
    change_reason = %s,
    name = %s, given_name = %s, family_name = %s, former_name = %s, preferred_name = %s,
    birth_date = %s, age_estimated = %d, sex = %s, pronouns = %s, phone1 = %s, phone2 = %s,
    phone3 = %s, email = %s, address = %s, national_id = %s, language = %s, contact_name = %s,
    contact_relation = %s, contact_phone = %s, is_deceased = %d, deceased_date = %s
WHERE tenant_id = :tenant AND id = %pDb AND version = %lld AND status < 3

-- patients_by_national_id tenant
SELECT id FROM patients WHERE tenant_id = :tenant AND national_id_key = %s ORDER BY id LIMIT %d

-- patient_whole tenant
SELECT mrn, name, given_name, family_name, former_name, preferred_name, birth_date,
    age_estimated, sex, pronouns, phone1, phone2, phone3, email, address, national_id, language,
    contact_name, contact_relation, contact_phone, is_deceased, deceased_date
FROM patients WHERE tenant_id = :tenant AND id = %pDb AND status < 3 LIMIT 1

-- patient_by_mrn tenant
SELECT id, status FROM patients WHERE tenant_id = :tenant AND mrn = %s LIMIT 1

-- patient_brief tenant
SELECT name, birth_date, mrn, status, is_deceased FROM patients
WHERE tenant_id = :tenant AND id = %pDb AND status <> 3 LIMIT 1
