-- 001: organisations, their people, their patients, and the trail of what was done.
-- Valid for SQLite and, less the words WITHOUT ROWID, for PostgreSQL. Never edited once released.
-- Every table that holds an organisation's data begins its key, its indexes and its foreign keys
-- with tenant_id. Instants are UTC microseconds; ids are UUIDv7 as 16 bytes.

CREATE TABLE tenants (
    tenant_id bigint NOT NULL CHECK (tenant_id >= 0),
    name text NOT NULL,
    name_key text NOT NULL,
    status smallint NOT NULL CHECK (status IN (1, 2)),
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id)
) WITHOUT ROWID;

-- The one index that does not begin with tenant_id: log-in has only the organisation's name.
CREATE UNIQUE INDEX tenants_by_name ON tenants (name_key);

CREATE TABLE users (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    version bigint NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    name text NOT NULL,
    roles smallint NOT NULL CHECK (roles BETWEEN 0 AND 15),
    status smallint NOT NULL CHECK (status IN (1, 2, 3)),
    password text NOT NULL,
    session_epoch bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX users_by_email ON users (tenant_id, email_key);

CREATE TABLE patients (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    version bigint NOT NULL,
    mrn text NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    birth_date text,
    status smallint NOT NULL CHECK (status IN (1, 2, 3)),
    created_at bigint NOT NULL,
    created_by bytea NOT NULL,
    updated_at bigint NOT NULL,
    updated_by bytea NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, created_by) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, updated_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX patients_by_mrn ON patients (tenant_id, mrn);

-- Covers the table of patients: one range of one index is a page.
CREATE INDEX patients_by_name ON patients (tenant_id, status, name_key, id, name, birth_date, mrn);

CREATE TABLE patient_notes (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    patient_id bytea NOT NULL,
    id bytea NOT NULL,
    author_id bytea NOT NULL,
    content text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, patient_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, author_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

-- Totals and running numbers, kept so that nothing is counted while a person waits.
CREATE TABLE counters (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    name text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (tenant_id, name)
) WITHOUT ROWID;

-- Append only. digest = SHA-256 over the row and previous_digest; see domain/trail/audit.h.
CREATE TABLE audit_events (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    number bigint NOT NULL CHECK (number > 0),
    at bigint NOT NULL,
    actor_id bytea,
    actor_name text,
    session bytea,
    address text,
    action smallint NOT NULL,
    outcome smallint NOT NULL,
    object_id bytea,
    patient_id bytea,
    reason text,
    previous_digest bytea NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (tenant_id, number)
) WITHOUT ROWID;

CREATE INDEX audit_events_by_patient ON audit_events (tenant_id, patient_id, number);

CREATE TABLE audit_heads (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    number bigint NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (tenant_id)
) WITHOUT ROWID;

-- Organisation 0 is the installation itself: it owns the trail of start-ups, migrations and
-- administrators' commands, and nobody can sign in to it: its key is not a name that can be typed.
INSERT INTO tenants (tenant_id, name, name_key, status, version, created_at)
VALUES (0, 'MedSynQ', '', 2, 1, 0);
