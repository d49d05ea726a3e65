-- Operations that come with the provider.

CREATE FUNCTION gate.authorization_start(args jsonb, fresh bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.authorization_decide(args jsonb, fresh bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.oauth_revoke(args jsonb, secret bytea, secret_expiry int8, secret_family uuid) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.oauth_introspect(args jsonb, secret bytea, secret_expiry int8, secret_family uuid) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION api.oauth_userinfo(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.oauth_scopes(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.oauth_end_session(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.oauth_end_session_decide(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.registration_create(args jsonb, fresh bytea, fresh2 bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.registration_get(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.registration_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.registration_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION api.app_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION api.app_new(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.app_create(args jsonb, fresh bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION api.app_show(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.app_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.app_secret_new(args jsonb, fresh bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.app_secret_end(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.app_revoke_tokens(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.app_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION api.connection_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.connection_revoke(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION api.client_admin_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION api.client_admin_new(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.client_admin_create(args jsonb, fresh bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION api.client_admin_show(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.client_admin_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.client_admin_secret_new(args jsonb, fresh bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.client_admin_secret_end(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.client_admin_suspend(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.client_admin_resume(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.client_admin_revoke(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.client_admin_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION api.client_admin_initial_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.client_admin_initial_create(args jsonb, fresh bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.client_admin_initial_end(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.token_redeem_plan(args jsonb, secret bytea) RETURNS gate.oauth_plan
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.token_redeem_commit(args jsonb, carry jsonb, secret bytea, jti uuid, access_hash bytea, exp int8, refresh_hash bytea, seed bytea, seed_key int4) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.token_oauth_refresh_plan(args jsonb, secret bytea, secret_family uuid) RETURNS gate.oauth_plan
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.token_oauth_refresh_commit(args jsonb, carry jsonb, secret bytea, jti uuid, access_hash bytea, exp int8, refresh_hash bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.token_client_credentials_plan(args jsonb) RETURNS gate.oauth_plan
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.token_client_credentials_commit(args jsonb, carry jsonb, jti uuid, access_hash bytea, exp int8) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM lib.fail(503, 'unavailable', 'The provider is not ready');
	RETURN NULL;
END
$$;

CREATE FUNCTION gate.document_wanted(p_client text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT false';
CREATE FUNCTION gate.document_store(p_url text, p_status int4, p_body text, p_seconds int4) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 'not stored'::text $$;
