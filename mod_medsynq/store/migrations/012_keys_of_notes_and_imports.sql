-- 012: the last columns that name a record without a foreign key: a note's addendum and a file's row
-- name one of their own organisation, or nothing. SQLite adds a key by making the table anew.
CREATE TABLE patient_notes_keyed (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    patient_id bytea NOT NULL,
    id bytea NOT NULL,
    author_id bytea NOT NULL,
    content text NOT NULL,
    created_at bigint NOT NULL,
    -- 1 draft, 2 signed, 3 entered in error. What is signed never changes but to 3.
    status smallint NOT NULL DEFAULT 2,
    signed_at bigint,
    parent_id bytea, -- the note that this one adds to
    error_reason text,
    error_by text,
    error_at bigint,
    PRIMARY KEY (tenant_id, patient_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, author_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, patient_id, parent_id)
        REFERENCES patient_notes_keyed (tenant_id, patient_id, id)
) WITHOUT ROWID;

INSERT INTO patient_notes_keyed (tenant_id, patient_id, id, author_id, content, created_at, status,
    signed_at, parent_id, error_reason, error_by, error_at)
SELECT tenant_id, patient_id, id, author_id, content, created_at, status, signed_at, parent_id,
    error_reason, error_by, error_at
FROM patient_notes ORDER BY tenant_id, patient_id, id;

DROP TABLE patient_notes;
ALTER TABLE patient_notes_keyed RENAME TO patient_notes;

CREATE TABLE import_rows_keyed (
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
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id)
) WITHOUT ROWID;

-- A row of an import that was taken back names nobody any more.
INSERT INTO import_rows_keyed (tenant_id, import_id, number, line, cells, mrn, birth_year, is_faulty,
    patient_id)
SELECT r.tenant_id, r.import_id, r.number, r.line, r.cells, r.mrn, r.birth_year, r.is_faulty, p.id
FROM import_rows r LEFT JOIN patients p ON p.tenant_id = r.tenant_id AND p.id = r.patient_id
ORDER BY r.tenant_id, r.import_id, r.number;

DROP TABLE import_rows;
ALTER TABLE import_rows_keyed RENAME TO import_rows;

CREATE INDEX import_rows_by_mrn ON import_rows (tenant_id, import_id, mrn, number);

-- The years of birth of what was added are counted in the order of this index, not sorted.
CREATE INDEX import_rows_by_birth_year ON import_rows (tenant_id, import_id, birth_year)
    WHERE patient_id IS NOT NULL;

-- Removing an imported patient asks whether a row names it.
CREATE INDEX import_rows_by_patient ON import_rows (tenant_id, patient_id)
    WHERE patient_id IS NOT NULL;
