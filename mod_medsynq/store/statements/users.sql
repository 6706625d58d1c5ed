-- users.sql -- accounts: signing in, what a session asks of them, and who administers them.

-- user_insert tenant
INSERT INTO users (tenant_id, id, version, email, email_key, name, roles, status, password,
    session_epoch, created_at)
VALUES (:tenant, %pDb, 1, %s, %s, %s, %d, 1, %s, 0, %lld) ON CONFLICT DO NOTHING

-- user_by_email tenant
SELECT id, status, password, session_epoch FROM users
WHERE tenant_id = :tenant AND email_key = %s LIMIT 1

-- user_password_set tenant
UPDATE users SET password = %s WHERE tenant_id = :tenant AND id = %pDb AND password = %s

-- person_standing tenant
SELECT u.name, u.roles, u.status, u.session_epoch, t.name AS tenant_name, t.status AS tenant_status,
    t.two_factor_from, f.confirmed_at AS second_factor_at, t.date_format, t.time_zone,
    t.language AS tenant_language, u.language, t.digits AS tenant_digits, u.digits
FROM users u JOIN tenants t ON t.tenant_id = :tenant
LEFT JOIN two_factors f ON f.tenant_id = :tenant AND f.user_id = u.id
WHERE u.tenant_id = :tenant AND u.id = %pDb LIMIT 1

-- standing_now tenant
SELECT u.roles, u.status, u.session_epoch, t.status AS tenant_status, t.name AS tenant_name
FROM users u JOIN tenants t ON t.tenant_id = :tenant
WHERE u.tenant_id = :tenant AND u.id = %pDb LIMIT 1

-- user_view tenant
SELECT u.id, u.email, u.name, u.roles, u.status, u.created_at, f.confirmed_at AS second_factor_at
FROM users u LEFT JOIN two_factors f ON f.tenant_id = :tenant AND f.user_id = u.id
WHERE u.tenant_id = :tenant AND u.id = %pDb LIMIT 1

-- users_first tenant user_view
SELECT u.id, u.email, u.name, u.roles, u.status, u.created_at, f.confirmed_at AS second_factor_at
FROM users u LEFT JOIN two_factors f ON f.tenant_id = :tenant AND f.user_id = u.id
WHERE u.tenant_id = :tenant ORDER BY u.email_key LIMIT %d

-- users_after tenant user_view
SELECT u.id, u.email, u.name, u.roles, u.status, u.created_at, f.confirmed_at AS second_factor_at
FROM users u LEFT JOIN two_factors f ON f.tenant_id = :tenant AND f.user_id = u.id
WHERE u.tenant_id = :tenant AND u.email_key > %s ORDER BY u.email_key LIMIT %d

-- user_other_admin tenant
SELECT id FROM users
WHERE tenant_id = :tenant AND status = 1 AND roles %% 2 = 1 AND id <> %pDb LIMIT 1

-- user_name_set tenant
UPDATE users SET name = %s, version = version + 1
WHERE tenant_id = :tenant AND id = %pDb AND name = %s

-- user_status_set tenant
UPDATE users SET status = %d, version = version + 1, session_epoch = session_epoch + 1
WHERE tenant_id = :tenant AND id = %pDb AND status = %d

-- user_roles_set tenant
UPDATE users SET roles = %d, version = version + 1 WHERE tenant_id = :tenant AND id = %pDb

-- user_version tenant
SELECT version FROM users WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- user_changed tenant
UPDATE users SET version = version + 1, session_epoch = session_epoch + 1
WHERE tenant_id = :tenant AND id = %pDb

-- user_password tenant
SELECT password FROM users WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- user_password_replace tenant
UPDATE users SET password = %s, version = version + 1, session_epoch = session_epoch + 1
WHERE tenant_id = :tenant AND id = %pDb

-- user_unlock tenant
UPDATE users SET unlocked_at = %lld WHERE tenant_id = :tenant AND id = %pDb

-- user_unlocked_at tenant
SELECT unlocked_at FROM users WHERE tenant_id = :tenant AND id = %pDb LIMIT 1

-- user_language_set tenant
UPDATE users SET language = %s WHERE tenant_id = :tenant AND id = %pDb

-- user_digits_set tenant
UPDATE users SET digits = %s WHERE tenant_id = :tenant AND id = %pDb

-- user_sessions_end tenant
UPDATE users SET session_epoch = session_epoch + 1 WHERE tenant_id = :tenant AND id = %pDb
