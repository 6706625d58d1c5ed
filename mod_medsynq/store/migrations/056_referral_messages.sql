-- 056: messages on a referral. They stand among its steps, as rows whose state is 0, with when the
-- other side first saw one. A referral calls for somebody until it is answered, expires, or what
-- the other side has written on it is seen.
ALTER TABLE referral_steps ADD COLUMN read_at bigint;
ALTER TABLE referrals ADD COLUMN calls_until bigint NOT NULL DEFAULT 0;
ALTER TABLE referral_links ADD COLUMN calls_until bigint NOT NULL DEFAULT 0;
UPDATE referral_links SET calls_until = expires_at WHERE state = 1;

CREATE INDEX referrals_calling ON referrals (tenant_id, calls_until, id);
CREATE INDEX referral_links_calling ON referral_links (tenant_id, calls_until, id);
