-- guests.sql -- what somebody of another organisation may read of one patient. No other runs for
-- guests but those in referrals.sql: the second wall shows these five tables, and the referral's,
-- of that patient, in the parts given. Where notes are shared one by one, a note is seen by the row
-- that says so, and with it what is added to it.

-- guest_patient guest patient_record
SELECT p.version, p.mrn, p.status, p.created_at, p.updated_at, p.updated_by,
    u.name AS updated_by_name, p.change_kind, p.change_reason,
    {p.patient_fields}
FROM patients p JOIN users u ON u.tenant_id = :tenant AND u.id = p.updated_by
WHERE p.tenant_id = :tenant AND p.id = :patient AND p.status < 3 LIMIT 1

-- guest_brief guest
SELECT name, former_name, preferred_name, given_name, family_name, birth_date, sex, mrn,
    national_id, phone1, phone2, phone3
FROM patients
WHERE tenant_id = :tenant AND id = :patient AND status < 3 LIMIT 1

-- guest_chart guest chart_item
SELECT c.id, c.kind, c.is_none, c.version, c.state, c.created_at, c.updated_at, c.updated_by,
    u.name AS updated_by_name, c.reason, c.fields
FROM chart_items c JOIN users u ON u.tenant_id = :tenant AND u.id = c.updated_by
WHERE c.tenant_id = :tenant AND c.patient_id = :patient AND c.state = 1 ORDER BY c.id LIMIT %d

-- guest_notes guest patient_note
SELECT n.id, n.content, n.created_at, coalesce(n.signed_as, u.name) AS author_name, n.status,
    n.signed_at, n.parent_id, n.error_reason, n.error_by, n.error_at, n.written_on, n.written_by,
    n.version, n.saved_at, n.gone_at
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = :patient AND n.id < %pDb
    AND coalesce(n.parent_id, n.id) = n.id AND n.status > 1
ORDER BY n.id DESC LIMIT %d

-- guest_addenda guest patient_note
SELECT n.id, n.content, n.created_at, coalesce(n.signed_as, u.name) AS author_name, n.status,
    n.signed_at, n.parent_id, n.error_reason, n.error_by, n.error_at, n.written_on, n.written_by,
    n.version, n.saved_at, n.gone_at
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = :patient AND n.id > %pDb
    AND n.parent_id >= %pDb AND n.parent_id <= %pDb AND n.status > 1
ORDER BY n.id LIMIT %d

-- guest_chosen_notes guest patient_note
SELECT n.id, n.content, n.created_at, coalesce(n.signed_as, u.name) AS author_name, n.status,
    n.signed_at, n.parent_id, n.error_reason, n.error_by, n.error_at, n.written_on, n.written_by,
    n.version, n.saved_at, n.gone_at
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = :patient AND n.id IN (SELECT s.note
        FROM share_notes s
        WHERE s.tenant_id = :tenant AND s.patient_id = :patient AND s.share_id = %pDb)
    AND n.id < %pDb AND coalesce(n.parent_id, n.id) = n.id AND n.status > 1
ORDER BY n.id DESC LIMIT %d

-- guest_chosen_addenda guest patient_note
SELECT n.id, n.content, n.created_at, coalesce(n.signed_as, u.name) AS author_name, n.status,
    n.signed_at, n.parent_id, n.error_reason, n.error_by, n.error_at, n.written_on, n.written_by,
    n.version, n.saved_at, n.gone_at
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = :patient AND n.parent_id IN (SELECT s.note
        FROM share_notes s
        WHERE s.tenant_id = :tenant AND s.patient_id = :patient AND s.share_id = %pDb)
    AND n.status > 1
ORDER BY n.id LIMIT %d
