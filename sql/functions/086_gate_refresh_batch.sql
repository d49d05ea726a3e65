-- Refresh of people's tokens, for many at once.
--
-- The former secret gives the same successor again while that is not in use,
-- for the time of grace; and for some seconds although it is in use, since
-- several windows of one program refresh at once.  Later it is a stolen one,
-- or the thief's is the newer: the family ends.  A secret that is older still
-- is known by its generation; the signer says whether it is real, and the
-- commit then ends the family.

CREATE FUNCTION gate.oauth_refresh_plan(p_client text[], p_cred_hash bytea[],
    p_cred_kind int4[], p_assertion text[], p_request uuid[], p_args jsonb[],
    p_secret bytea[], p_secret_family uuid[], p_secret_generation int4[])
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
	v_race	timestamptz := now() - gate.setting_interval('refresh_race');
	v_grace	timestamptz := now() - gate.refresh_grace();
	v_plain	text[];
	v_identity text[];
BEGIN
	SELECT * INTO v_plain, v_identity FROM gate.plain_scopes();
	RETURN QUERY
	WITH caller AS MATERIALIZED (
		SELECT c.client, c.cred_hash, c.cred_kind, c.id, c.kind, c.touch,
		    'refresh_token' = ANY (c.grant_types) AS refreshes
		FROM gate.callers(p_client, p_cred_hash, p_cred_kind) c
	)
	SELECT CASE WHEN d.e IS NULL AND d.verdict <> 'reuse' THEN 3 END,
	    coalesce(d.narrow_audience, d.audience), 2, v_ttl, d.organization,
	    d.family, CASE d.verdict WHEN 'old' THEN d.shown + 1
		ELSE d.generation + d.newest::int4 END,
	    d.person::text, d.id, d.scope, d.seed_key, d.seed,
	    CASE WHEN d.e IS NULL THEN gate.carry('"family":"' || d.family
		|| '","from":' || d.generation + d.newest::int4 - 1
		|| ',"epoch":' || d.epoch || CASE
		    WHEN d.verdict IN ('reuse', 'old') THEN ',"reuse":true,'
		    ELSE ',' END,
		v_ttl, d.scope, d.narrow, d.narrow_audience) END,
	    0, NULL::int8, NULL::text,
	    d.e[1], d.e[2], d.e[3], d.e[4], d.e[5], d.e[6], d.e[7], d.e[8]
	FROM (
		SELECT j.n, j.id, j.shown, j.family, j.organization, j.person,
		    j.audience, j.epoch, j.generation, j.seed, j.seed_key,
		    j.newest, j.verdict, w.scopes AS narrow,
		    w.audience AS narrow_audience,
		    array_to_string(CASE j.verdict
			WHEN 'good' THEN CASE
			    WHEN s.scopes <@ coalesce(w.scopes, j.have)
			    THEN s.scopes
			    ELSE lib.both(coalesce(w.scopes, j.have), s.scopes) END
			ELSE j.have END, ' ') AS scope,
		    CASE j.verdict
		    WHEN 'good' THEN CASE
			WHEN NOT j.refreshes THEN gate.grant_texts(
			    'unauthorized_client',
			    'The client is not registered for refresh tokens')
			WHEN w.failure IS NOT NULL THEN w.failure
			WHEN s.refusal IS NOT NULL THEN gate.grant_texts(
			    'invalid_grant', 'What the person allowed was ended')
			-- The rest of the grant may be good: not its end.
			WHEN NOT w.scopes && s.scopes
			    THEN gate.grant_texts('invalid_scope',
			    'The person or the client has none of these scopes any more')
			WHEN NOT j.have && s.scopes
			    THEN gate.grant_texts('invalid_grant',
			    'The person or the client has none of these scopes any more')
			WHEN j.touch IS NOT NULL
			    AND gate.touch_secret(j.id, j.touch) IS NULL THEN NULL
			END
		    WHEN 'refused' THEN gate.refusal_texts(j.wrong)
		    WHEN 'unknown' THEN gate.grant_texts('invalid_grant',
			'The refresh token is not known, or belongs to another client')
		    WHEN 'ended' THEN gate.grant_texts('invalid_grant',
			'The refresh token was revoked')
		    WHEN 'disabled' THEN gate.grant_texts('invalid_grant',
			'The organization is disabled')
		    WHEN 'expired' THEN gate.grant_texts('invalid_grant',
			'The refresh token has expired')
		    END AS e
		FROM (
			SELECT f.*, CASE
			    WHEN f.wrong IS NOT NULL THEN 'refused'
			    WHEN f.family IS NULL THEN 'unknown'
			    WHEN f.ended_at IS NOT NULL THEN 'ended'
			    WHEN f.organization_status <> 'active' THEN 'disabled'
			    WHEN NOT f.newest AND NOT f.former THEN
				CASE WHEN f.shown > 0 AND f.shown < f.generation
				THEN 'old' ELSE 'unknown' END
			    WHEN NOT f.newest AND NOT coalesce(
				f.refreshed_at > v_race
				OR (f.refreshed_at > v_grace AND NOT EXISTS (
				    SELECT FROM token.successor_use s
				    WHERE s.organization = f.organization
				    AND s.family = f.family
				    AND s.generation = f.generation)), false)
				THEN 'reuse'
			    WHEN f.expires_at <= now() THEN 'expired'
			    ELSE 'good' END AS verdict
			FROM (
				SELECT u.n, p_args[u.n] AS args,
				    p_secret_generation[u.n] AS shown, c.id, c.touch,
				    c.refreshes, f.id AS family, f.organization,
				    f.organization_status, f.person,
				    f.client_epoch, f.connection,
				    f.scopes AS have, f.audience, f.epoch,
				    f.generation, f.seed, f.seed_key, f.ended_at,
				    f.refreshed_at,
				    f.refresh_hash = p_secret[u.n] AS newest,
				    coalesce(f.secondary_refresh_hash = p_secret[u.n],
					false) AS former,
				    CASE WHEN f.refresh_hash = p_secret[u.n]
					THEN f.expires_at
					ELSE f.secondary_expires_at END
					AS expires_at,
				    coalesce(p_args[u.n] #>> '{body,scope}', '') <> ''
					OR p_args[u.n] #> '{body,resource}' IS NOT NULL
					AS narrows,
				    CASE WHEN c.kind IS NULL
					OR (c.kind = 'assertion'
					AND NOT gate.assertion_take(c.id,
					    p_assertion[u.n], p_request[u.n]))
					THEN 'invalid_client' END AS wrong
				FROM unnest(p_cred_kind) WITH ORDINALITY
				    AS u(cred_kind, n)
				LEFT JOIN caller c ON c.client = p_client[u.n]
				    AND c.cred_kind = u.cred_kind
				    AND c.cred_hash IS NOT DISTINCT FROM
					p_cred_hash[u.n]
				LEFT JOIN token.family f ON f.id = p_secret_family[u.n]
				    AND f.kind = 'user' AND f.client = c.id
				    AND f.seed IS NOT NULL
				OFFSET 0
			) f OFFSET 0
		) j
		LEFT JOIN LATERAL (
			SELECT x.scopes, x.audience, x.failure
			FROM gate.narrow(j.args, j.have, j.audience) x
			WHERE j.narrows AND j.verdict = 'good'
			OFFSET 0
		) w ON true
		LEFT JOIN LATERAL (
			SELECT x.refusal, x.scopes
			FROM gate.oauth_state('user', j.organization, j.person, j.id,
			    j.client_epoch, j.connection,
			    coalesce(w.scopes, j.have), v_plain, v_identity) x
			WHERE j.verdict = 'good'
			OFFSET 0
		) s ON true
		OFFSET 0
	) d ORDER BY d.n;
END
$$;

-- Ends the families of former secrets that were used again, and says so: the
-- requests that have an event now.
CREATE FUNCTION gate.oauth_refresh_reused(p_client text[], p_cred_hash bytea[],
    p_cred_kind int4[], p_request uuid[], p_peer text[], p_carry jsonb[])
RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
	v_told	uuid[];
BEGIN
	WITH ended AS (
		UPDATE token.family f SET ended_at = now(), updated_at = now(),
		    ended_reason = 'a former refresh token was used again'
		FROM (
			SELECT DISTINCT ON (t.family) t.family, t.client, t.kind,
			    t.request, t.peer
			FROM (
				SELECT (u.carry ->> 'family')::uuid AS family,
				    u.client, c.kind, u.request, u.peer
				FROM unnest(p_carry, p_client, p_cred_hash,
				    p_cred_kind, p_request, p_peer)
				    AS u(carry, client, hash, cred_kind, request, peer)
				CROSS JOIN LATERAL gate.client_now(u.client, u.hash,
				    u.cred_kind) c
				WHERE u.carry ? 'reuse' AND c.kind IS NOT NULL
			) t
		) r
		WHERE f.id = r.family AND f.client = r.client
		AND f.ended_at IS NULL
		RETURNING f.organization, f.id, f.person, r.client, r.kind,
		    r.request, r.peer
	), audited AS (
		INSERT INTO audit.event (organization, actor_kind, actor, peer,
		    request_id, operation, target_kind, target, outcome, status, code,
		    detail, person, client)
		SELECT e.organization, CASE e.kind WHEN 'public' THEN e.kind
			ELSE 'confidential' END,
		    e.person, nullif(e.peer, ''), e.request, 'token.oauth_refresh',
		    'token', e.id::text, 'refused', 400, 'invalid_grant',
		    '{"ended": "a former refresh token was used again"}', e.person,
		    e.client
		FROM ended e
	)
	SELECT coalesce(array_agg(e.request), '{}') INTO v_told FROM ended e;
	RETURN v_told;
END
$$;

-- Families are locked first, in order, so that what follows sees them as they
-- are; of several that turn one family the first does, and the others repeat.
CREATE FUNCTION gate.oauth_refresh_batch(p_client text[], p_cred_hash bytea[],
    p_cred_kind int4[], p_assertion text[], p_request uuid[], p_peer text[],
    p_carry jsonb[], p_jti uuid[], p_access_hash bytea[], p_exp int8[],
    p_refresh_hash bytea[])
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
	v_grace	timestamptz := now() - gate.refresh_grace();
	v_end	timestamptz := now() + gate.refresh_lifetime();
	v_step	interval := gate.refresh_lifetime() / 1000;
	v_told	uuid[] := '{}';
	v_words	text := 'The refresh token was used before; all tokens of this sign-in were revoked';
BEGIN
	PERFORM FROM token.family f
	WHERE f.id IN (SELECT (c ->> 'family')::uuid FROM unnest(p_carry) c)
	ORDER BY f.id FOR NO KEY UPDATE;
	IF EXISTS (SELECT FROM unnest(p_carry) c WHERE c ? 'reuse') THEN
		-- What was stolen ends before anything else is given.
		v_told := gate.oauth_refresh_reused(p_client, p_cred_hash,
		    p_cred_kind, p_request, p_peer, p_carry);
	END IF;
	RETURN QUERY
	WITH caller AS MATERIALIZED (
		SELECT c.client, c.cred_hash, c.cred_kind, c.id, c.kind, c.stale
		FROM gate.callers(p_client, p_cred_hash, p_cred_kind) c
	), given AS MATERIALIZED (
		SELECT u.n, p_request[u.n] AS request, p_peer[u.n] AS peer,
		    p_carry[u.n] AS carry, p_jti[u.n] AS jti,
		    p_access_hash[u.n] AS access_hash, p_exp[u.n] AS exp,
		    p_refresh_hash[u.n] AS refresh_hash, c.id, c.kind, c.stale,
		    (p_carry[u.n] ->> 'from')::int4 AS come_from, f.organization,
		    f.id AS family, f.person, f.epoch, f.generation, f.scopes,
		    f.audience, f.connection,
		    CASE
		    WHEN c.kind IS NULL OR (c.kind = 'assertion'
			AND NOT gate.assertion_take(c.id, p_assertion[u.n],
			    p_request[u.n]))
			THEN 'invalid_client'
		    WHEN p_carry[u.n] ? 'reuse' THEN 'reuse'
		    WHEN NOT p_exp[u.n] <@ v_slots THEN 'clock_skew'
		    WHEN f.id IS NULL OR f.ended_at IS NOT NULL
			OR f.epoch <> (p_carry[u.n] ->> 'epoch')::int4 THEN 'late'
		    WHEN f.generation = (p_carry[u.n] ->> 'from')::int4 THEN NULL
		    WHEN f.generation = (p_carry[u.n] ->> 'from')::int4 + 1
			AND f.refresh_hash = p_refresh_hash[u.n]
			AND f.refreshed_at > v_grace THEN NULL
		    ELSE 'late' END AS wrong
		FROM unnest(p_cred_kind) WITH ORDINALITY AS u(cred_kind, n)
		LEFT JOIN caller c ON c.client = p_client[u.n]
		    AND c.cred_kind = u.cred_kind
		    AND c.cred_hash IS NOT DISTINCT FROM p_cred_hash[u.n]
		LEFT JOIN token.family f ON f.id = (p_carry[u.n] ->> 'family')::uuid
		    AND f.kind = 'user' AND f.client = c.id
	), asked AS MATERIALIZED (
		SELECT g.*, row_number() OVER (PARTITION BY g.family, g.come_from,
		    g.wrong IS NULL ORDER BY g.n) AS turn
		FROM given g
	), turned AS (
		UPDATE token.family f SET generation = a.come_from + 1,
		    secondary_generation = f.generation,
		    secondary_refresh_hash = f.refresh_hash,
		    secondary_access_expires_at = f.access_expires_at,
		    secondary_expires_at = f.expires_at,
		    refresh_hash = a.refresh_hash,
		    access_expires_at = to_timestamp(a.exp),
		    -- A little less is let be: so no index has to change.
		    expires_at = CASE WHEN v_end - f.expires_at
			BETWEEN interval '0' AND v_step
			THEN f.expires_at ELSE v_end END,
		    refreshed_at = now(), updated_at = now()
		FROM asked a
		WHERE a.wrong IS NULL AND a.turn = 1
		AND a.generation = a.come_from
		AND f.organization = a.organization AND f.id = a.family
	), stored AS (
		INSERT INTO token.access_token (slot, hash, expires_at,
		    organization, family, epoch, generation, jti, scopes, audience)
		SELECT token.slot(a.exp), a.access_hash, to_timestamp(a.exp),
		    a.organization, a.family, a.epoch, a.come_from + 1, a.jti,
		    CASE WHEN a.carry ? 'scopes' THEN lib.both(
			ARRAY(SELECT jsonb_array_elements_text(a.carry -> 'scopes')),
			a.scopes) END,
		    (a.carry ->> 'audience')::int4 & a.audience
		FROM asked a WHERE a.wrong IS NULL
	), audited AS (
		INSERT INTO audit.event (organization, actor_kind, actor, family,
		    peer, request_id, operation, target_kind, target, outcome,
		    status, detail, person, client)
		SELECT a.organization, CASE a.kind WHEN 'public' THEN a.kind
			ELSE 'confidential' END,
		    a.person, a.family, nullif(a.peer, ''), a.request,
		    'token.oauth_refresh', 'token', a.family::text, 'success', 200,
		    jsonb_build_object('jti', a.jti,
			'generation', a.come_from + 1, 'how',
			CASE WHEN a.turn = 1 AND a.generation = a.come_from
			THEN 'next' ELSE 'repeat' END), a.person, a.id
		FROM asked a WHERE a.wrong IS NULL
	), touched AS MATERIALIZED (
		SELECT gate.touch_connection(t.connection)
		FROM (SELECT DISTINCT a.connection FROM asked a
		    JOIN oauth.connection g ON g.id = a.connection
			AND (g.used_at IS NULL
			    OR g.used_at < now() - interval '1 hour')
		    WHERE a.wrong IS NULL) t
		UNION ALL
		SELECT gate.touch_client(t.id)
		FROM (SELECT DISTINCT a.id FROM asked a
		    WHERE a.wrong IS NULL AND a.stale) t
	), failed AS MATERIALIZED (
		SELECT a.n, CASE a.wrong
		    WHEN 'invalid_client' THEN gate.refusal_texts(a.wrong)
		    WHEN 'clock_skew' THEN gate.failure(a.wrong, NULL, a.exp, NULL)
		    WHEN 'late' THEN gate.grant_texts('invalid_grant',
			'The refresh token was replaced or revoked')
		    -- Ended nothing, so it has no event yet.
		    WHEN 'reuse' THEN gate.grant_texts('invalid_grant', v_words)
		    END AS e
		FROM asked a WHERE a.wrong IS NOT NULL
		AND NOT (a.wrong = 'reuse' AND a.request = ANY (v_told))
	)
	SELECT CASE WHEN a.wrong IS NULL THEN 200
		WHEN e.n IS NULL THEN 400
		ELSE substr(e.e[1], 3)::int4 END,
	    CASE WHEN a.wrong IS NULL THEN
		'{"access_token":"\u00010","token_type":"Bearer","expires_in":'
		|| (a.carry ->> 'ttl') || ',"refresh_token":"\u00011","scope":'
		|| (a.carry -> 'scope') || '}'
	    WHEN e.n IS NULL THEN json_build_object('error',
		'invalid_grant', 'error_description', v_words)::text
	    END,
	    e.e[1], e.e[2], e.e[3], e.e[4], e.e[5], e.e[6], e.e[7], e.e[8]
	FROM asked a LEFT JOIN failed e ON e.n = a.n
	CROSS JOIN (SELECT count(*) FROM touched) t
	ORDER BY a.n;
END
$$;

CREATE FUNCTION gate.touch_connection(p_connection uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE oauth.connection g SET used_at = now()
	WHERE g.id = (SELECT t.id FROM oauth.connection t
	    WHERE t.id = p_connection FOR UPDATE SKIP LOCKED);
END
$$;
