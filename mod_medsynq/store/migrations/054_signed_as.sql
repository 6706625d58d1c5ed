-- 054: under which name a note was signed. The name of an account can be corrected; what was signed
-- before keeps the one that it was signed with.
ALTER TABLE patient_notes ADD COLUMN signed_as text;
UPDATE patient_notes SET signed_as = (SELECT u.name FROM users u
    WHERE u.tenant_id = patient_notes.tenant_id AND u.id = patient_notes.author_id)
WHERE status <> 1;
