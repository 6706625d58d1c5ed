-- 031: the index of names covers the table of patients again, which shows sex, telephone and address
-- by now: without them each row of a page was looked up in the records.
DROP INDEX patients_by_name;
CREATE INDEX patients_by_name ON patients (tenant_id, listing, name_key, id, name, birth_date, mrn,
    former_name, preferred_name, sex, phone1, address, deceased_date);
