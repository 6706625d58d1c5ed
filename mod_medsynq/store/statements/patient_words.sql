-- patient_words.sql -- the search index: words of names, and who has them.

-- patients_by_word tenant patient_match
SELECT key, patient_id FROM patient_words
WHERE tenant_id = :tenant AND word = %s ORDER BY key, patient_id LIMIT %d

-- patients_by_word_from tenant patient_match
SELECT key, patient_id FROM patient_words
WHERE tenant_id = :tenant AND word = %s AND key >= %s ORDER BY key, patient_id LIMIT %d

-- patient_words_next tenant
SELECT word FROM patient_words WHERE tenant_id = :tenant AND word > %s AND word < %s
ORDER BY word, key, patient_id LIMIT %d

-- patients_by_days tenant patient_match
SELECT key, patient_id FROM patient_words
WHERE tenant_id = :tenant AND word IN (%s, %s, %s, %s, %s, %s)
ORDER BY word, key, patient_id LIMIT %d

-- patient_index_source tenant
SELECT listing, birth_date, name, former_name, preferred_name, given_name, family_name, phone1,
    phone2, phone3
FROM patients WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- patient_word_insert tenant
INSERT INTO patient_words (tenant_id, word, key, patient_id) VALUES (:tenant, %s, %s, %pDb)
ON CONFLICT DO NOTHING

-- patient_word_delete tenant
DELETE FROM patient_words WHERE tenant_id = :tenant AND word = %s AND key = %s AND patient_id = %pDb

-- patient_words_range tenant patient_match
SELECT key, patient_id FROM patient_words
WHERE tenant_id = :tenant AND word >= %s AND word < %s ORDER BY word, key, patient_id LIMIT %d

-- patients_by_words tenant
SELECT w.patient_id, p.name, p.birth_date, p.mrn, p.status, p.is_deceased, p.former_name,
    p.preferred_name, p.sex, p.phone1, p.address, p.deceased_date
FROM patient_words w JOIN patients p ON p.tenant_id = :tenant AND p.id = w.patient_id
WHERE w.tenant_id = :tenant AND w.word >= %s AND w.word < %s AND p.status <> 3
ORDER BY w.word, w.key, w.patient_id LIMIT %d
