-- 053: what a page of another organisation's list asks of its shares is read in one go, however many
-- the owner shares with others in between.
DROP INDEX shares_by_partner;
CREATE INDEX shares_by_partner ON shares (tenant_id, partner_id, state, id, patient_id);
