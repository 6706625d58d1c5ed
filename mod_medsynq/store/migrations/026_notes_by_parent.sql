-- 026: what adds to a note is found by it. A note that moves to another record, or goes, asks whether
-- something adds to it; without this index that read all notes of the patient, for each of them.
CREATE INDEX patient_notes_by_parent ON patient_notes (tenant_id, patient_id, parent_id)
    WHERE parent_id IS NOT NULL;
