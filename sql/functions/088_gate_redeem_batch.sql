-- Authorization codes, for many at once.

-- Why a code gives nothing; null: it does.
CREATE FUNCTION gate.code_refusal(p_code oauth.code, p_now timestamptz,
    p_session_end timestamptz, p_organization_status text, p_redirect text,
    p_verifier text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE
	    WHEN p_code.hash IS NULL
		THEN 'The code is not known, or belongs to another client'
	    WHEN p_code.used_at IS NOT NULL THEN NULL
	    WHEN p_code.expires_at <= p_now THEN 'The code has expired'
	    WHEN p_session_end IS NOT NULL THEN 'The person has signed out'
	    WHEN p_organization_status <> 'active'
		THEN 'The organization is disabled'
	    WHEN p_redirect <> p_code.redirect_uri
		THEN 'redirect_uri is not the one of the authorization request'
	    -- RFC 6749 4.1.3; with PKCE OAuth 2.1 does without.
	    WHEN p_redirect IS NULL AND p_code.redirect_sent
		AND p_code.challenge IS NULL
		THEN 'redirect_uri is missing: it was in the authorization request'
	    WHEN gate.pkce_holds(p_code.challenge, p_verifier) THEN NULL
	    WHEN p_verifier IS NULL THEN 'code_verifier is missing'
	    WHEN p_code.challenge IS NULL
		THEN 'code_verifier was sent, but no code_challenge before'
	    ELSE 'code_verifier does not fit the code_challenge' END
$$;

-- A code that was used is planned, too, without a token: the commit ends what
-- the first redemption gave.
CREATE FUNCTION gate.redeem_plan(p_client text[], p_cred_hash bytea[],
    p_cred_kind int4[], p_assertion text[], p_request uuid[], p_args jsonb[],
    p_secret bytea[])
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
	v_plain	text[];
	v_identity text[];
BEGIN
	SELECT * INTO v_plain, v_identity FROM gate.plain_scopes();
	RETURN QUERY
	WITH caller AS MATERIALIZED (
		SELECT c.client, c.cred_hash, c.cred_kind, c.id, c.kind,
		    c.grant_types, c.touch
		FROM gate.callers(p_client, p_cred_hash, p_cred_kind) c
	), found AS MATERIALIZED (
		SELECT u.n, p_args[u.n] AS args, c.id, c.touch,
		    'refresh_token' = ANY (c.grant_types) AS refreshes,
		    'authorization_code' = ANY (c.grant_types) AS redeems,
		    t.audience,
		    t.organization, t.person, t.client_epoch, t.connection,
		    t.scopes AS have, t.auth_time, t.nonce,
		    t.used_at IS NOT NULL AS used,
		    p_args[u.n] #> '{body,resource}' IS NOT NULL AS narrows,
		    CASE WHEN c.kind IS NULL OR (c.kind = 'assertion'
			AND NOT gate.assertion_take(c.id, p_assertion[u.n],
			    p_request[u.n]))
			THEN 'invalid_client' END AS wrong,
		    gate.code_refusal(t, now(), e.ended_at, o.status,
			nullif(p_args[u.n] #>> '{body,redirect_uri}', ''),
			nullif(p_args[u.n] #>> '{body,code_verifier}', '')) AS words
		FROM unnest(p_cred_kind) WITH ORDINALITY AS u(cred_kind, n)
		LEFT JOIN caller c ON c.client = p_client[u.n]
		    AND c.cred_kind = u.cred_kind
		    AND c.cred_hash IS NOT DISTINCT FROM p_cred_hash[u.n]
		LEFT JOIN oauth.code t ON t.hash = p_secret[u.n] AND t.client = c.id
		    AND c.kind IS NOT NULL
		LEFT JOIN core.session e ON e.id = t.session
		LEFT JOIN core.organization o ON o.id = t.organization
	), decided AS MATERIALIZED (
		SELECT f.*, lib.uuid7() AS family,
		    coalesce(w.audience, f.audience) AS audiences,
		    w.audience AS narrow, s.scopes,
		    CASE
		    WHEN f.wrong IS NOT NULL THEN gate.refusal_texts(f.wrong)
		    WHEN f.words IS NOT NULL
			THEN gate.grant_texts('invalid_grant', f.words)
		    WHEN f.used THEN NULL
		    WHEN NOT f.redeems THEN gate.grant_texts(
			'unauthorized_client',
			'The client is not registered for authorization codes')
		    WHEN s.refusal IS NOT NULL OR s.scopes = '{}'
			THEN gate.grant_texts('invalid_grant',
			'What the person allowed was ended')
		    WHEN w.failure IS NOT NULL THEN w.failure
		    WHEN f.touch IS NOT NULL
			AND gate.touch_secret(f.id, f.touch) IS NULL THEN NULL
		    END AS e
		FROM found f
		LEFT JOIN LATERAL (
			SELECT x.audience, x.failure
			FROM gate.narrow(f.args #- '{body,scope}', f.have,
			    f.audience) x
			WHERE f.narrows AND NOT f.used AND f.wrong IS NULL
			AND f.words IS NULL
			OFFSET 0
		) w ON true
		LEFT JOIN LATERAL (
			SELECT x.refusal, ARRAY(SELECT a FROM unnest(f.have) a
			    WHERE a = ANY (x.scopes) ORDER BY a) AS scopes
			FROM gate.oauth_state('user', f.organization, f.person,
			    f.id, f.client_epoch, f.connection, f.have, v_plain,
			    v_identity) x
			WHERE NOT f.used AND f.wrong IS NULL AND f.words IS NULL
			OFFSET 0
		) s ON true
	), said AS MATERIALIZED (
		SELECT d.*, NOT d.used AND d.e IS NULL AS good,
		    'openid' = ANY (d.scopes) AS openid,
		    array_to_string(d.scopes, ' ') AS scope
		FROM decided d
	)
	SELECT CASE WHEN d.good THEN 3 END, d.audiences,
	    CASE WHEN d.good THEN d.refreshes::int4 END, v_ttl, d.organization,
	    CASE WHEN d.good THEN d.family END, 1, d.person::text,
	    CASE WHEN d.good THEN d.id END, d.scope,
	    NULL::int4, NULL::bytea, CASE WHEN d.good
		THEN gate.carry('"family":"' || d.family || CASE WHEN d.openid
			THEN '","id_token":true,' ELSE '",' END,
		    v_ttl, d.scope, NULL, d.narrow) END,
	    coalesce(d.openid, false)::int4,
	    CASE WHEN d.openid THEN extract(epoch FROM d.auth_time)::int8 END,
	    CASE WHEN d.openid THEN d.nonce END,
	    d.e[1], d.e[2], d.e[3], d.e[4], d.e[5], d.e[6], d.e[7], d.e[8]
	FROM said d ORDER BY d.n;
END
$$;

-- Exactly one redemption finds the code unused.  Codes are locked first, and
-- the families that replays end, each in order, so that what follows sees them
-- as they are.
CREATE FUNCTION gate.redeem_batch(p_client text[], p_cred_hash bytea[],
    p_cred_kind int4[], p_assertion text[], p_request uuid[], p_peer text[],
    p_carry jsonb[], p_secret bytea[], p_jti uuid[], p_access_hash bytea[],
    p_exp int8[], p_refresh_hash bytea[], p_seed bytea[], p_seed_key int4[])
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
	v_end	timestamptz := now() + gate.refresh_lifetime();
	v_reason text := 'its code was redeemed again';
	v_words	text := 'The code was redeemed before; what it gave was revoked';
BEGIN
	PERFORM FROM oauth.code k WHERE k.hash = ANY (p_secret)
	ORDER BY k.hash FOR NO KEY UPDATE;
	PERFORM FROM token.family f
	WHERE f.id = ANY (ARRAY(SELECT k.family FROM oauth.code k
	    WHERE k.hash = ANY (p_secret) AND k.used_at IS NOT NULL))
	ORDER BY f.id FOR NO KEY UPDATE;
	RETURN QUERY
	WITH caller AS MATERIALIZED (
		SELECT c.client, c.cred_hash, c.cred_kind, c.id, c.kind, c.stale
		FROM gate.callers(p_client, p_cred_hash, p_cred_kind) c
	), given AS MATERIALIZED (
		SELECT u.n, p_request[u.n] AS request, p_peer[u.n] AS peer,
		    p_carry[u.n] AS carry, p_secret[u.n] AS secret,
		    p_jti[u.n] AS jti, p_access_hash[u.n] AS access_hash,
		    p_exp[u.n] AS exp, p_refresh_hash[u.n] AS refresh_hash,
		    p_seed[u.n] AS seed, p_seed_key[u.n] AS seed_key,
		    c.id, c.stale, CASE c.kind WHEN 'public' THEN c.kind
			ELSE 'confidential' END AS kind,
		    k.organization, k.person, k.client_epoch, k.connection,
		    k.scopes, k.audience, k.family AS former,
		    (p_carry[u.n] ->> 'family')::uuid AS family,
		    CASE
		    WHEN c.kind IS NULL OR (c.kind = 'assertion'
			AND NOT gate.assertion_take(c.id, p_assertion[u.n],
			    p_request[u.n]))
			THEN 'invalid_client'
		    WHEN p_jti[u.n] IS NULL OR k.hash IS NULL OR k.used_at IS NOT NULL
			THEN 'replay'
		    WHEN NOT p_exp[u.n] <@ v_slots THEN 'clock_skew'
		    END AS wrong
		FROM unnest(p_cred_kind) WITH ORDINALITY AS u(cred_kind, n)
		LEFT JOIN caller c ON c.client = p_client[u.n]
		    AND c.cred_kind = u.cred_kind
		    AND c.cred_hash IS NOT DISTINCT FROM p_cred_hash[u.n]
		LEFT JOIN oauth.code k ON k.hash = p_secret[u.n] AND k.client = c.id
	), ranked AS MATERIALIZED (
		SELECT g.*, row_number() OVER w AS turn, count(*) OVER (
			PARTITION BY g.secret, g.wrong IS NULL) > 1 AS again
		FROM given g
		WINDOW w AS (PARTITION BY g.secret, g.wrong IS NULL ORDER BY g.n)
	), asked AS MATERIALIZED (
		SELECT r.*, CASE WHEN r.wrong IS NULL AND r.turn > 1
		    THEN 'replay' ELSE r.wrong END AS e
		FROM ranked r
	), used AS (
		UPDATE oauth.code k SET used_at = now(), family = a.family
		FROM asked a WHERE a.e IS NULL AND k.hash = a.secret
	), born AS (
		INSERT INTO token.family (organization, id, kind, token_type, name,
		    fullname, scopes, token_ttl, seed_key, seed, refresh_hash,
		    access_expires_at, expires_at, person, client, client_epoch,
		    connection, audience, ended_at, ended_reason)
		SELECT a.organization, a.family, 'user', 'logon', a.family::text,
		    a.family::text, a.scopes, (a.carry ->> 'ttl')::int4,
		    a.seed_key, a.seed, a.refresh_hash, to_timestamp(a.exp),
		    CASE WHEN a.refresh_hash IS NULL THEN to_timestamp(a.exp)
			ELSE v_end END,
		    a.person, a.id, a.client_epoch, a.connection, a.audience,
		    CASE WHEN a.again THEN now() END,
		    CASE WHEN a.again THEN v_reason END
		FROM asked a WHERE a.e IS NULL
	), stored AS (
		INSERT INTO token.access_token (slot, hash, expires_at,
		    organization, family, epoch, generation, jti, audience)
		SELECT token.slot(a.exp), a.access_hash, to_timestamp(a.exp),
		    a.organization, a.family, 1, 1, a.jti,
		    (a.carry ->> 'audience')::int4
		FROM asked a WHERE a.e IS NULL
	), replayed AS MATERIALIZED (
		-- One for each family that ends: the first that came too late.
		SELECT DISTINCT ON (v.family) a.n, v.family, v.born,
		    a.organization, a.person, a.id, a.kind, a.request, a.peer
		FROM asked a CROSS JOIN LATERAL (
			SELECT a.former AS family, false AS born
			WHERE a.former IS NOT NULL
			UNION ALL
			SELECT b.family, true FROM asked b
			WHERE a.former IS NULL AND b.e IS NULL
			AND b.secret = a.secret) v
		WHERE a.e = 'replay'
		ORDER BY v.family, a.n
	), ended AS (
		UPDATE token.family f SET ended_at = now(), ended_reason = v_reason,
		    updated_at = now()
		FROM replayed r
		WHERE f.id = r.family AND f.client IS NOT NULL
		AND f.ended_at IS NULL
		RETURNING f.id
	), told AS MATERIALIZED (
		SELECT r.* FROM replayed r WHERE r.born
		OR EXISTS (SELECT FROM ended x WHERE x.id = r.family)
	), audited AS (
		INSERT INTO audit.event (organization, actor_kind, actor, family,
		    peer, request_id, operation, target_kind, target, outcome,
		    status, code, detail, person, client)
		SELECT a.organization, a.kind, a.person, a.family,
		    nullif(a.peer, ''), a.request, 'token.redeem', 'token',
		    a.family::text, 'success', 200, NULL, jsonb_build_object(
			'jti', a.jti, 'scope', a.carry ->> 'scope',
			'connection', a.connection), a.person, a.id
		FROM asked a WHERE a.e IS NULL
		UNION ALL
		SELECT r.organization, r.kind, r.person, NULL,
		    nullif(r.peer, ''), r.request, 'token.redeem', 'token',
		    r.family::text, 'refused', 400, 'invalid_grant',
		    jsonb_build_object('ended', v_reason), r.person, r.id
		FROM told r
	), touched AS MATERIALIZED (
		SELECT gate.touch_connection(t.connection)
		FROM (SELECT DISTINCT a.connection FROM asked a
		    JOIN oauth.connection g ON g.id = a.connection
			AND (g.used_at IS NULL
			    OR g.used_at < now() - interval '1 hour')
		    WHERE a.e IS NULL) t
		UNION ALL
		SELECT gate.touch_client(t.id)
		FROM (SELECT DISTINCT a.id FROM asked a
		    WHERE a.e IS NULL AND a.stale) t
	), failed AS MATERIALIZED (
		SELECT a.n, CASE a.e
		    WHEN 'invalid_client' THEN gate.refusal_texts(a.e)
		    WHEN 'clock_skew' THEN gate.failure(a.e, NULL, a.exp, NULL)
		    -- Ended nothing, so it has no event yet.
		    ELSE gate.grant_texts('invalid_grant', v_words)
		    END AS texts
		FROM asked a WHERE a.e IS NOT NULL
		AND a.n NOT IN (SELECT r.n FROM told r)
	)
	SELECT CASE WHEN a.e IS NULL THEN 200 WHEN f.n IS NULL THEN 400
		ELSE substr(f.texts[1], 3)::int4 END,
	    CASE WHEN a.e IS NULL THEN json_strip_nulls(json_build_object(
		'access_token', chr(1) || '0', 'token_type', 'Bearer',
		'expires_in', (a.carry ->> 'ttl')::int4, 'refresh_token',
		CASE WHEN a.refresh_hash IS NOT NULL THEN chr(1) || '1' END,
		'scope', a.carry ->> 'scope', 'id_token',
		CASE WHEN a.carry ? 'id_token' THEN chr(1) || '2' END))::text
	    WHEN f.n IS NULL THEN json_build_object('error',
		'invalid_grant', 'error_description', v_words)::text
	    END,
	    f.texts[1], f.texts[2], f.texts[3], f.texts[4], f.texts[5],
	    f.texts[6], f.texts[7], f.texts[8]
	FROM asked a LEFT JOIN failed f ON f.n = a.n
	CROSS JOIN (SELECT count(*) FROM touched) t
	ORDER BY a.n;
END
$$;
