-- 033: a draft knows how often it was saved, and when: two windows do not overwrite each other.
ALTER TABLE patient_notes ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE patient_notes ADD COLUMN saved_at bigint; -- NULL: not since it was begun
-- A discarded draft can be brought back until then, and is not seen afterwards; the largest number: it
-- is not discarded.
ALTER TABLE patient_notes ADD COLUMN gone_at bigint NOT NULL DEFAULT 9223372036854775807;
