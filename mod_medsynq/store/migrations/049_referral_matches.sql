-- 049: which own record a referral that came is of. The referral's id is all that the row has of the
-- other organisation; the patient is one's own.
CREATE TABLE referral_matches (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL, -- the referral's
    patient_id bytea NOT NULL,
    linked_at bigint NOT NULL,
    linked_by bytea NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES referral_links (tenant_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, linked_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX referral_matches_by_patient ON referral_matches (tenant_id, patient_id);
