-- What runs the provider: entry functions of the broker's login, and what
-- operations may call.

GRANT EXECUTE ON FUNCTION gate.document_wanted(text, text),
    gate.document_store(text, int4, bytea, int4),
    gate.client_credentials_plan(text[], bytea[], int4[], text[], uuid[],
	jsonb[]),
    gate.client_credentials_batch(text[], bytea[], int4[], text[], uuid[],
	text[], jsonb[], uuid[], bytea[], int8[]),
    gate.oauth_refresh_plan(text[], bytea[], int4[], text[], uuid[], jsonb[],
	bytea[], uuid[], int4[]),
    gate.oauth_refresh_batch(text[], bytea[], int4[], text[], uuid[], text[],
	jsonb[], uuid[], bytea[], int8[], bytea[]),
    gate.redeem_plan(text[], bytea[], int4[], text[], uuid[], jsonb[],
	bytea[]),
    gate.redeem_batch(text[], bytea[], int4[], text[], uuid[], text[],
	jsonb[], bytea[], uuid[], bytea[], int8[], bytea[], bytea[], int4[]),
    gate.oauth_introspect(text[], bytea[], int4[], text[], uuid[], bytea[],
	int8[], uuid[])
    TO grantd_broker;

GRANT EXECUTE ON FUNCTION
    gate.authorization_start(jsonb, bytea),
    gate.authorization_decide(jsonb, bytea),
    gate.oauth_revoke(jsonb, bytea, int8, uuid),
    gate.oauth_scopes(jsonb),
    gate.oauth_end_session(jsonb),
    gate.oauth_end_session_decide(jsonb),
    gate.registration_create(jsonb, bytea, bytea, bytea),
    gate.registration_get(jsonb, bytea),
    gate.registration_update(jsonb, bytea, bytea),
    gate.registration_delete(jsonb, bytea),
    gate.client_create(jsonb, bytea),
    gate.client_update(jsonb),
    gate.client_secret_new(jsonb, bytea),
    gate.client_secret_end(jsonb),
    gate.client_status(jsonb),
    gate.client_end(jsonb),
    gate.connection_revoke(jsonb),
    gate.client_admin_initial_create(jsonb, bytea),
    gate.client_admin_initial_end(jsonb)
    TO grantd_api;

GRANT EXECUTE ON FUNCTION gate.client_counts(text), gate.count_most(),
    gate.client_connections(text, int4), gate.client_events(text),
    gate.person_ref(uuid), gate.organization_ref(uuid),
    gate.client_words(text), gate.registration_ref(text),
    gate.registration_word(), gate.client_lacks(oauth.client),
    gate.may_first_party(uuid), gate.fail_client() TO grantd_api;
