-- RFC 7662, for many at once: as the token endpoint's calls, with clients'
-- credentials; what one is refused with is data.  Nothing is remembered: a
-- revocation holds for the next call.

-- Whether the server vouches for it.
CREATE FUNCTION gate.client_of_root(p_client text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM oauth.client c
	    JOIN core.organization o ON o.id = c.organization
	    WHERE c.id = p_client AND c.first_party
	    AND o.organization_type = 'root')
$$;

-- A refresh token, to its own client.
CREATE FUNCTION gate.introspect_refresh(p_client text, p_secret bytea,
    p_family uuid, p_plain text[], p_identity text[])
RETURNS TABLE (id uuid, expires_at timestamptz, client text,
    organization uuid, person uuid, audience int4, asked text[],
    scopes text[])
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT f.id, f.expires_at, f.client, f.organization, f.person,
	    f.audience, f.scopes, s.scopes
	FROM token.family f
	CROSS JOIN LATERAL gate.oauth_state(f.kind, f.organization, f.person,
	    f.client, f.client_epoch, f.connection, f.scopes, p_plain,
	    p_identity) s
	WHERE f.id = p_family AND f.kind = 'user' AND f.refresh_hash = p_secret
	AND f.client = p_client AND f.ended_at IS NULL
	AND f.organization_status = 'active' AND f.expires_at > now()
	AND s.refusal IS NULL;
END
$$;

-- Told to the client of the token itself, to confidential clients that an
-- administrator made in the organization of the token (resource servers are
-- among them, apps that people registered are not), and to trusted ones of the
-- root; to others no token is active.  The person's address is for whom the
-- token may ask for it still.
CREATE FUNCTION gate.oauth_introspect(p_client text[], p_cred_hash bytea[],
    p_cred_kind int4[], p_assertion text[], p_request uuid[],
    p_secret bytea[], p_secret_expiry int8[], p_secret_family uuid[])
RETURNS TABLE (status int4, body text, sqlstate text, message text,
    detail text, hint text, code text, parameter text, location text,
    scope text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE
	v_issuer text := gate.issuer();
	v_api	text := to_json(v_issuer || '/api')::text;
	v_mcp	text := to_json(v_issuer || '/mcp')::text;
	v_iss	text := to_json(v_issuer)::text;
	v_both	text := format('[%s,%s]', v_api, v_mcp);
	v_plain	text[];
	v_identity text[];
BEGIN
	SELECT * INTO v_plain, v_identity FROM gate.plain_scopes();
	RETURN QUERY
	WITH caller AS MATERIALIZED (
		SELECT a.client, a.cred_hash, a.cred_kind, a.id, a.kind,
		    CASE WHEN a.official THEN a.organization END AS serves,
		    a.touch
		FROM gate.callers(p_client, p_cred_hash, p_cred_kind) a
	)
	SELECT CASE WHEN k.e IS NULL THEN 200 END,
	    CASE WHEN k.e IS NOT NULL THEN NULL
	    WHEN k.jti IS NULL OR NOT (k.caller = k.client
		OR coalesce(k.serves = k.organization, false)
		OR gate.client_of_root(k.caller)) THEN '{"active":false}'
	    ELSE concat('{"active":true,"scope":"', array_to_string(
		    CASE WHEN k.scopes = k.asked OR k.scopes <@ k.asked
			THEN k.scopes
		    ELSE ARRAY(SELECT s FROM unnest(k.asked) s
			WHERE s = ANY (k.scopes) ORDER BY s) END, ' '),
		'","client_id":', to_json(k.client),
		CASE WHEN 'email' = ANY (k.scopes) THEN
		    (SELECT ',"username":' || to_json(p.email)::text
		    FROM core.person p WHERE p.id = k.person) END,
		',"token_type":"', k.type,
		'","exp":', date_part('epoch', k.expires_at)::int8, ',"sub":',
		coalesce('"' || k.person || '"', to_json(k.client)::text),
		',"aud":', CASE k.audience & 12 WHEN 4 THEN v_api
		    WHEN 8 THEN v_mcp ELSE v_both END,
		',"iss":', v_iss, ',"jti":"', k.jti, '","org":"',
		k.organization, '"}')
	    END,
	    k.e[1], k.e[2], k.e[3], k.e[4], k.e[5], k.e[6], k.e[7], k.e[8]
	FROM (
	SELECT c.n, c.e, c.caller, c.serves,
	    coalesce(t.jti, r.id) AS jti,
	    coalesce(t.client, r.client) AS client,
	    coalesce(t.organization, r.organization) AS organization,
	    coalesce(t.person, r.person) AS person,
	    coalesce(t.asked, r.asked) AS asked,
	    coalesce(t.scopes, r.scopes) AS scopes,
	    coalesce(t.audience, r.audience) AS audience,
	    coalesce(t.expires_at, r.expires_at) AS expires_at,
	    CASE WHEN t.jti IS NULL THEN 'refresh_token' ELSE 'Bearer' END AS type
	FROM (
		SELECT u.n, p_secret[u.n] AS secret,
		    gate.slot(p_secret_expiry[u.n]) AS slot,
		    p_secret_family[u.n] AS family,
		    a.id AS caller, a.serves,
		    CASE
		    WHEN a.kind IS NULL OR (a.kind = 'assertion'
			AND NOT gate.assertion_take(a.id, p_assertion[u.n],
			    p_request[u.n]))
			THEN gate.refusal_texts('invalid_client')
		    WHEN a.kind = 'public'
			THEN gate.refusal_texts('unauthorized_client')
		    WHEN p_secret[u.n] IS NULL THEN ARRAY['HT400', 'token is missing',
			'', '', 'invalid_request', '', '', '']
		    WHEN a.touch IS NOT NULL
			AND gate.touch_secret(a.id, a.touch) IS NULL THEN NULL
		    END AS e
		FROM unnest(p_cred_kind) WITH ORDINALITY AS u(cred_kind, n)
		LEFT JOIN caller a ON a.client = p_client[u.n]
		    AND a.cred_kind = u.cred_kind
		    AND a.cred_hash IS NOT DISTINCT FROM p_cred_hash[u.n]
		OFFSET 0
	) c
	LEFT JOIN LATERAL (
		SELECT a.jti, a.expires_at, f.client, f.organization, f.person,
		    coalesce(a.audience, f.audience) AS audience,
		    coalesce(a.scopes, f.scopes) AS asked, s.scopes
		FROM token.access_token a
		JOIN token.family f ON f.id = a.family AND f.client IS NOT NULL
		    AND f.ended_at IS NULL AND f.organization_status = 'active'
		CROSS JOIN LATERAL gate.oauth_state(f.kind, f.organization,
		    f.person, f.client, f.client_epoch, f.connection,
		    coalesce(a.scopes, f.scopes), v_plain, v_identity) s
		WHERE c.e IS NULL AND a.slot = c.slot AND a.hash = c.secret
		AND a.expires_at > now() AND a.revoked_at IS NULL
		AND a.epoch = f.epoch
		AND (a.generation IS NULL OR a.generation = f.generation
		    OR a.generation = f.secondary_generation)
		AND s.refusal IS NULL
		OFFSET 0
	) t ON true
	LEFT JOIN LATERAL (
		SELECT x.* FROM gate.introspect_refresh(c.caller, c.secret,
		    c.family, v_plain, v_identity) x
		WHERE c.e IS NULL AND t.jti IS NULL AND c.family IS NOT NULL
		OFFSET 0
	) r ON true
	OFFSET 0) k
	ORDER BY k.n;
END
$$;
