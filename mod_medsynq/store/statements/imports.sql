-- imports.sql -- files of patients: their rows, faults, and undoing what they have added.

-- import_insert tenant
INSERT INTO imports (tenant_id, id, user_id, file_name, state, columns, mapping, rows_total,
    position, faulty, faults, added, created_at, finished_at)
VALUES (:tenant, %pDb, %pDb, %s, 1, '', '', 0, 0, 0, 0, 0, %lld, 0)

-- import_by_id tenant
SELECT state, file_name, columns, mapping, rows_total, position, faulty, faults, added, created_at,
    finished_at, date_order, date_evidence, ending, doubles, with_doubles, encoding, head, samples,
    mendable, mend, unknowns, chosen
FROM imports WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- imports_newest tenant
SELECT id, state, file_name, rows_total, head, added, created_at, finished_at, ending FROM imports
WHERE tenant_id = :tenant AND id < %pDb ORDER BY id DESC LIMIT %d

-- imports_coming tenant
SELECT i.rows_total, i.head, i.faulty, i.doubles, i.with_doubles, i.mendable, i.mend, i.added,
    i.cells_bytes, i.chosen
FROM imports i
WHERE i.tenant_id = :tenant AND i.state = %d AND i.id IN (
    SELECT j.object FROM jobs j WHERE j.tenant_id = :tenant AND j.kind = %d)
ORDER BY i.id LIMIT %d

-- import_staged tenant
UPDATE imports SET state = 2, columns = %s, head = %lld, rows_total = %lld, date_evidence = %s,
    samples = %s, encoding = %d, cells_bytes = %lld
WHERE tenant_id = :tenant AND id = %pDb AND state = 1

-- import_heads tenant
SELECT number, line, substr(cells, 1, 200) AS cells FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb ORDER BY number LIMIT %d

-- import_rows_first tenant
SELECT substr(cells, 1, 4000) AS cells FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND number > %lld ORDER BY number LIMIT %d

-- import_head_read tenant
SELECT cells FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND number = %lld LIMIT 1

-- import_head_set tenant
UPDATE imports SET state = 2, columns = %s, head = %lld, mapping = '', ending = 0
WHERE tenant_id = :tenant AND id = %pDb AND state IN (2, 4) AND rows_total > %lld

-- import_head_clear tenant
UPDATE import_rows SET mrn = NULL, person = NULL, born = NULL, phone = NULL, identifier = NULL
WHERE tenant_id = :tenant AND import_id = %pDb AND number <= %lld

-- import_header_read tenant
SELECT mapping FROM import_headers WHERE tenant_id = :tenant AND header = %pDb LIMIT 1

-- import_header_insert tenant
INSERT INTO import_headers (tenant_id, header, mapping, used_at)
VALUES (:tenant, %pDb, %s, %lld) ON CONFLICT DO NOTHING

-- import_header_update tenant
UPDATE import_headers SET mapping = %s, used_at = %lld
WHERE tenant_id = :tenant AND header = %pDb

-- import_mapped tenant
UPDATE imports SET state = 3, mapping = %s, date_order = %d, position = 0, faulty = 0, faults = 0,
    ending = 0, doubles = 0, with_doubles = 0, mendable = 0, mend = 0, unknowns = 0, chosen = 0
WHERE tenant_id = :tenant AND id = %pDb AND state IN (2, 4)

-- import_state_set tenant
UPDATE imports SET state = %d, position = 0, finished_at = %lld, ending = %d
WHERE tenant_id = :tenant AND id = %pDb AND state = %d

-- import_moved tenant
UPDATE imports SET position = %lld, faulty = %lld, faults = %lld, added = %lld, doubles = %lld,
    mendable = %lld, unknowns = %lld
WHERE tenant_id = :tenant AND id = %pDb

-- import_row_insert tenant
INSERT INTO import_rows (tenant_id, import_id, number, line, cells, is_faulty)
VALUES (:tenant, %pDb, %lld, %lld, %s, 0)

-- import_rows_next tenant
SELECT number, line, cells, is_faulty, patient_id, is_chosen FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND number > %lld ORDER BY number LIMIT %d

-- import_rows_forget tenant
DELETE FROM import_rows WHERE tenant_id = :tenant AND import_id = %pDb AND number <= %lld

-- import_faults_forget tenant
DELETE FROM import_faults WHERE tenant_id = :tenant AND import_id = %pDb AND number <= %lld

-- import_rows_from tenant
SELECT number FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb ORDER BY number LIMIT 1

-- import_faults_gone tenant
UPDATE imports SET faults = 0, samples = '', date_evidence = ''
WHERE tenant_id = :tenant AND id = %pDb

-- import_row_checked tenant
UPDATE import_rows SET mrn = %s, birth_year = %s, is_faulty = %d, person = %s, born = %s,
    phone = %s, identifier = %s, like_patient = %pDb, like_row = %lld, like_why = %lld,
    is_chosen = 0
WHERE tenant_id = :tenant AND import_id = %pDb AND number = %lld

-- import_row_by_mrn tenant
SELECT number FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND mrn = %s AND number < %lld LIMIT 1

-- import_row_by_person tenant
SELECT number FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND person = %s AND number < %lld
ORDER BY number LIMIT 1

-- import_row_by_identifier tenant import_row_by_person
SELECT number FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND identifier = %s AND number < %lld
ORDER BY number LIMIT 1

-- import_rows_by_person_from tenant import_row_match
SELECT number, person FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND person >= %s AND person < %s
ORDER BY person, number LIMIT %d

-- import_rows_by_birth tenant import_row_match
SELECT number, person FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND born = %s AND number < %lld
ORDER BY number DESC LIMIT %d

-- import_rows_by_phone tenant import_row_match
SELECT number, person FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND phone = %s AND number < %lld
ORDER BY number DESC LIMIT %d

-- import_rows_alike tenant import_row_alike
SELECT number, line, cells, like_patient, like_row, like_why, is_chosen FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND number > %lld AND is_faulty = 2
ORDER BY number LIMIT %d

-- import_row_one tenant import_row_alike
SELECT number, line, cells, like_patient, like_row, like_why, is_chosen FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND number = %lld LIMIT 1

-- import_row_choose tenant
UPDATE import_rows SET is_chosen = %d
WHERE tenant_id = :tenant AND import_id = %pDb AND number = %lld AND is_faulty = 2
    AND is_chosen <> %d

-- import_chosen_add tenant
UPDATE imports SET chosen = chosen + %lld
WHERE tenant_id = :tenant AND id = %pDb AND state = 4

-- import_choices_set tenant
UPDATE imports SET with_doubles = %d, mend = %d WHERE tenant_id = :tenant AND id = %pDb

-- import_row_added tenant
UPDATE import_rows SET patient_id = %pDb
WHERE tenant_id = :tenant AND import_id = %pDb AND number = %lld

-- import_birth_years tenant
SELECT birth_year, count(*) AS count FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND patient_id IS NOT NULL AND birth_year IS NOT NULL
GROUP BY birth_year LIMIT %d

-- import_fault_insert tenant
INSERT INTO import_faults (tenant_id, import_id, number, field, line, value, rule)
VALUES (:tenant, %pDb, %lld, %d, %lld, %s, %d) ON CONFLICT DO NOTHING

-- import_faults_clear tenant
DELETE FROM import_faults WHERE tenant_id = :tenant AND import_id = %pDb

-- import_faults_next tenant
SELECT number, line, field, value, rule FROM import_faults
WHERE tenant_id = :tenant AND import_id = %pDb AND number > %lld ORDER BY number, field LIMIT %d

-- import_patient_insert tenant
INSERT INTO patients (tenant_id, id, version, status, listing, mrn, name_key, family_key,
    national_id_key,
    created_at, created_by, updated_at, updated_by, change_kind,
    {patient_fields})
VALUES (:tenant, %pDb, 1, 3, 3, %s, %s, %s, %s, %lld, %pDb, %lld, %pDb, %d,
    {%patient_fields})
ON CONFLICT DO NOTHING

-- import_note_insert tenant
INSERT INTO patient_notes (tenant_id, patient_id, id, author_id, content, created_at, status,
    signed_at, signed_as, written_on, written_by)
VALUES (:tenant, %pDb, %pDb, %pDb, %s, %lld, 2, %lld, %s, %s, %s) ON CONFLICT DO NOTHING

-- import_patient_show tenant
UPDATE patients SET status = 1 + change_kind / 3,
    listing = 1 + change_kind / 3 + 3 * is_deceased * (1 - change_kind / 3)
WHERE tenant_id = :tenant AND id = %pDb AND status = 3 AND listing = 3

-- import_patient_hide tenant
UPDATE patients SET status = 3, listing = 3
WHERE tenant_id = :tenant AND id = %pDb AND status < 3 AND version = 1

-- import_patient_untouched tenant
SELECT status FROM patients
WHERE tenant_id = :tenant AND id = %pDb AND status < 3 AND version = 1 LIMIT 1

-- import_recent_remove tenant
DELETE FROM recent_patients WHERE tenant_id = :tenant AND patient_id = %pDb

-- import_patient_remove tenant
DELETE FROM patients WHERE tenant_id = :tenant AND id = %pDb AND status = 3 AND listing = 3
