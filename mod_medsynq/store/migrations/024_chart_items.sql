-- 024: the chart, what is known of a patient item by item: allergies, medicines, problems
-- (domain/patients/chart_kinds.h). An item keeps its versions, and is never removed.

CREATE TABLE chart_items (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    patient_id bytea NOT NULL,
    id bytea NOT NULL,
    kind smallint NOT NULL, -- 1 allergies, 2 medicines, 3 problems
    is_none smallint NOT NULL, -- 1: says that there are none
    version bigint NOT NULL,
    state smallint NOT NULL, -- 1 stands, 2 entered in error, 3 a "none" that has been overtaken
    created_at bigint NOT NULL,
    created_by bytea NOT NULL,
    updated_at bigint NOT NULL,
    updated_by bytea NOT NULL,
    reason text, -- of this version: why it was entered in error
    said text NOT NULL, -- the first field, for whoever knows no kinds
    fields text NOT NULL, -- as HTML forms code them
    PRIMARY KEY (tenant_id, patient_id, id),
    FOREIGN KEY (tenant_id, patient_id) REFERENCES patients (tenant_id, id),
    FOREIGN KEY (tenant_id, created_by) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, updated_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

-- An item is one item, whoever's record it has been moved to.
CREATE UNIQUE INDEX chart_items_by_id ON chart_items (tenant_id, id);

-- What chart_items has no longer.
CREATE TABLE chart_item_versions (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    item_id bytea NOT NULL,
    version bigint NOT NULL,
    kind smallint NOT NULL,
    state smallint NOT NULL,
    changed_at bigint NOT NULL,
    changed_by bytea NOT NULL,
    reason text,
    fields text NOT NULL,
    PRIMARY KEY (tenant_id, item_id, version),
    FOREIGN KEY (tenant_id, item_id) REFERENCES chart_items (tenant_id, id),
    FOREIGN KEY (tenant_id, changed_by) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;
