-- consents.sql -- what patients have agreed to, what is shared by it, and what the other side has.

-- share_insert tenant
INSERT INTO shares (tenant_id, id, patient_id, partner_id, state, created_at)
VALUES (:tenant, %pDb, %pDb, %pDb, 1, %lld) ON CONFLICT DO NOTHING

-- consent_insert tenant
INSERT INTO consents (tenant_id, patient_id, id, share_id, partner_id, given_by, giver_name,
    giver_relation, method, parts, purpose, from_at, until_at, remark, state, recorded_at,
    recorded_by)
VALUES (:tenant, %pDb, %pDb, %pDb, %pDb, %d, %s, %s, %d, %d, %s, %lld, %lld, %s, 1, %lld, %pDb)
ON CONFLICT DO NOTHING

-- share_note_insert tenant
INSERT INTO share_notes (tenant_id, patient_id, id, share_id, note, note_at, note_day)
VALUES (:tenant, %pDb, %pDb, %pDb, %pDb, %lld, %s) ON CONFLICT DO NOTHING

-- share_notes_of tenant
SELECT note_at, note_day FROM share_notes
WHERE tenant_id = :tenant AND share_id = %pDb ORDER BY note DESC LIMIT %d

-- share_notes_count tenant
SELECT count(*) AS count FROM share_notes WHERE tenant_id = :tenant AND share_id = %pDb LIMIT 1

-- sharable_notes_before tenant sharable_note
SELECT n.id, n.content, n.created_at, n.signed_at, n.written_on,
    n.written_by, n.signed_as, u.name AS author_name
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = %pDb AND n.id < %pDb
    AND coalesce(n.parent_id, n.id) = n.id AND n.status = 2
ORDER BY n.id DESC LIMIT %d

-- sharable_note_by_id tenant sharable_note
SELECT n.id, n.content, n.created_at, n.signed_at, n.written_on,
    n.written_by, n.signed_as, u.name AS author_name
FROM patient_notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.author_id
WHERE n.tenant_id = :tenant AND n.patient_id = %pDb AND n.id = %pDb
    AND coalesce(n.parent_id, n.id) = n.id AND n.status = 2 LIMIT 1

-- consents_before tenant consent
SELECT c.id, c.share_id, c.partner_id, r.name AS partner_name, c.given_by, c.giver_name,
    c.giver_relation, c.method, c.parts, c.purpose, c.from_at, c.until_at, c.remark, c.state,
    c.recorded_at, u.name AS recorded_by_name, c.ended_at, c.ended_by_name, c.ended_reason
FROM consents c JOIN partners r ON r.tenant_id = :tenant AND r.id = c.partner_id
    JOIN users u ON u.tenant_id = :tenant AND u.id = c.recorded_by
WHERE c.tenant_id = :tenant AND c.patient_id = %pDb AND c.id < %pDb ORDER BY c.id DESC LIMIT %d

-- consent_by_id tenant consent
SELECT c.id, c.share_id, c.partner_id, r.name AS partner_name, c.given_by, c.giver_name,
    c.giver_relation, c.method, c.parts, c.purpose, c.from_at, c.until_at, c.remark, c.state,
    c.recorded_at, u.name AS recorded_by_name, c.ended_at, c.ended_by_name, c.ended_reason
FROM consents c JOIN partners r ON r.tenant_id = :tenant AND r.id = c.partner_id
    JOIN users u ON u.tenant_id = :tenant AND u.id = c.recorded_by
WHERE c.tenant_id = :tenant AND c.patient_id = %pDb AND c.id = %pDb LIMIT 1

-- consent_of_patient tenant
SELECT state FROM consents WHERE tenant_id = :tenant AND patient_id = %pDb LIMIT 1

-- consent_open_of_partner tenant
SELECT id FROM consents
WHERE tenant_id = :tenant AND patient_id = %pDb AND partner_id = %pDb AND state = 1
    AND until_at > %lld LIMIT 1

-- share_standing tenant
SELECT s.patient_id, s.partner_id, s.state, c.parts, c.purpose, c.from_at, c.until_at,
    c.state AS consent_state, t.status
FROM shares s JOIN consents c
        ON c.tenant_id = :tenant AND c.share_id = s.id AND c.patient_id = s.patient_id
    JOIN tenants t ON t.tenant_id = :tenant
WHERE s.tenant_id = :tenant AND s.id = %pDb LIMIT 1

-- shares_standing tenant share_standing
SELECT s.patient_id, s.partner_id, s.state, c.parts, c.purpose, c.from_at, c.until_at,
    c.state AS consent_state, t.status, s.id
FROM shares s JOIN consents c
        ON c.tenant_id = :tenant AND c.share_id = s.id AND c.patient_id = s.patient_id
    JOIN tenants t ON t.tenant_id = :tenant
WHERE s.tenant_id = :tenant AND s.partner_id = %pDb AND s.state = 1 AND s.id <= %pDb
    AND s.id >= %pDb ORDER BY s.id DESC LIMIT %d

-- share_end tenant
UPDATE shares SET state = %d, ended_at = %lld
WHERE tenant_id = :tenant AND id = %pDb AND state = 1

-- consent_end tenant
UPDATE consents SET state = %d, ended_at = %lld, ended_by_name = %s, ended_reason = %s
WHERE tenant_id = :tenant AND share_id = %pDb AND state = 1

-- shares_end_of_partner tenant
UPDATE shares SET state = %d, ended_at = %lld
WHERE tenant_id = :tenant AND partner_id = %pDb AND state = 1

-- consents_end_of_partner tenant
UPDATE consents SET state = %d, ended_at = %lld, ended_by_name = %s, ended_reason = %s
WHERE tenant_id = :tenant AND partner_id = %pDb AND state = 1

-- shared_link_insert tenant
INSERT INTO shared_links (tenant_id, id, partner_id) VALUES (:tenant, %pDb, %pDb)
ON CONFLICT DO NOTHING

-- shared_link_by_id tenant
SELECT partner_id FROM shared_links WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- shared_links_before tenant
SELECT id, partner_id FROM shared_links
WHERE tenant_id = :tenant AND id < %pDb ORDER BY id DESC LIMIT %d

-- shared_link_delete tenant
DELETE FROM shared_links WHERE tenant_id = :tenant AND id = %pDb

-- shared_links_delete_of_partner tenant
DELETE FROM shared_links WHERE tenant_id = :tenant AND partner_id = %pDb

-- partners_linked_before tenant
SELECT id, name FROM partners
WHERE tenant_id = :tenant AND id < %pDb AND state = 2 ORDER BY id DESC LIMIT %d
