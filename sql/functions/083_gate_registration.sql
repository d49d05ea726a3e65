-- Clients that register themselves (RFC 7591, 7592), and those that are known
-- by their metadata document.

CREATE FUNCTION gate.fail_metadata(p_words text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(400, 'invalid_client_metadata', p_words);
END
$$;

CREATE FUNCTION lib.json_texts(p_value jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN jsonb_typeof(p_value) = 'array' AND NOT EXISTS (
		SELECT FROM jsonb_array_elements(p_value) e
		WHERE jsonb_typeof(e) <> 'string')
	    THEN ARRAY(SELECT e FROM jsonb_array_elements_text(p_value)
		WITH ORDINALITY AS u(e, n) GROUP BY e ORDER BY min(n)) END
$$;

-- The addresses of metadata; refuses those that nobody may be sent to.
CREATE FUNCTION gate.metadata_uris(p_body jsonb, p_name text, p_code text)
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	text[] := lib.json_texts(coalesce(p_body -> p_name, '[]'));
	v_one	text;
BEGIN
	IF v IS NULL OR cardinality(v) > 20 THEN
		PERFORM lib.fail(400, p_code,
		    p_name || ' must be an array of at most 20 addresses');
	END IF;
	FOREACH v_one IN ARRAY v LOOP
		IF lib.redirect_error(v_one) IS NOT NULL THEN
			PERFORM lib.fail(400, p_code, format('%s: "%s" %s', p_name,
			    lib.printable(v_one, 100), lib.redirect_error(v_one)));
		END IF;
	END LOOP;
	RETURN v;
END
$$;

-- A client out of its metadata.
CREATE FUNCTION gate.metadata_client(p_body jsonb, c oauth.client)
RETURNS oauth.client LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_method text := p_body ->> 'token_endpoint_auth_method';
	v_types	text[] := lib.json_texts(p_body -> 'grant_types');
	v_scope	text := nullif(btrim(p_body ->> 'scope'), '');
	v_scopes text[] := lib.scope_words(v_scope);
BEGIN
	IF jsonb_typeof(p_body) IS DISTINCT FROM 'object'
	    OR length(p_body::text) > 16384 THEN
		PERFORM gate.fail_metadata('The metadata must be an object of at most 16 KiB');
	ELSIF p_body ? 'jwks_uri' THEN
		PERFORM gate.fail_metadata('jwks_uri is not supported: send the keys in jwks');
	ELSIF v_scope IS NOT NULL AND v_scopes IS NULL THEN
		PERFORM gate.fail_metadata('scope holds something that is no scope, or is longer than 2000 characters');
	-- OpenID Connect Registration 2; the rules of addresses are those of both.
	ELSIF p_body ->> 'application_type' NOT IN ('web', 'native') THEN
		PERFORM gate.fail_metadata('application_type must be web or native');
	ELSIF p_body ? 'grant_types' AND v_types IS NULL THEN
		PERFORM gate.fail_metadata('grant_types must be an array of texts');
	ELSIF p_body ->> 'client_uri' <> ''
	    AND lib.link_error(p_body ->> 'client_uri') IS NOT NULL THEN
		PERFORM gate.fail_metadata('client_uri '
		    || lib.link_error(p_body ->> 'client_uri'));
	ELSIF lib.title_error(p_body ->> 'client_name', 256) IS NOT NULL THEN
		PERFORM gate.fail_metadata('client_name '
		    || lib.title_error(p_body ->> 'client_name', 256));
	END IF;
	v_method := coalesce(v_method, CASE c.origin WHEN 'document'
	    THEN 'none' ELSE 'client_secret_basic' END);
	IF v_method NOT IN ('none', 'client_secret_basic', 'client_secret_post',
	    'private_key_jwt') OR (c.origin = 'document'
	    AND v_method LIKE 'client\_secret%') THEN
		PERFORM gate.fail_metadata('token_endpoint_auth_method cannot be '
		    || lib.printable(v_method, 64));
	ELSIF c.auth_method <> v_method AND c.origin = 'dynamic' THEN
		PERFORM gate.fail_metadata('token_endpoint_auth_method cannot change');
	END IF;
	c.auth_method := v_method;
	c.jwks := nullif(p_body -> 'jwks', 'null');
	IF v_method = 'private_key_jwt' OR c.jwks IS NOT NULL THEN
		IF lib.jwks_error(c.jwks) IS NOT NULL THEN
			PERFORM gate.fail_metadata('jwks ' || lib.jwks_error(c.jwks));
		END IF;
	END IF;
	c.redirect_uris := gate.metadata_uris(p_body, 'redirect_uris',
	    'invalid_redirect_uri');
	c.logout_uris := gate.metadata_uris(p_body, 'post_logout_redirect_uris',
	    'invalid_client_metadata');
	c.grant_types := lib.both(coalesce(v_types,
	    '{authorization_code,refresh_token}'),
	    CASE WHEN c.organization IS NOT NULL AND v_method <> 'none'
	    THEN '{authorization_code,refresh_token,client_credentials}'::text[]
	    ELSE '{authorization_code,refresh_token}' END);
	IF NOT c.grant_types && '{authorization_code,client_credentials}' THEN
		PERFORM gate.fail_metadata('grant_types must hold authorization_code');
	-- A service has none (RFC 7591 2.1).
	ELSIF 'authorization_code' = ANY (c.grant_types)
	    AND NOT coalesce(lib.json_texts(p_body -> 'response_types'),
	    '{code}') @> '{code}' THEN
		PERFORM gate.fail_metadata('response_types must hold code');
	ELSIF 'authorization_code' = ANY (c.grant_types)
	    AND c.redirect_uris = '{}' THEN
		PERFORM lib.fail(400, 'invalid_redirect_uri',
		    'redirect_uris is missing');
	END IF;
	c.name := coalesce(nullif(btrim(p_body ->> 'client_name'), ''),
	    lib.redirect_host(c.redirect_uris[1]), 'A client without a name');
	c.uri := coalesce(p_body ->> 'client_uri', '');
	c.description := '';
	SELECT coalesce(array_agg(s.name ORDER BY s.name), '{}') INTO c.scopes
	FROM core.scope s
	WHERE s.level = 'identity' OR (s.level = 'app'
	    AND (v_scopes IS NULL OR s.name = ANY (v_scopes)));
	c.required_scopes := '{}';
	c.pkce_required := true;
	c.first_party := false;
	SELECT jsonb_object_agg(k, v) INTO c.metadata
	FROM jsonb_each(p_body) AS e(k, v)
	WHERE k IN ('application_type', 'software_id', 'software_version')
	AND jsonb_typeof(v) = 'string';
	RETURN c;
END
$$;

-- One that also acts for itself has no more than who let it register.
CREATE FUNCTION gate.registration_scopes(c oauth.client, p_initial uuid)
RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN 'client_credentials' = ANY (c.grant_types)
	    THEN lib.both(c.scopes, lib.sum(gate.identity_scopes(), (
		SELECT gate.person_scopes(t.created_by, t.organization)
		FROM oauth.initial_token t WHERE t.id = p_initial)))
	    ELSE c.scopes END
$$;

-- p_token: which of the secrets beside the answer is the registration token.
CREATE FUNCTION gate.metadata_json(c oauth.client, p_secret boolean,
    p_token int4)
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT jsonb_strip_nulls(coalesce(c.metadata, '{}') || jsonb_build_object(
	    'client_id', c.id,
	    'client_id_issued_at', extract(epoch FROM coalesce(c.created_at, now()))::int8,
	    'client_secret', CASE WHEN p_secret THEN chr(1) || '3' END,
	    'client_secret_expires_at', CASE WHEN p_secret THEN 0 END,
	    'registration_access_token', chr(1) || p_token,
	    'registration_client_uri', gate.issuer() || '/oauth/register/' || c.id,
	    'client_name', c.name, 'client_uri', nullif(c.uri, ''),
	    'redirect_uris', c.redirect_uris,
	    'post_logout_redirect_uris', nullif(c.logout_uris, '{}'),
	    'token_endpoint_auth_method', c.auth_method,
	    'grant_types', c.grant_types, 'response_types',
	    CASE WHEN 'authorization_code' = ANY (c.grant_types)
		THEN '["code"]'::jsonb ELSE '[]' END,
	    'scope', array_to_string(c.scopes, ' '), 'jwks', c.jwks))::text
$$;

CREATE FUNCTION gate.registration_limit() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	v_net	text := lib.peer_net((core.this_unit()).peer);
BEGIN
	IF (SELECT count(*) FROM oauth.registration r
	    JOIN oauth.client c ON c.id = r.client AND c.used_at IS NULL
	    WHERE r.net = v_net AND r.initial IS NULL)
	    >= gate.setting('registration_address')
	    OR (SELECT count(*) FROM oauth.client c
	    WHERE c.origin IN ('dynamic', 'document') AND c.used_at IS NULL)
	    >= gate.setting('registration_total') THEN
		PERFORM lib.fail(429, 'registration_limit',
		    'Too many clients were registered and never used', '', '',
		    'Registrations that nobody uses are forgotten after a while.',
		    'Use the registration that you have, or try again later.');
	END IF;
END
$$;

CREATE FUNCTION gate.registration_create(args jsonb, credential bytea,
    fresh bytea, fresh2 bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	c	oauth.client;
	v_initial uuid;
	v_shown	boolean;
BEGIN
	PERFORM gate.require_operation('{registration.create}', 'call');
	IF gate.setting('registration') = 0 THEN
		PERFORM lib.fail(403, 'registration_off',
		    'Clients cannot register themselves here', '', '', '',
		    'Register the client on the page of your apps.');
	ELSIF core.this_kind() = 'registration' THEN
		UPDATE oauth.initial_token t SET uses_left = t.uses_left - 1,
		    used_at = now()
		WHERE t.hash = credential AND t.uses_left > 0
		AND t.ended_at IS NULL AND t.expires_at > now()
		RETURNING t.id INTO v_initial;
		IF NOT FOUND THEN
			PERFORM gate.refuse('invalid_token', NULL);
		END IF;
	ELSIF gate.setting('registration') = 1 THEN
		PERFORM gate.refuse('missing_token', NULL);
	ELSE
		PERFORM gate.registration_limit();
	END IF;
	c.id := gate.client_new_id();
	c.organization := core.this_organization();
	c.origin := 'dynamic';
	c := gate.metadata_client(args -> 'body', c);
	c.scopes := gate.registration_scopes(c, v_initial);
	v_shown := gate.client_insert(c, fresh);
	INSERT INTO oauth.registration (client, hash, net, initial)
	VALUES (c.id, fresh2, lib.peer_net((core.this_unit()).peer), v_initial);
	PERFORM gate.client_audit(c, jsonb_build_object('scopes', c.scopes,
	    'redirect_uris', c.redirect_uris, 'initial', v_initial));
	RETURN (201, gate.metadata_json(c, v_shown, 4));
END
$$;

-- The client of the token that was shown, which answers give back
-- (RFC 7592 3): the broker has it, here is its hash.
CREATE FUNCTION gate.registration_find(args jsonb, credential bytea)
RETURNS oauth.client LANGUAGE plpgsql AS $$
DECLARE
	c	oauth.client;
BEGIN
	SELECT t.* INTO c FROM oauth.client t
	JOIN oauth.registration r ON r.client = t.id AND r.hash = credential
	WHERE t.id = core.this_client();
	IF NOT FOUND OR c.id IS DISTINCT FROM args #>> '{path,clientId}' THEN
		PERFORM gate.refuse('invalid_token', NULL);
	END IF;
	RETURN c;
END
$$;

CREATE FUNCTION gate.registration_get(args jsonb, credential bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{registration.get}', 'call');
	RETURN (200, gate.metadata_json(gate.registration_find(args, credential),
	    false, 3));
END
$$;

-- RFC 7592 2.2: id and secret are shown, not chosen.
CREATE FUNCTION gate.registration_update(args jsonb, credential bytea,
    secret bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	c	oauth.client;
	r	oauth.registration;
	v_body	jsonb := args -> 'body';
BEGIN
	PERFORM gate.require_operation('{registration.update}', 'call');
	-- An administrator's change comes before or after, not in between.
	PERFORM FROM oauth.client t WHERE t.id = core.this_client()
	FOR NO KEY UPDATE;
	c := gate.registration_find(args, credential);
	SELECT * INTO r FROM oauth.registration t WHERE t.client = c.id;
	IF NOT FOUND OR c.status <> 'active' THEN
		PERFORM gate.refuse('invalid_token', NULL);
	ELSIF r.held_at IS NOT NULL THEN
		PERFORM lib.fail(403, 'access_denied',
		    'An administrator changed this client: it cannot change itself any more');
	ELSIF v_body ->> 'client_id' IS DISTINCT FROM c.id THEN
		PERFORM gate.fail_metadata('client_id must be the one of the registration');
	ELSIF secret IS NOT NULL AND NOT EXISTS (SELECT FROM oauth.secret s
	    WHERE s.client = c.id AND s.hash = secret AND s.ended_at IS NULL
	    AND (s.expires_at IS NULL OR s.expires_at > now())) THEN
		PERFORM gate.fail_metadata('client_secret must be the one of the registration');
	ELSIF v_body ?| '{registration_access_token,registration_client_uri,client_secret_expires_at,client_id_issued_at}' THEN
		PERFORM gate.fail_metadata('What only the server sets must be left out');
	END IF;
	c := gate.metadata_client(v_body, c);
	c.scopes := gate.registration_scopes(c, r.initial);
	PERFORM gate.client_store(c);
	PERFORM gate.client_audit(c, jsonb_build_object(
	    'redirect_uris', c.redirect_uris));
	RETURN (200, gate.metadata_json(c, false, 3));
END
$$;

CREATE FUNCTION gate.registration_delete(args jsonb, credential bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	c	oauth.client := gate.registration_find(args, credential);
BEGIN
	PERFORM gate.require_operation('{registration.delete}', 'call');
	PERFORM gate.client_revoke(c.id, 'deleted', 'client was deleted');
	UPDATE oauth.secret s SET ended_at = now()
	WHERE s.client = c.id AND s.ended_at IS NULL;
	DELETE FROM oauth.registration r WHERE r.client = c.id;
	PERFORM gate.client_audit(c, '{}');
	RETURN (204, ''::text);
END
$$;

-- Metadata documents.  The broker asks before a request of such a client, has
-- the document fetched when that is due, and stores what came.

CREATE FUNCTION gate.document_url(p_url text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT p_url ~ '^https://[^/?]+/.' AND lib.redirect_error(p_url) IS NULL
	    AND length(p_url) <= 1000
$$;

-- Anybody can name any address: what one network, and what all may have
-- fetched that nobody let in yet.
CREATE FUNCTION gate.document_take(p_peer text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	t	record;
BEGIN
	FOR t IN SELECT sha256(convert_to(v.name, 'UTF8')) AS key,
	    gate.setting(v.setting || '_burst') AS burst,
	    gate.setting(v.setting || '_refill') AS refill
	FROM (VALUES ('document ' || lib.peer_net(p_peer), 'document_address'),
	    ('documents', 'document')) v(name, setting) LOOP
		INSERT INTO core.throttle AS c (key, level, at)
		VALUES (t.key, 1, clock_timestamp())
		ON CONFLICT (key) DO UPDATE SET
		    level = gate.throttle_level(c.level, c.at, t.refill) + 1,
		    at = clock_timestamp()
		WHERE gate.throttle_level(c.level, c.at, t.refill) + 1 <= t.burst;
		IF NOT FOUND THEN
			RETURN false;
		END IF;
	END LOOP;
	RETURN true;
END
$$;

CREATE FUNCTION gate.document_wanted(p_client text, p_peer text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN gate.document_due(p_client)
	    AND (EXISTS (SELECT FROM oauth.client c
		WHERE c.id = p_client AND c.used_at IS NOT NULL)
	    OR gate.document_take(p_peer));
END
$$;

CREATE FUNCTION gate.document_due(p_client text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT gate.setting('client_documents') <> 0
	    AND gate.document_url(p_client)
	    AND NOT EXISTS (SELECT FROM oauth.document d
		WHERE d.url = p_client AND d.expires_at > now())
	    AND NOT EXISTS (SELECT FROM oauth.client c
		WHERE c.id = p_client AND c.status <> 'active')
	    AND (EXISTS (SELECT FROM oauth.client c WHERE c.id = p_client)
		OR (SELECT count(*) FROM oauth.client c
		    WHERE c.origin IN ('dynamic', 'document')
		    AND c.used_at IS NULL)
		    < gate.setting('registration_total'))
$$;

CREATE FUNCTION gate.document_store(p_url text, p_status int4, p_body bytea,
    p_seconds int4)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	c	oauth.client;
	v	jsonb;
	v_error	text;
BEGIN
	IF gate.setting('client_documents') = 0 OR NOT gate.document_url(p_url) THEN
		RETURN 'not wanted';
	END IF;
	BEGIN
		IF p_status <> 200 THEN
			RAISE data_exception USING MESSAGE = CASE p_status
			    WHEN 0 THEN 'it could not be fetched'
			    ELSE format('its server answered %s', p_status) END;
		ELSIF length(p_body) > 5120 THEN
			RAISE data_exception USING MESSAGE = 'it is longer than 5 KiB';
		END IF;
		BEGIN
			v := convert_from(p_body, 'UTF8')::jsonb;
		EXCEPTION WHEN data_exception THEN
			RAISE data_exception USING MESSAGE = 'it is no JSON';
		END;
		IF jsonb_typeof(v) IS DISTINCT FROM 'object'
		    OR v ->> 'client_id' IS DISTINCT FROM p_url THEN
			RAISE data_exception USING MESSAGE = 'its client_id is not its address';
		ELSIF coalesce(btrim(v ->> 'client_name'), '') = '' THEN
			RAISE data_exception USING MESSAGE = 'it has no client_name';
		ELSIF lib.has_control(v) THEN
			RAISE data_exception USING MESSAGE = 'it holds a control character';
		ELSIF v ?| '{client_secret,client_secret_expires_at}' THEN
			RAISE data_exception USING MESSAGE = 'it holds a secret';
		END IF;
		c.id := p_url;
		c.origin := 'document';
		c := gate.metadata_client(v, c);
		IF NOT 'authorization_code' = ANY (c.grant_types) THEN
			RAISE data_exception USING MESSAGE = 'it does not want codes';
		END IF;
		INSERT INTO oauth.client AS t (id, origin, auth_method, name, uri,
		    redirect_uris, logout_uris, scopes, grant_types, jwks, metadata)
		VALUES (c.id, 'document', c.auth_method, c.name, c.uri,
		    c.redirect_uris, c.logout_uris, c.scopes, c.grant_types, c.jwks,
		    c.metadata)
		ON CONFLICT (id) DO UPDATE SET auth_method = excluded.auth_method,
		    name = excluded.name, uri = excluded.uri,
		    redirect_uris = excluded.redirect_uris,
		    logout_uris = excluded.logout_uris, scopes = excluded.scopes,
		    grant_types = excluded.grant_types, jwks = excluded.jwks,
		    metadata = excluded.metadata, updated_at = now()
		WHERE (t.auth_method, t.name, t.uri, t.redirect_uris,
		    t.logout_uris, t.scopes, t.grant_types, t.jwks, t.metadata)
		    IS DISTINCT FROM (excluded.auth_method, excluded.name,
		    excluded.uri, excluded.redirect_uris, excluded.logout_uris,
		    excluded.scopes, excluded.grant_types, excluded.jwks,
		    excluded.metadata);
	EXCEPTION WHEN data_exception OR SQLSTATE 'HT400' THEN
		v_error := left(SQLERRM, 300);
	END;
	INSERT INTO oauth.document AS d (url, expires_at, error)
	VALUES (p_url, now() + make_interval(secs => CASE WHEN v_error IS NULL
	    THEN least(greatest(coalesce(p_seconds, 0), 60), 86400)
	    ELSE 60 END), v_error)
	ON CONFLICT (url) DO UPDATE SET fetched_at = now(),
	    expires_at = excluded.expires_at, error = excluded.error;
	RETURN coalesce(v_error, 'stored');
END
$$;

-- Signing out for a client (OpenID Connect RP-Initiated Logout 1.0).  The
-- hint is only a hint, and who is signed in is asked in any case.

-- Whether a hint is an ID token of the client.  Its signature would say no
-- more: who knows whom an app was let in by, was given such a token.
CREATE FUNCTION gate.logout_hint(p_hint jsonb, p_client text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce(p_hint ->> 'iss' = gate.issuer()
	    AND p_hint ->> 'aud' = p_client, false)
	    AND EXISTS (SELECT FROM oauth.connection g
		JOIN oauth.client c ON c.id = g.client
		WHERE g.client = p_client AND g.ended_at IS NULL
		AND g.created_at > c.connected_after
		AND g.person = lib.to_uuid(p_hint ->> 'sub')
		AND 'openid' = ANY (g.scopes))
$$;

-- freely: no page is needed that says where the way leads.
CREATE FUNCTION gate.logout_request(p jsonb, OUT page text, OUT client text,
    OUT redirect_uri text, OUT state text, OUT freely boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_hint	jsonb;
	c	oauth.client;
BEGIN
	client := nullif(p ->> 'client_id', '');
	redirect_uri := nullif(p ->> 'post_logout_redirect_uri', '');
	state := p ->> 'state';
	IF p ->> 'id_token_hint' <> '' THEN
		BEGIN
			v_hint := convert_from(lib.from_base64url(
			    split_part(p ->> 'id_token_hint', '.', 2)), 'UTF8')::jsonb;
		EXCEPTION WHEN data_exception THEN
			v_hint := NULL;
		END;
		IF client <> v_hint ->> 'aud' THEN
			page := 'client_mismatch';
			RETURN;
		END IF;
		client := coalesce(client, v_hint ->> 'aud');
	END IF;
	SELECT t.* INTO c FROM oauth.client t
	WHERE t.id = client AND t.status = 'active';
	client := c.id;
	freely := coalesce(c.origin = 'admin', false)
	    OR gate.logout_hint(v_hint, client);
	IF redirect_uri IS NOT NULL AND (c.id IS NULL
	    OR NOT lib.redirect_matches(redirect_uri, c.logout_uris)) THEN
		page := 'redirect_mismatch';
	END IF;
END
$$;

CREATE FUNCTION gate.logout_reply(p_uri text, p_state text)
RETURNS api.reply LANGUAGE sql STABLE AS $$
	SELECT 200, CASE WHEN p_uri IS NULL THEN '{"view":"done"}'
	    ELSE jsonb_build_object('view', 'redirect',
		'redirect_uri', p_uri, 'parameters', jsonb_strip_nulls(
		    jsonb_build_object('state', nullif(p_state, ''))))::text END
$$;

CREATE FUNCTION gate.logout_page() RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT 400, json_build_object('view', 'page_error',
	    'code', 'logout_request', 'title', 'The address to go back to is wrong',
	    'message', 'You were not sent on, for your safety',
	    'detail', 'The app wants to send you to an address that is not registered for it.',
	    'remediation', 'Sign out with the button on any page of this server.')::text
$$;

CREATE FUNCTION gate.oauth_end_session(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	r	record;
	v_back	api.reply;
BEGIN
	PERFORM gate.require_operation('{oauth.end_session}', 'call');
	SELECT * INTO r FROM gate.logout_request(coalesce(args -> 'query', '{}'));
	IF r.page IS NOT NULL THEN
		RETURN gate.logout_page();
	ELSIF core.this_person() IS NULL THEN
		v_back := gate.logout_reply(r.redirect_uri, r.state);
		IF r.redirect_uri IS NULL OR r.freely THEN
			RETURN v_back;
		END IF;
		RETURN gate.leave(v_back, r.redirect_uri, 'You are signed out.',
		    'This server does not vouch for the application that asks, so you are not sent on without asking.');
	END IF;
	RETURN (200, json_build_object('view', 'confirm', 'me', gate.me(),
	    'client', (SELECT json_build_object('id', c.id, 'name', c.name)
		FROM oauth.client c WHERE c.id = r.client),
	    'host', coalesce(lib.redirect_host(r.redirect_uri), ''),
	    'parameters', (SELECT coalesce(json_agg(json_build_object(
		'name', k, 'value', v)), '[]')
		FROM (VALUES ('client_id', r.client),
		    ('post_logout_redirect_uri', r.redirect_uri),
		    ('state', nullif(r.state, ''))) AS e(k, v)
		WHERE v IS NOT NULL))::text);
END
$$;

CREATE FUNCTION gate.oauth_end_session_decide(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	r	record;
BEGIN
	PERFORM gate.require_operation('{oauth.end_session_decide}', 'call');
	SELECT * INTO r FROM gate.logout_request(coalesce(args -> 'body', '{}'));
	IF r.page IS NOT NULL THEN
		RETURN gate.logout_page();
	END IF;
	PERFORM gate.session_end(core.this_session(), 'signed out for an app');
	RETURN gate.logout_reply(r.redirect_uri, r.state);
END
$$;

-- Forgets what is over.
CREATE FUNCTION gate.maintain_oauth() RETURNS int8
LANGUAGE plpgsql AS $$
DECLARE
	v_n	int8;
	v_all	int8 := 0;
BEGIN
	DELETE FROM oauth.code k USING (
		SELECT t.hash FROM oauth.code t
		WHERE t.expires_at < now() - interval '1 day'
		LIMIT 10000 FOR UPDATE SKIP LOCKED) d
	WHERE k.hash = d.hash;
	GET DIAGNOSTICS v_all = ROW_COUNT;
	DELETE FROM oauth.assertion a USING (
		SELECT t.client, t.jti FROM oauth.assertion t
		WHERE t.expires_at < now() - interval '1 minute'
		LIMIT 50000 FOR UPDATE SKIP LOCKED) d
	WHERE a.client = d.client AND a.jti = d.jti;
	GET DIAGNOSTICS v_n = ROW_COUNT;
	v_all := v_all + v_n;
	DELETE FROM oauth.client c USING (
		SELECT t.id FROM oauth.client t
		WHERE t.origin IN ('dynamic', 'document') AND t.used_at IS NULL
		AND t.family IS NULL AND t.status <> 'suspended'
		AND t.created_at < now() - gate.setting_interval('registration_unused')
		AND NOT EXISTS (SELECT FROM oauth.connection g WHERE g.client = t.id)
		LIMIT 1000 FOR UPDATE SKIP LOCKED) d
	WHERE c.id = d.id;
	GET DIAGNOSTICS v_n = ROW_COUNT;
	v_all := v_all + v_n;
	DELETE FROM oauth.document d USING (
		SELECT t.url FROM oauth.document t
		WHERE t.expires_at < now() - interval '1 day'
		LIMIT 1000 FOR UPDATE SKIP LOCKED) o
	WHERE d.url = o.url;
	GET DIAGNOSTICS v_n = ROW_COUNT;
	v_all := v_all + v_n + gate.maintain_revoked();
	-- Families that died with what they hung on; the gate knew already.
	UPDATE token.family f SET ended_at = d.ended_at,
	    ended_reason = d.ended_reason, updated_at = now()
	FROM (
		SELECT t.organization, t.id, g.ended_at, g.ended_reason
		FROM oauth.connection g
		JOIN token.family t ON t.connection = g.id AND t.ended_at IS NULL
		WHERE g.ended_at > now() - interval '10 minutes'
		LIMIT 20 * gate.count_most()
	) d
	WHERE f.organization = d.organization AND f.id = d.id;
	RETURN v_all;
END
$$;
