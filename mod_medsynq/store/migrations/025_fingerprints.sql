-- 025: which secrets have sealed what is here (domain/access/fingerprints.h), by digests that tell
-- nothing of them. Of the installation as a whole: its organisation is 0.

CREATE TABLE fingerprints (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    fingerprint bytea NOT NULL,
    is_used smallint NOT NULL, -- 0: it may come, or may have gone
    PRIMARY KEY (tenant_id, fingerprint)
) WITHOUT ROWID;
