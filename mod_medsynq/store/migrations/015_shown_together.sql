-- 015: which patients stood on one page together. Its event names the group as its patient; the id is
-- made from the members (domain/trail/audit_groups.h), so the same page shown again needs no new group.
CREATE TABLE audit_groups (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    members bytea NOT NULL, -- the patients' ids, 16 bytes each, in ascending order
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- The same, by patient. No key to patients: an import that is undone takes them away.
CREATE TABLE audit_group_patients (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    patient_id bytea NOT NULL,
    group_id bytea NOT NULL,
    PRIMARY KEY (tenant_id, patient_id, group_id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES audit_groups (tenant_id, id)
) WITHOUT ROWID;
