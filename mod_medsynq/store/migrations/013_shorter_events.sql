-- 013: an event no longer repeats the digest of the one before it, which is the digest of the event
-- with the number before; and the index by patient holds the events that are about one. The digests
-- themselves are as they were.
CREATE TABLE audit_events_shorter (
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
    digest bytea NOT NULL,
    PRIMARY KEY (tenant_id, number)
) WITHOUT ROWID;

INSERT INTO audit_events_shorter (tenant_id, number, at, actor_id, actor_name, session, address,
    action, outcome, object_id, patient_id, reason, digest)
SELECT tenant_id, number, at, actor_id, actor_name, session, address, action, outcome, object_id,
    patient_id, reason, digest
FROM audit_events ORDER BY tenant_id, number;

DROP TABLE audit_events;
ALTER TABLE audit_events_shorter RENAME TO audit_events;

CREATE INDEX audit_events_by_patient ON audit_events (tenant_id, patient_id, number)
    WHERE patient_id IS NOT NULL;
