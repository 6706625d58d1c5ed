-- sessions.sql -- sessions and counters of tries that several servers share, where
-- MedSynQSessionCache says database.

-- session_by_key system
SELECT tenant_id, user_id, epoch, roles, began_at, seen_at, agent, address, form FROM sessions
WHERE key = %pDb LIMIT 1

-- session_stands tenant
SELECT user_id FROM sessions WHERE tenant_id = :tenant AND key = %pDb LIMIT 1

-- sessions_of_user tenant
SELECT key, user_id, epoch, roles, began_at, seen_at, agent, address, form FROM sessions
WHERE tenant_id = :tenant AND user_id = %pDb ORDER BY key LIMIT %d

-- session_insert tenant
INSERT INTO sessions (tenant_id, key, user_id, epoch, roles, began_at, seen_at, expires_at, agent,
    address, form)
VALUES (:tenant, %pDb, %pDb, %lld, %lld, %lld, %lld, %lld, %s, %s, %pDb)

-- session_seen tenant
UPDATE sessions SET seen_at = %lld, expires_at = %lld WHERE tenant_id = :tenant AND key = %pDb

-- session_delete tenant
DELETE FROM sessions WHERE tenant_id = :tenant AND key = %pDb

-- sessions_purge tenant
DELETE FROM sessions WHERE tenant_id = :tenant AND expires_at <= %lld

-- throttle_by_key system
SELECT expires_at, counted FROM throttles WHERE key = %pDb LIMIT 1

-- throttle_insert system
INSERT INTO throttles (key, expires_at, counted) VALUES (%pDb, %lld, %pDb) ON CONFLICT DO NOTHING

-- throttle_lock system
UPDATE throttles SET expires_at = expires_at WHERE key = %pDb

-- throttle_set system
UPDATE throttles SET expires_at = %lld, counted = %pDb WHERE key = %pDb

-- throttle_delete system
DELETE FROM throttles WHERE key = %pDb

-- throttles_purge system
DELETE FROM throttles WHERE key IN (SELECT key FROM throttles WHERE expires_at <= %lld
    ORDER BY expires_at LIMIT %d)
