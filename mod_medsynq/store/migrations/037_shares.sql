-- 037: what patients have consented to, what is shared by it, and what the other side has of that. A
-- share is a row with its own life, never a mark on data.
CREATE TABLE shares (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    patient_id bytea NOT NULL,
    partner_id bytea NOT NULL, -- with whom
    state smallint NOT NULL CHECK (state IN (1, 2, 3, 4, 5)), -- 1: it is alive, as in domain/sharing/consents.h
    created_at bigint NOT NULL,
    ended_at bigint,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX shares_by_patient ON shares (tenant_id, patient_id);
-- Those that end when their link does.
CREATE INDEX shares_by_partner ON shares (tenant_id, partner_id, state);

-- Who has agreed to what, how, and until when. given_by, method, parts, purpose and state as in
-- domain/sharing/consents.h.
CREATE TABLE consents (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    patient_id bytea NOT NULL,
    id bytea NOT NULL,
    share_id bytea NOT NULL,
    partner_id bytea NOT NULL,
    given_by smallint NOT NULL,
    giver_name text,
    giver_relation text,
    method smallint NOT NULL,
    parts smallint NOT NULL,
    purpose text NOT NULL,
    from_at bigint NOT NULL,
    until_at bigint NOT NULL,
    remark text,
    state smallint NOT NULL CHECK (state IN (1, 2, 3, 4, 5)),
    recorded_at bigint NOT NULL,
    recorded_by bytea NOT NULL,
    ended_at bigint,
    ended_by_name text,
    ended_reason text,
    PRIMARY KEY (tenant_id, patient_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, share_id) REFERENCES shares (tenant_id, id),
    FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id),
    FOREIGN KEY (tenant_id, recorded_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX consents_by_share ON consents (tenant_id, share_id);
CREATE INDEX consents_by_partner ON consents (tenant_id, partner_id, state);

-- What the other side has: that there is a share, of which partner. Nothing of the patient, not even
-- in the id.
CREATE TABLE shared_links (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    partner_id bytea NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX shared_links_by_partner ON shared_links (tenant_id, partner_id);

-- With whom something can be shared.
CREATE INDEX partners_by_state ON partners (tenant_id, state, id);
