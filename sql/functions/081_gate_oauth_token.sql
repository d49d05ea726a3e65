-- What the calls of the token endpoint share, and revocation.

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
	v	int4 := gate.audience(p_args #> '{body,resource}', p_have);
BEGIN
	IF v IS NULL OR v & ~p_have <> 0 THEN
		PERFORM lib.fail(400, 'invalid_target',
		    'The resource is not one that was allowed');
	END IF;
	RETURN nullif(v, p_have);
END
$$;

CREATE FUNCTION gate.oauth_ttl() RETURNS int4
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT least(s.value, gate.access_lifetime())::int4
	    FROM core.setting s WHERE s.name = 'oauth_access_lifetime');
END
$$;

-- RFC 7636 4.6.  A verifier without a challenge is as wrong as the reverse.
CREATE FUNCTION gate.pkce_holds(p_challenge text, p_verifier text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p_challenge IS NULL THEN p_verifier IS NULL
	    ELSE coalesce(p_verifier ~ '^[A-Za-z0-9._~-]{43,128}$'
		AND lib.base64url(sha256(convert_to(p_verifier, 'UTF8')))
		    = p_challenge, false) END
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
