-- counters.sql -- totals that are kept, for they are not counted.

-- counter_start tenant
INSERT INTO counters (tenant_id, name, value) VALUES (:tenant, %s, 0) ON CONFLICT DO NOTHING

-- counter_add tenant
UPDATE counters SET value = value + %lld WHERE tenant_id = :tenant AND name = %s

-- counter_value tenant
SELECT value FROM counters WHERE tenant_id = :tenant AND name = %s LIMIT 1

-- counters_range tenant
SELECT name, value FROM counters
WHERE tenant_id = :tenant AND name >= %s AND name < %s ORDER BY name LIMIT %d
