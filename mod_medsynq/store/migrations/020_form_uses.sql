-- 020: forms that have had their effect (domain/form_use.h), for a day.

CREATE TABLE form_uses (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    user_id bytea NOT NULL,
    token bytea NOT NULL, -- SHA-256 of the form's token and of where it was sent
    used_at bigint NOT NULL,
    content bytea NOT NULL, -- SHA-256 of the token and of what was typed: tells nothing without it
    result bytea, -- what it made, by its path
    PRIMARY KEY (tenant_id, user_id, token),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX form_uses_by_age ON form_uses (tenant_id, used_at);
