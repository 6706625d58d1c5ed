-- 034: a parked form that was discarded can be brought back for an hour.
ALTER TABLE parked_forms ADD COLUMN discarded smallint NOT NULL DEFAULT 0;
