-- referrals.sql -- referrals to linked organisations: the owner's rows, what the other side has of
-- them, and what a guest reads.

-- referral_insert tenant
INSERT INTO referrals (tenant_id, id, patient_id, partner_id, urgency, state, reason, question,
    sent_at, sent_by, expires_at, changed_at)
VALUES (:tenant, %pDb, %pDb, %pDb, %d, 1, %s, %s, %lld, %pDb, %lld, %lld) ON CONFLICT DO NOTHING

-- referral_step_insert tenant
INSERT INTO referral_steps (tenant_id, referral_id, id, patient_id, at, state, by_name, is_here,
    said, next_step)
VALUES (:tenant, %pDb, %pDb, %pDb, %lld, %d, %s, %d, %s, %s)

-- referral_by_id tenant
SELECT r.patient_id, r.partner_id, n.name AS partner_name, n.state AS partner_state, r.urgency,
    r.state, r.reason, r.question, r.sent_at, r.sent_by, r.expires_at, s.state AS share_state,
    c.parts, c.until_at, p.status AS patient_status
FROM referrals r JOIN patients p ON p.tenant_id = :tenant AND p.id = r.patient_id
    JOIN partners n ON n.tenant_id = :tenant AND n.id = r.partner_id
    JOIN shares s ON s.tenant_id = :tenant AND s.id = r.id
    JOIN consents c ON c.tenant_id = :tenant AND c.share_id = s.id AND c.patient_id = s.patient_id
WHERE r.tenant_id = :tenant AND r.id = %pDb LIMIT 1

-- referral_steps_of tenant referral_step
SELECT id, at, state, by_name, is_here, said, next_step, read_at FROM referral_steps
WHERE tenant_id = :tenant AND referral_id = %pDb ORDER BY id LIMIT %d

-- referral_steps_count tenant referral_count
SELECT count(*) AS count FROM referral_steps
WHERE tenant_id = :tenant AND referral_id = %pDb AND state > %d LIMIT 1

-- referral_messages_count tenant referral_count
SELECT count(*) AS count FROM referral_steps
WHERE tenant_id = :tenant AND referral_id = %pDb AND state = %d AND is_here = %d LIMIT 1

-- referral_message_read tenant
UPDATE referral_steps SET read_at = %lld
WHERE tenant_id = :tenant AND referral_id = %pDb AND id = %pDb

-- referral_calls tenant
UPDATE referrals SET calls_until = %lld WHERE tenant_id = :tenant AND id = %pDb

-- referral_state_set tenant
UPDATE referrals SET state = %d, changed_at = %lld
WHERE tenant_id = :tenant AND id = %pDb AND state = %d

-- referral_note_insert tenant
INSERT INTO patient_notes (tenant_id, patient_id, id, author_id, content, created_at, status,
    signed_at, written_on, written_by)
VALUES (:tenant, %pDb, %pDb, %pDb, %s, %lld, 2, %lld, %s, %s)

-- referrals_before tenant referral_row
SELECT r.id, r.patient_id, p.name, p.birth_date, r.partner_id, n.name AS partner_name, r.urgency,
    r.state, r.sent_at, r.expires_at, r.changed_at, r.calls_until
FROM referrals r JOIN patients p ON p.tenant_id = :tenant AND p.id = r.patient_id
    JOIN partners n ON n.tenant_id = :tenant AND n.id = r.partner_id
WHERE r.tenant_id = :tenant AND r.id < %pDb ORDER BY r.id DESC LIMIT %d

-- referrals_of_state_before tenant referral_row
SELECT r.id, r.patient_id, p.name, p.birth_date, r.partner_id, n.name AS partner_name, r.urgency,
    r.state, r.sent_at, r.expires_at, r.changed_at, r.calls_until
FROM referrals r JOIN patients p ON p.tenant_id = :tenant AND p.id = r.patient_id
    JOIN partners n ON n.tenant_id = :tenant AND n.id = r.partner_id
WHERE r.tenant_id = :tenant AND r.id < %pDb AND r.state = %d AND r.expires_at > %lld
    AND r.expires_at <= %lld
ORDER BY r.id DESC LIMIT %d

-- referrals_waiting tenant referral_count
SELECT count(*) AS count FROM referrals
WHERE tenant_id = :tenant AND state = 1 AND expires_at > %lld LIMIT 1

-- referrals_calling tenant referral_count
SELECT count(*) AS count FROM referrals
WHERE tenant_id = :tenant AND calls_until > %lld LIMIT 1

-- referral_links_calling tenant referral_count
SELECT count(*) AS count
FROM referral_links l JOIN shared_links s ON s.tenant_id = :tenant AND s.id = l.id
WHERE l.tenant_id = :tenant AND l.calls_until > %lld LIMIT 1

-- referral_link_insert tenant
INSERT INTO referral_links (tenant_id, id, partner_id, state, expires_at, calls_until)
VALUES (:tenant, %pDb, %pDb, 1, %lld, %lld) ON CONFLICT DO NOTHING

-- referral_link_by_id tenant
SELECT partner_id FROM referral_links WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- referral_link_state_set tenant
UPDATE referral_links SET state = %d WHERE tenant_id = :tenant AND id = %pDb

-- referral_link_answered tenant
UPDATE referral_links SET calls_until = 0
WHERE tenant_id = :tenant AND id = %pDb AND calls_until = expires_at

-- referral_link_calls tenant
UPDATE referral_links SET calls_until = %lld WHERE tenant_id = :tenant AND id = %pDb

-- referral_links_before tenant referral_link
SELECT l.id, l.calls_until
FROM referral_links l JOIN shared_links s ON s.tenant_id = :tenant AND s.id = l.id
WHERE l.tenant_id = :tenant AND l.id < %pDb ORDER BY l.id DESC LIMIT %d

-- referral_links_of_state_before tenant referral_link
SELECT l.id, l.calls_until
FROM referral_links l JOIN shared_links s ON s.tenant_id = :tenant AND s.id = l.id
WHERE l.tenant_id = :tenant AND l.id < %pDb AND l.state = %d AND l.expires_at > %lld
    AND l.expires_at <= %lld
ORDER BY l.id DESC LIMIT %d

-- referral_links_waiting tenant referral_count
SELECT count(*) AS count
FROM referral_links l JOIN shared_links s ON s.tenant_id = :tenant AND s.id = l.id
WHERE l.tenant_id = :tenant AND l.state = 1 AND l.expires_at > %lld LIMIT 1

-- referral_words_insert tenant
INSERT INTO referral_words (tenant_id, id, partner_id, at, state, author_id, said, next_step)
VALUES (:tenant, %pDb, %pDb, %lld, %d, %pDb, %s, %s)

-- referral_words_before tenant
SELECT w.id, w.partner_id, n.name AS partner_name, w.at, w.state, u.name AS author_name, w.said,
    w.next_step
FROM referral_words w JOIN partners n ON n.tenant_id = :tenant AND n.id = w.partner_id
    JOIN users u ON u.tenant_id = :tenant AND u.id = w.author_id
WHERE w.tenant_id = :tenant AND w.id < %pDb ORDER BY w.id DESC LIMIT %d

-- guest_referral guest
SELECT urgency, state, reason, question, sent_at, sent_by, expires_at, changed_at FROM referrals
WHERE tenant_id = :tenant AND patient_id = :patient AND id = %pDb LIMIT 1

-- guest_referral_steps guest referral_step
SELECT id, at, state, by_name, is_here, said, next_step, read_at FROM referral_steps
WHERE tenant_id = :tenant AND patient_id = :patient AND referral_id = %pDb ORDER BY id LIMIT %d

-- referral_match_insert tenant
INSERT INTO referral_matches (tenant_id, id, patient_id, linked_at, linked_by)
VALUES (:tenant, %pDb, %pDb, %lld, %pDb) ON CONFLICT DO NOTHING

-- referral_match_by_id tenant
SELECT m.patient_id, m.linked_at, u.name AS linked_by_name
FROM referral_matches m JOIN users u ON u.tenant_id = :tenant AND u.id = m.linked_by
WHERE m.tenant_id = :tenant AND m.id = %pDb LIMIT 1

-- referral_match_of_patient tenant
SELECT id FROM referral_matches WHERE tenant_id = :tenant AND patient_id = %pDb LIMIT 1

-- referral_match_delete tenant
DELETE FROM referral_matches WHERE tenant_id = :tenant AND id = %pDb AND patient_id = %pDb
