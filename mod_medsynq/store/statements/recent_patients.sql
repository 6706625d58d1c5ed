-- recent_patients.sql -- whom a person has looked at lately.

-- recent_patient_move tenant
UPDATE recent_patients SET at = %lld
WHERE tenant_id = :tenant AND user_id = %pDb AND patient_id = %pDb

-- recent_patient_insert tenant
INSERT INTO recent_patients (tenant_id, user_id, patient_id, at)
VALUES (:tenant, %pDb, %pDb, %lld) ON CONFLICT DO NOTHING

-- recent_patients_newest tenant
SELECT patient_id FROM recent_patients WHERE tenant_id = :tenant AND user_id = %pDb
ORDER BY at DESC, patient_id DESC LIMIT %d
