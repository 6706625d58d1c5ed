-- patient_notes.sql -- notes: draft, signed, in error, and their addenda.

-- patient_note_insert tenant
INSERT INTO patient_notes (tenant_id, patient_id, id, author_id, content, created_at, status,
    signed_at, signed_as, parent_id)
VALUES (:tenant, %pDb, %pDb, %pDb, %s, %lld, %d, %lld, %s, %pDb) ON CONFLICT DO NOTHING

-- patient_notes_before tenant patient_note
SELECT n.id, n.content, n.created_at, coalesce(n.signed_as, u.name) AS author_name, n.status,
    n.signed_at, n.parent_id, n.error_reason, n.error_by, n.error_at, n.written_on, n.written_by,
    n.version, n.saved_at, n.gone_at
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = %pDb AND n.id < %pDb
    AND coalesce(n.parent_id, n.id) = n.id
    AND (n.status <> 1 OR n.author_id = %pDb) AND n.gone_at > %lld
ORDER BY n.id DESC LIMIT %d

-- patient_note_addenda tenant patient_note
SELECT n.id, n.content, n.created_at, coalesce(n.signed_as, u.name) AS author_name, n.status,
    n.signed_at, n.parent_id, n.error_reason, n.error_by, n.error_at, n.written_on, n.written_by,
    n.version, n.saved_at, n.gone_at
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = %pDb AND n.id > %pDb
    AND n.parent_id >= %pDb AND n.parent_id <= %pDb
    AND (n.status <> 1 OR n.author_id = %pDb) AND n.gone_at > %lld
ORDER BY n.id LIMIT %d

-- patient_note_standing tenant
SELECT author_id, status, parent_id, version, saved_at, gone_at, content FROM patient_notes
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb LIMIT 1

-- patient_note_rewrite tenant
UPDATE patient_notes SET content = %s, version = version + 1, saved_at = %lld
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb AND status = 1 AND version = %lld

-- patient_note_sign tenant
UPDATE patient_notes SET status = 2, signed_at = %lld, signed_as = %s
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb AND status = 1 AND version = %lld

-- patient_note_discard tenant
UPDATE patient_notes SET gone_at = %lld, version = version + 1
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb AND status = 1

-- patient_notes_discarded tenant
SELECT gone_at, content FROM patient_notes
WHERE tenant_id = :tenant AND status = 1 AND gone_at < %lld
ORDER BY gone_at LIMIT %d

-- patient_notes_discarded_remove tenant
DELETE FROM patient_notes WHERE tenant_id = :tenant AND status = 1 AND gone_at <= %lld

-- patient_note_error tenant
UPDATE patient_notes SET status = 3, error_reason = %s, error_by = %s, error_at = %lld
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb AND status <> 3

-- patient_notes_touched tenant
SELECT n.content, p.name
FROM patient_notes n JOIN patients p ON p.tenant_id = :tenant AND p.id = n.patient_id
WHERE n.tenant_id = :tenant AND n.patient_id = %pDb
    AND (n.created_at > p.created_at OR n.error_at > 0) AND (n.status <> 1 OR n.gone_at > %lld)
LIMIT 1

-- patient_notes_remove tenant
DELETE FROM patient_notes WHERE tenant_id = :tenant AND patient_id = %pDb

-- patient_notes_items tenant part_key
SELECT id AS item FROM patient_notes
WHERE tenant_id = :tenant AND patient_id = %pDb AND id > %pDb ORDER BY id LIMIT %d

-- patient_notes_move tenant
UPDATE patient_notes SET patient_id = %pDb WHERE tenant_id = :tenant AND patient_id = %pDb

-- patient_notes_since tenant part_item
SELECT n.id, n.created_at, coalesce(n.signed_as, u.name) AS author_name,
    1 / n.status AS is_draft, n.content AS said,
    (SELECT count(b.item) FROM patient_merge_parts b WHERE b.tenant_id = :tenant
        AND b.source_id = %pDb AND b.part = %s AND b.item = n.id) AS is_brought
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = %pDb AND coalesce(n.parent_id, n.id) = n.id
    AND (n.status <> 1 OR n.gone_at > %lld)
    AND (coalesce(n.error_at, n.saved_at, 0) > %lld OR (n.created_at >= %lld AND n.id NOT IN (
        SELECT m.item FROM patient_merge_parts m
        WHERE m.tenant_id = :tenant AND m.part = %s AND m.item = n.id)))
ORDER BY n.id LIMIT %d

-- patient_note_move tenant
UPDATE patient_notes SET patient_id = %pDb
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb AND coalesce(parent_id, id) = id

-- patient_note_added_to tenant
SELECT id FROM patient_notes
WHERE tenant_id = :tenant AND patient_id = %pDb AND parent_id = %pDb LIMIT 1

-- patient_note_move_thread tenant
UPDATE patient_notes SET patient_id = %pDb
WHERE tenant_id = :tenant AND patient_id = %pDb AND coalesce(parent_id, id) = %pDb
