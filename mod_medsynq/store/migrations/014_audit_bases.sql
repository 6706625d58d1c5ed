-- 014: where the chain of an organisation begins here: after the event with this number and digest,
-- which is the last that was moved to an archive (store/audit_archive.h). No row: at its first event.
CREATE TABLE audit_bases (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    number bigint NOT NULL CHECK (number > 0),
    digest bytea NOT NULL,
    PRIMARY KEY (tenant_id)
) WITHOUT ROWID;
