-- 028: when an organisation was closed, which may be erased some time after (domain/organisations/
-- erasure.h). A closed one is suspended, too.
ALTER TABLE tenants ADD COLUMN closed_at bigint;
