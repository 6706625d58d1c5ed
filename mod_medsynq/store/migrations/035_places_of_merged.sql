-- 035: a record that was merged into another takes no place among an organisation's patients any more
-- (domain/organisations/quotas.h): who is there is counted anew.

UPDATE counters SET value =
    (SELECT count(p.id) FROM patients p WHERE p.tenant_id = counters.tenant_id AND p.status < 3)
WHERE name = 'room.patients';
