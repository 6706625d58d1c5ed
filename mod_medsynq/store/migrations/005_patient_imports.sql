-- 005: imports of patients from files. The rows of a file wait in import_rows; the patients made of
-- them have status 3, which no page shows, until all of them are there (domain/imports/patient_import.h).

CREATE TABLE imports (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    user_id bytea NOT NULL,
    file_name text NOT NULL,
    state smallint NOT NULL CHECK (state BETWEEN 1 AND 12),
    columns text NOT NULL,
    mapping text NOT NULL,
    rows_total bigint NOT NULL,
    position bigint NOT NULL,
    faulty bigint NOT NULL,
    faults bigint NOT NULL,
    added bigint NOT NULL,
    created_at bigint NOT NULL,
    finished_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE import_rows (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    import_id bytea NOT NULL,
    number bigint NOT NULL,
    line bigint NOT NULL,
    cells text NOT NULL,
    mrn text,
    birth_year text,
    is_faulty smallint NOT NULL,
    patient_id bytea,
    PRIMARY KEY (tenant_id, import_id, number),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX import_rows_by_mrn ON import_rows (tenant_id, import_id, mrn, number);

-- The years of birth of what was added are counted in the order of this index, not sorted.
CREATE INDEX import_rows_by_birth_year ON import_rows (tenant_id, import_id, birth_year)
    WHERE patient_id IS NOT NULL;

CREATE TABLE import_faults (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    import_id bytea NOT NULL,
    number bigint NOT NULL,
    field smallint NOT NULL,
    line bigint NOT NULL,
    value text NOT NULL,
    rule smallint NOT NULL,
    PRIMARY KEY (tenant_id, import_id, number, field),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id)
) WITHOUT ROWID;

-- Removing an imported patient asks who has opened it.
CREATE INDEX recent_patients_by_patient ON recent_patients (tenant_id, patient_id);
