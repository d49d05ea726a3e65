-- Who may run what.  PUBLIC may run nothing (default privileges).

DO $$
DECLARE
	f regprocedure;
BEGIN
	-- What runs with definer rights belongs to grantd_definer.
	FOR f IN SELECT p.oid FROM pg_proc p
	    WHERE p.pronamespace = 'gate'::regnamespace AND p.prosecdef LOOP
		EXECUTE format('ALTER FUNCTION %s OWNER TO grantd_definer', f);
	END LOOP;
END
$$;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA lib TO grantd_api, grantd_definer;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api TO grantd_api;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gate TO grantd_definer;

-- Shared plans check bodies as the operations do; what operations give back
-- is of types there.
GRANT USAGE ON SCHEMA api TO grantd_definer;
GRANT EXECUTE ON FUNCTION api.body(jsonb, text), api.token_ttl(jsonb),
    api.fail_missing(text, text) TO grantd_definer;
GRANT SELECT ON gate.shape TO grantd_definer;
GRANT SELECT (applied_at) ON core.function_version TO grantd_definer;

GRANT EXECUTE ON FUNCTION
    gate.enter(bytea, int4, int8, uuid, text, text, uuid, int4, text, text, text,
	text, bytea, bytea, bytea, int8, uuid, text),
    gate.refusals(bytea[], int4[], int8[], uuid[], text[], uuid[], text[],
	text[], text[], int4[], text[], text[], bytea[], uuid[]),
    gate.version(), gate.maintain(), gate.publish_key(text, text, text, bytea),
    gate.signing_keys(), gate.assertion_key(text, text),
    gate.token_issue_plan(bytea[], int4[], int8[], uuid[], jsonb[]),
    gate.token_issue_batch(bytea[], int4[], int8[], uuid[], text[], jsonb[],
	uuid[], bytea[], int8[])
    TO grantd_broker;

GRANT EXECUTE ON FUNCTION
    gate.audit(text, text, jsonb, int4),
    gate.access_lifetime(), gate.refresh_state(),
    gate.token_json(text, timestamptz, uuid, uuid, uuid, uuid, text, jsonb),
    gate.family_birth(uuid, text, text, uuid, uuid, uuid, text, text, text,
	text[], jsonb, int4, bytea, uuid, bytea, int8, bytea, bytea, int4),
    gate.family_turn(uuid, text, int4, int4, uuid, bytea, int8, bytea, bytea, int4),
    gate.family_repeat(uuid, int4, int4, uuid, bytea, int8, bytea),
    gate.family_drop_secondary(uuid), gate.family_end(uuid, uuid[], text),
    gate.account_end(uuid), gate.family_digest(uuid),
    gate.control_organization(text), gate.control_organizations(),
    gate.control_create(uuid, text, text), gate.refuse(text, text),
    gate.act_in(jsonb)
    TO grantd_api;
GRANT SELECT ON gate.refusal TO grantd_api;
