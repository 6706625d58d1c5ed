-- 042: referrals. What one says, and what has become of it, is the owner's, with the owner's patient.
-- The other side has a row that holds nothing of the patient, and what its own people have written.
CREATE TABLE referrals (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL, -- of the share, too
    patient_id bytea NOT NULL,
    partner_id bytea NOT NULL, -- to whom
    urgency smallint NOT NULL, -- as in domain/sharing/referrals.h
    state smallint NOT NULL, -- likewise
    reason text NOT NULL,
    question text,
    sent_at bigint NOT NULL,
    sent_by bytea NOT NULL,
    expires_at bigint NOT NULL, -- unless it is answered before
    changed_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES shares (tenant_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id),
    FOREIGN KEY (tenant_id, sent_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX referrals_by_state ON referrals (tenant_id, state, id);
CREATE INDEX referrals_by_patient ON referrals (tenant_id, patient_id);

-- Who has taken which step, on either side.
CREATE TABLE referral_steps (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    referral_id bytea NOT NULL,
    id bytea NOT NULL,
    patient_id bytea NOT NULL, -- the referral's
    at bigint NOT NULL,
    state smallint NOT NULL, -- that it led to
    by_name text NOT NULL,
    is_here smallint NOT NULL, -- by the owner's people
    said text,
    next_step text,
    PRIMARY KEY (tenant_id, referral_id, id),
    FOREIGN KEY (tenant_id, referral_id) REFERENCES referrals (tenant_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX referral_steps_by_patient ON referral_steps (tenant_id, patient_id);

-- What the other side has of one: how it is, and since when.
CREATE TABLE referral_links (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    partner_id bytea NOT NULL,
    state smallint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX referral_links_by_state ON referral_links (tenant_id, state, id);

-- What one's own people have written on referrals of others: their copy of their own words.
CREATE TABLE referral_words (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    partner_id bytea NOT NULL,
    at bigint NOT NULL,
    state smallint NOT NULL, -- that the step led to
    author_id bytea NOT NULL,
    said text NOT NULL,
    next_step text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id),
    FOREIGN KEY (tenant_id, author_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;
