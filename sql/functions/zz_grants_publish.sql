-- Who may publish, and what published functions may run.

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA publish, grantd TO grantd_definer;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA wrapper TO grantd_app;
GRANT EXECUTE ON FUNCTION lib.from_base64url(text) TO grantd_app;

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

-- The maker of wrappers owns them.  The right to create is for this moment.
GRANT USAGE, CREATE ON SCHEMA published TO grantd_app;
ALTER FUNCTION published.make(int4, text) OWNER TO grantd_app;
ALTER FUNCTION published.drop(int4) OWNER TO grantd_app;
ALTER FUNCTION published.settle(text) OWNER TO grantd_app;
REVOKE USAGE, CREATE ON SCHEMA published FROM grantd_app;
GRANT EXECUTE ON FUNCTION published.make(int4, text), published.drop(int4)
    TO grantd_definer;
GRANT EXECUTE ON FUNCTION published.settle(text) TO grantd_api;

GRANT EXECUTE ON FUNCTION gate.catalogue(), gate.catalogue_generation(),
    gate.catalogue_follow(text), gate.lint(), gate.session_clean()
    TO grantd_broker;
GRANT EXECUTE ON FUNCTION gate.state_seal(bytea, jsonb, jsonb, uuid),
    gate.state_open(text, bytea, jsonb), gate.answer_find(text, bytea),
    gate.answer_keep(text, bytea, int4, text), publish.is_uri_of(text, text)
    TO grantd_api;

GRANT EXECUTE ON FUNCTION
    grantd.problem(int4, text, text, jsonb),
    grantd.progress(float8, float8, text), grantd.log(text, jsonb, text),
    grantd.ask_all(jsonb), grantd.ask_for(text, text, jsonb),
    grantd.ask(text, text, jsonb), grantd.changed(text)
    TO grantd_app, grantd_publisher;
GRANT EXECUTE ON FUNCTION
    grantd.define_scope(text, text, text[], boolean), grantd.drop_scope(text),
    grantd.define_role(text, text[], text), grantd.register(jsonb),
    grantd.forget(text), grantd.object_name(text),
    grantd.let_run(text[], boolean),
    grantd.publish(text, text, text, text, text[], boolean, boolean, boolean,
	interval, int4, text[], text, boolean, boolean, boolean, boolean, boolean),
    grantd.publish_resource(text, text, text, text, text, text[], interval, int4,
	boolean, boolean),
    grantd.publish_table(text, text, text, int4, text, text[], interval, boolean,
	boolean),
    grantd.publish_prompt(text, text, text, text, text[], interval, boolean,
	boolean),
    grantd.unpublish(text), grantd.refresh(), grantd.describe(text, text),
    grantd.lint()
    TO grantd_publisher;

-- The functions of the gate were made anew: so are wrappers and doors.
SELECT publish.refresh() \g /dev/null
