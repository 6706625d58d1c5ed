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

-- tenant_state tenant
SELECT name, status, two_factor_from, date_format, time_zone, language, version FROM tenants
WHERE tenant_id = :tenant LIMIT 1

-- tenant_insert tenant
INSERT INTO tenants (tenant_id, name, name_key, status, version, created_at)
VALUES (:tenant, %s, %s, 1, 1, %lld) ON CONFLICT DO NOTHING

-- tenant_status_set tenant
UPDATE tenants SET status = %d, version = version + 1 WHERE tenant_id = :tenant AND status = %d

-- tenant_sessions_end tenant
UPDATE users SET session_epoch = session_epoch + 1 WHERE tenant_id = :tenant

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
SELECT u.name, u.roles, u.status, u.session_epoch, t.name, t.status, t.two_factor_from,
    f.confirmed_at, t.date_format, t.time_zone, t.language, u.language
FROM users u JOIN tenants t ON t.tenant_id = :tenant
LEFT JOIN two_factors f ON f.tenant_id = :tenant AND f.user_id = u.id
WHERE u.tenant_id = :tenant AND u.id = %pDb LIMIT 1

-- user_view tenant
SELECT u.id, u.email, u.name, u.roles, u.status, u.created_at, f.confirmed_at
FROM users u LEFT JOIN two_factors f ON f.tenant_id = :tenant AND f.user_id = u.id
WHERE u.tenant_id = :tenant AND u.id = %pDb LIMIT 1

-- users_first tenant
SELECT u.id, u.email, u.name, u.roles, u.status, u.created_at, f.confirmed_at
FROM users u LEFT JOIN two_factors f ON f.tenant_id = :tenant AND f.user_id = u.id
WHERE u.tenant_id = :tenant ORDER BY u.email_key LIMIT %d

-- users_after tenant
SELECT u.id, u.email, u.name, u.roles, u.status, u.created_at, f.confirmed_at
FROM users u LEFT JOIN two_factors f ON f.tenant_id = :tenant AND f.user_id = u.id
WHERE u.tenant_id = :tenant AND u.email_key > %s ORDER BY u.email_key LIMIT %d

-- user_other_admin tenant
SELECT id FROM users
WHERE tenant_id = :tenant AND status = 1 AND roles %% 2 = 1 AND id <> %pDb LIMIT 1

-- user_status_set tenant
UPDATE users SET status = %d, version = version + 1, session_epoch = session_epoch + 1
WHERE tenant_id = :tenant AND id = %pDb AND status = %d

-- user_roles_set tenant
UPDATE users SET roles = %d, version = version + 1 WHERE tenant_id = :tenant AND id = %pDb

-- user_version tenant
SELECT version FROM users WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- user_changed tenant
UPDATE users SET version = version + 1, session_epoch = session_epoch + 1
WHERE tenant_id = :tenant AND id = %pDb

-- user_password tenant
SELECT password FROM users WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- user_password_replace tenant
UPDATE users SET password = %s, version = version + 1, session_epoch = session_epoch + 1
WHERE tenant_id = :tenant AND id = %pDb

-- user_unlock tenant
UPDATE users SET unlocked_at = %lld WHERE tenant_id = :tenant AND id = %pDb

-- user_unlocked_at tenant
SELECT unlocked_at FROM users WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- user_language_set tenant
UPDATE users SET language = %s WHERE tenant_id = :tenant AND id = %pDb

-- user_sessions_end tenant
UPDATE users SET session_epoch = session_epoch + 1 WHERE tenant_id = :tenant AND id = %pDb

-- invitation_insert tenant
INSERT INTO invitations (tenant_id, id, email, email_key, name, roles, status, secret_hash,
    created_at, created_by, expires_at)
VALUES (:tenant, %pDb, %s, %s, %s, %d, 1, %pDb, %lld, %pDb, %lld) ON CONFLICT DO NOTHING

-- invitation_by_id tenant
SELECT email, name, roles, status, secret_hash, created_at, expires_at FROM invitations
WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- invitations_before tenant
SELECT id, email, name, roles, status, created_at, expires_at FROM invitations
WHERE tenant_id = :tenant AND id < %pDb ORDER BY id DESC LIMIT %d

-- invitation_status_set tenant
UPDATE invitations SET status = %d WHERE tenant_id = :tenant AND id = %pDb AND status = 1

-- invitations_supersede tenant
UPDATE invitations SET status = 3 WHERE tenant_id = :tenant AND email_key = %s AND status = 1

-- password_reset_delete tenant
DELETE FROM password_resets WHERE tenant_id = :tenant AND user_id = %pDb

-- password_reset_insert tenant
INSERT INTO password_resets (tenant_id, user_id, secret_hash, created_at, expires_at)
VALUES (:tenant, %pDb, %pDb, %lld, %lld) ON CONFLICT DO NOTHING

-- password_reset_by_user tenant
SELECT secret_hash, created_at, expires_at FROM password_resets
WHERE tenant_id = :tenant AND user_id = %pDb LIMIT 1

-- two_factor_by_user tenant
SELECT secret, confirmed_at, last_step FROM two_factors
WHERE tenant_id = :tenant AND user_id = %pDb LIMIT 1

-- two_factor_insert tenant
INSERT INTO two_factors (tenant_id, user_id, secret, confirmed_at, last_step)
VALUES (:tenant, %pDb, %pDb, %lld, %lld) ON CONFLICT DO NOTHING

-- two_factors_after tenant
SELECT user_id, secret FROM two_factors
WHERE tenant_id = :tenant AND user_id > %pDb ORDER BY user_id LIMIT %d

-- two_factor_reseal tenant
UPDATE two_factors SET secret = %pDb WHERE tenant_id = :tenant AND user_id = %pDb

-- two_factor_step_use tenant
UPDATE two_factors SET last_step = %lld
WHERE tenant_id = :tenant AND user_id = %pDb AND last_step < %lld

-- two_factor_delete tenant
DELETE FROM two_factors WHERE tenant_id = :tenant AND user_id = %pDb

-- recovery_code_insert tenant
INSERT INTO recovery_codes (tenant_id, user_id, code_hash) VALUES (:tenant, %pDb, %pDb)
ON CONFLICT DO NOTHING

-- recovery_code_use tenant
DELETE FROM recovery_codes WHERE tenant_id = :tenant AND user_id = %pDb AND code_hash = %pDb

-- recovery_codes_delete tenant
DELETE FROM recovery_codes WHERE tenant_id = :tenant AND user_id = %pDb

-- recovery_codes_left tenant
SELECT code_hash FROM recovery_codes WHERE tenant_id = :tenant AND user_id = %pDb LIMIT 10

-- parked_form_insert tenant
INSERT INTO parked_forms (tenant_id, user_id, id, expires_at, sealed)
VALUES (:tenant, %pDb, %pDb, %lld, %pDb) ON CONFLICT DO NOTHING

-- parked_forms_purge tenant
DELETE FROM parked_forms WHERE tenant_id = :tenant AND expires_at <= %lld

-- parked_forms_owners tenant
SELECT user_id FROM parked_forms WHERE tenant_id = :tenant LIMIT %d

-- parked_forms_of_user tenant
SELECT id, sealed FROM parked_forms
WHERE tenant_id = :tenant AND user_id = %pDb AND expires_at > %lld ORDER BY id LIMIT %d

-- parked_form_delete tenant
DELETE FROM parked_forms WHERE tenant_id = :tenant AND user_id = %pDb AND id = %pDb

-- tenant_settings_set tenant
UPDATE tenants SET two_factor_from = %s, date_format = %d, time_zone = %s, language = %s,
    version = version + 1
WHERE tenant_id = :tenant AND version = %lld

-- counter_start tenant
INSERT INTO counters (tenant_id, name, value) VALUES (:tenant, %s, 0) ON CONFLICT DO NOTHING

-- counter_add tenant
UPDATE counters SET value = value + %lld WHERE tenant_id = :tenant AND name = %s

-- counter_value tenant
SELECT value FROM counters WHERE tenant_id = :tenant AND name = %s LIMIT 1

-- counters_range tenant
SELECT name, value FROM counters
WHERE tenant_id = :tenant AND name >= %s AND name < %s ORDER BY name LIMIT %d

-- patient_insert tenant
INSERT INTO patients (tenant_id, id, version, mrn, name_key, national_id_key, listing, status, created_at,
    created_by, updated_at, updated_by, change_kind,
    name, given_name, family_name, former_name, preferred_name, birth_date,
    age_estimated, sex, pronouns, phone1, phone2, phone3, email, address, national_id, language,
    contact_name, contact_relation, contact_phone, is_deceased, deceased_date)
VALUES (:tenant, %pDb, 1, %s, %s, %s, %d, 1, %lld, %pDb, %lld, %pDb, 1,
    %s, %s, %s, %s, %s, %s, %d, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %d, %s)
ON CONFLICT DO NOTHING

-- patient_by_id tenant
SELECT p.version, p.mrn, p.status, p.created_at, p.updated_at, p.updated_by, u.name, p.change_kind,
    p.change_reason,
    p.name, p.given_name, p.family_name, p.former_name, p.preferred_name, p.birth_date,
    p.age_estimated, p.sex, p.pronouns, p.phone1, p.phone2, p.phone3, p.email, p.address,
    p.national_id, p.language, p.contact_name, p.contact_relation, p.contact_phone,
    p.is_deceased, p.deceased_date
FROM patients p JOIN users u ON u.tenant_id = :tenant AND u.id = p.updated_by
WHERE p.tenant_id = :tenant AND p.id = %pDb AND p.status < 3 LIMIT 1

-- patient_update tenant
UPDATE patients SET version = version + 1, status = %d, listing = %d, name_key = %s, national_id_key = %s,
    updated_at = %lld, updated_by = %pDb, change_kind = %d, change_reason = %s,
    name = %s, given_name = %s, family_name = %s, former_name = %s, preferred_name = %s,
    birth_date = %s, age_estimated = %d, sex = %s, pronouns = %s, phone1 = %s, phone2 = %s,
    phone3 = %s, email = %s, address = %s, national_id = %s, language = %s, contact_name = %s,
    contact_relation = %s, contact_phone = %s, is_deceased = %d, deceased_date = %s
WHERE tenant_id = :tenant AND id = %pDb AND version = %lld AND status < 3

-- patient_version_insert tenant
INSERT INTO patient_versions (tenant_id, patient_id, version, changed_at, changed_by, change_kind,
    change_reason, status, fields)
VALUES (:tenant, %pDb, %lld, %lld, %pDb, %d, %s, %d, %s)

-- patient_version tenant
SELECT v.version, v.changed_at, u.name, v.change_kind, v.change_reason, v.status, v.fields
FROM patient_versions v JOIN users u ON u.tenant_id = :tenant AND u.id = v.changed_by
WHERE v.tenant_id = :tenant AND v.patient_id = %pDb AND v.version = %lld LIMIT 1

-- patient_versions_before tenant
SELECT v.version, v.changed_at, u.name, v.change_kind, v.change_reason, v.status, v.fields
FROM patient_versions v JOIN users u ON u.tenant_id = :tenant AND u.id = v.changed_by
WHERE v.tenant_id = :tenant AND v.patient_id = %pDb AND v.version < %lld
ORDER BY v.version DESC LIMIT %d

-- patients_by_national_id tenant
SELECT id FROM patients WHERE tenant_id = :tenant AND national_id_key = %s ORDER BY id LIMIT %d

-- patients_by_word tenant
SELECT key, patient_id FROM patient_words
WHERE tenant_id = :tenant AND word = %s ORDER BY key, patient_id LIMIT %d

-- patient_whole tenant
SELECT mrn, name, given_name, family_name, former_name, preferred_name, birth_date,
    age_estimated, sex, pronouns, phone1, phone2, phone3, email, address, national_id, language,
    contact_name, contact_relation, contact_phone, is_deceased, deceased_date
FROM patients WHERE tenant_id = :tenant AND id = %pDb AND status < 3 LIMIT 1

-- patient_sort_keys tenant
SELECT name_key, birth_key, updated_at FROM patients
WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- patients_by_name_first tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND listing = %d ORDER BY name_key, id LIMIT %d

-- patients_by_name_after tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (name_key, id) > (%s, %pDb)
ORDER BY name_key, id LIMIT %d

-- patients_by_name_before tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (name_key, id) < (%s, %pDb)
ORDER BY name_key DESC, id DESC LIMIT %d

-- patients_by_birth_date_first tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND listing = %d ORDER BY birth_key, id LIMIT %d

-- patients_by_birth_date_after tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (birth_key, id) > (%s, %pDb)
ORDER BY birth_key, id LIMIT %d

-- patients_by_birth_date_before tenant
SELECT id, name, birth_date, mrn FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (birth_key, id) < (%s, %pDb)
ORDER BY birth_key DESC, id DESC LIMIT %d

-- patients_by_change_first tenant
SELECT id, name, birth_date, mrn, updated_at FROM patients
WHERE tenant_id = :tenant AND listing = %d AND updated_at >= %lld ORDER BY updated_at DESC, id DESC LIMIT %d

-- patients_by_change_after tenant
SELECT id, name, birth_date, mrn, updated_at FROM patients
WHERE tenant_id = :tenant AND listing = %d AND updated_at >= %lld AND (updated_at, id) < (%lld, %pDb)
ORDER BY updated_at DESC, id DESC LIMIT %d

-- patients_by_change_before tenant
SELECT id, name, birth_date, mrn, updated_at FROM patients
WHERE tenant_id = :tenant AND listing = %d AND (updated_at, id) > (%lld, %pDb)
ORDER BY updated_at, id LIMIT %d

-- patient_index_source tenant
SELECT listing, birth_date, name, former_name, preferred_name, given_name, family_name, phone1,
    phone2, phone3
FROM patients WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- patient_word_insert tenant
INSERT INTO patient_words (tenant_id, word, key, patient_id) VALUES (:tenant, %s, %s, %pDb)
ON CONFLICT DO NOTHING

-- patient_word_delete tenant
DELETE FROM patient_words WHERE tenant_id = :tenant AND word = %s AND key = %s AND patient_id = %pDb

-- patient_words_range tenant
SELECT key, patient_id FROM patient_words
WHERE tenant_id = :tenant AND word >= %s AND word < %s ORDER BY word, key, patient_id LIMIT %d

-- patients_by_words tenant
SELECT w.key, w.patient_id, p.name, p.birth_date, p.mrn, p.status, p.is_deceased
FROM patient_words w JOIN patients p ON p.tenant_id = :tenant AND p.id = w.patient_id
WHERE w.tenant_id = :tenant AND w.word >= %s AND w.word < %s AND p.status <> 3
ORDER BY w.word, w.key, w.patient_id LIMIT %d

-- patient_by_mrn tenant
SELECT id, status FROM patients WHERE tenant_id = :tenant AND mrn = %s LIMIT 1

-- patient_brief tenant
SELECT name, birth_date, mrn, status, is_deceased FROM patients
WHERE tenant_id = :tenant AND id = %pDb AND status <> 3 LIMIT 1

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
INSERT INTO patient_notes (tenant_id, patient_id, id, author_id, content, created_at, status,
    signed_at, parent_id)
VALUES (:tenant, %pDb, %pDb, %pDb, %s, %lld, %d, %lld, %pDb) ON CONFLICT DO NOTHING

-- patient_notes_before tenant
SELECT n.id, n.content, n.created_at, u.name, n.status, n.signed_at, n.parent_id, n.error_reason,
    n.error_by, n.error_at
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = %pDb AND n.id < %pDb
    AND coalesce(n.parent_id, n.id) = n.id
    AND (n.status <> 1 OR n.author_id = %pDb)
ORDER BY n.id DESC LIMIT %d

-- patient_note_addenda tenant
SELECT n.id, n.content, n.created_at, u.name, n.status, n.signed_at, n.parent_id, n.error_reason,
    n.error_by, n.error_at
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = %pDb AND n.id > %pDb
    AND n.parent_id >= %pDb AND n.parent_id <= %pDb
ORDER BY n.id LIMIT %d

-- patient_note_standing tenant
SELECT author_id, status, parent_id FROM patient_notes
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb LIMIT 1

-- patient_note_rewrite tenant
UPDATE patient_notes SET content = %s
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb AND status = 1

-- patient_note_sign tenant
UPDATE patient_notes SET status = 2, signed_at = %lld
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb AND status = 1

-- patient_note_error tenant
UPDATE patient_notes SET status = 3, error_reason = %s, error_by = %s, error_at = %lld
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb AND status <> 3

-- export_patients tenant
SELECT id, version, mrn, status, created_at, created_by, updated_at, updated_by, change_kind,
    change_reason,
    name, given_name, family_name, former_name, preferred_name, birth_date, age_estimated, sex,
    pronouns, phone1, phone2, phone3, email, address, national_id, language, contact_name,
    contact_relation, contact_phone, is_deceased, deceased_date
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

-- audit_head tenant
SELECT number, digest FROM audit_heads WHERE tenant_id = :tenant LIMIT 1

-- audit_head_start tenant
INSERT INTO audit_heads (tenant_id, number, digest) VALUES (:tenant, %lld, %pDb)
ON CONFLICT DO NOTHING

-- audit_head_move tenant
UPDATE audit_heads SET number = %lld, digest = %pDb WHERE tenant_id = :tenant AND number = %lld

-- audit_event_insert tenant
INSERT INTO audit_events (tenant_id, number, at, actor_id, actor_name, session, address, action,
    outcome, object_id, patient_id, reason, digest)
VALUES (:tenant, %lld, %lld, %pDb, %s, %pDb, %s, %d, %d, %pDb, %pDb, %s, %pDb)

-- audit_group_insert tenant
INSERT INTO audit_groups (tenant_id, id, members) VALUES (:tenant, %pDb, %pDb)
ON CONFLICT DO NOTHING

-- audit_group_patient_insert tenant
INSERT INTO audit_group_patients (tenant_id, patient_id, group_id) VALUES (:tenant, %pDb, %pDb)

-- import_insert tenant
INSERT INTO imports (tenant_id, id, user_id, file_name, state, columns, mapping, rows_total,
    position, faulty, faults, added, created_at, finished_at)
VALUES (:tenant, %pDb, %pDb, %s, 1, '', '', 0, 0, 0, 0, 0, %lld, 0)

-- import_by_id tenant
SELECT state, file_name, columns, mapping, rows_total, position, faulty, faults, added, created_at,
    finished_at, date_order, date_evidence
FROM imports WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- imports_newest tenant
SELECT id, state, file_name, rows_total, added, created_at, finished_at FROM imports
WHERE tenant_id = :tenant ORDER BY id DESC LIMIT %d

-- import_staged tenant
UPDATE imports SET state = 2, columns = %s, rows_total = %lld, date_evidence = %s
WHERE tenant_id = :tenant AND id = %pDb AND state = 1

-- import_mapped tenant
UPDATE imports SET state = 3, mapping = %s, date_order = %d, position = 0, faulty = 0, faults = 0
WHERE tenant_id = :tenant AND id = %pDb AND state IN (2, 4)

-- import_state_set tenant
UPDATE imports SET state = %d, position = 0, finished_at = %lld
WHERE tenant_id = :tenant AND id = %pDb AND state = %d

-- import_moved tenant
UPDATE imports SET position = %lld, faulty = %lld, faults = %lld, added = %lld
WHERE tenant_id = :tenant AND id = %pDb

-- import_row_insert tenant
INSERT INTO import_rows (tenant_id, import_id, number, line, cells, is_faulty)
VALUES (:tenant, %pDb, %lld, %lld, %s, 0)

-- import_rows_next tenant
SELECT number, line, cells, is_faulty, patient_id FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND number > %lld ORDER BY number LIMIT %d

-- import_row_checked tenant
UPDATE import_rows SET mrn = %s, birth_year = %s, is_faulty = %d
WHERE tenant_id = :tenant AND import_id = %pDb AND number = %lld

-- import_row_by_mrn tenant
SELECT number FROM import_rows
WHERE tenant_id = :tenant AND import_id = %pDb AND mrn = %s AND number < %lld LIMIT 1

-- import_row_added tenant
UPDATE import_rows SET patient_id = %pDb
WHERE tenant_id = :tenant AND import_id = %pDb AND number = %lld

-- import_birth_years tenant
SELECT birth_year, count(*) FROM import_rows
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
INSERT INTO patients (tenant_id, id, version, status, listing, mrn, name_key, national_id_key,
    created_at, created_by, updated_at, updated_by, change_kind,
    name, given_name, family_name, former_name, preferred_name, birth_date,
    age_estimated, sex, pronouns, phone1, phone2, phone3, email, address, national_id, language,
    contact_name, contact_relation, contact_phone, is_deceased, deceased_date)
VALUES (:tenant, %pDb, 1, 3, 3, %s, %s, %s, %lld, %pDb, %lld, %pDb, %d,
    %s, %s, %s, %s, %s, %s, %d, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %d, %s)
ON CONFLICT DO NOTHING

-- import_patient_show tenant
UPDATE patients SET status = 1 + change_kind / 3,
    listing = 1 + change_kind / 3 + 3 * is_deceased * (1 - change_kind / 3)
WHERE tenant_id = :tenant AND id = %pDb AND status = 3

-- import_patient_hide tenant
UPDATE patients SET status = 3, listing = 3
WHERE tenant_id = :tenant AND id = %pDb AND status < 3 AND version = 1

-- import_patient_notes tenant
SELECT count(*) FROM patient_notes WHERE tenant_id = :tenant AND patient_id = %pDb LIMIT 1

-- import_patient_untouched tenant
SELECT status FROM patients
WHERE tenant_id = :tenant AND id = %pDb AND status < 3 AND version = 1 LIMIT 1

-- import_notes_remove tenant
DELETE FROM patient_notes WHERE tenant_id = :tenant AND patient_id = %pDb

-- import_recent_remove tenant
DELETE FROM recent_patients WHERE tenant_id = :tenant AND patient_id = %pDb

-- import_patient_remove tenant
DELETE FROM patients WHERE tenant_id = :tenant AND id = %pDb AND status = 3

-- audit_events_newest tenant
SELECT e.number, e.at, e.actor_name, e.address, e.action, e.outcome, e.reason, e.patient_id, p.mrn
FROM audit_events e LEFT JOIN patients p ON p.tenant_id = :tenant AND p.id = e.patient_id
WHERE e.tenant_id = :tenant AND e.number < %lld AND e.number >= %lld AND e.at >= %lld AND e.at < %lld
AND (%d = 0 OR e.action = %d) AND (%pDb IS NULL OR e.actor_id = %pDb)
ORDER BY e.number DESC LIMIT %d

-- audit_event_at tenant
SELECT at FROM audit_events WHERE tenant_id = :tenant AND number >= %lld ORDER BY number LIMIT 1

-- audit_events_of_patient tenant
SELECT e.number, e.at, e.actor_name, e.address, e.action, e.outcome, e.reason, e.patient_id, p.mrn
FROM audit_events e LEFT JOIN patients p ON p.tenant_id = :tenant AND p.id = e.patient_id
WHERE e.tenant_id = :tenant AND (e.patient_id = %pDb OR e.patient_id IN (SELECT g.group_id FROM audit_group_patients g
WHERE g.tenant_id = :tenant AND g.patient_id = %pDb))
AND e.number < %lld AND e.at >= %lld
AND e.at < %lld AND (%d = 0 OR e.action = %d) AND (%pDb IS NULL OR e.actor_id = %pDb)
ORDER BY e.number DESC LIMIT %d
