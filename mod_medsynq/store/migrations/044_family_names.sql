-- 044: patients in the order of family names. The program makes the key (base/name_order.h) whenever a
-- record is written; who is there already is ordered by the last word of the name until then.
ALTER TABLE patients ADD COLUMN family_key text NOT NULL DEFAULT '';
UPDATE patients SET family_key =
    substr(name_key, length(rtrim(name_key, replace(name_key, ' ', ''))) + 1) || ' ' || name_key;

CREATE INDEX patients_by_family ON patients (tenant_id, listing, family_key, id);
