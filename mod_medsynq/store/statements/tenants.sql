-- tenants.sql -- organisations: found by name, their state and settings.

-- tenant_by_name system
SELECT tenant_id, status FROM tenants WHERE name_key = %s LIMIT 1

-- tenant_by_look system tenant_by_name
SELECT tenant_id, status FROM tenants WHERE look_key = %s LIMIT 1

-- tenant_state tenant
SELECT name, status, two_factor_from, date_format, time_zone, language, digits, version FROM tenants
WHERE tenant_id = :tenant LIMIT 1

-- tenant_insert tenant
INSERT INTO tenants (tenant_id, name, name_key, look_key, sight_key, status, version, created_at,
    date_format, time_zone)
VALUES (:tenant, %s, %s, %s, %s, 1, 1, %lld, %d, %s) ON CONFLICT DO NOTHING

-- tenant_status_set tenant
UPDATE tenants SET status = %d, closed_at = NULL, version = version + 1
WHERE tenant_id = :tenant AND status = %d

-- tenant_closed tenant
SELECT closed_at FROM tenants WHERE tenant_id = :tenant AND closed_at IS NOT NULL LIMIT 1

-- tenant_close tenant
UPDATE tenants SET status = 2, closed_at = %lld, version = version + 1
WHERE tenant_id = :tenant AND closed_at IS NULL

-- tenant_rename tenant
UPDATE tenants SET name = %s, name_key = %s, look_key = %s, sight_key = %s, version = version + 1
WHERE tenant_id = :tenant AND name = %s

-- tenant_sessions_end tenant
UPDATE users SET session_epoch = session_epoch + 1 WHERE tenant_id = :tenant

-- tenant_settings_set tenant
UPDATE tenants SET two_factor_from = %s, date_format = %d, time_zone = %s, language = %s,
    digits = %s, letter_address = %s, letter_phone = %s, version = version + 1
WHERE tenant_id = :tenant AND version = %lld

-- tenant_letterhead tenant
SELECT letter_address, letter_phone, length(letter_logo) AS logo_length
FROM tenants WHERE tenant_id = :tenant LIMIT 1

-- tenant_logo tenant
SELECT letter_logo FROM tenants WHERE tenant_id = :tenant LIMIT 1

-- tenant_logo_set tenant
UPDATE tenants SET letter_logo = %pDb WHERE tenant_id = :tenant

-- tenant_logo_remove tenant
UPDATE tenants SET letter_logo = NULL WHERE tenant_id = :tenant AND letter_logo IS NOT NULL
