-- wall.sql -- the second wall on PostgreSQL: row-level security, FORCEd. medsynq_admin puts it up at
-- the end of each migration, in its transaction. sqlgen fills in what stands in braces, from the
-- migrations and the statements: which tables there are, and what the server does with each.
CREATE TABLE IF NOT EXISTS public.medsynq_schema (version bigint NOT NULL);
-- What an older program that serves beside a newer one goes by.
ALTER TABLE public.medsynq_schema ADD COLUMN IF NOT EXISTS oldest bigint,
    ADD COLUMN IF NOT EXISTS proof text;
CREATE TABLE IF NOT EXISTS public.medsynq_seal (key bytea NOT NULL);

DO $wall$
DECLARE
    tables CONSTANT text[][] := ARRAY[
{tables},
        ARRAY['medsynq_schema', 'plain', 'SELECT'],
        ARRAY['medsynq_seal', 'plain', '']
    ];
    lookups CONSTANT text[][] := ARRAY[
{looks}
    ];
    -- As on SQLite: what a guest sees of which tables. Who has written something is named, no more.
    guests CONSTANT text[][] := ARRAY[
{guests}
    ];
    t text[];
    l text[];
    gone record;
    gives text;
BEGIN
    FOR gone IN SELECT relname FROM pg_class
        WHERE relnamespace = 'medsynq_guest'::regnamespace AND relkind = 'v' LOOP
        EXECUTE format('DROP VIEW medsynq_guest.%I', gone.relname);
    END LOOP;
    FOREACH t SLICE 1 IN ARRAY tables LOOP
        EXECUTE format('ALTER TABLE public.%I OWNER TO medsynq_owner', t[1]);
        EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, medsynq_serve, medsynq_lookup, '
            'medsynq_guest', t[1]);
        FOR gone IN SELECT polname FROM pg_policy
            WHERE polrelid = format('public.%I', t[1])::regclass LOOP
            EXECUTE format('DROP POLICY %I ON public.%I', gone.polname, t[1]);
        END LOOP;
    END LOOP;
    FOR gone IN SELECT oid::regprocedure AS called FROM pg_proc
        WHERE pronamespace = 'medsynq_lookup'::regnamespace LOOP
        EXECUTE format('DROP FUNCTION %s', gone.called);
    END LOOP;

    -- The looks that precede an organisation: each one statement, of columns that are granted one
    -- by one to a role that can do nothing else.
    FOREACH l SLICE 1 IN ARRAY lookups LOOP
        EXECUTE format('GRANT SELECT (%s) ON public.%I TO medsynq_lookup', l[5], l[3]);
        SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', '
            ORDER BY array_position(string_to_array(l[4], ', '), a.attname::text)) INTO gives
        FROM pg_attribute a WHERE a.attrelid = format('public.%I', l[3])::regclass
        AND a.attname = ANY (string_to_array(l[4], ', '));
        EXECUTE format('CREATE FUNCTION medsynq_lookup.%I(%s) RETURNS TABLE (%s) LANGUAGE sql STABLE '
            'SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS %L',
            l[1], l[2], gives, l[6]);
        EXECUTE format('DROP POLICY IF EXISTS lookup ON public.%I', l[3]);
        EXECUTE format('CREATE POLICY lookup ON public.%I FOR SELECT TO medsynq_lookup USING (true)',
            l[3]);
    END LOOP;

    -- The organisation that medsynq.tenant, or medsynq.guest, names, if whoever set it has the key: "number.seal".
    GRANT SELECT (key) ON public.medsynq_seal TO medsynq_lookup;
    CREATE FUNCTION medsynq_lookup.tenant(setting text) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS {seal};

    FOR gone IN SELECT oid::regprocedure AS called FROM pg_proc
        WHERE pronamespace = 'medsynq_lookup'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO medsynq_lookup', gone.called);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', gone.called);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO medsynq_serve', gone.called);
    END LOOP;
    GRANT EXECUTE ON FUNCTION medsynq_lookup.tenant(text) TO medsynq_guest;

    FOREACH t SLICE 1 IN ARRAY tables LOOP
        IF t[3] <> '' THEN
            EXECUTE format('GRANT %s ON public.%I TO medsynq_serve', t[3], t[1]);
        END IF;
        IF t[2] <> 'plain' THEN
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', t[1]);
            EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', t[1]);
            EXECUTE format('CREATE POLICY wall ON public.%I TO medsynq_serve USING (%s)', t[1],
                CASE t[2] WHEN 'tenant' THEN $$tenant_id = {tenant}$$ ELSE $${tenant} = '-1'::bigint$$ END);
            EXECUTE format('CREATE POLICY administration ON public.%I TO medsynq_admin USING (true)',
                t[1]);
        END IF;
    END LOOP;

    -- What is let in is one patient of one organisation, in the parts given: views of a role that
    -- has a policy of its own, and reads nothing else whatever they say.
    FOREACH l SLICE 1 IN ARRAY guests LOOP
        EXECUTE format('GRANT SELECT (%s) ON public.%I TO medsynq_guest', l[2], l[1]);
        EXECUTE format('CREATE POLICY guest ON public.%I FOR SELECT TO medsynq_guest USING (%s)',
            l[1], l[3]);
        EXECUTE format('CREATE VIEW medsynq_guest.%I AS SELECT %s FROM public.%I', l[1], l[2], l[1]);
        EXECUTE format('ALTER VIEW medsynq_guest.%I OWNER TO medsynq_guest', l[1]);
        EXECUTE format('GRANT SELECT ON medsynq_guest.%I TO medsynq_serve', l[1]);
    END LOOP;
END
$wall$;
