-- 023: organisations are told apart as people see their names. The keys of those that are there are
-- made at the start; of two that look the same only the older one gets one.

ALTER TABLE tenants ADD COLUMN look_key text;

CREATE UNIQUE INDEX tenants_by_look ON tenants (look_key) WHERE look_key IS NOT NULL;
