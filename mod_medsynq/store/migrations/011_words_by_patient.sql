-- 011: removing a patient asks whether a word of the search still names the patient. Without this
-- index that read every word of the organisation, for each patient of an import that is undone.

CREATE INDEX patient_words_by_patient ON patient_words (tenant_id, patient_id);
