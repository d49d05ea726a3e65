-- The token endpoint for many at once: as gate.token_issue_plan and
-- gate.token_issue_batch, with clients' credentials.  OFFSET 0 keeps what few
-- elements need from being done for all.

-- The client of a credential of kind 6 or 7, if it is one; inlined.  kind:
-- public, confidential, or assertion if that is yet to be taken.  touch: the
-- secret whose last use is to be noted.  official: made by an administrator.
CREATE FUNCTION gate.client_now(p_client text, p_hash bytea, p_kind int4)
RETURNS TABLE (id text, kind text, organization uuid, owner uuid, epoch int4,
    family uuid, grant_types text[], stale boolean, touch uuid,
    official boolean)
LANGUAGE sql STABLE AS $$
	SELECT c.id, CASE
	    WHEN p_kind = 7 THEN CASE WHEN c.auth_method = 'private_key_jwt'
		THEN 'assertion' END
	    WHEN p_kind <> 6 THEN NULL
	    WHEN c.auth_method = 'none' THEN CASE WHEN p_hash IS NULL
		THEN 'public' END
	    WHEN s.id IS NOT NULL AND c.auth_method LIKE 'client\_secret%'
		THEN 'confidential' END,
	    c.organization, c.owner, c.epoch, c.family, c.grant_types,
	    c.used_at IS NULL OR c.used_at < now() - interval '1 hour',
	    CASE WHEN gate.secret_is_stale(s.used_at, s.expires_at)
		THEN s.id END, c.origin = 'admin'
	FROM oauth.client c
	LEFT JOIN oauth.secret s ON p_kind = 6 AND s.client = c.id
	    AND s.hash = p_hash AND s.ended_at IS NULL
	    AND (s.expires_at IS NULL OR s.expires_at > now())
	WHERE c.id = p_client AND c.status = 'active'
	AND coalesce((SELECT o.status FROM core.organization o
	    WHERE o.id = c.organization), 'active') = 'active'
$$;

-- The clients of many requests; inlined.  Few ask much: each is looked up once.
CREATE FUNCTION gate.callers(p_client text[], p_cred_hash bytea[],
    p_cred_kind int4[])
RETURNS TABLE (client text, cred_hash bytea, cred_kind int4, id text,
    kind text, organization uuid, owner uuid, epoch int4, family uuid,
    grant_types text[], stale boolean, touch uuid, official boolean)
LANGUAGE sql STABLE AS $$
	SELECT d.client, d.cred_hash, d.cred_kind, c.id, c.kind,
	    c.organization, c.owner, c.epoch, c.family, c.grant_types, c.stale,
	    c.touch, c.official
	FROM (SELECT DISTINCT p_client[u.n] AS client,
		p_cred_hash[u.n] AS cred_hash, u.cred_kind
	    FROM unnest(p_cred_kind) WITH ORDINALITY AS u(cred_kind, n)) d
	CROSS JOIN LATERAL gate.client_now(d.client, d.cred_hash,
	    d.cred_kind) c
$$;

-- Failures as arrays of texts, as gate.failure has them.
CREATE FUNCTION gate.refusal_texts(p_code text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT ARRAY['OA' || r.status, r.message, r.detail,
	    r.remediation, r.code, '', '', '']
	    FROM gate.refusal r WHERE r.code = p_code);
END
$$;

CREATE FUNCTION gate.grant_texts(p_code text, p_words text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT ARRAY['HT400', p_words, '', '', p_code, '', '', '']
$$;

-- Scopes and resources that a request narrows its token to.
CREATE FUNCTION gate.narrow(p_args jsonb, p_scopes text[], p_audience int4,
    OUT scopes text[], OUT audience int4, OUT failure text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_words	text;
	v_code	text;
BEGIN
	scopes := gate.narrow_scopes(p_args, p_scopes);
	audience := gate.narrow_audience(p_args, p_audience);
EXCEPTION WHEN SQLSTATE 'HT400' THEN
	GET STACKED DIAGNOSTICS v_words = MESSAGE_TEXT, v_code = CONSTRAINT_NAME;
	failure := gate.grant_texts(v_code, v_words);
END
$$;

-- What a plan hands its commit: these, and members of its own before them;
-- inlined.  JSON as text: jsonb would be made, written out and read again.
CREATE FUNCTION gate.carry(p_own text, p_ttl int4, p_scope text,
    p_scopes text[], p_audience int4)
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT '{' || p_own || '"ttl":' || p_ttl || ',"scope":' || to_json(p_scope)
	    || coalesce(',"scopes":' || to_json(p_scopes), '')
	    || coalesce(',"audience":' || p_audience, '') || '}'
$$;

CREATE FUNCTION gate.touch_client(p_client text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE oauth.client c SET used_at = now()
	WHERE c.id = (SELECT t.id FROM oauth.client t
	    WHERE t.id = p_client FOR UPDATE SKIP LOCKED);
END
$$;

CREATE FUNCTION gate.client_credentials_plan(p_client text[],
    p_cred_hash bytea[], p_cred_kind int4[], p_assertion text[],
    p_request uuid[], p_args jsonb[])
RETURNS TABLE (kind int4, audience int4, refresh int4, ttl int4,
    organization uuid, family uuid, generation int4, subject text,
    client_id text, scope text, seed_key int4, seed bytea, carry text,
    id_token int4, auth_time int8, nonce text,
    sqlstate text, message text, detail text, hint text, code text,
    parameter text, location text, needs text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
	v_ttl	int4 := gate.oauth_ttl();
BEGIN
	RETURN QUERY
	WITH caller AS MATERIALIZED (
		SELECT c.client, c.cred_hash, c.cred_kind, c.id, c.kind,
		    c.organization, c.owner, c.epoch, c.family, c.touch,
		    f.scopes AS have, f.audience, f.id IS NOT NULL
			AND 'client_credentials' = ANY (c.grant_types) AS may
		FROM gate.callers(p_client, p_cred_hash, p_cred_kind) c
		LEFT JOIN token.family f ON f.id = c.family
	)
	SELECT CASE WHEN d.e IS NULL THEN 4 END,
	    coalesce(d.narrow_audience, d.audience), 0, v_ttl, d.organization,
	    d.family, 1, d.id, d.id, d.scope, NULL::int4, NULL::bytea,
	    CASE WHEN d.e IS NULL THEN gate.carry('', v_ttl, d.scope, d.narrow,
		d.narrow_audience) END,
	    0, NULL::int8, NULL::text,
	    d.e[1], d.e[2], d.e[3], d.e[4], d.e[5], d.e[6], d.e[7], d.e[8]
	FROM (
		SELECT f.n, f.id, f.organization, f.family, f.audience,
		    w.scopes AS narrow, w.audience AS narrow_audience,
		    array_to_string(CASE WHEN f.owner IS NULL
			THEN coalesce(w.scopes, f.have)
			ELSE lib.both(coalesce(w.scopes, f.have), s.scopes) END,
			' ') AS scope,
		    CASE
		    WHEN f.wrong IS NOT NULL THEN gate.refusal_texts(f.wrong)
		    WHEN NOT f.may THEN gate.grant_texts('unauthorized_client',
			'The client is not registered for tokens of its own (client credentials)')
		    WHEN w.failure IS NOT NULL THEN w.failure
		    WHEN s.refusal IS NOT NULL THEN gate.grant_texts(
			'unauthorized_client',
			'The person on whose behalf the client acts is gone')
		    WHEN NOT coalesce(w.scopes, f.have)
			&& coalesce(s.scopes, f.have) THEN gate.grant_texts(
			'invalid_scope', 'There is no scope left that the client may use on its own')
		    WHEN f.touch IS NOT NULL
			AND gate.touch_secret(f.id, f.touch) IS NULL THEN NULL
		    END AS e
		FROM (
			SELECT u.n, p_args[u.n] AS args, c.id, c.organization,
			    c.owner, c.epoch, c.family, c.have, c.audience, c.touch, c.may,
			    coalesce(p_args[u.n] #>> '{body,scope}', '') <> ''
				OR p_args[u.n] #> '{body,resource}' IS NOT NULL
				AS narrows,
			    CASE
			    WHEN c.kind IS NULL THEN 'invalid_client'
			    WHEN c.kind = 'public' THEN 'unauthorized_client'
			    WHEN c.kind = 'assertion' AND NOT gate.assertion_take(
				c.id, p_assertion[u.n], p_request[u.n])
				THEN 'invalid_client'
			    END AS wrong
			FROM unnest(p_cred_kind) WITH ORDINALITY AS u(cred_kind, n)
			LEFT JOIN caller c ON c.client = p_client[u.n]
			    AND c.cred_kind = u.cred_kind
			    AND c.cred_hash IS NOT DISTINCT FROM p_cred_hash[u.n]
			OFFSET 0
		) f
		LEFT JOIN LATERAL (
			SELECT x.scopes, x.audience, x.failure
			FROM gate.narrow(f.args, f.have, f.audience) x
			WHERE f.narrows AND f.may AND f.wrong IS NULL
			OFFSET 0
		) w ON true
		LEFT JOIN LATERAL (
			SELECT x.refusal, x.scopes
			FROM gate.oauth_state('client', f.organization, NULL,
			    f.id, f.epoch, NULL, coalesce(w.scopes, f.have),
			    '{}', '{}') x
			WHERE f.owner IS NOT NULL AND f.may AND f.wrong IS NULL
			OFFSET 0
		) s ON true
		OFFSET 0
	) d ORDER BY d.n;
END
$$;

CREATE FUNCTION gate.client_credentials_batch(p_client text[],
    p_cred_hash bytea[], p_cred_kind int4[], p_assertion text[],
    p_request uuid[], p_peer text[], p_carry jsonb[], p_jti uuid[],
    p_access_hash bytea[], p_exp int8[])
RETURNS TABLE (status int4, body text, sqlstate text, message text,
    detail text, hint text, code text, parameter text, location text,
    scope text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET lock_timeout = '2s' AS $$
#variable_conflict use_column
DECLARE
	v_slots	int8range := gate.slots_now();
BEGIN
	RETURN QUERY
	WITH caller AS MATERIALIZED (
		SELECT c.client, c.cred_hash, c.cred_kind, c.id, c.kind,
		    c.organization, c.stale, f.id AS family, f.epoch, f.scopes,
		    f.audience
		FROM gate.callers(p_client, p_cred_hash, p_cred_kind) c
		LEFT JOIN token.family f ON f.id = c.family
	), checked AS MATERIALIZED (
		SELECT u.n, p_request[u.n] AS request, p_peer[u.n] AS peer,
		    p_carry[u.n] AS carry, p_jti[u.n] AS jti,
		    p_access_hash[u.n] AS access_hash, p_exp[u.n] AS exp,
		    c.id, c.organization, c.stale, c.family, c.epoch, c.scopes,
		    c.audience,
		    CASE
		    WHEN c.kind IS NULL OR c.family IS NULL
			OR (c.kind = 'assertion' AND NOT gate.assertion_take(
			    c.id, p_assertion[u.n], p_request[u.n]))
			THEN 'invalid_client'
		    WHEN c.kind = 'public' THEN 'unauthorized_client'
		    WHEN NOT p_exp[u.n] <@ v_slots THEN 'clock_skew'
		    END AS wrong
		FROM unnest(p_cred_kind) WITH ORDINALITY AS u(cred_kind, n)
		LEFT JOIN caller c ON c.client = p_client[u.n]
		    AND c.cred_kind = u.cred_kind
		    AND c.cred_hash IS NOT DISTINCT FROM p_cred_hash[u.n]
	), stored AS (
		INSERT INTO token.access_token (slot, hash, expires_at,
		    organization, family, epoch, generation, jti, scopes, audience)
		SELECT token.slot(k.exp), k.access_hash, to_timestamp(k.exp),
		    k.organization, k.family, k.epoch, NULL, k.jti,
		    CASE WHEN k.carry ? 'scopes' THEN lib.both(
			ARRAY(SELECT jsonb_array_elements_text(k.carry -> 'scopes')),
			k.scopes) END,
		    (k.carry ->> 'audience')::int4 & k.audience
		FROM checked k WHERE k.wrong IS NULL
	), audited AS (
		INSERT INTO audit.event (organization, actor_kind, actor, family,
		    peer, request_id, operation, target_kind, target, outcome,
		    status, detail, client)
		SELECT k.organization, 'confidential', k.organization, k.family,
		    nullif(k.peer, ''), k.request, 'token.client_credentials',
		    'token', k.family::text, 'success', 200, jsonb_build_object(
			'jti', k.jti, 'scope', k.carry ->> 'scope'), k.id
		FROM checked k WHERE k.wrong IS NULL
	), touched AS MATERIALIZED (
		SELECT gate.touch_client(t.id) FROM (SELECT DISTINCT k.id
		    FROM checked k WHERE k.wrong IS NULL AND k.stale) t
	), failed AS MATERIALIZED (
		SELECT k.n, CASE k.wrong WHEN 'clock_skew'
		    THEN gate.failure(k.wrong, NULL, k.exp, NULL)
		    ELSE gate.refusal_texts(k.wrong) END AS e
		FROM checked k WHERE k.wrong IS NOT NULL
	)
	SELECT CASE WHEN k.wrong IS NULL THEN 200
		ELSE substr(e.e[1], 3)::int4 END,
	    CASE WHEN k.wrong IS NULL THEN
		'{"access_token":"\u00010","token_type":"Bearer","expires_in":'
		|| (k.carry ->> 'ttl') || ',"scope":' || (k.carry -> 'scope')
		|| '}' END,
	    e.e[1], e.e[2], e.e[3], e.e[4], e.e[5], e.e[6], e.e[7], e.e[8]
	FROM checked k LEFT JOIN failed e ON e.n = k.n
	CROSS JOIN (SELECT count(*) FROM touched) t
	ORDER BY k.n;
END
$$;
