-- 045: what several servers on one database share. Sessions by the SHA-256 of their token, which is
-- not here; they are looked for before anybody knows of which organisation they are.
CREATE TABLE sessions (
    tenant_id bigint NOT NULL,
    key bytea NOT NULL,
    user_id bytea NOT NULL,
    epoch bigint NOT NULL,
    roles bigint NOT NULL,
    began_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    agent text NOT NULL,
    address text NOT NULL,
    PRIMARY KEY (tenant_id, key),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX sessions_by_key ON sessions (key);
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id, key);

-- Counters of tries, by a keyed hash of what they are of: an address, an account that there may not
-- be. They are nobody's.
CREATE TABLE throttles (
    key bytea NOT NULL,
    expires_at bigint NOT NULL,
    counted bytea NOT NULL,
    PRIMARY KEY (key)
) WITHOUT ROWID;
CREATE INDEX throttles_by_end ON throttles (expires_at);
