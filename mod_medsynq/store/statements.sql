-- statements.sql -- every statement that MedSynQ runs while it serves. tools/sqlgen.c reads it
-- at build time, refuses what breaks the rules below, and makes the table mq_sql_rows.
--
--   "-- label tenant"  the store binds :tenant from the scope; each table named brings its own
--                      "tenant_id = :tenant"; only reached with a const mq_scope_t *.
--   "-- label system"  the few that precede an organisation; const mq_system_t *.
--   %s text  %d int  %lld 64-bit  %pDb bytes; a literal per cent sign is %%.
--   Every SELECT has a LIMIT. One SQL for SQLite and PostgreSQL.

-- tenant_by_name system
SELECT tenant_id, status FROM tenants WHERE name_key = %s LIMIT 1

-- tenant_insert tenant
INSERT INTO tenants (tenant_id, name, name_key, status, version, created_at)
VALUES (:tenant, %s, %s, 1, 1, %lld) ON CONFLICT DO NOTHING

-- user_insert tenant
INSERT INTO users (tenant_id, id, version, email, email_key, name, roles, status, password,
    session_epoch, created_at)
VALUES (:tenant, %pDb, 1, %s, %s, %s, %d, 1, %s, 0, %lld) ON CONFLICT DO NOTHING

-- user_by_email tenant
SELECT id, status, password, session_epoch FROM users
WHERE tenant_id = :tenant AND email_key = %s LIMIT 1

-- user_password_set tenant
UPDATE users SET password = %s WHERE tenant_id = :tenant AND id = %pDb AND password = %s

-- person_standing tenant
SELECT u.name, u.roles, u.status, u.session_epoch, t.name, t.status
FROM users u JOIN tenants t ON t.tenant_id = :tenant
WHERE u.tenant_id = :tenant AND u.id = %pDb LIMIT 1

-- counter_start tenant
INSERT INTO counters (tenant_id, name, value) VALUES (:tenant, %s, 0) ON CONFLICT DO NOTHING

-- counter_add tenant
UPDATE counters SET value = value + %lld WHERE tenant_id = :tenant AND name = %s

-- counter_value tenant
SELECT value FROM counters WHERE tenant_id = :tenant AND name = %s LIMIT 1

-- patient_insert tenant
INSERT INTO patients (tenant_id, id, version, mrn, name, name_key, birth_date, status,
    created_at, created_by, updated_at, updated_by)
VALUES (:tenant, %pDb, 1, %s, %s, %s, %s, 1, %lld, %pDb, %lld, %pDb) ON CONFLICT DO NOTHING

-- patient_by_id tenant
SELECT version, mrn, name, birth_date, status, created_at, updated_at FROM patients
WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- patient_sort_keys tenant
SELECT name_key, birth_key, updated_at FROM patients
WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- patients_by_name_first tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND status = %d ORDER BY name_key, id LIMIT %d

-- patients_by_name_after tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND status = %d AND (name_key, id) > (%s, %pDb)
ORDER BY name_key, id LIMIT %d

-- patients_by_name_before tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND status = %d AND (name_key, id) < (%s, %pDb)
ORDER BY name_key DESC, id DESC LIMIT %d

-- patients_by_birth_date_first tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND status = %d ORDER BY birth_key, id LIMIT %d

-- patients_by_birth_date_after tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND status = %d AND (birth_key, id) > (%s, %pDb)
ORDER BY birth_key, id LIMIT %d

-- patients_by_birth_date_before tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND status = %d AND (birth_key, id) < (%s, %pDb)
ORDER BY birth_key DESC, id DESC LIMIT %d

-- patients_by_change_first tenant
SELECT id, name, birth_date, mrn, updated_at FROM patients
WHERE tenant_id = :tenant AND status = %d AND updated_at >= %lld ORDER BY updated_at DESC, id DESC LIMIT %d

-- patients_by_change_after tenant
SELECT id, name, birth_date, mrn, updated_at FROM patients
WHERE tenant_id = :tenant AND status = %d AND updated_at >= %lld AND (updated_at, id) < (%lld, %pDb)
ORDER BY updated_at DESC, id DESC LIMIT %d

-- patients_by_change_before tenant
SELECT id, name, birth_date, mrn, updated_at FROM patients
WHERE tenant_id = :tenant AND status = %d AND (updated_at, id) > (%lld, %pDb)
ORDER BY updated_at, id LIMIT %d

-- patient_index_source tenant
SELECT status, birth_date, name FROM patients WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- patient_word_insert tenant
INSERT INTO patient_words (tenant_id, word, key, patient_id) VALUES (:tenant, %s, %s, %pDb)
ON CONFLICT DO NOTHING

-- patient_word_delete tenant
DELETE FROM patient_words WHERE tenant_id = :tenant AND word = %s AND key = %s AND patient_id = %pDb

-- patient_words_range tenant
SELECT key, patient_id FROM patient_words
WHERE tenant_id = :tenant AND word >= %s AND word < %s ORDER BY word, key, patient_id LIMIT %d

-- patient_by_mrn tenant
SELECT id FROM patients WHERE tenant_id = :tenant AND mrn = %s LIMIT 1

-- patient_brief tenant
SELECT name, birth_date, mrn, status FROM patients WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- recent_patient_move tenant
UPDATE recent_patients SET at = %lld
WHERE tenant_id = :tenant AND user_id = %pDb AND patient_id = %pDb

-- recent_patient_insert tenant
INSERT INTO recent_patients (tenant_id, user_id, patient_id, at)
VALUES (:tenant, %pDb, %pDb, %lld) ON CONFLICT DO NOTHING

-- recent_patients_newest tenant
SELECT patient_id FROM recent_patients WHERE tenant_id = :tenant AND user_id = %pDb
ORDER BY at DESC, patient_id DESC LIMIT %d

-- patient_note_insert tenant
INSERT INTO patient_notes (tenant_id, patient_id, id, author_id, content, created_at)
VALUES (:tenant, %pDb, %pDb, %pDb, %s, %lld) ON CONFLICT DO NOTHING

-- patient_notes_newest tenant
SELECT n.id, n.content, n.created_at, u.name FROM patient_notes n
JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = %pDb ORDER BY n.id DESC LIMIT %d

-- audit_head tenant
SELECT number, digest FROM audit_heads WHERE tenant_id = :tenant LIMIT 1

-- audit_head_start tenant
INSERT INTO audit_heads (tenant_id, number, digest) VALUES (:tenant, %lld, %pDb)
ON CONFLICT DO NOTHING

-- audit_head_move tenant
UPDATE audit_heads SET number = %lld, digest = %pDb WHERE tenant_id = :tenant AND number = %lld

-- audit_event_insert tenant
INSERT INTO audit_events (tenant_id, number, at, actor_id, actor_name, session, address, action,
    outcome, object_id, patient_id, reason, previous_digest, digest)
VALUES (:tenant, %lld, %lld, %pDb, %s, %pDb, %s, %d, %d, %pDb, %pDb, %s, %pDb, %pDb)
