-- 052: which form began a session, by its digest: a log-in that is sent twice, at one server or at
-- two, begins one.
ALTER TABLE sessions ADD COLUMN form bytea;
