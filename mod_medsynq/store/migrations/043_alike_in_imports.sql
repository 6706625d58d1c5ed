-- 043: the check of an import finds rows that are like a registered patient, or like an earlier row,
-- as they are mistyped (domain/imports/patient_import_doubles.h), and a person chooses row by row.

-- By what rows of one file are compared beside the key of the person: the date of birth, the last
-- digits of the phone number, the national identifier.
ALTER TABLE import_rows ADD COLUMN born text;
ALTER TABLE import_rows ADD COLUMN phone text;
ALTER TABLE import_rows ADD COLUMN identifier text;
CREATE INDEX import_rows_by_birth ON import_rows (tenant_id, import_id, born, number, person)
    WHERE born IS NOT NULL;
CREATE INDEX import_rows_by_phone ON import_rows (tenant_id, import_id, phone, number, person)
    WHERE phone IS NOT NULL;
CREATE INDEX import_rows_by_identifier ON import_rows (tenant_id, import_id, identifier, number)
    WHERE identifier IS NOT NULL;

-- Whom a row is like: a patient, or an earlier row (0: none); and why, a set of
-- domain/patients/likeness.h.
ALTER TABLE import_rows ADD COLUMN like_patient bytea;
ALTER TABLE import_rows ADD COLUMN like_row bigint NOT NULL DEFAULT 0;
ALTER TABLE import_rows ADD COLUMN like_why bigint NOT NULL DEFAULT 0;
-- 1: it is added all the same.
ALTER TABLE import_rows ADD COLUMN is_chosen smallint NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN chosen bigint NOT NULL DEFAULT 0;
CREATE INDEX import_rows_alike ON import_rows (tenant_id, import_id, number) WHERE is_faulty = 2;
