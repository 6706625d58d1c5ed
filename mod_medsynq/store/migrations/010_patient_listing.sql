-- 010: the list that a patient stands in: 1 active, 2 archived, 3 incoming (of an import under way),
-- 4 deceased and not archived. It follows from status and is_deceased, and is stored because a list
-- is one range of one index. Each index on status gives way to the same on listing.
ALTER TABLE patients ADD COLUMN listing smallint NOT NULL DEFAULT 1;
UPDATE patients SET listing = CASE WHEN status = 1 AND is_deceased = 1 THEN 4 ELSE status END;

DROP INDEX patients_by_name;
DROP INDEX patients_by_birth_date;
DROP INDEX patients_by_change;
CREATE INDEX patients_by_name ON patients (tenant_id, listing, name_key, id, name, birth_date, mrn);
CREATE INDEX patients_by_birth_date ON patients (tenant_id, listing, birth_key, id);
CREATE INDEX patients_by_change ON patients (tenant_id, listing, updated_at, id);
