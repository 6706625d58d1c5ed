-- proof.sql -- whether the second wall stands, asked as the role that serves: no row when all is
-- well, else one for each fault. sqlgen fills in what stands in braces.
WITH expected (name, kind, rights) AS (VALUES
{table_rows},
    ('medsynq_schema', 'plain', 'SELECT'), ('medsynq_seal', 'plain', '')),
lookups (name, takes, looks_in, gives, reads, body) AS (VALUES
{look_rows},
    ('tenant', 'text', 'medsynq_seal', '', 'key', {seal})),
guests (name, columns, qual) AS (VALUES
{guest_rows}),
me AS (SELECT * FROM pg_roles WHERE rolname = current_user),
helpers AS (SELECT * FROM pg_roles WHERE rolname IN ('medsynq_lookup', 'medsynq_guest')),
ours AS (
    SELECT c.oid, c.relname::text AS name, c.relkind, c.relowner, c.relrowsecurity,
        c.relforcerowsecurity, n.nspname, n.nspname = 'public' AND c.relkind = 'r' AS is_table
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')),
tables AS (
    SELECT o.oid, e.name, e.kind, e.rights, o.relowner, o.relrowsecurity, o.relforcerowsecurity
    FROM expected e JOIN ours o ON o.name = e.name AND o.is_table)
-- the role
SELECT 'the role ' || rolname || ' may pass the wall, or make who may' AS fault FROM me
WHERE rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
UNION ALL SELECT 'the role is a member of ' || r.rolname FROM pg_roles r
WHERE r.rolname <> current_user AND pg_has_role(current_user, r.oid, 'MEMBER')
UNION ALL SELECT 'the role owns ' || coalesce(c.relname::text, d.classid::regclass::text)
FROM me JOIN pg_shdepend d ON d.refclassid = 'pg_authid'::regclass AND d.refobjid = me.oid
    AND d.deptype = 'o'
LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
    AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL SELECT 'the role may set ' || parname FROM pg_parameter_acl
WHERE has_parameter_privilege(current_user, parname, 'SET, ALTER SYSTEM')
-- the tables and their policies
UNION ALL SELECT 'table ' || name || ' is not there' FROM expected
WHERE name NOT IN (SELECT name FROM tables)
UNION ALL SELECT 'table ' || name || ' is not owned by medsynq_owner' FROM tables
WHERE pg_get_userbyid(relowner) <> 'medsynq_owner'
UNION ALL SELECT 'table ' || name || ' has no forced wall' FROM tables
WHERE kind <> 'plain' AND NOT (relrowsecurity AND relforcerowsecurity)
UNION ALL SELECT 'table ' || t.name || ' has no policy' FROM tables t
WHERE t.kind <> 'plain' AND NOT EXISTS (
    SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polname = 'wall'
        AND p.polroles = ARRAY[(SELECT oid FROM me)] AND p.polcmd = '*' AND p.polpermissive
        AND p.polwithcheck IS NULL AND pg_get_expr(p.polqual, p.polrelid) =
            CASE t.kind WHEN 'tenant' THEN $$(tenant_id = {tenant_printed})$$ ELSE $$({tenant_printed} = '-1'::bigint)$$ END)
UNION ALL SELECT 'table ' || p.polrelid::regclass || ' has another policy, ' || p.polname
FROM pg_policy p JOIN me ON 0 = ANY (p.polroles) OR me.oid = ANY (p.polroles)
WHERE p.polname <> 'wall' OR p.polrelid NOT IN (SELECT oid FROM tables)
UNION ALL SELECT 'table ' || t.name || ' has the rule ' || r.rulename
FROM pg_rewrite r JOIN tables t ON t.oid = r.ev_class
UNION ALL SELECT 'table ' || t.name || ' has the trigger ' || g.tgname
FROM pg_trigger g JOIN tables t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal
UNION ALL SELECT 'table ' || t.name || ' has a part or a parent'
FROM pg_inherits i JOIN tables t ON t.oid IN (i.inhrelid, i.inhparent)
UNION ALL SELECT 'table ' || t.name || ': the key ' || k.conname || ' reaches another organisation'
FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid AND t.kind = 'tenant'
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
WHERE k.contype = 'f' AND (a.attname <> 'tenant_id' OR b.attname <> 'tenant_id')
UNION ALL SELECT 'table ' || t.name || ': ' || i.indexrelid::regclass || ' is unique across organisations'
FROM pg_index i JOIN tables t ON t.oid = i.indrelid AND t.kind = 'tenant' AND t.name <> 'tenants'
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indisunique AND a.attname IS DISTINCT FROM 'tenant_id'
-- what is granted
UNION ALL SELECT 'table ' || t.name || ': ' || r || ' is ' ||
    CASE WHEN r = ANY (string_to_array(t.rights, ', ')) THEN 'not granted' ELSE 'granted' END
FROM tables t CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
    'TRIGGER']) AS r
WHERE has_table_privilege(t.oid, r) <> (r = ANY (string_to_array(t.rights, ', ')))
UNION ALL SELECT 'table ' || t.name || ': ' || r || ' of a column is granted'
FROM tables t CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS r
WHERE has_any_column_privilege(t.oid, r) AND NOT r = ANY (string_to_array(t.rights, ', '))
UNION ALL SELECT o.oid::regclass || ' is open, and no table of MedSynQ' FROM ours o
WHERE o.oid NOT IN (SELECT oid FROM tables) AND NOT (o.relkind = 'v' AND o.nspname = 'medsynq_guest'
    AND o.name IN (SELECT name FROM guests) AND pg_get_userbyid(o.relowner) = 'medsynq_guest'
    AND NOT has_any_column_privilege(o.oid, 'INSERT, UPDATE, REFERENCES')
    AND NOT has_table_privilege(o.oid, 'DELETE, TRUNCATE, TRIGGER')) AND
    CASE WHEN o.relkind = 'S' THEN has_sequence_privilege(o.oid, 'USAGE, SELECT, UPDATE')
    ELSE has_any_column_privilege(o.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
        OR has_table_privilege(o.oid, 'DELETE, TRUNCATE, TRIGGER') END
UNION ALL SELECT 'the catalogue ' || c.oid::regclass || ' is open' FROM pg_class c
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind IN ('r', 'v')
    AND (c.relname <> 'pg_settings' AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR c.relname IN ('pg_authid', 'pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject',
            'pg_user_mapping', 'pg_shadow', 'pg_hba_file_rules')
        AND has_table_privilege(c.oid, 'SELECT'))
UNION ALL SELECT 'what is made later is granted' FROM pg_default_acl d, aclexplode(d.defaclacl) AS a, me
WHERE a.grantee IN (0, me.oid)
UNION ALL SELECT 'may make temporary tables' WHERE has_database_privilege(current_database(), 'TEMPORARY')
UNION ALL SELECT 'may make schemas' WHERE has_database_privilege(current_database(), 'CREATE')
UNION ALL SELECT 'may create in schema ' || nspname FROM pg_namespace
WHERE has_schema_privilege(oid, 'CREATE') AND nspname !~ '^pg_(temp|toast_temp)'
UNION ALL SELECT 'may write in ' || lanname FROM pg_language
WHERE lanname NOT IN ('internal', 'c', 'sql') AND has_language_privilege(oid, 'USAGE')
-- functions
UNION ALL SELECT 'function ' || p.oid::regprocedure || ' may be called'
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE has_function_privilege(p.oid, 'EXECUTE') AND CASE
    WHEN n.nspname = 'pg_catalog' THEN p.prosecdef OR (p.provolatile = 'v' AND p.prokind = 'f'
        AND p.proname <> 'set_config' AND 'internal'::regtype <> ALL (p.proargtypes)
        AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype))
    ELSE n.nspname <> 'information_schema' AND NOT (n.nspname = 'medsynq_lookup' AND EXISTS (
        SELECT FROM lookups l WHERE l.name = p.proname AND l.takes = oidvectortypes(p.proargtypes)))
    END
UNION ALL SELECT 'the look ' || l.name || CASE WHEN l.name IN (SELECT proname FROM pg_proc
    WHERE pronamespace = to_regnamespace('medsynq_lookup')) THEN ' is not as it was made'
    ELSE ' is not there' END FROM lookups l
WHERE NOT EXISTS (
    SELECT FROM pg_proc p WHERE p.pronamespace = to_regnamespace('medsynq_lookup') AND p.proname = l.name
        AND l.takes = oidvectortypes(p.proargtypes) AND p.prosrc = l.body AND p.prosecdef
        AND p.provolatile = 's' AND has_function_privilege(p.oid, 'EXECUTE')
        AND pg_get_userbyid(p.proowner) = 'medsynq_lookup'
        AND p.proconfig = ARRAY['search_path=pg_catalog, public, pg_temp'])
UNION ALL SELECT 'the role ' || rolname || ' is more than what it is for' FROM helpers
WHERE rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole OR rolcreatedb OR rolreplication
UNION ALL SELECT 'the role ' || h.rolname || ' is a member of ' || r.rolname FROM pg_roles r, helpers h
WHERE r.oid <> h.oid AND pg_has_role(h.oid, r.oid, 'MEMBER') AND NOT h.rolsuper
UNION ALL SELECT 'the role ' || h.rolname || ' reads ' || o.name || '.' || a.attname
FROM helpers h, ours o JOIN pg_attribute a ON a.attrelid = o.oid AND NOT a.attisdropped
WHERE o.relkind <> 'S' AND has_column_privilege(h.oid, o.oid, a.attnum, 'SELECT')
    AND o.nspname <> 'medsynq_guest' AND NOT EXISTS (
    SELECT FROM lookups l WHERE h.rolname = 'medsynq_lookup' AND l.looks_in = o.name
        AND a.attname = ANY (string_to_array(l.reads, ', '))) AND NOT EXISTS (
    SELECT FROM guests g WHERE h.rolname = 'medsynq_guest' AND g.name = o.name
        AND a.attname = ANY (string_to_array(g.columns, ', ')))
UNION ALL SELECT 'the role ' || h.rolname || ' writes ' || o.name FROM helpers h, ours o
WHERE o.relkind <> 'S' AND o.nspname <> 'medsynq_guest' AND
    (has_any_column_privilege(h.oid, o.oid, 'INSERT, UPDATE, REFERENCES')
    OR has_table_privilege(h.oid, o.oid, 'DELETE, TRUNCATE, TRIGGER'))
-- guests
UNION ALL SELECT 'table ' || g.name || ' has no policy for guests' FROM guests g
WHERE NOT EXISTS (
    SELECT FROM pg_policy p JOIN tables t ON t.oid = p.polrelid AND t.name = g.name
    WHERE p.polname = 'guest' AND p.polcmd = 'r' AND p.polpermissive
        AND p.polroles = ARRAY[(SELECT oid FROM helpers WHERE rolname = 'medsynq_guest')]
        AND pg_get_expr(p.polqual, p.polrelid) = g.qual)
UNION ALL SELECT 'table ' || p.polrelid::regclass || ' has another policy for guests, ' || p.polname
FROM pg_policy p JOIN helpers h ON h.rolname = 'medsynq_guest' AND h.oid = ANY (p.polroles)
WHERE p.polname <> 'guest' OR p.polrelid NOT IN (
    SELECT t.oid FROM tables t JOIN guests g ON g.name = t.name)
UNION ALL SELECT 'there is no view of guests for ' || g.name FROM guests g
WHERE g.name NOT IN (SELECT name FROM ours WHERE nspname = 'medsynq_guest' AND relkind = 'v')
UNION ALL SELECT 'a guest is let in without being asked for'
WHERE coalesce(current_setting('medsynq.guest', true), '') <> ''
-- this connection, and the database
UNION ALL SELECT 'row_security is off' WHERE current_setting('row_security') <> 'on'
UNION ALL SELECT 'session_replication_role is ' || current_setting('session_replication_role')
WHERE current_setting('session_replication_role') <> 'origin'
UNION ALL SELECT 'names are looked for in ' || current_schemas(true)::text
WHERE current_schemas(true) <> ARRAY['pg_catalog', 'public']::name[]
UNION ALL SELECT 'an organisation is set without being asked for'
WHERE coalesce(current_setting('medsynq.tenant', true), '') <> ''
UNION ALL SELECT 'the database is not UTF8 with the order of C' FROM pg_database
WHERE datname = current_database() AND (datcollate NOT IN ('C', 'POSIX') OR datlocprovider <> 'c'
    OR pg_encoding_to_char(encoding) <> 'UTF8')
