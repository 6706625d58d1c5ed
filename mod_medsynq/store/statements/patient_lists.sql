-- patient_lists.sql -- pages of patients in an order, continued after the last one seen.

-- patient_sort_keys tenant
SELECT name_key, birth_key, updated_at, family_key FROM patients
WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- patients_by_name_first tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date
FROM patients
WHERE tenant_id = :tenant AND listing = %d ORDER BY name_key, id LIMIT %d

-- patients_by_name_after tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date
FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (name_key, id) > (%s, %pDb)
ORDER BY name_key, id LIMIT %d

-- patients_by_name_before tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date
FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (name_key, id) < (%s, %pDb)
ORDER BY name_key DESC, id DESC LIMIT %d

-- patients_by_family_first tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date
FROM patients
WHERE tenant_id = :tenant AND listing = %d ORDER BY family_key, id LIMIT %d

-- patients_by_family_after tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date
FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (family_key, id) > (%s, %pDb)
ORDER BY family_key, id LIMIT %d

-- patients_by_family_before tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date
FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (family_key, id) < (%s, %pDb)
ORDER BY family_key DESC, id DESC LIMIT %d

-- patients_by_birth_date_first tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date
FROM patients
WHERE tenant_id = :tenant AND listing = %d ORDER BY birth_key, id LIMIT %d

-- patients_by_birth_date_after tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date
FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (birth_key, id) > (%s, %pDb)
ORDER BY birth_key, id LIMIT %d

-- patients_by_birth_date_before tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date
FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (birth_key, id) < (%s, %pDb)
ORDER BY birth_key DESC, id DESC LIMIT %d

-- patients_by_change_first tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date, updated_at
FROM patients
WHERE tenant_id = :tenant AND listing = %d AND updated_at >= %lld
ORDER BY updated_at DESC, id DESC LIMIT %d

-- patients_by_change_after tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date, updated_at
FROM patients
WHERE tenant_id = :tenant AND listing = %d AND updated_at >= %lld
    AND (updated_at, id) < (%lld, %pDb)
ORDER BY updated_at DESC, id DESC LIMIT %d

-- patients_by_change_before tenant patient_row
SELECT id, name, birth_date, mrn, former_name, preferred_name, sex, phone1, address,
    deceased_date, updated_at
FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (updated_at, id) > (%lld, %pDb)
ORDER BY updated_at, id LIMIT %d

-- patients_archived tenant
SELECT p.id, p.version, p.name, p.birth_date, p.mrn, p.updated_at, u.name AS updated_by_name,
    p.change_reason
FROM patients p JOIN users u ON u.tenant_id = :tenant AND u.id = p.updated_by
WHERE p.tenant_id = :tenant AND p.listing = 2 AND (p.updated_at, p.id) < (%lld, %pDb)
ORDER BY p.updated_at DESC, p.id DESC LIMIT %d
