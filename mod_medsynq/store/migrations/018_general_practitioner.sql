-- Who a patient's general practitioner is, as people write it.
ALTER TABLE patients ADD COLUMN general_practitioner text;
