
DECLARE
    said CONSTANT text := current_setting(setting);
    tenant CONSTANT text := split_part(said, '.', 1);
    key bytea;
BEGIN
    SELECT s.key INTO STRICT key FROM public.medsynq_seal s;
    IF tenant !~ '^(-1|[0-9]{1,19})$' OR split_part(said, '.', 2) <>
        encode(sha256(key || sha256(key || convert_to(setting || ':' || tenant, 'UTF8'))), 'hex') THEN
        RAISE EXCEPTION 'the organisation is not sealed' USING ERRCODE = '42501';
    END IF;
    RETURN tenant::bigint;
END
