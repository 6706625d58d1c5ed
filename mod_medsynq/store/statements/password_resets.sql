-- password_resets.sql -- links that set a new password, one for each account.

-- password_reset_delete tenant
DELETE FROM password_resets WHERE tenant_id = :tenant AND user_id = %pDb

-- password_reset_insert tenant
INSERT INTO password_resets (tenant_id, user_id, secret_hash, created_at, expires_at)
VALUES (:tenant, %pDb, %pDb, %lld, %lld) ON CONFLICT DO NOTHING

-- password_reset_by_user tenant
SELECT secret_hash, created_at, expires_at FROM password_resets
WHERE tenant_id = :tenant AND user_id = %pDb LIMIT 1
