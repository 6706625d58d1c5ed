-- 051: a national identifier with a date of birth, and the likely doubles of one patient, are found in their
-- index. Where one more column had to be read, SQLite took all rows of the organisation by their key instead.
DROP INDEX patients_by_national_id;
CREATE INDEX patients_by_national_id ON patients (tenant_id, national_id_key, id, birth_date, status);
DROP INDEX patient_pairs_by_other;
CREATE INDEX patient_pairs_by_other ON patient_pairs (tenant_id, other_id, one_id, state);
