-- 006: the whole record of a patient, its earlier versions, and the life of notes.

ALTER TABLE patients ADD COLUMN given_name text;
ALTER TABLE patients ADD COLUMN family_name text;
ALTER TABLE patients ADD COLUMN former_name text;
ALTER TABLE patients ADD COLUMN preferred_name text;
-- 1: birth_date is a year that was reckoned from "about N years old".
ALTER TABLE patients ADD COLUMN age_estimated smallint NOT NULL DEFAULT 0;
-- FHIR administrative gender: male, female, other, unknown.
ALTER TABLE patients ADD COLUMN sex text;
ALTER TABLE patients ADD COLUMN pronouns text;
ALTER TABLE patients ADD COLUMN phone1 text;
ALTER TABLE patients ADD COLUMN phone2 text;
ALTER TABLE patients ADD COLUMN phone3 text;
ALTER TABLE patients ADD COLUMN email text;
ALTER TABLE patients ADD COLUMN address text;
ALTER TABLE patients ADD COLUMN national_id text;
-- national_id as it is compared: folded, without blanks and punctuation.
ALTER TABLE patients ADD COLUMN national_id_key text;
ALTER TABLE patients ADD COLUMN language text;
ALTER TABLE patients ADD COLUMN contact_name text;
ALTER TABLE patients ADD COLUMN contact_relation text;
ALTER TABLE patients ADD COLUMN contact_phone text;
ALTER TABLE patients ADD COLUMN is_deceased smallint NOT NULL DEFAULT 0;
ALTER TABLE patients ADD COLUMN deceased_date text;
-- What made this version: 1 added, 2 edited, 3 archived, 4 restored, 5 an earlier version again.
ALTER TABLE patients ADD COLUMN change_kind smallint NOT NULL DEFAULT 1;
ALTER TABLE patients ADD COLUMN change_reason text;

CREATE INDEX patients_by_national_id ON patients (tenant_id, national_id_key, id);

-- The versions that patients has no longer; the newest is in patients itself. fields is the record
-- in the coding of HTML forms (domain/patients/patient_fields.h).
CREATE TABLE patient_versions (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    patient_id bytea NOT NULL,
    version bigint NOT NULL,
    changed_at bigint NOT NULL,
    changed_by bytea NOT NULL,
    change_kind smallint NOT NULL,
    change_reason text,
    status smallint NOT NULL,
    fields text NOT NULL,
    PRIMARY KEY (tenant_id, patient_id, version),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, changed_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

-- 1 draft, 2 signed, 3 entered in error. What is signed never changes but to 3.
ALTER TABLE patient_notes ADD COLUMN status smallint NOT NULL DEFAULT 2;
ALTER TABLE patient_notes ADD COLUMN signed_at bigint;
-- The note that this one adds to.
ALTER TABLE patient_notes ADD COLUMN parent_id bytea;
ALTER TABLE patient_notes ADD COLUMN error_reason text;
ALTER TABLE patient_notes ADD COLUMN error_by text;
ALTER TABLE patient_notes ADD COLUMN error_at bigint;
