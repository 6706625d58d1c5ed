-- 039: a record that was merged into another keeps its place among an organisation's patients, for it
-- can be separated again whatever the limit says: else merging, adding and separating would pass it.
UPDATE counters SET value = value +
    (SELECT count(m.source_id) FROM patient_merges m WHERE m.tenant_id = counters.tenant_id)
WHERE name = 'room.patients';
