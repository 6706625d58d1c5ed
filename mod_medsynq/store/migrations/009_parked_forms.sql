-- 009: forms that arrived after their session had expired, sealed with a key of which the browser
-- has one half and the server's secret file the other.

CREATE TABLE parked_forms (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    user_id bytea NOT NULL,
    id bytea NOT NULL,
    expires_at bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tenant_id, user_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;
