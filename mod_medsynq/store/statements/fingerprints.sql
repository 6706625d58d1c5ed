-- fingerprints.sql -- which secrets have sealed what is in the database.

-- fingerprints tenant known_secret
SELECT fingerprint, is_used FROM fingerprints WHERE tenant_id = :tenant
ORDER BY fingerprint LIMIT 1000

-- fingerprint_insert tenant
INSERT INTO fingerprints (tenant_id, fingerprint, is_used) VALUES (:tenant, %pDb, %d)
ON CONFLICT DO NOTHING

-- fingerprint_use_set tenant
UPDATE fingerprints SET is_used = %d WHERE tenant_id = :tenant AND fingerprint = %pDb
