-- 019: an import says which of its rows are like a registered patient or like an earlier row, and
-- leaves them out unless a person has them added. import_rows.is_faulty is 2 for such a row.

ALTER TABLE imports ADD COLUMN doubles bigint NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN with_doubles smallint NOT NULL DEFAULT 0;

-- By which rows of one file are compared: the name's key and the date of birth.
ALTER TABLE import_rows ADD COLUMN person text;
CREATE INDEX import_rows_by_person ON import_rows (tenant_id, import_id, person, number)
    WHERE person IS NOT NULL;
