-- 027: organisations that are linked. What a connection code is of; which two a partnership joins; what
-- each of them knows of it, in rows of its own.
ALTER TABLE tenants ADD COLUMN connection_code text;
-- 100 random bits, so that two are never the same.
CREATE INDEX tenants_by_code ON tenants (connection_code);

-- The one table of rows that are nobody's: no organisation sees a row of it, and no row of an
-- organisation names another one. state as in domain/sharing/partners.h, and what decides.
CREATE TABLE partnerships (
    id bytea NOT NULL,
    low bigint NOT NULL,
    high bigint NOT NULL CHECK (low < high),
    state smallint NOT NULL CHECK (state IN (1, 2, 3, 4, 5)),
    PRIMARY KEY (id)
) WITHOUT ROWID;

-- Two organisations have one at a time that has not ended.
CREATE UNIQUE INDEX partnerships_living ON partnerships (low, high) WHERE state < 4;

-- The same to each of the two: the other's name then, who has done what last.
CREATE TABLE partners (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    name text NOT NULL,
    is_ours smallint NOT NULL,
    state smallint NOT NULL CHECK (state IN (1, 2, 3, 4, 5)),
    changed_here smallint NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE partner_steps (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    partner_id bytea NOT NULL,
    id bytea NOT NULL,
    at bigint NOT NULL,
    state smallint NOT NULL,
    by_name text NOT NULL,
    is_here smallint NOT NULL,
    reason text,
    PRIMARY KEY (tenant_id, partner_id, id),
    FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id)
) WITHOUT ROWID;
