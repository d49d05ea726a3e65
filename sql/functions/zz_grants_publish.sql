-- Who may publish, and what published functions may run.

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA publish TO grantd_definer;

DO $$
DECLARE
	f regprocedure;
BEGIN
	FOR f IN SELECT p.oid FROM pg_proc p WHERE p.prosecdef
	    AND p.pronamespace IN ('publish'::regnamespace, 'grantd'::regnamespace)
	    AND p.proowner = 'grantd_owner'::regrole LOOP
		EXECUTE format('ALTER FUNCTION %s OWNER TO grantd_definer', f);
	END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION
    grantd.problem(int4, text, text, jsonb),
    grantd.progress(float8, float8, text), grantd.log(text, jsonb, text),
    grantd.ask_all(jsonb), grantd.ask_for(text, text, jsonb),
    grantd.ask(text, text, jsonb)
    TO grantd_app, grantd_publisher;
GRANT EXECUTE ON FUNCTION
    grantd.define_scope(text, text, text[], boolean), grantd.drop_scope(text),
    grantd.define_role(text, text[], text)
    TO grantd_publisher;
