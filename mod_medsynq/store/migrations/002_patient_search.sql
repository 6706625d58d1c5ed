-- 002: what patients are found by, and whom each person opened last.

-- A row for each word of a patient's names, for the date of birth ("@1975-04-03") and for each
-- telephone number ("#" and its digits, "~" and its digits backwards). key has all names folded and
-- the date, so that the other words of a search are checked, and answers ordered, in this index.
-- Derived from patients: domain/patients/patient_index.c.
CREATE TABLE patient_words (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    word text NOT NULL,
    key text NOT NULL,
    patient_id bytea NOT NULL,
    PRIMARY KEY (tenant_id, word, key, patient_id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE recent_patients (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    user_id bytea NOT NULL,
    patient_id bytea NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (tenant_id, user_id, patient_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX recent_patients_by_time ON recent_patients (tenant_id, user_id, at, patient_id);
