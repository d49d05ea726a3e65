-- The token endpoint.  Plans look and decide; commits store, each in one
-- statement, and only what still is as the plan saw it.

CREATE FUNCTION gate.fail_grant(p_words text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(400, 'invalid_grant', p_words);
END
$$;

-- A refusal that keeps what the unit did: the caller returns it as data.
CREATE FUNCTION gate.grant_refused(p_words text) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT 400, json_build_object('error', 'invalid_grant',
	    'error_description', p_words)::text
$$;

-- An event of a client that is refused.
CREATE FUNCTION gate.audit_refused(p_target_kind text, p_target text,
    p_code text, p_detail jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO audit.event (organization, actor_kind, actor, family, peer,
	    request_id, operation, target_kind, target, outcome, status, code,
	    detail, person, client)
	SELECT core.this_organization(), coalesce(core.this_kind(), 'none'),
	    coalesce(core.this_person(), core.this_organization()),
	    NULL, nullif(u.peer, ''), u.request, u.operation, p_target_kind,
	    p_target, 'refused', 400, p_code, p_detail, core.this_person(),
	    core.this_client()
	FROM core.this_unit() u;
END
$$;

-- Ends a family for good, and says why.
CREATE FUNCTION gate.family_revoke(p_family uuid, p_reason text, p_code text)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	f	record;
BEGIN
	UPDATE token.family t SET ended_at = now(), ended_reason = p_reason,
	    updated_at = now()
	WHERE t.id = p_family AND t.client IS NOT NULL AND t.ended_at IS NULL
	RETURNING t.organization, t.person INTO f;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM set_config('grantd.organization', f.organization::text, true),
	    set_config('grantd.person', coalesce(f.person::text, ''), true);
	IF p_code IS NULL THEN
		PERFORM gate.audit('token', p_family::text,
		    jsonb_build_object('ended', p_reason));
	ELSE
		PERFORM gate.audit_refused('token', p_family::text, p_code,
		    jsonb_build_object('ended', p_reason));
	END IF;
	RETURN true;
END
$$;

-- Scopes of a request that must not exceed those that there are: null if the
-- request names none, or all of them.
CREATE FUNCTION gate.narrow_scopes(p_args jsonb, p_have text[]) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_text	text := p_args #>> '{body,scope}';
	v	text[] := lib.scope_words(v_text);
BEGIN
	IF coalesce(btrim(v_text), '') = '' THEN
		RETURN NULL;
	ELSIF v IS NULL OR NOT v <@ p_have THEN
		PERFORM lib.fail(400, 'invalid_scope', format(
		    'The scope may hold some of "%s", and nothing else',
		    array_to_string(p_have, ' ')));
	END IF;
	RETURN CASE WHEN p_have <@ v THEN NULL ELSE lib.both(v, p_have) END;
END
$$;

-- The same with resources.
CREATE FUNCTION gate.narrow_audience(p_args jsonb, p_have int4) RETURNS int4
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_asked	jsonb := p_args #> '{body,resource}';
	v	int4;
BEGIN
	IF v_asked IS NULL OR v_asked IN ('null', '[]', '""') THEN
		RETURN NULL;
	END IF;
	v := gate.audience(v_asked);
	-- The issuer itself stands for what there is.
	v := CASE v WHEN 12 THEN p_have ELSE v END;
	IF v IS NULL OR v & ~p_have <> 0 THEN
		PERFORM lib.fail(400, 'invalid_target',
		    'The resource is not one that was allowed');
	END IF;
	RETURN nullif(v, p_have);
END
$$;

-- RFC 6749 5.1.
CREATE FUNCTION gate.token_reply(p_carry jsonb) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT 200, json_strip_nulls(json_build_object(
	    'access_token', chr(1) || '0', 'token_type', 'Bearer',
	    'expires_in', (p_carry ->> 'ttl')::int4,
	    'refresh_token', CASE WHEN p_carry ? 'refresh' THEN chr(1) || '1' END,
	    'scope', p_carry ->> 'scope',
	    'id_token', CASE WHEN p_carry ? 'id_token' THEN chr(1) || '2' END))::text
$$;

CREATE FUNCTION gate.oauth_ttl() RETURNS int4
LANGUAGE sql STABLE AS $$
	SELECT least(s.value, gate.access_lifetime())::int4
	FROM core.setting s WHERE s.name = 'oauth_access_lifetime'
$$;

-- Codes.

-- RFC 7636 4.6.  A verifier without a challenge is as wrong as the reverse.
CREATE FUNCTION gate.pkce_holds(p_challenge text, p_verifier text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p_challenge IS NULL THEN p_verifier IS NULL
	    ELSE coalesce(p_verifier ~ '^[A-Za-z0-9._~-]{43,128}$'
		AND lib.base64url(sha256(convert_to(p_verifier, 'UTF8')))
		    = p_challenge, false) END
$$;

CREATE FUNCTION gate.token_redeem_plan(args jsonb, secret bytea)
RETURNS gate.oauth_plan LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	k	record;
	s	record;
	v_redirect text := nullif(args #>> '{body,redirect_uri}', '');
	v_verifier text := nullif(args #>> '{body,code_verifier}', '');
	v_audience int4;
	v_scopes text[];
	v_openid boolean;
	v_ttl	int4 := gate.oauth_ttl();
	v_family uuid := lib.uuid7();
BEGIN
	PERFORM gate.require_operation('{token.redeem}', 'plan');
	SELECT t.*, c.grant_types, e.ended_at AS signed_out INTO k
	FROM oauth.code t
	JOIN oauth.client c ON c.id = t.client
	LEFT JOIN core.session e ON e.id = t.session
	WHERE t.hash = secret AND t.client = core.this_client();
	IF NOT FOUND THEN
		PERFORM gate.fail_grant('The code is not known, or belongs to another client');
	ELSIF k.used_at IS NOT NULL THEN
		RETURN ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		    NULL, NULL, NULL, '{"replay":true}'::jsonb, NULL, NULL,
		    NULL)::gate.oauth_plan;
	ELSIF k.expires_at <= now() THEN
		PERFORM gate.fail_grant('The code has expired');
	ELSIF k.signed_out IS NOT NULL THEN
		PERFORM gate.fail_grant('The person has signed out');
	ELSIF v_redirect <> k.redirect_uri THEN
		PERFORM gate.fail_grant('redirect_uri is not the one of the authorization request');
	ELSIF v_redirect IS NULL AND k.redirect_sent AND k.challenge IS NULL THEN
		-- RFC 6749 4.1.3; with PKCE OAuth 2.1 does without.
		PERFORM gate.fail_grant('redirect_uri is missing: it was in the authorization request');
	ELSIF NOT gate.pkce_holds(k.challenge, v_verifier) THEN
		PERFORM gate.fail_grant(CASE WHEN v_verifier IS NULL
		    THEN 'code_verifier is missing' WHEN k.challenge IS NULL
		    THEN 'code_verifier was sent, but no code_challenge before'
		    ELSE 'code_verifier does not fit the code_challenge' END);
	END IF;
	SELECT * INTO s FROM gate.oauth_state('user', k.organization, k.person,
	    k.client, k.client_epoch, k.connection, k.scopes);
	v_scopes := lib.both(k.scopes, s.scopes);
	IF s.refusal IS NOT NULL OR v_scopes = '{}' THEN
		PERFORM gate.fail_grant('What the person allowed was ended');
	END IF;
	v_audience := gate.narrow_audience(args, k.audience);
	v_openid := 'openid' = ANY (v_scopes);
	RETURN ROW(3, coalesce(v_audience, k.audience),
	    CASE WHEN 'refresh_token' = ANY (k.grant_types) THEN 1 ELSE 0 END,
	    v_ttl, k.organization, v_family, 1, k.person::text, k.client,
	    array_to_string(v_scopes, ' '), NULL, NULL,
	    jsonb_strip_nulls(jsonb_build_object('family', v_family,
		'audience', v_audience, 'ttl', v_ttl,
		'scope', array_to_string(v_scopes, ' '),
		'refresh', CASE WHEN 'refresh_token' = ANY (k.grant_types)
		    THEN true END,
		'id_token', CASE WHEN v_openid THEN true END)),
	    v_openid::int4,
	    CASE WHEN v_openid THEN extract(epoch FROM k.auth_time)::int4 END,
	    CASE WHEN v_openid THEN k.nonce END)::gate.oauth_plan;
END
$$;

-- Exactly one redemption finds the code unused.
CREATE FUNCTION gate.token_redeem_commit(args jsonb, carry jsonb,
    secret bytea, jti uuid, access_hash bytea, exp int8, refresh_hash bytea,
    seed bytea, seed_key int4)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
	u	core.unit := core.this_unit();
	v_family uuid := (carry ->> 'family')::uuid;
	v_found	boolean;
BEGIN
	PERFORM gate.require_operation('{token.redeem}', 'commit');
	IF jti IS NOT NULL THEN
		PERFORM gate.check_expiry(exp);
		WITH used AS (
			UPDATE oauth.code k SET used_at = now(), family = v_family
			WHERE k.hash = secret AND k.client = core.this_client()
			AND k.used_at IS NULL
			RETURNING k.*
		), born AS (
			INSERT INTO token.family (organization, id, kind, token_type,
			    name, fullname, scopes, token_ttl, seed_key, seed,
			    refresh_hash, access_expires_at, expires_at, person,
			    client, client_epoch, connection, audience)
			SELECT k.organization, v_family, 'user', 'logon',
			    v_family::text, v_family::text, k.scopes,
			    (carry ->> 'ttl')::int4, seed_key, seed, refresh_hash,
			    to_timestamp(exp), CASE WHEN refresh_hash IS NULL
				THEN to_timestamp(exp)
				ELSE now() + gate.refresh_lifetime() END,
			    k.person, k.client, k.client_epoch, k.connection,
			    k.audience
			FROM used k
		), stored AS (
			INSERT INTO token.access_token (slot, hash, expires_at,
			    organization, family, epoch, generation, jti, audience)
			SELECT token.slot(exp), access_hash, to_timestamp(exp),
			    k.organization, v_family, 1, 1, jti,
			    (carry ->> 'audience')::int4
			FROM used k
		), connected AS (
			UPDATE oauth.connection g SET used_at = now()
			FROM used k WHERE g.id = k.connection
		), seen AS (
			UPDATE oauth.client c SET used_at = now()
			FROM used k WHERE c.id = k.client
			AND (c.used_at IS NULL
			    OR c.used_at < now() - interval '1 hour')
		), event AS (
			INSERT INTO audit.event (organization, actor_kind, actor,
			    family, peer, request_id, operation, target_kind, target,
			    outcome, status, detail, person, client)
			SELECT k.organization, core.this_kind(), k.person, v_family,
			    nullif(u.peer, ''), u.request, u.operation, 'token',
			    v_family::text, 'success', 200, jsonb_build_object(
				'jti', jti, 'scope', carry ->> 'scope',
				'connection', k.connection), k.person, k.client
			FROM used k
		)
		SELECT true INTO v_found FROM used;
		IF v_found THEN
			RETURN gate.token_reply(carry);
		END IF;
	END IF;
	PERFORM gate.family_revoke(k.family, 'its code was redeemed again',
	    'invalid_grant')
	FROM oauth.code k
	WHERE k.hash = secret AND k.client = core.this_client();
	RETURN gate.grant_refused('The code was redeemed before; what it gave was revoked');
END
$$;

-- RFC 7009.  What is not the caller's is left alone, and nobody is told.
CREATE FUNCTION gate.oauth_revoke(args jsonb, secret bytea,
    secret_expiry int8, secret_family uuid)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	t	record;
BEGIN
	PERFORM gate.require_operation('{oauth.revoke}', 'call');
	IF secret IS NULL THEN
		PERFORM lib.fail(400, 'invalid_request', 'token is missing');
	END IF;
	PERFORM gate.family_revoke(f.id, 'revoked by its client', NULL)
	FROM token.family f
	WHERE f.id = secret_family AND f.kind = 'user'
	AND f.client = core.this_client() AND f.ended_at IS NULL
	AND (f.refresh_hash = secret OR f.secondary_refresh_hash = secret);
	UPDATE token.access_token a SET revoked_at = now()
	FROM token.family f
	WHERE a.slot = gate.slot(secret_expiry) AND a.hash = secret
	AND a.revoked_at IS NULL AND f.id = a.family
	AND f.client = core.this_client()
	RETURNING a.jti, f.id AS family, f.organization, f.person INTO t;
	IF FOUND THEN
		PERFORM set_config('grantd.organization', t.organization::text, true),
		    set_config('grantd.person', coalesce(t.person::text, ''), true);
		PERFORM gate.audit('token', t.family::text,
		    jsonb_build_object('revoked', t.jti));
	END IF;
	RETURN (200, '{}'::text);
END
$$;

-- RFC 7662.  Told to the client of the token itself, to confidential clients
-- of the organization of the token, and to trusted ones of the root; to
-- others no token is active.
CREATE FUNCTION gate.oauth_introspect(args jsonb, secret bytea,
    secret_expiry int8, secret_family uuid)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	t	record;
	v_scopes text[];
BEGIN
	PERFORM gate.require_operation('{oauth.introspect}', 'call');
	IF secret IS NULL THEN
		PERFORM lib.fail(400, 'invalid_request', 'token is missing');
	END IF;
	SELECT f.kind, f.person, f.client, f.organization, a.jti, a.expires_at,
	    coalesce(a.audience, f.audience) AS audience,
	    coalesce(a.scopes, f.scopes) AS asked, s.scopes, p.email,
	    NULL::text AS refresh
	INTO t
	FROM token.access_token a
	JOIN token.family f ON f.id = a.family AND f.client IS NOT NULL
	    AND f.ended_at IS NULL AND f.organization_status = 'active'
	LEFT JOIN core.person p ON p.id = f.person
	CROSS JOIN LATERAL gate.oauth_state(f.kind, f.organization, f.person,
	    f.client, f.client_epoch, f.connection,
	    coalesce(a.scopes, f.scopes)) s
	WHERE a.slot = gate.slot(secret_expiry) AND a.hash = secret
	AND a.expires_at > now() AND a.revoked_at IS NULL AND a.epoch = f.epoch
	AND (a.generation IS NULL OR a.generation = f.generation
	    OR a.generation = f.secondary_generation)
	AND s.refusal IS NULL;
	IF NOT FOUND AND secret_family IS NOT NULL THEN
		SELECT f.kind, f.person, f.client, f.organization, f.id AS jti,
		    f.expires_at, f.audience, f.scopes AS asked, s.scopes,
		    p.email, 'refresh_token' AS refresh
		INTO t
		FROM token.family f
		JOIN core.person p ON p.id = f.person
		CROSS JOIN LATERAL gate.oauth_state(f.kind, f.organization,
		    f.person, f.client, f.client_epoch, f.connection, f.scopes) s
		WHERE f.id = secret_family AND f.refresh_hash = secret
		AND f.client = core.this_client() AND f.ended_at IS NULL
		AND f.organization_status = 'active' AND f.expires_at > now()
		AND s.refusal IS NULL;
	END IF;
	IF NOT FOUND OR NOT EXISTS (
	    SELECT FROM oauth.client c
	    LEFT JOIN core.organization o ON o.id = c.organization
	    WHERE c.id = core.this_client()
	    AND (c.id = t.client OR c.organization = t.organization
		OR (c.first_party AND o.organization_type = 'root'))) THEN
		RETURN (200, '{"active":false}'::text);
	END IF;
	SELECT coalesce(array_agg(e ORDER BY e), '{}') INTO v_scopes
	FROM unnest(t.asked) e WHERE e = ANY (t.scopes);
	RETURN (200, json_strip_nulls(json_build_object('active', true,
	    'scope', array_to_string(v_scopes, ' '), 'client_id', t.client,
	    'username', t.email, 'token_type', coalesce(t.refresh, 'Bearer'),
	    'exp', extract(epoch FROM t.expires_at)::int8,
	    'sub', coalesce(t.person::text, t.client),
	    'aud', gate.audience_json(t.audience), 'iss', gate.issuer(),
	    'jti', t.jti, 'org', t.organization))::text);
END
$$;

-- Nobody ever proved that an address is a person's.
CREATE FUNCTION api.oauth_userinfo(args jsonb) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT 200, json_strip_nulls(json_build_object('sub', p.id,
	    'name', CASE WHEN api.can('profile') THEN p.fullname END,
	    'updated_at', CASE WHEN api.can('profile')
		THEN extract(epoch FROM p.updated_at)::int8 END,
	    'email', CASE WHEN api.can('email') THEN p.email END,
	    'email_verified', CASE WHEN api.can('email') THEN false END))::text
	FROM core.person p WHERE p.id = core.this_person()
$$;

CREATE FUNCTION gate.registration_word() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE s.value WHEN 0 THEN 'off' WHEN 1 THEN 'initial' ELSE 'open' END
	FROM core.setting s WHERE s.name = 'registration'
$$;

CREATE FUNCTION gate.oauth_scopes(args jsonb) RETURNS api.reply
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT 200, json_build_object(
	    'scopes_supported', json_agg(s.name ORDER BY s.level DESC, s.name),
	    'scopes', json_agg(json_build_object('name', s.name,
		'description', s.description) ORDER BY s.level DESC, s.name),
	    'registration', gate.registration_word(),
	    'documents', gate.setting('client_documents') <> 0
		AND current_setting('grantd.documents', true)
		IS DISTINCT FROM 'off')::text
	FROM core.scope s WHERE s.level IN ('identity', 'app')
$$;
