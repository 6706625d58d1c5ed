-- 008: how an organisation writes dates, where its clock is, and which language people read.

-- 0 2026-11-23, 1 23.11.2026, 2 23/11/2026, 3 11/23/2026, 4 23 Nov 2026
ALTER TABLE tenants ADD COLUMN date_format smallint NOT NULL DEFAULT 0;
-- A name of the IANA database; NULL: UTC.
ALTER TABLE tenants ADD COLUMN time_zone text;
-- A tag such as "fr"; NULL: what each person's browser asks for.
ALTER TABLE tenants ADD COLUMN language text;
-- NULL: the organisation's.
ALTER TABLE users ADD COLUMN language text;
