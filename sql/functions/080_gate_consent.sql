-- The authorization endpoint: what a person may give, what is given without
-- asking, the consent page, and what was decided there.

-- What of the asked scopes a person could give in an organization.
CREATE FUNCTION gate.grantable(p_asked text[], p_person uuid,
    p_organization uuid)
RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT coalesce(array_agg(s.name ORDER BY s.name), '{}')
	FROM core.scope s
	WHERE s.name = ANY (p_asked) AND (s.level = 'identity'
	    OR s.name = ANY (gate.person_scopes(p_person, p_organization)))
$$;

-- Where the person has let a client in.
CREATE FUNCTION gate.own_connections(c oauth.client)
RETURNS SETOF oauth.connection LANGUAGE sql STABLE AS $$
	SELECT g.* FROM oauth.connection g
	WHERE g.person = core.this_person() AND g.client = c.id
	AND g.ended_at IS NULL AND g.created_at > c.connected_after
$$;

-- Remembers what was allowed, and makes the code.  If the client was revoked
-- since the request was checked, the code is of the epoch before: a dead one.
CREATE FUNCTION gate.authorization_grant(a record, p_organization uuid,
    p_scopes text[], p_declined text[], p_code bytea, p_how text)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	g	oauth.connection;
BEGIN
	-- Who is removed at this moment was so before, or is so after.
	PERFORM FROM core.member m
	WHERE m.organization = p_organization
	AND m.person = core.this_person() AND m.status = 'enabled'
	FOR KEY SHARE;
	IF NOT FOUND THEN
		RETURN gate.authorization_page(a, 'no_organization',
		    'You are not a member of the organization any more.');
	END IF;
	UPDATE oauth.connection t SET ended_at = now(), updated_at = now(),
	    ended_reason = 'client was revoked'
	FROM oauth.client c
	WHERE c.id = a.client AND t.client = c.id
	AND t.person = core.this_person() AND t.organization = p_organization
	AND t.ended_at IS NULL AND t.created_at <= c.connected_after;
	INSERT INTO oauth.connection AS t (id, person, client, organization,
	    scopes, declined, audience)
	VALUES (lib.uuid7(), core.this_person(), a.client, p_organization,
	    p_scopes, p_declined, a.audience)
	ON CONFLICT (person, client, organization) WHERE ended_at IS NULL
	DO UPDATE SET scopes = lib.sum(t.scopes, excluded.scopes),
	    declined = lib.minus(lib.sum(t.declined, excluded.declined),
		excluded.scopes),
	    audience = t.audience | excluded.audience, updated_at = now()
	RETURNING * INTO g;
	INSERT INTO oauth.code (hash, client, client_epoch, person, organization,
	    connection, session, redirect_uri, redirect_sent, challenge, scopes,
	    audience, nonce, auth_time, expires_at)
	SELECT p_code, a.client, a.epoch, g.person, g.organization, g.id,
	    core.this_session(), a.redirect_uri, a.redirect_sent, a.challenge,
	    p_scopes, a.audience, a.nonce, core.this_auth_time(),
	    now() + gate.setting_interval('oauth_code_lifetime');
	PERFORM set_config('grantd.organization', p_organization::text, true),
	    set_config('grantd.client', a.client, true);
	PERFORM gate.audit('connection', g.id::text, jsonb_build_object(
	    'client', a.client, 'scopes', p_scopes, 'how', p_how));
	RETURN gate.authorization_redirect(a,
	    jsonb_build_object('code', chr(1) || '3'));
END
$$;

-- Ties the form to the page that showed it: to session and request.
CREATE FUNCTION gate.authorization_binding(p_request jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT lib.base64url(sha256(s.hash || convert_to('consent '
	    || s.id || ' ' || p_request::text, 'UTF8')))
	FROM core.session s WHERE s.id = core.this_session()
$$;

-- Any program on a computer can pretend to be a native app there (RFC 8252
-- 8.6): a person sees each time who asks.
CREATE FUNCTION gate.client_is_open(a record) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN a.redirect_uri !~ '^https:' AND EXISTS (
	    SELECT FROM oauth.client c
	    WHERE c.id = a.client AND c.auth_method = 'none');
END
$$;

CREATE FUNCTION gate.client_origin_text(c oauth.client) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT CASE c.origin
	    WHEN 'document' THEN 'known by the document at '
		|| lib.redirect_host(c.id)
	    WHEN 'dynamic' THEN CASE WHEN c.organization IS NULL
		THEN 'registered itself'
		ELSE 'registered itself for ' || (SELECT o.fullname
		    FROM core.organization o WHERE o.id = c.organization) END
	    ELSE coalesce('registered by ' || (SELECT p.fullname
		    FROM core.person p WHERE p.id = c.owner),
		'registered by ' || (SELECT o.fullname
		    FROM core.organization o WHERE o.id = c.organization),
		'registered by an administrator') END
$$;

CREATE FUNCTION gate.authorization_consent(a record) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	c	oauth.client;
	v_scopes json;
	v_all	text[] := '{}';
	v_had	text[] := '{}';
	v_declined text[] := '{}';
	v_organizations json;
BEGIN
	SELECT * INTO STRICT c FROM oauth.client t WHERE t.id = a.client;
	SELECT coalesce(array_agg(DISTINCT e), '{}') INTO v_all
	FROM gate.memberships(core.this_person()) m,
	    unnest(gate.grantable(a.asked, core.this_person(), m.id)) e;
	SELECT coalesce(array_agg(DISTINCT e) FILTER (WHERE had), '{}'),
	    coalesce(array_agg(DISTINCT e) FILTER (WHERE NOT had), '{}')
	INTO v_had, v_declined
	FROM (
		SELECT unnest(g.scopes) AS e, true AS had
		FROM gate.own_connections(c) g
		UNION ALL
		SELECT unnest(g.declined), false FROM gate.own_connections(c) g
	) x;
	SELECT json_agg(json_build_object('name', s.name,
	    'description', s.description, 'sensitive', s.sensitive,
	    'required', s.name = 'openid' OR s.name = ANY (c.required_scopes),
	    'granted', s.name = ANY (v_had),
	    'part_of', (SELECT string_agg(t.name, ' ' ORDER BY t.name)
		FROM core.scope t
		WHERE t.name = ANY (v_all) AND s.name = ANY (t.implies)),
	    'checked', NOT s.name = ANY (v_declined) OR s.name = ANY (v_had))
	    ORDER BY s.level DESC, s.name)
	INTO v_scopes
	FROM core.scope s WHERE s.name = ANY (v_all);
	-- Where nothing could be given, allowing would be a no.
	SELECT json_agg(json_build_object('id', m.id, 'name', m.name,
	    'fullname', m.fullname, 'checked', m.first,
	    'without', array_to_string(lib.minus(v_all, m.could), ' '))
	    ORDER BY m.fullname, m.id)
	INTO v_organizations
	FROM (
		SELECT h.id, h.name, h.fullname, w.could, row_number() OVER (
		    ORDER BY h.id = core.this_organization() DESC, h.fullname,
		    h.id) = 1 AS first
		FROM gate.memberships(core.this_person()) h
		CROSS JOIN LATERAL gate.grantable(a.asked, core.this_person(),
		    h.id) AS w(could)
		WHERE w.could <> '{}'
	) m;
	RETURN (200, json_build_object('view', 'consent', 'me', gate.me(),
	    'client', json_build_object('id', c.id, 'name', c.name,
		'description', c.description, 'uri', c.uri, 'origin', c.origin,
		'origin_text', gate.client_origin_text(c),
		'owner', (SELECT json_build_object('name', p.fullname)
		    FROM core.person p WHERE p.id = c.owner),
		'organization', (SELECT json_build_object('name', o.name,
		    'fullname', o.fullname) FROM core.organization o
		    WHERE o.id = c.organization),
		'first_party', c.first_party,
		'verified', gate.client_trusted(c.id),
		'unverified', c.origin IN ('dynamic', 'document'),
		-- Not what a stranger says of himself.
		'host', coalesce(lib.redirect_host(CASE c.origin
		    WHEN 'document' THEN c.id WHEN 'dynamic' THEN NULL
		    ELSE nullif(c.uri, '') END), '')),
	    'before', (SELECT json_build_object('at', lib.rfc3339(min(g.created_at)),
		'date', to_char(min(g.created_at), 'YYYY-MM-DD'))
		FROM gate.own_connections(c) g HAVING count(*) > 0),
	    'each_time', gate.client_is_open(a),
	    'redirect_host', lib.redirect_host(a.redirect_uri),
	    'form_action', lib.redirect_origin(a.redirect_uri),
	    'local', lib.redirect_is_loopback(a.redirect_uri),
	    'only_local', (SELECT bool_and(lib.redirect_is_loopback(u))
		FROM unnest(c.redirect_uris) u),
	    'scopes', v_scopes, 'organizations', v_organizations,
	    'several', json_array_length(v_organizations) > 1,
	    'binding', gate.authorization_binding(a.request),
	    'parameters', (SELECT json_agg(json_build_object('name', e.k,
		'value', x.v) ORDER BY n.n, x.i)
		FROM jsonb_each(a.request) AS e(k, j)
		JOIN unnest(gate.authorization_names()) WITH ORDINALITY
		    AS n(k, n) ON n.k = e.k
		CROSS JOIN LATERAL jsonb_array_elements_text(
		    CASE jsonb_typeof(e.j) WHEN 'array' THEN e.j
			ELSE jsonb_build_array(e.j) END) WITH ORDINALITY
		    AS x(v, i)))::text);
END
$$;

-- Whether no page is needed, and where the person then works.  What was
-- allowed in an organization covers what is asked for: it is given again, and
-- what was declined there is not asked for again.
CREATE FUNCTION gate.authorization_silent(a record, OUT organization uuid,
    OUT scopes text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF gate.client_is_open(a) THEN
		RETURN;
	END IF;
	SELECT g.organization, lib.both(w.could, g.scopes)
	INTO organization, scopes
	FROM oauth.client c
	CROSS JOIN LATERAL gate.own_connections(c) g
	JOIN gate.memberships(core.this_person()) m ON m.id = g.organization
	CROSS JOIN LATERAL (
		SELECT gate.grantable(a.asked, g.person, g.organization) AS could
	) w
	WHERE c.id = a.client AND a.audience & ~g.audience = 0
	AND w.could <@ (g.scopes || g.declined)
	AND w.could && g.scopes
	AND lib.both(w.could, c.required_scopes) <@ g.scopes
	ORDER BY g.organization = core.this_organization() DESC, g.updated_at DESC
	LIMIT 1;
	IF organization IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT m.id, w.could INTO organization, scopes
	FROM oauth.client c
	JOIN core.organization o ON o.id = c.organization
	CROSS JOIN gate.memberships(core.this_person()) m
	CROSS JOIN LATERAL (
		SELECT gate.grantable(a.asked, core.this_person(), m.id) AS could
	) w
	WHERE c.id = a.client AND c.first_party AND w.could <> '{}'
	AND (o.organization_type = 'root' OR o.id = m.id)
	ORDER BY m.id = core.this_organization() DESC, m.fullname LIMIT 1;
END
$$;

CREATE FUNCTION gate.authorization_start(args jsonb, fresh bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a	record;
	s	record;
	v_none	boolean;
BEGIN
	PERFORM gate.require_operation('{authorization.start}', 'call');
	PERFORM gate.console_client(args #>> '{query,client_id}');
	a := gate.authorization_check(gate.authorization_request(
	    coalesce(args -> 'query', '{}')));
	IF a.page IS NOT NULL THEN
		RETURN gate.authorization_page(a, a.page, a.words);
	ELSIF a.error IS NOT NULL THEN
		RETURN gate.authorization_error(a, a.error, a.description);
	END IF;
	v_none := 'none' = ANY (a.prompts);
	IF core.this_person() IS NULL OR core.this_person() <> a.meant
	    OR a.prompts && '{login,select_account}'::text[]
	    OR core.this_auth_time() < a.login_after
	    OR core.this_auth_time() < now() - make_interval(secs => a.max_age) THEN
		IF v_none THEN
			RETURN gate.authorization_error(a, 'login_required',
			    'The person must sign in');
		ELSIF core.this_person() <> a.meant
		    AND core.this_auth_time() >= a.login_after THEN
			RETURN gate.authorization_error(a, 'login_required',
			    'Somebody else signed in than id_token_hint means');
		END IF;
		RETURN (200, json_build_object('view', 'login',
		    'return_to', gate.authorization_path(a.request),
		    'login_hint', lib.printable(a.request ->> 'login_hint', 254),
		    'client', (SELECT json_build_object('id', c.id, 'name', c.name)
			FROM oauth.client c WHERE c.id = a.client))::text);
	END IF;
	IF NOT EXISTS (SELECT FROM gate.memberships(core.this_person())) THEN
		IF v_none THEN
			RETURN gate.authorization_error(a, 'interaction_required',
			    'The person is in no organization');
		END IF;
		RETURN gate.authorization_page(a, 'no_organization',
		    'Data belongs to organizations, and you are a member of none.');
	END IF;
	IF NOT 'consent' = ANY (a.prompts) THEN
		s := gate.authorization_silent(a);
		IF s.organization IS NOT NULL THEN
			RETURN gate.authorization_grant(a, s.organization,
			    s.scopes, '{}', fresh, 'remembered');
		END IF;
	END IF;
	IF NOT EXISTS (SELECT FROM gate.memberships(core.this_person()) m
	    WHERE gate.grantable(a.asked, core.this_person(), m.id) <> '{}') THEN
		RETURN gate.authorization_error(a, 'invalid_scope',
		    'The person has none of these scopes');
	ELSIF v_none THEN
		RETURN gate.authorization_error(a, 'consent_required',
		    'The person must be asked first');
	END IF;
	RETURN gate.authorization_consent(a);
END
$$;

CREATE FUNCTION gate.authorization_decide(args jsonb, fresh bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a	record;
	c	oauth.client;
	v_org	uuid;
	v_could	text[];
	v_given	text[];
BEGIN
	PERFORM gate.require_operation('{authorization.decide}', 'call');
	a := gate.authorization_check(gate.authorization_request(
	    coalesce(args -> 'body', '{}')));
	IF a.page IS NOT NULL THEN
		RETURN gate.authorization_page(a, a.page, a.words);
	ELSIF lib.form_text(args, 'binding')
	    IS DISTINCT FROM gate.authorization_binding(a.request) THEN
		RETURN gate.authorization_page(a, 'binding_failed',
		    'The form belongs to another session or to another request.');
	ELSIF a.error IS NOT NULL THEN
		RETURN gate.authorization_error(a, a.error, a.description);
	END IF;
	IF lib.form_text(args, 'decision') IS DISTINCT FROM 'allow' THEN
		RETURN gate.authorization_denied(a, 'The person said no');
	END IF;
	SELECT m.id INTO v_org FROM gate.memberships(core.this_person()) m
	WHERE m.id = coalesce(lib.to_uuid(lib.form_text(args, 'organization')),
	    (SELECT h.id FROM gate.memberships(core.this_person()) h
	     ORDER BY h.id = core.this_organization() DESC LIMIT 1));
	IF v_org IS NULL THEN
		RETURN gate.authorization_page(a, 'no_organization',
		    'You are not a member of the organization that was chosen.');
	END IF;
	SELECT * INTO STRICT c FROM oauth.client t WHERE t.id = a.client;
	v_could := gate.grantable(a.asked, core.this_person(), v_org);
	v_given := lib.both(v_could, lib.form_list(args, 'grant')
	    || c.required_scopes || 'openid'::text);
	IF v_given = '{}' THEN
		RETURN gate.authorization_denied(a,
		    'The person allowed none of the scopes');
	END IF;
	-- Unticked now what was allowed before: it is taken back.
	UPDATE oauth.connection g SET scopes = lib.minus(g.scopes,
	    lib.minus(v_could, v_given))
	WHERE g.person = core.this_person() AND g.client = a.client
	AND g.organization = v_org AND g.ended_at IS NULL
	AND g.scopes && lib.minus(v_could, v_given);
	RETURN gate.authorization_grant(a, v_org, v_given,
	    lib.minus(v_could, v_given), fresh, 'consent');
END
$$;
