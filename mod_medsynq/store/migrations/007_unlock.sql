-- 007: an administrator lets somebody try again who has failed too often. The failures are counted in
-- the server's memory, where medsynqctl cannot reach them: what was counted before this instant is
-- forgotten at the next attempt.

ALTER TABLE users ADD COLUMN unlocked_at bigint NOT NULL DEFAULT 0;
