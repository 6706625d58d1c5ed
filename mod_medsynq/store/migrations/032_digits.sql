-- 032: with which digits numbers are shown to people.

-- latn (0 to 9), or native (those of the language that a person reads, where it has its own); NULL: latn
ALTER TABLE tenants ADD COLUMN digits text;
-- NULL: the organisation's.
ALTER TABLE users ADD COLUMN digits text;
