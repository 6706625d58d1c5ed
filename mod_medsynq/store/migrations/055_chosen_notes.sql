-- 055: notes that are shared one by one. A row is the owner's, as its share is: which note, by which
-- share. What stands here of the note is when it was written, as the paper says that was signed.
CREATE TABLE share_notes (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    patient_id bytea NOT NULL, -- of the consent
    id bytea NOT NULL,
    share_id bytea NOT NULL,
    note bytea NOT NULL, -- of patient_notes; its patient may be another by now
    note_at bigint NOT NULL,
    note_day text, -- on which it was written elsewhere
    PRIMARY KEY (tenant_id, share_id, note),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, share_id) REFERENCES shares (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX share_notes_by_patient ON share_notes (tenant_id, patient_id, id);
