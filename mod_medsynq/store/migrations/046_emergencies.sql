-- 046: emergency access. Whether a side allows it for a link; what was opened in an emergency, why,
-- and what its review came to, which is the owner's; who of the reader's has done it, which names
-- nothing of the patient. The share is a row of shares like any other, without a consent.
ALTER TABLE partners ADD COLUMN allows_emergency smallint NOT NULL DEFAULT 0;

CREATE TABLE emergencies (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL, -- of the share, too
    patient_id bytea NOT NULL,
    partner_id bytea NOT NULL, -- whose clinician
    by_name text NOT NULL,
    reason text NOT NULL,
    opened_at bigint NOT NULL,
    until_at bigint NOT NULL,
    marks smallint NOT NULL, -- as in domain/sharing/emergencies.h
    state smallint NOT NULL CHECK (state IN (1, 2, 3)), -- 1: to be reviewed, likewise
    reviewed_at bigint,
    reviewed_by bytea,
    measures text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES shares (tenant_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id),
    FOREIGN KEY (tenant_id, reviewed_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX emergencies_by_state ON emergencies (tenant_id, state, id);
CREATE INDEX emergencies_by_partner ON emergencies (tenant_id, partner_id, id);
CREATE INDEX emergencies_by_patient ON emergencies (tenant_id, patient_id);

CREATE TABLE emergency_uses (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL, -- of the share
    partner_id bytea NOT NULL,
    user_id bytea NOT NULL,
    account_version bigint NOT NULL, -- of who opened it: another one is not who was let in
    opened_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX emergency_uses_by_user ON emergency_uses (tenant_id, user_id, opened_at);
