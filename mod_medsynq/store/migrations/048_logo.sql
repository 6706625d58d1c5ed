-- 048: the picture at the head of an organisation's paper (domain/organisations/logo.h). Which kind it is
-- its first bytes say.
ALTER TABLE tenants ADD COLUMN letter_logo bytea;
