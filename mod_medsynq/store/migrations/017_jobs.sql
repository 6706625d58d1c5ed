-- 017: work that goes on without a person (domain/jobs/). An import of patients is one from its
-- upload until the rows of its file have gone.

CREATE TABLE jobs (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    kind smallint NOT NULL, -- domain/jobs/jobs.h
    object bytea NOT NULL, -- what it works on, by its kind; looked for in the own organisation
    user_id bytea, -- who has ordered it; NULL: nobody
    due_at bigint NOT NULL, -- when it is looked at; while a worker has it: when that one is dead
    worker bytea, -- who has it; NULL: nobody
    failures bigint NOT NULL, -- in a row
    PRIMARY KEY (tenant_id, kind, object),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITHOUT ROWID;

CREATE INDEX jobs_by_due ON jobs (tenant_id, due_at, kind, object);

-- When the organisation's first job is due, or earlier: all that is known of it from outside.
ALTER TABLE tenants ADD COLUMN jobs_due_at bigint;
CREATE INDEX tenants_by_jobs ON tenants (jobs_due_at) WHERE jobs_due_at IS NOT NULL;

-- Why it is where it is (domain/imports/patient_import_rows.h); 0: nothing out of the ordinary.
ALTER TABLE imports ADD COLUMN ending smallint NOT NULL DEFAULT 0;

-- What is under way goes on; the rows of the others go seven days after their upload, or their end.
INSERT INTO jobs (tenant_id, kind, object, user_id, due_at, failures)
SELECT i.tenant_id, 1, i.id, i.user_id,
    CASE WHEN i.state IN (3, 5, 6, 8, 9, 11) THEN 0
    WHEN i.state < 5 THEN i.created_at + 604800000000 ELSE i.finished_at + 604800000000 END, 0
FROM imports i;

UPDATE tenants SET jobs_due_at =
    (SELECT min(j.due_at) FROM jobs j WHERE j.tenant_id = tenants.tenant_id);
