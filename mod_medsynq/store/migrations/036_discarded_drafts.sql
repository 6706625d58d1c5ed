-- 036: a discarded draft is removed when its hour is over (domain/patients/discarded_notes.h).
CREATE INDEX patient_notes_discarded ON patient_notes (tenant_id, gone_at) WHERE status = 1;

-- Those that are there already. Kind 3 is that job, of nobody; any object does.
INSERT INTO jobs (tenant_id, kind, object, user_id, due_at, failures)
SELECT t.tenant_id, 3, (SELECT n.id FROM patient_notes n WHERE n.tenant_id = t.tenant_id
    AND n.status = 1 AND n.gone_at < 9223372036854775807 ORDER BY n.gone_at LIMIT 1), NULL, 0, 0
FROM tenants t WHERE EXISTS (SELECT 1 FROM patient_notes n WHERE n.tenant_id = t.tenant_id
    AND n.status = 1 AND n.gone_at < 9223372036854775807);

UPDATE tenants SET jobs_due_at = 0
WHERE tenant_id IN (SELECT j.tenant_id FROM jobs j WHERE j.kind = 3);
