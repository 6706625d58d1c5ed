-- 029: likely doubles over the whole register. Who is registered or changed is due to be compared
-- with all others (domain/patients/duplicate_queue.h); what was found is a pair, until somebody merges
-- the two or says that they are different people.

CREATE TABLE patients_due (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    patient_id bytea NOT NULL, -- to be compared
    PRIMARY KEY (tenant_id, patient_id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE patient_pairs (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    one_id bytea NOT NULL, -- the lesser id of the two
    other_id bytea NOT NULL,
    state smallint NOT NULL, -- 1 likely, 2 different people
    place bigint NOT NULL, -- in the list of its state: how alike; or when that was said
    why bigint NOT NULL, -- what both have in common: a set of domain/patients/likeness.h
    said_by bytea, -- who said that they are different
    PRIMARY KEY (tenant_id, one_id, other_id),
    FOREIGN KEY (tenant_id, one_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, other_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, said_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX patient_pairs_by_place ON patient_pairs (tenant_id, state, place, one_id, other_id);
CREATE INDEX patient_pairs_by_other ON patient_pairs (tenant_id, other_id, one_id);

-- Everybody who is there already. Kind 2 is that job, of nobody; any object does.
INSERT INTO patients_due (tenant_id, patient_id) SELECT tenant_id, id FROM patients WHERE status < 3;

INSERT INTO jobs (tenant_id, kind, object, user_id, due_at, failures)
SELECT t.tenant_id, 2, (SELECT d.patient_id FROM patients_due d WHERE d.tenant_id = t.tenant_id
    ORDER BY d.patient_id LIMIT 1), NULL, 0, 0
FROM tenants t WHERE EXISTS (SELECT 1 FROM patients_due d WHERE d.tenant_id = t.tenant_id);

UPDATE tenants SET jobs_due_at = 0
WHERE tenant_id IN (SELECT j.tenant_id FROM jobs j WHERE j.kind = 2);
