-- chart_items.sql -- allergies, medicines and problems of a patient, and their earlier versions.

-- chart_item_insert tenant
INSERT INTO chart_items (tenant_id, patient_id, id, kind, is_none, version, state, created_at,
    created_by, updated_at, updated_by, said, fields)
VALUES (:tenant, %pDb, %pDb, %d, %d, 1, 1, %lld, %pDb, %lld, %pDb, %s, %s) ON CONFLICT DO NOTHING

-- chart_item_update tenant
UPDATE chart_items SET version = version + 1, state = %d, updated_at = %lld, updated_by = %pDb,
    reason = %s, said = %s, fields = %s
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb AND version = %lld

-- chart_items_standing tenant chart_item
SELECT c.id, c.kind, c.is_none, c.version, c.state, c.created_at, c.updated_at, c.updated_by,
    u.name AS updated_by_name, c.reason, c.fields
FROM chart_items c JOIN users u ON u.tenant_id = :tenant AND u.id = c.updated_by
WHERE c.tenant_id = :tenant AND c.patient_id = %pDb AND c.state = 1 ORDER BY c.id LIMIT %d

-- chart_items_of_kind tenant chart_item
SELECT c.id, c.kind, c.is_none, c.version, c.state, c.created_at, c.updated_at, c.updated_by,
    u.name AS updated_by_name, c.reason, c.fields
FROM chart_items c JOIN users u ON u.tenant_id = :tenant AND u.id = c.updated_by
WHERE c.tenant_id = :tenant AND c.patient_id = %pDb AND c.kind = %d ORDER BY c.id DESC LIMIT %d

-- chart_item_by_id tenant chart_item
SELECT c.id, c.kind, c.is_none, c.version, c.state, c.created_at, c.updated_at, c.updated_by,
    u.name AS updated_by_name, c.reason, c.fields
FROM chart_items c JOIN users u ON u.tenant_id = :tenant AND u.id = c.updated_by
WHERE c.tenant_id = :tenant AND c.patient_id = %pDb AND c.id = %pDb LIMIT 1

-- chart_item_version_insert tenant
INSERT INTO chart_item_versions (tenant_id, item_id, version, kind, state, changed_at, changed_by,
    reason, fields)
VALUES (:tenant, %pDb, %lld, %d, %d, %lld, %pDb, %s, %s)

-- chart_item_versions tenant chart_was
SELECT v.version, v.state, v.changed_at, u.name AS changed_by_name, v.reason, v.fields
FROM chart_item_versions v JOIN users u ON u.tenant_id = :tenant AND u.id = v.changed_by
WHERE v.tenant_id = :tenant AND v.item_id = %pDb ORDER BY v.version DESC LIMIT %d

-- chart_items_touched tenant
SELECT c.said, p.name
FROM chart_items c JOIN patients p ON p.tenant_id = :tenant AND p.id = c.patient_id
WHERE c.tenant_id = :tenant AND c.patient_id = %pDb
    AND (c.created_at > p.created_at OR c.version > 1) AND %lld >= 0
LIMIT 1

-- chart_item_remove tenant
DELETE FROM chart_items WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb

-- chart_items_items tenant part_key
SELECT id AS item FROM chart_items
WHERE tenant_id = :tenant AND patient_id = %pDb AND id > %pDb ORDER BY id LIMIT %d

-- chart_items_move tenant
UPDATE chart_items SET patient_id = %pDb WHERE tenant_id = :tenant AND patient_id = %pDb

-- chart_item_move tenant
UPDATE chart_items SET patient_id = %pDb
WHERE tenant_id = :tenant AND patient_id = %pDb AND id = %pDb

-- chart_items_since tenant part_item
SELECT c.id, c.created_at, u.name AS author_name, 0 AS is_draft, c.said AS said,
    (SELECT count(b.item) FROM patient_merge_parts b WHERE b.tenant_id = :tenant
        AND b.source_id = %pDb AND b.part = %s AND b.item = c.id) AS is_brought
FROM chart_items c JOIN users u ON u.tenant_id = :tenant AND u.id = c.created_by
WHERE c.tenant_id = :tenant AND c.patient_id = %pDb
    AND (c.state <> 3 OR c.updated_at > %lld)
    AND (c.updated_at > %lld OR (c.created_at >= %lld AND c.id NOT IN (
        SELECT m.item FROM patient_merge_parts m
        WHERE m.tenant_id = :tenant AND m.part = %s AND m.item = c.id)))
ORDER BY c.id LIMIT %d
