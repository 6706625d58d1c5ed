-- 050: how many referrals wait is asked for with every page: of those that wait, not of all there are.
CREATE INDEX referral_links_waiting ON referral_links (tenant_id, state, expires_at);
CREATE INDEX referrals_waiting ON referrals (tenant_id, state, expires_at);
