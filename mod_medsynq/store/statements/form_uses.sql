-- form_uses.sql -- forms that have had their effect, by their tokens: no name, nothing typed.

-- form_use_insert tenant
INSERT INTO form_uses (tenant_id, user_id, token, used_at, content)
VALUES (:tenant, %pDb, %pDb, %lld, %pDb) ON CONFLICT DO NOTHING

-- form_use_result_set tenant
UPDATE form_uses SET result = %pDb WHERE tenant_id = :tenant AND user_id = %pDb AND token = %pDb

-- form_use_by_token tenant
SELECT content, result FROM form_uses
WHERE tenant_id = :tenant AND user_id = %pDb AND token = %pDb LIMIT 1

-- form_uses_purge tenant
DELETE FROM form_uses WHERE tenant_id = :tenant AND used_at <= %lld
