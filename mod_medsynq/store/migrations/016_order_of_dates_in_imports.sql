-- 016: in which order the dates of a file are read (base/date.h: 1 day first, 2 month first; 0 as the
-- organisation writes them), and what its columns show of it (domain/imports/patient_import_dates.c).
ALTER TABLE imports ADD COLUMN date_order smallint NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN date_evidence text NOT NULL DEFAULT '';
