-- two_factors.sql -- second factors: the secret, the step used last, and recovery codes.

-- two_factor_by_user tenant
SELECT secret, confirmed_at, last_step FROM two_factors
WHERE tenant_id = :tenant AND user_id = %pDb LIMIT 1

-- two_factor_insert tenant
INSERT INTO two_factors (tenant_id, user_id, secret, confirmed_at, last_step)
VALUES (:tenant, %pDb, %pDb, %lld, %lld) ON CONFLICT DO NOTHING

-- two_factors_after tenant
SELECT user_id, secret FROM two_factors
WHERE tenant_id = :tenant AND user_id > %pDb ORDER BY user_id LIMIT %d

-- two_factor_reseal tenant
UPDATE two_factors SET secret = %pDb WHERE tenant_id = :tenant AND user_id = %pDb

-- two_factor_step_use tenant
UPDATE two_factors SET last_step = %lld
WHERE tenant_id = :tenant AND user_id = %pDb AND (last_step < %lld OR last_step > %lld)

-- two_factor_delete tenant
DELETE FROM two_factors WHERE tenant_id = :tenant AND user_id = %pDb

-- recovery_code_insert tenant
INSERT INTO recovery_codes (tenant_id, user_id, code_hash) VALUES (:tenant, %pDb, %pDb)
ON CONFLICT DO NOTHING

-- recovery_code_use tenant
DELETE FROM recovery_codes WHERE tenant_id = :tenant AND user_id = %pDb AND code_hash = %pDb

-- recovery_codes_delete tenant
DELETE FROM recovery_codes WHERE tenant_id = :tenant AND user_id = %pDb

-- recovery_codes_left tenant
SELECT code_hash FROM recovery_codes WHERE tenant_id = :tenant AND user_id = %pDb LIMIT 10
