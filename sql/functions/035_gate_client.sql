-- The gate for clients: what tokens of people and clients are worth now;
-- secrets (6), assertions (7) and registration tokens (8).

-- Scopes that are no administrators', and those of them that say who a person
-- is.
CREATE FUNCTION gate.plain_scopes(OUT plain text[], OUT identity text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
	-- In order: so it goes by an index, as its callers want it.
	SELECT array_agg(s.name), array_agg(s.name) FILTER (
	    WHERE s.level = 'identity') INTO plain, identity
	FROM (SELECT t.name, t.level FROM core.scope t
	    WHERE t.level <> 'admin' ORDER BY t.name) s;
END
$$;

-- The same of a token's scopes, and without those that imply what is not among
-- them; inlined.
CREATE FUNCTION gate.plain_among(p_scopes text[])
RETURNS TABLE (plain text[], identity text[])
LANGUAGE sql STABLE AS $$
	SELECT coalesce(array_agg(t.name) FILTER (WHERE t.level <> 'admin'
		AND t.implies <@ CASE t.level WHEN 'identity' THEN '{}'
		    ELSE p_scopes END), '{}'),
	    coalesce(array_agg(t.name) FILTER (WHERE t.level = 'identity'), '{}')
	FROM core.scope t WHERE t.name = ANY (p_scopes)
$$;

-- The rest of gate.oauth_state, for what is not plain: with what scopes imply,
-- and for who may be an administrator of the root organization.  Null: the
-- person is gone.
CREATE FUNCTION gate.oauth_state_rest(p_person uuid, p_organization uuid,
    p_member boolean, p_scopes text[], p_allowed text[], p_given text[])
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_held	text[];
	v_more	boolean;
	v_scopes text[];
BEGIN
	SELECT array_agg(h) INTO v_held
	FROM core.member_role mr JOIN core.role r
	    ON r.organization = mr.organization AND r.id = mr.role
	CROSS JOIN LATERAL unnest(r.scopes) h
	WHERE p_member AND mr.organization = p_organization
	AND mr.person = p_person;
	v_held := coalesce(v_held, '{}');
	SELECT array_agg(DISTINCT e.scope) FILTER (WHERE s.level = 'identity'
		OR p_person IS NULL OR e.scope = ANY (v_held)),
	    coalesce(bool_or(s.level = 'admin' AND p_person IS NOT NULL
		AND NOT e.scope = ANY (v_held)), false)
	INTO v_scopes, v_more
	FROM core.scope s
	CROSS JOIN LATERAL unnest(s.implies || s.name) AS e(scope)
	WHERE s.name = ANY (p_scopes) AND s.name = ANY (p_allowed)
	AND (p_given IS NULL OR s.name = ANY (p_given));
	IF p_person IS NOT NULL AND (v_more OR NOT p_member) THEN
		v_held := gate.person_scopes(p_person, p_organization);
		IF NOT p_member AND v_held = '{}' THEN
			RETURN NULL;
		END IF;
		SELECT array_agg(DISTINCT e.scope) INTO v_scopes
		FROM core.scope s
		CROSS JOIN LATERAL unnest(s.implies || s.name) AS e(scope)
		WHERE s.name = ANY (p_scopes) AND s.name = ANY (p_allowed)
		AND (p_given IS NULL OR s.name = ANY (p_given))
		AND (s.level = 'identity' OR e.scope = ANY (v_held));
	END IF;
	RETURN coalesce(v_scopes, '{}');
END
$$;

-- Those of plain scopes that a member's roles have between them.
CREATE FUNCTION gate.scopes_held(p_organization uuid, p_person uuid,
    p_scopes text[], p_identity text[])
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ARRAY(SELECT DISTINCT s
	    FROM (SELECT) AS one
	    LEFT JOIN (core.member_role mr JOIN core.role r
		ON r.organization = mr.organization AND r.id = mr.role)
		ON mr.organization = p_organization AND mr.person = p_person
	    CROSS JOIN LATERAL unnest(p_scopes) s
	    WHERE s = ANY (p_identity) OR s = ANY (r.scopes));
END
$$;

-- What is left of a token's scopes: of those that the client may still have
-- and the person still allows, and with what they imply, those that the person
-- has at this moment.  The token is dead when client, connection, person or
-- membership is.  A client that a person registered does on its own what that
-- person may.
--
-- One row; inlined, so it must stay a plain query, in which each table counts.
-- That p_organization is active the caller knows.  p_plain and p_identity are
-- gate.plain_scopes() for a caller that wants to know of the scopes themselves
-- only, not of what they imply; else gate.plain_among() of the scopes, or both
-- empty, which takes the long way.
CREATE FUNCTION gate.oauth_state(p_kind text, p_organization uuid,
    p_person uuid, p_client text, p_epoch int4, p_connection uuid,
    p_scopes text[], p_plain text[], p_identity text[])
RETURNS TABLE (refusal text, scopes text[])
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN d.scopes IS NULL THEN 'token_revoked' END, d.scopes
	FROM (SELECT) AS one
	LEFT JOIN LATERAL (
		SELECT CASE
		    WHEN (t.status = 'active' AND t.epoch = p_epoch
			AND CASE WHEN t.organization <> p_organization THEN
			    (SELECT o.status = 'active' FROM core.organization o
			    WHERE o.id = t.organization) ELSE true END
			AND (p_kind = 'client'
			    OR (g.id IS NOT NULL AND g.ended_at IS NULL))
			AND CASE WHEN m.person IS NOT NULL
			    THEN m.person_status = 'enabled'
			WHEN w.id IS NULL THEN true
			ELSE (SELECT p.status = 'enabled' FROM core.person p
			    WHERE p.id = w.id) END) IS NOT TRUE
			THEN NULL
		    -- Mostly they are the same, which is quicker to see.
		    WHEN (p_scopes <@ p_plain
			AND (p_scopes = t.scopes OR p_scopes <@ t.scopes)
			AND (g.scopes IS NULL OR p_scopes = g.scopes
			    OR p_scopes <@ g.scopes)
			AND (w.id IS NULL OR m.person IS NOT NULL)) IS NOT TRUE
			THEN gate.oauth_state_rest(w.id, p_organization,
			    m.person IS NOT NULL, p_scopes, t.scopes, g.scopes)
		    WHEN w.id IS NULL THEN p_scopes
		    -- Mostly one of the roles has them all.
		    WHEN EXISTS (SELECT FROM core.member_role mr
			CROSS JOIN LATERAL (
			    SELECT FROM core.role r
			    WHERE r.organization = mr.organization
			    AND r.id = mr.role
			    AND (p_scopes <@ r.scopes
				OR p_scopes <@ (p_identity || r.scopes))
			    -- By its id: the planner would read all roles.
			    OFFSET 0) r
			WHERE mr.organization = m.organization
			AND mr.person = m.person) THEN p_scopes
		    ELSE gate.scopes_held(m.organization, m.person, p_scopes,
			p_identity) END AS scopes
		FROM oauth.client t
		CROSS JOIN LATERAL (SELECT coalesce(p_person, t.owner) AS id) w
		LEFT JOIN oauth.connection g ON g.id = p_connection
		LEFT JOIN core.member m ON m.organization = p_organization
		    AND m.person = w.id AND m.status = 'enabled'
		WHERE t.id = p_client
		OFFSET 0
	) d ON true
$$;

-- The rest of gate.enter for a token that a client holds: whether all that it
-- hangs on is alive, the resource that it is for, and its scopes now.
CREATE FUNCTION gate.enter_bearer(p_kind text, p_organization uuid,
    p_person uuid, p_client text, p_epoch int4, p_connection uuid,
    p_scopes text[], p_elsewhere boolean, p_needs text, p_unit core.unit)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_refusal text;
	v_scopes text[];
BEGIN
	SELECT s.refusal, s.scopes INTO v_refusal, v_scopes
	FROM gate.plain_among(p_scopes) p
	CROSS JOIN LATERAL gate.oauth_state(p_kind, p_organization, p_person,
	    p_client, p_epoch, p_connection, p_scopes, p.plain, p.identity) s;
	IF v_refusal IS NOT NULL THEN
		PERFORM gate.refuse(v_refusal, NULL);
	ELSIF p_elsewhere THEN
		PERFORM gate.refuse('wrong_audience', NULL);
	ELSIF NOT p_needs = ANY (v_scopes) THEN
		PERFORM gate.refuse('insufficient_scope', p_needs);
	END IF;
	p_unit.scopes := v_scopes;
	RETURN set_config('grantd.person', coalesce(p_person::text, ''), true)
	    || set_config('grantd.client', p_client, true)
	    || set_config('grantd.unit', p_unit::text, true);
END
$$;

-- The issuer of this server, which the broker's connections carry.
CREATE FUNCTION gate.issuer() RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	text := nullif(current_setting('grantd.issuer', true), '');
BEGIN
	IF v IS NULL THEN
		PERFORM lib.fail(503, 'issuer_unknown',
		    'The server does not know its own address', '', '', '',
		    'Ask the operator to set the issuer.');
	END IF;
	RETURN rtrim(v, '/');
END
$$;

-- RFC 7523 3, with the audience as the update of RFC 9700 wants it: the
-- issuer, and nobody else.  The signature was checked outside.
CREATE FUNCTION gate.assertion_claims(p_client text, p_payload text,
    OUT jti bytea, OUT expires timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	jsonb;
	v_now	numeric := extract(epoch FROM clock_timestamp());
BEGIN
	v := convert_from(lib.from_base64url(p_payload), 'UTF8')::jsonb;
	IF jsonb_typeof(v) IS DISTINCT FROM 'object'
	    OR v ->> 'iss' IS DISTINCT FROM p_client
	    OR v ->> 'sub' IS DISTINCT FROM p_client
	    OR NOT coalesce(v -> 'aud' IN (to_jsonb(gate.issuer()),
		jsonb_build_array(gate.issuer())), false)
	    OR jsonb_typeof(v -> 'jti') IS DISTINCT FROM 'string'
	    OR length(v ->> 'jti') NOT BETWEEN 1 AND 255
	    OR jsonb_typeof(v -> 'exp') IS DISTINCT FROM 'number'
	    OR (v ->> 'exp')::numeric NOT BETWEEN v_now AND v_now + 660
	    OR coalesce(jsonb_typeof(v -> 'nbf'), 'number') <> 'number'
	    OR coalesce((v ->> 'nbf')::numeric, 0) > v_now + 60
	    OR coalesce(jsonb_typeof(v -> 'iat'), 'number') <> 'number'
	    OR coalesce((v ->> 'iat')::numeric, v_now) > v_now + 60 THEN
		RETURN;
	END IF;
	expires := to_timestamp((v ->> 'exp')::float8);
	jti := sha256(convert_to(v ->> 'jti', 'UTF8'));
EXCEPTION WHEN data_exception THEN
	jti := NULL;
END
$$;

-- Each is good for one request: the first unit takes it, a later one of the
-- same request finds it taken by itself.
CREATE FUNCTION gate.assertion_take(p_client text, p_payload text,
    p_request uuid)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	a	record;
BEGIN
	SELECT * INTO a FROM gate.assertion_claims(p_client, p_payload);
	IF a.jti IS NULL THEN
		RETURN false;
	END IF;
	INSERT INTO oauth.assertion (client, jti, request, expires_at)
	VALUES (p_client, a.jti, p_request, a.expires)
	ON CONFLICT DO NOTHING;
	RETURN FOUND OR EXISTS (SELECT FROM oauth.assertion t
	    WHERE t.client = p_client AND t.jti = a.jti
	    AND t.request = p_request);
END
$$;

-- Once an hour is enough to know that a secret is in use; of a former one
-- somebody wants to know whether it still is, before ending it.  Inlined.
CREATE FUNCTION gate.secret_is_stale(p_used timestamptz,
    p_expires timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT p_used IS NULL OR p_used < now() - CASE
	    WHEN p_expires IS NULL THEN interval '1 hour'
	    ELSE interval '1 minute' END
$$;

CREATE FUNCTION gate.touch_secret(p_client text, p_id uuid) RETURNS void
LANGUAGE sql VOLATILE AS $$
	UPDATE oauth.secret s SET used_at = now()
	WHERE s.client = p_client AND s.id = (SELECT t.id FROM oauth.secret t
	    WHERE t.client = p_client AND t.id = p_id FOR UPDATE SKIP LOCKED)
$$;

-- gate.enter for kinds 6, 7 and 8.
CREATE FUNCTION gate.enter_client(p_hash bytea, p_kind int4, p_operation text,
    p_phase text, p_request uuid, p_timeout_ms int4, p_peer text,
    p_method text, p_path text, p_client text, p_assertion text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c	record;
	v_kind	text;
	v_org	uuid;
BEGIN
	SELECT op.kinds, op.class, op.timeout_ms, t.id, t.organization,
	    t.auth_method, s.id AS secret,
	    s.id IS NOT NULL AND gate.secret_is_stale(s.used_at,
		s.expires_at) AS touch
	INTO c
	FROM gate.operation op
	LEFT JOIN (oauth.client t LEFT JOIN core.organization o
	    ON o.id = t.organization)
	    ON t.id = p_client AND t.status = 'active'
	    AND coalesce(o.status = 'active', true)
	LEFT JOIN oauth.secret s ON p_kind = 6 AND s.client = t.id
	    AND s.hash = p_hash AND s.ended_at IS NULL
	    AND (s.expires_at IS NULL OR s.expires_at > now())
	WHERE op.name = p_operation;
	IF NOT FOUND THEN
		PERFORM gate.refuse('unknown_operation', NULL);
	END IF;
	v_org := c.organization;
	IF p_kind = 8 THEN
		SELECT * INTO v_org FROM gate.registration_credential(p_hash,
		    p_client, p_operation);
		v_kind := 'registration';
	ELSIF p_kind = 7 THEN
		v_kind := CASE WHEN c.auth_method = 'private_key_jwt'
		    AND gate.assertion_take(p_client, p_assertion, p_request)
		    THEN 'confidential' END;
	ELSE
		v_kind := CASE WHEN c.auth_method = 'none' THEN
			CASE WHEN p_hash IS NULL THEN 'public' END
		    WHEN c.secret IS NOT NULL
			AND c.auth_method LIKE 'client\_secret%'
			THEN 'confidential' END;
	END IF;
	IF v_kind IS NULL THEN
		PERFORM gate.refuse('invalid_client', NULL);
	ELSIF NOT v_kind = ANY (c.kinds) THEN
		PERFORM gate.refuse('unauthorized_client', NULL);
	ELSIF c.touch THEN
		PERFORM gate.touch_secret(c.id, c.secret);
	END IF;
	PERFORM gate.set_context(v_kind, v_org, NULL, c.id,
	    ROW(NULL, NULL, NULL, NULL, p_operation, c.class, p_phase,
		p_request, p_peer, p_method, p_path, NULL, NULL, NULL,
		NULL)::core.unit,
	    CASE WHEN p_timeout_ms > 0 THEN least(p_timeout_ms, c.timeout_ms)
		ELSE c.timeout_ms END);
END
$$;

-- Whose registration token, or initial access token, that is.
CREATE FUNCTION gate.registration_credential(p_hash bytea, p_client text,
    p_operation text)
RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_org	uuid;
BEGIN
	IF p_operation = 'registration.create' THEN
		SELECT t.organization INTO v_org
		FROM oauth.initial_token t JOIN core.organization o
		    ON o.id = t.organization AND o.status = 'active'
		WHERE t.hash = p_hash AND t.ended_at IS NULL
		AND t.expires_at > now() AND t.uses_left > 0;
	ELSE
		SELECT c.organization INTO v_org
		FROM oauth.registration r JOIN oauth.client c ON c.id = r.client
		    AND c.status = 'active'
		WHERE r.client = p_client AND r.hash = p_hash;
	END IF;
	IF NOT FOUND THEN
		PERFORM gate.refuse('invalid_token', NULL);
	END IF;
	RETURN v_org;
END
$$;

-- Keys that a client signs its assertions with, for the header of one: of
-- the header's algorithm and, if it names one, key.
CREATE FUNCTION gate.assertion_key(p_client text, p_header text)
RETURNS TABLE (alg text, spki bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	h	jsonb;
BEGIN
	h := convert_from(lib.from_base64url(p_header), 'UTF8')::jsonb;
	IF h ? 'crit' OR h ? 'b64' OR h ? 'zip'
	    OR coalesce(lower(h ->> 'typ'), 'jwt')
		NOT IN ('jwt', 'client-authentication+jwt') THEN
		RETURN;
	END IF;
	-- RFC 9864 has a name of its own for what is EdDSA with this curve.
	IF h ->> 'alg' = 'Ed25519' THEN
		h := h || '{"alg":"EdDSA"}';
	END IF;
	RETURN QUERY SELECT h ->> 'alg', lib.jwk_spki(k)
	FROM oauth.client c
	CROSS JOIN LATERAL jsonb_array_elements(c.jwks -> 'keys') k
	WHERE c.id = p_client AND c.status = 'active'
	AND c.auth_method = 'private_key_jwt'
	AND lib.jwk_alg(k) = h ->> 'alg'
	AND (h ->> 'kid' IS NULL OR k ->> 'kid' IS NULL
	    OR k ->> 'kid' = h ->> 'kid')
	ORDER BY k ->> 'kid' = h ->> 'kid' DESC NULLS LAST LIMIT 4;
EXCEPTION WHEN data_exception THEN
	RETURN;
END
$$;
