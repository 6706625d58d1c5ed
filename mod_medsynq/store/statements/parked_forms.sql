-- parked_forms.sql -- forms that outlive their session, sealed.

-- parked_form_insert tenant
INSERT INTO parked_forms (tenant_id, user_id, id, expires_at, sealed)
VALUES (:tenant, %pDb, %pDb, %lld, %pDb) ON CONFLICT DO NOTHING

-- parked_forms_purge tenant
DELETE FROM parked_forms WHERE tenant_id = :tenant AND (expires_at <= %lld OR expires_at > %lld)

-- parked_forms_owners tenant
SELECT user_id, discarded FROM parked_forms WHERE tenant_id = :tenant LIMIT %d

-- parked_forms_of_user tenant
SELECT id, discarded, expires_at, sealed FROM parked_forms
WHERE tenant_id = :tenant AND user_id = %pDb AND expires_at > %lld AND expires_at <= %lld
ORDER BY id LIMIT %d

-- parked_form_delete tenant
DELETE FROM parked_forms WHERE tenant_id = :tenant AND user_id = %pDb AND id = %pDb

-- parked_form_discard tenant
UPDATE parked_forms SET discarded = %d, expires_at = %lld
WHERE tenant_id = :tenant AND user_id = %pDb AND id = %pDb
