-- 021: two records of one person are one. The record that another has replaced (FHIR Patient.link,
-- replaced-by) keeps its number, its fields and its versions, and no page shows it: status 3,
-- listing 5. What the record that replaces it (replaces) says and has is in its own rows.

CREATE TABLE patient_merges (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    source_id bytea NOT NULL, -- who was replaced
    target_id bytea NOT NULL, -- by whom
    merged_at bigint NOT NULL,
    merged_by bytea NOT NULL,
    source_status smallint NOT NULL, -- what it was before: 1 active, 2 archived
    target_version bigint NOT NULL, -- which the merge made
    PRIMARY KEY (tenant_id, source_id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, target_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, merged_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX patient_merges_by_target ON patient_merges (tenant_id, target_id, source_id);

-- The parts that the replaced record had: what goes back when the two are separated again.
CREATE TABLE patient_merge_parts (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    source_id bytea NOT NULL,
    part text NOT NULL, -- its table
    item bytea NOT NULL, -- of that table; its patient may be another by now
    PRIMARY KEY (tenant_id, source_id, part, item),
    FOREIGN KEY (tenant_id, source_id) REFERENCES patients (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX patient_merge_parts_by_item ON patient_merge_parts (tenant_id, part, item);
