-- 004: invitations, one-time links to set a password, the second factor. Of each secret that is
-- handed out only the SHA-256 is stored; what must be read again (the TOTP secret) is sealed.
-- created_by NULL: invited by the administrator's command, which is nobody's account.

CREATE TABLE invitations (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    name text NOT NULL,
    roles smallint NOT NULL CHECK (roles BETWEEN 1 AND 15),
    status smallint NOT NULL CHECK (status IN (1, 2, 3)),
    secret_hash bytea NOT NULL,
    created_at bigint NOT NULL,
    created_by bytea,
    expires_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, created_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE password_resets (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    user_id bytea NOT NULL,
    secret_hash bytea NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

-- confirmed_at NULL: the person has not yet shown a first code. last_step: no code works twice.
CREATE TABLE two_factors (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    user_id bytea NOT NULL,
    secret bytea NOT NULL,
    confirmed_at bigint,
    last_step bigint NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE recovery_codes (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    user_id bytea NOT NULL,
    code_hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, user_id, code_hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

-- From this day on everybody needs a second factor; NULL: nobody has to.
ALTER TABLE tenants ADD COLUMN two_factor_from text;
