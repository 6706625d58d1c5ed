-- 003: the table of patients in the order of birth dates and of the last change. Patients without a
-- date of birth come first. The index of names is in 001. PostgreSQL stores what is VIRTUAL here.
ALTER TABLE patients ADD COLUMN birth_key text GENERATED ALWAYS AS (coalesce(birth_date, '')) VIRTUAL;

CREATE INDEX patients_by_birth_date ON patients (tenant_id, status, birth_key, id);

CREATE INDEX patients_by_change ON patients (tenant_id, status, updated_at, id);
