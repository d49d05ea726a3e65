-- Operations that come with the provider.







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

CREATE FUNCTION gate.registration_create(args jsonb, credential bytea, fresh bytea, fresh2 bytea) RETURNS api.reply
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







CREATE FUNCTION gate.document_wanted(p_client text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT false';
CREATE FUNCTION gate.document_store(p_url text, p_status int4, p_body text, p_seconds int4) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 'not stored'::text $$;
