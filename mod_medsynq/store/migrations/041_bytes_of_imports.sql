-- 041: how much the cells of an import say, so that it is known before it is added what it will take
-- (domain/organisations/quotas.h). Imports that are there already go in a few days.
ALTER TABLE imports ADD COLUMN cells_bytes bigint NOT NULL DEFAULT 0;
