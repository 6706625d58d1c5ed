-- 022: what a file of patients shows before its columns are named, and what a person says of it.

-- How it is written (domain/imports/patient_import_rows.h), and which of its rows has the names.
ALTER TABLE imports ADD COLUMN encoding smallint NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN head bigint NOT NULL DEFAULT 0;
-- The first values of each column, cells as in import_rows; they go when the rows go.
ALTER TABLE imports ADD COLUMN samples text NOT NULL DEFAULT '';
-- Cells that say that nothing is known; rows that can do without the cells that are wrong; and
-- whether they shall (0 nobody has said, 1 no, 2 yes).
ALTER TABLE imports ADD COLUMN unknowns bigint NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN mendable bigint NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN mend smallint NOT NULL DEFAULT 0;
-- Until now errors were left out without a word.
UPDATE imports SET mend = 1 WHERE state > 4;

-- What the columns of a file were the last time that one came with the same names.
CREATE TABLE import_headers (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    header bytea NOT NULL, -- SHA-256 of the names
    mapping text NOT NULL,
    used_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, header)
) WITHOUT ROWID;

-- When and by whom a note that came from a file was written there: a day, and a name as it stood.
ALTER TABLE patient_notes ADD COLUMN written_on text;
ALTER TABLE patient_notes ADD COLUMN written_by text;
