-- The audit of refusals, many at once.  A credential that belongs to somebody
-- leaves an event; one that nobody knows is counted by address and minute.

-- The client that was refused (kinds 6, 7 and 8), if it is sure that it was
-- that one: by its secret, assertion or registration token.  A public client's
-- id is no secret: it counts with a code or refresh token of its own.  Of what
-- it showed the person and organization are known, too.
CREATE FUNCTION gate.refused_client(p_client text, p_hash bytea, p_kind int4,
    p_code text, p_secret bytea, p_family uuid)
RETURNS TABLE (client text, kind text, organization uuid, person uuid,
    family uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	c	record;
	t	record;
BEGIN
	-- Of an assertion that is all that remains: who got as far as another
	-- refusal had shown a good one.
	IF p_code IN ('invalid_client', 'unknown_operation') THEN
		RETURN;
	ELSIF p_kind = 8 THEN
		RETURN QUERY SELECT k.id, 'registration', k.organization,
		    NULL::uuid, NULL::uuid
		FROM oauth.registration r
		JOIN oauth.client k ON k.id = r.client AND k.status = 'active'
		WHERE r.client = p_client AND r.hash = p_hash;
		RETURN;
	END IF;
	SELECT k.id, k.organization, CASE k.kind WHEN 'assertion'
	    THEN 'confidential' ELSE k.kind END AS kind
	INTO c FROM gate.client_now(p_client, p_hash, p_kind) k;
	IF c.kind IS NULL THEN
		RETURN;
	END IF;
	SELECT s.* INTO t FROM (
		SELECT f.organization, f.person, f.id FROM token.family f
		WHERE f.id = p_family AND f.client = c.id
		AND p_secret IN (f.refresh_hash, f.secondary_refresh_hash)
		UNION ALL
		SELECT k.organization, k.person, k.family FROM oauth.code k
		WHERE k.hash = p_secret AND k.client = c.id) s LIMIT 1;
	IF FOUND OR c.kind <> 'public' THEN
		client := c.id;
		kind := c.kind;
		organization := coalesce(t.organization, c.organization);
		person := t.person;
		family := t.id;
		RETURN NEXT;
	END IF;
END
$$;

-- Beside the first ones of a minute a client's refusals are counted only.
CREATE FUNCTION gate.refusals(p_hash bytea[], p_kind int4[], p_hint_expiry int8[],
    p_hint_family uuid[], p_operation text[], p_request uuid[], p_peer text[],
    p_method text[], p_path text[], p_status int4[], p_code text[],
    p_client text[], p_secret bytea[], p_secret_family uuid[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	v_events int8 := gate.setting('client_refusals');
BEGIN
	WITH refused AS MATERIALIZED (
		SELECT u.n, left(u.operation, 63) AS operation, u.request, u.peer, u.method, u.path,
		    u.status, coalesce(u.code, '') AS code,
		    coalesce(c.kind, s.kind, x.kind) AS kind,
		    coalesce(c.organization, s.organization, x.organization)
			AS organization,
		    coalesce(c.family, x.family) AS family, c.integration,
		    coalesce(s.person, c.person, x.person) AS person, s.session,
		    coalesce(c.client, x.client) AS client,
		    x.client AS counts
		FROM unnest(p_hash, p_kind, p_hint_expiry, p_hint_family,
		    p_operation, p_request, p_peer, p_method, p_path, p_status,
		    p_code, p_client, p_secret, p_secret_family) WITH ORDINALITY
		    AS u(hash, kind, hint_expiry, hint_family, operation, request,
			peer, method, path, status, code, client, secret,
			secret_family, n)
		CROSS JOIN LATERAL gate.credential(u.hash, u.kind,
		    gate.slot(u.hint_expiry), u.hint_family, u.operation) c
		LEFT JOIN LATERAL (
			SELECT 'session' AS kind, t.person, t.id AS session,
			    gate.home_of(t.person, t.in_organization)
				AS organization
			FROM core.session t WHERE u.kind = 4 AND t.hash = u.hash
		) s ON true
		LEFT JOIN LATERAL (
			SELECT f.* FROM gate.refused_client(u.client, u.hash,
			    u.kind, u.code, u.secret, u.secret_family) f
			WHERE u.kind BETWEEN 6 AND 8
			OFFSET 0
		) x ON true
	), counted AS (
		INSERT INTO audit.unknown_credential (minute, peer, code, count)
		SELECT date_trunc('minute', now()), lib.peer_net(r.peer), r.code,
		    count(*)
		FROM refused r WHERE coalesce(r.kind, 'none') = 'none'
		GROUP BY 2, 3 ORDER BY 2, 3
		ON CONFLICT (minute, peer, code) DO UPDATE
		    SET count = unknown_credential.count + excluded.count
	), counted_client AS (
		INSERT INTO audit.refused_client (minute, client, operation,
		    code, count)
		SELECT date_trunc('minute', now()), r.counts, r.operation, r.code,
		    count(*)
		FROM refused r WHERE r.counts IS NOT NULL
		GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
		ON CONFLICT (minute, client, person, operation, code) DO UPDATE
		    SET count = refused_client.count + excluded.count
		RETURNING client, operation, code, count
	), ranked AS (
		SELECT r.*, row_number() OVER w - count(*) OVER (
			PARTITION BY r.counts, r.operation, r.code) AS turn
		FROM refused r WHERE coalesce(r.kind, 'none') <> 'none'
		WINDOW w AS (PARTITION BY r.counts, r.operation, r.code
		    ORDER BY r.n)
	)
	INSERT INTO audit.event (organization, actor_kind, actor, family, peer,
	    request_id, operation, outcome, status, code, detail, person, session,
	    client)
	SELECT r.organization, r.kind, coalesce(r.person, r.integration,
		r.organization),
	    r.family, nullif(r.peer, ''), r.request, r.operation,
	    'refused', r.status, nullif(r.code, ''),
	    jsonb_build_object('method', left(r.method, 15),
		'path', left(r.path, 1023)), r.person, r.session, r.client
	FROM ranked r
	LEFT JOIN counted_client t ON t.client = r.counts
	    AND t.operation = r.operation AND t.code = r.code
	WHERE t.client IS NULL OR t.count + r.turn <= v_events
	ORDER BY r.n;
END
$$;
