-- roles.sql -- what a superuser does once, connected to a database that has just been made for
-- MedSynQ: CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'. Safe to run again.
--
--   medsynq_owner   owns the tables, and nobody can be it: what it owns sees no rows
--   medsynq_admin   migrates, and reads all organisations for medsynqctl
--   medsynq_serve   serves requests: owns nothing, is a member of nothing, sees one organisation
--   medsynq_lookup  the few looks that precede an organisation are functions of this role
--   medsynq_guest   what somebody of another organisation sees of a patient are views of this role
--
-- Passwords, or who may be admin and serve without one, are the administrator's: ALTER ROLE,
-- pg_hba.conf. The rest of the wall is wall.sql, which medsynq_admin puts up at each migration.
DO $roles$
DECLARE
    role text;
    called regprocedure;
BEGIN
    FOREACH role IN ARRAY ARRAY['owner', 'admin', 'serve', 'lookup', 'guest'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'medsynq_' || role) THEN
            EXECUTE format('CREATE ROLE %I', 'medsynq_' || role);
        END IF;
    END LOOP;
    ALTER ROLE medsynq_admin LOGIN;
    ALTER ROLE medsynq_serve LOGIN;
    GRANT medsynq_owner, medsynq_lookup, medsynq_guest TO medsynq_admin;
    CREATE SCHEMA IF NOT EXISTS medsynq_lookup AUTHORIZATION medsynq_lookup;
    CREATE SCHEMA IF NOT EXISTS medsynq_guest AUTHORIZATION medsynq_guest;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO medsynq_admin, medsynq_serve', current_database());
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE, CREATE ON SCHEMA public TO medsynq_owner, medsynq_admin;
    GRANT USAGE ON SCHEMA public TO medsynq_serve, medsynq_lookup, medsynq_guest;
    GRANT USAGE ON SCHEMA medsynq_lookup TO medsynq_serve, medsynq_guest;
    GRANT USAGE ON SCHEMA medsynq_guest TO medsynq_serve;
    REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC;
    GRANT USAGE ON LANGUAGE plpgsql TO medsynq_admin;
    -- what does more than compute: advisory locks, large objects, sequences, signals, sizes of all
    -- organisations together. pg_sleep and all the others go with them.
    FOR called IN SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f'
        AND (p.provolatile = 'v' OR p.proname ~ '^pg_stat_get_')
        AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
        AND 'internal'::regtype <> ALL (p.proargtypes) LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', called);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO medsynq_admin', called);
        IF called::text ~ '^pg_stat_get_' THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pg_monitor', called);
        END IF;
    END LOOP;
    GRANT EXECUTE ON FUNCTION set_config(text, text, boolean)
        TO medsynq_serve, medsynq_lookup, medsynq_owner;
END
$roles$;
