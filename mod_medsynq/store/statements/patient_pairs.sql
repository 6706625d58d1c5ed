-- patient_pairs.sql -- likely doubles: who is to be compared with the register, and what was found.

-- patient_due_insert tenant
INSERT INTO patients_due (tenant_id, patient_id) VALUES (:tenant, %pDb) ON CONFLICT DO NOTHING

-- patients_due tenant
SELECT patient_id FROM patients_due WHERE tenant_id = :tenant ORDER BY patient_id LIMIT %d

-- patient_due_delete tenant
DELETE FROM patients_due WHERE tenant_id = :tenant AND patient_id = %pDb

-- patient_pair_insert tenant
INSERT INTO patient_pairs (tenant_id, one_id, other_id, state, place, why, said_by)
VALUES (:tenant, %pDb, %pDb, %d, %lld, %lld, %pDb) ON CONFLICT DO NOTHING

-- patient_pair_move tenant
UPDATE patient_pairs SET state = %d, place = %lld, said_by = %pDb
WHERE tenant_id = :tenant AND one_id = %pDb AND other_id = %pDb AND state = %d

-- patient_pairs_of_one tenant patient_partner
SELECT other_id AS id FROM patient_pairs
WHERE tenant_id = :tenant AND one_id = %pDb AND state = %d ORDER BY other_id LIMIT %d

-- patient_pairs_of_other tenant patient_partner
SELECT one_id AS id FROM patient_pairs
WHERE tenant_id = :tenant AND other_id = %pDb AND state = %d ORDER BY one_id LIMIT %d

-- patient_pairs_drop_one tenant
DELETE FROM patient_pairs WHERE tenant_id = :tenant AND one_id = %pDb AND state = %d

-- patient_pairs_drop_other tenant
DELETE FROM patient_pairs WHERE tenant_id = :tenant AND other_id = %pDb AND state = %d

-- patient_pairs_first tenant patient_pair
SELECT p.one_id, p.other_id, p.place, p.why, u.name AS said_by_name
FROM patient_pairs p LEFT JOIN users u ON u.tenant_id = :tenant AND u.id = p.said_by
WHERE p.tenant_id = :tenant AND p.state = %d
ORDER BY p.place DESC, p.one_id DESC, p.other_id DESC LIMIT %d

-- patient_pairs_after tenant patient_pair
SELECT p.one_id, p.other_id, p.place, p.why, u.name AS said_by_name
FROM patient_pairs p LEFT JOIN users u ON u.tenant_id = :tenant AND u.id = p.said_by
WHERE p.tenant_id = :tenant AND p.state = %d
    AND (p.place, p.one_id, p.other_id) < (%lld, %pDb, %pDb)
ORDER BY p.place DESC, p.one_id DESC, p.other_id DESC LIMIT %d
