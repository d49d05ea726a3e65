-- The authorization endpoint: from a request to a page or to a code.  All of
-- it is data for the frontend: which view, and what is in it.

-- What the request may hold; the rest is nobody's business.  login_after is
-- our own: in the path that leads back from a sign-in.
CREATE FUNCTION gate.authorization_names() RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT '{response_type,client_id,redirect_uri,scope,state,code_challenge,code_challenge_method,nonce,prompt,max_age,login_hint,resource,response_mode,request,request_uri,login_after}'::text[]
$$;

-- One or several, as an array without empty ones.
CREATE FUNCTION gate.resources(p jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(jsonb_agg(e ORDER BY n) FILTER (
	    WHERE e NOT IN ('null', '""')), '[]')
	FROM jsonb_array_elements(CASE jsonb_typeof(p) WHEN 'array' THEN p
	    ELSE jsonb_build_array(p) END) WITH ORDINALITY AS u(e, n)
$$;

-- The same form for query and form: known names, no empty ones, resource an
-- array.
CREATE FUNCTION gate.authorization_request(p jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(jsonb_object_agg(k, w), '{}')
	FROM jsonb_each(p) AS e(k, v)
	CROSS JOIN LATERAL (SELECT CASE k WHEN 'resource'
	    THEN gate.resources(v) ELSE v END) AS l(w)
	WHERE k = ANY (gate.authorization_names())
	AND w NOT IN ('null', '""', '[]')
$$;

-- The mask of RFC 8707 resources; null if one is none of ours.  The issuer
-- itself stands for p_all, and so does naming none.
CREATE FUNCTION gate.audience(p_resources jsonb, p_all int4 DEFAULT 12)
RETURNS int4 LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_issuer text := lower(gate.issuer());
	v_one	text;
	v_mask	int4 := 0;
	v_bit	int4;
BEGIN
	p_resources := gate.resources(p_resources);
	IF p_resources = '[]' THEN
		RETURN p_all;
	END IF;
	FOR v_one IN SELECT jsonb_array_elements_text(p_resources) LOOP
		-- Scheme and host are without case, the path is not.
		v_one := rtrim(lower(substring(v_one FROM '^[A-Za-z]+://[^/]*'))
		    || substring(v_one FROM '^[A-Za-z]+://[^/]*(.*)$'), '/');
		v_bit := CASE v_one WHEN v_issuer THEN p_all
		    WHEN v_issuer || '/api' THEN 4
		    WHEN v_issuer || '/mcp' THEN 8 END;
		IF v_bit IS NULL THEN
			RETURN NULL;
		END IF;
		v_mask := v_mask | v_bit;
	END LOOP;
	RETURN v_mask;
END
$$;

CREATE FUNCTION gate.audience_json(p_mask int4) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT CASE p_mask & 12
	    WHEN 4 THEN to_jsonb(gate.issuer() || '/api')
	    WHEN 8 THEN to_jsonb(gate.issuer() || '/mcp')
	    ELSE jsonb_build_array(gate.issuer() || '/api', gate.issuer() || '/mcp')
	    END
$$;

-- A checked request.
CREATE FUNCTION gate.authorization_check(p_request jsonb, OUT page text,
    OUT words text, OUT error text, OUT description text, OUT client text,
    OUT redirect_uri text, OUT redirect_sent boolean, OUT state text,
    OUT asked text[], OUT audience int4, OUT challenge text, OUT nonce text,
    OUT prompts text[], OUT max_age int8, OUT login_after timestamptz,
    OUT request jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	c	oauth.client;
	v_type	text := p_request ->> 'response_type';
	v_method text := p_request ->> 'code_challenge_method';
BEGIN
	request := p_request;
	client := p_request ->> 'client_id';
	SELECT t.* INTO c FROM oauth.client t
	LEFT JOIN core.organization o ON o.id = t.organization
	WHERE t.id = client AND t.status <> 'deleted'
	AND coalesce(o.status = 'active', true);
	IF client IS NULL THEN
		page := 'client_missing';
		words := 'The link names no app (client_id).';
	ELSIF c.id IS NULL THEN
		page := 'client_unknown';
		words := coalesce((SELECT 'Its metadata document could not be used: '
		    || d.error FROM oauth.document d WHERE d.url = client),
		    'It was never registered here, or it was deleted.');
	ELSIF c.origin = 'document' AND EXISTS (SELECT FROM oauth.document d
	    WHERE d.url = c.id AND d.error IS NOT NULL) THEN
		page := 'client_document';
		words := (SELECT 'Its metadata document could not be used: '
		    || d.error FROM oauth.document d WHERE d.url = c.id);
	ELSIF c.status <> 'active' THEN
		page := 'client_suspended';
		words := format('%s was suspended by an administrator.', c.name);
	END IF;
	IF page IS NOT NULL THEN
		RETURN;
	END IF;
	redirect_uri := p_request ->> 'redirect_uri';
	redirect_sent := redirect_uri IS NOT NULL;
	IF NOT redirect_sent AND cardinality(c.redirect_uris) = 1 THEN
		redirect_uri := c.redirect_uris[1];
	ELSIF NOT redirect_sent THEN
		page := 'redirect_missing';
		words := 'The app has several redirect URIs, or none, and the link does not say which one it wants.';
	ELSIF NOT lib.redirect_matches(redirect_uri, c.redirect_uris) THEN
		page := 'redirect_mismatch';
		words := format('The link wants to go to "%s", and that is not registered for %s.',
		    lib.printable(redirect_uri, 200), c.name);
	END IF;
	IF page IS NOT NULL THEN
		RETURN;
	END IF;

	-- From here on the app is told, by redirect.
	state := p_request ->> 'state';
	nonce := p_request ->> 'nonce';
	challenge := p_request ->> 'code_challenge';
	prompts := regexp_split_to_array(btrim(p_request ->> 'prompt'), ' +');
	audience := gate.audience(p_request -> 'resource');
	IF p_request ? 'scope' THEN
		asked := lib.scope_words(p_request ->> 'scope');
		error := CASE WHEN asked IS NULL THEN 'invalid_scope' END;
		description := 'scope holds something that is no scope';
		asked := lib.both(asked, c.scopes);
	ELSE
		SELECT coalesce(array_agg(s.name ORDER BY s.name), '{}') INTO asked
		FROM core.scope s
		WHERE s.name = ANY (c.scopes) AND s.level = 'app'
		AND (c.origin IN ('admin', 'user') OR s.name LIKE '%:read');
		IF asked = '{}' THEN
			asked := c.scopes;
		END IF;
	END IF;
	IF length(state) > 2048 OR state ~ '[[:cntrl:]]' THEN
		state := NULL;
		error := 'invalid_request';
		description := 'state must have at most 2048 characters, and no control characters';
	ELSIF p_request ? 'request' OR p_request ? 'request_uri' THEN
		error := CASE WHEN p_request ? 'request' THEN 'request_not_supported'
		    ELSE 'request_uri_not_supported' END;
		description := 'Request objects are not supported: send the parameters themselves';
	ELSIF coalesce(p_request ->> 'response_mode', 'query') <> 'query' THEN
		error := 'invalid_request';
		description := 'response_mode can only be query';
	ELSIF v_type IS NULL THEN
		error := 'invalid_request';
		description := 'response_type is missing; it must be code';
	ELSIF v_type <> 'code' THEN
		error := 'unsupported_response_type';
		description := 'response_type can only be code';
	ELSIF NOT 'authorization_code' = ANY (c.grant_types) THEN
		error := 'unauthorized_client';
		description := 'The app is not registered for the authorization code flow';
	ELSIF challenge IS NULL AND v_method IS NOT NULL THEN
		error := 'invalid_request';
		description := 'code_challenge is missing';
	ELSIF challenge IS NULL AND c.pkce_required THEN
		error := 'invalid_request';
		description := 'code_challenge is missing: the app must use PKCE with S256'
		    || CASE WHEN c.auth_method = 'none' THEN '' ELSE
		    ' (its owner may untick "PKCE required" in the settings of the app)' END;
	ELSIF challenge IS NOT NULL AND coalesce(v_method, 'plain') <> 'S256' THEN
		error := 'invalid_request';
		description := 'code_challenge_method must be S256';
	ELSIF challenge !~ '^[A-Za-z0-9_-]{43}$' THEN
		error := 'invalid_request';
		description := 'code_challenge is no SHA-256 in base64url: it has 43 characters';
	ELSIF nonce !~ '^[ !#-\[\]-~]{1,255}$' THEN
		error := 'invalid_request';
		description := 'nonce must have at most 255 printable ASCII characters, without quote and backslash';
	ELSIF NOT prompts <@ '{none,login,consent,select_account}'::text[] THEN
		error := 'invalid_request';
		description := 'prompt knows none, login, consent and select_account';
	ELSIF 'none' = ANY (prompts) AND cardinality(prompts) > 1 THEN
		error := 'invalid_request';
		description := 'prompt none cannot be joined with others';
	ELSIF p_request ->> 'max_age' !~ '^[0-9]{1,9}$' THEN
		error := 'invalid_request';
		description := 'max_age must be a number of seconds';
	ELSIF audience IS NULL THEN
		error := 'invalid_target';
		description := format('resource must be %s/api, %1$s/mcp or %1$s',
		    gate.issuer());
	ELSIF error IS NULL AND asked = '{}' THEN
		error := 'invalid_scope';
		description := 'None of these scopes is open to the app';
	END IF;
	prompts := coalesce(prompts, '{}');
	IF error IS NULL THEN
		description := NULL;
		max_age := (p_request ->> 'max_age')::int8;
		login_after := to_timestamp(substring(
		    p_request ->> 'login_after' FROM '^[0-9]{1,16}$')::numeric
		    / 1000000);
	END IF;
END
$$;

-- A page of our own; never a redirect.
CREATE FUNCTION gate.authorization_page(p_code text, p_words text)
RETURNS api.reply LANGUAGE sql IMMUTABLE AS $$
	SELECT 400, json_build_object('view', 'page_error', 'code', p_code,
	    'title', t.title, 'message', t.message, 'detail', p_words,
	    'remediation', t.remediation)::text
	FROM (SELECT CASE
	    WHEN p_code LIKE 'client%' THEN 'This app is not known'
	    WHEN p_code LIKE 'redirect%' THEN 'The address to go back to is wrong'
	    WHEN p_code = 'no_organization' THEN 'You are in no organization'
	    ELSE 'The form was changed' END AS title,
	    CASE
	    WHEN p_code LIKE 'client%' THEN 'This app cannot ask for access here'
	    WHEN p_code LIKE 'redirect%' THEN 'You were not sent on, for your safety'
	    WHEN p_code = 'no_organization' THEN 'There is nothing that you could let an app see'
	    ELSE 'What was sent is not what the page showed' END AS message,
	    CASE
	    WHEN p_code LIKE 'client%' THEN 'Tell the makers of the app.'
	    WHEN p_code LIKE 'redirect%' THEN
		'If it is your app, add the address to its redirect URIs, letter by letter the same; else tell its makers.'
	    WHEN p_code = 'no_organization' THEN 'Ask an administrator to add you.'
	    ELSE 'Go back to the app and start again.' END AS remediation) t
$$;

-- Back to the app.
CREATE FUNCTION gate.authorization_redirect(a record, p_more jsonb)
RETURNS api.reply LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (200, jsonb_build_object('view', 'redirect',
	    'redirect_uri', a.redirect_uri, 'parameters', jsonb_strip_nulls(
		p_more || jsonb_build_object('state', a.state,
		    'iss', gate.issuer())))::text);
END
$$;

-- Whether this server vouches for an app: the root's administrators made it,
-- or those of an organization that the person belongs to, as its own.
CREATE FUNCTION gate.client_trusted(p_client text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM oauth.client c
	    JOIN core.organization o ON o.id = c.organization
	    WHERE c.id = p_client AND c.origin = 'admin'
	    AND (o.organization_type = 'root' OR (c.first_party
		AND EXISTS (SELECT FROM gate.memberships(core.this_person()) m
		    WHERE m.id = o.id))))
$$;

-- Whether somebody of this server stands for an app: made it, or let it in.
CREATE FUNCTION gate.client_known(p_client text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM oauth.client c WHERE c.id = p_client
	    AND (c.origin IN ('admin', 'user') OR EXISTS (
		SELECT FROM oauth.connection g
		WHERE g.client = c.id AND g.ended_at IS NULL)))
$$;

-- A redirect becomes a page with a link.
CREATE FUNCTION gate.leave(p_reply api.reply, p_uri text, p_message text,
    p_reason text)
RETURNS api.reply LANGUAGE sql IMMUTABLE AS $$
	SELECT 200, ((p_reply).body::jsonb || jsonb_build_object(
	    'view', 'leave', 'message', p_message, 'reason', p_reason,
	    'host', lib.redirect_host(p_uri)))::text
$$;

-- An error goes by redirect, too, but an app that any organization made, or
-- that registered itself, and that the person never let in, must not use this
-- server to send people on.  login_required answers prompt=none (RFC 9700
-- 4.11.2): nobody sees a page in the frame where an app renews its tokens, and
-- who let it in is not known then, so it is enough that anybody did.
CREATE FUNCTION gate.authorization_error(a record, p_error text, p_words text)
RETURNS api.reply LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	api.reply := gate.authorization_redirect(a, jsonb_build_object(
		    'error', p_error, 'error_description', p_words));
BEGIN
	IF gate.client_trusted(a.client) OR EXISTS (SELECT FROM oauth.connection g
		WHERE g.client = a.client AND g.person = core.this_person())
	    OR (p_error = 'login_required'
		AND gate.client_known(a.client)) THEN
		RETURN v;
	END IF;
	RETURN gate.leave(v, a.redirect_uri, p_words, CASE
	    WHEN core.this_person() IS NULL THEN
		'You are not signed in, and this server does not vouch for this application, so you are not sent there without asking.'
	    ELSE 'You never allowed this application anything, so you are not sent there without asking.' END);
END
$$;

-- The own path of the same request, without what a sign-in fulfils: instead
-- of prompt=login, that it was a moment ago; and in any case after this one,
-- in microseconds.  Who makes that older skips no more than who leaves out
-- prompt and max_age: an app looks at auth_time.
CREATE FUNCTION gate.authorization_path(p_request jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT '/oauth/authorize?' || string_agg(k || '=' || lib.url_encode(v), '&'
	    ORDER BY n, i)
	FROM (
		SELECT n.n, e.k, x.i, CASE e.k WHEN 'prompt' THEN
		    btrim(regexp_replace(x.v, '\mlogin\M *', '', 'g'))
		    -- Time to come back: 0 would ask for ever.
		    WHEN 'max_age' THEN greatest(x.v::int8, 60)::text
		    ELSE x.v END AS v
		FROM jsonb_each(p_request || CASE
		    WHEN p_request ->> 'prompt' ~ '\mlogin\M'
			THEN '{"max_age": "0"}' ELSE '{}' END::jsonb
		    || CASE WHEN p_request ->> 'prompt' ~ '\mlogin\M'
			OR p_request ?| '{max_age,login_after}'
			THEN jsonb_build_object('login_after',
			    floor(extract(epoch FROM now()) * 1000000)::text)
			ELSE '{}' END) AS e(k, j)
		JOIN unnest(gate.authorization_names()) WITH ORDINALITY AS n(k, n)
		    ON n.k = e.k
		CROSS JOIN LATERAL jsonb_array_elements_text(
		    CASE jsonb_typeof(e.j) WHEN 'array' THEN e.j
			ELSE jsonb_build_array(e.j) END) WITH ORDINALITY AS x(v, i)
	) q WHERE q.v <> ''
$$;

-- What of the asked scopes a person could give in an organization.
CREATE FUNCTION gate.grantable(p_asked text[], p_person uuid,
    p_organization uuid)
RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT coalesce(array_agg(s.name ORDER BY s.name), '{}')
	FROM core.scope s
	WHERE s.name = ANY (p_asked) AND (s.level = 'identity'
	    OR s.name = ANY (gate.person_scopes(p_person, p_organization)))
$$;

-- Remembers what was allowed, and makes the code.
CREATE FUNCTION gate.authorization_grant(a record, p_organization uuid,
    p_scopes text[], p_declined text[], p_code bytea, p_how text)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	g	oauth.connection;
BEGIN
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
	SELECT p_code, c.id, c.epoch, g.person, g.organization, g.id,
	    core.this_session(), a.redirect_uri, a.redirect_sent, a.challenge,
	    p_scopes, a.audience, a.nonce, core.this_auth_time(),
	    now() + gate.setting_interval('oauth_code_lifetime')
	FROM oauth.client c WHERE c.id = a.client;
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
		SELECT unnest(g.scopes) AS e, true AS had FROM oauth.connection g
		WHERE g.person = core.this_person() AND g.client = a.client
		AND g.ended_at IS NULL
		UNION ALL
		SELECT unnest(g.declined), false FROM oauth.connection g
		WHERE g.person = core.this_person() AND g.client = a.client
		AND g.ended_at IS NULL
	) x;
	SELECT json_agg(json_build_object('name', s.name,
	    'description', s.description, 'sensitive', s.sensitive,
	    'required', s.name = 'openid' OR s.name = ANY (c.required_scopes),
	    'granted', s.name = ANY (v_had),
	    'checked', NOT s.name = ANY (v_declined) OR s.name = ANY (v_had))
	    ORDER BY s.level DESC, s.name)
	INTO v_scopes
	FROM core.scope s WHERE s.name = ANY (v_all);
	SELECT json_agg(json_build_object('id', m.id, 'name', m.name,
	    'fullname', m.fullname,
	    'checked', m.id = coalesce((SELECT h.id
		FROM gate.memberships(core.this_person()) h
		WHERE h.id = core.this_organization()),
		(SELECT h.id FROM gate.memberships(core.this_person()) h LIMIT 1))))
	INTO v_organizations
	FROM gate.memberships(core.this_person()) m;
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
		'host', coalesce(lib.redirect_host(CASE c.origin
		    WHEN 'document' THEN c.id ELSE nullif(c.uri, '') END), '')),
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
-- what was declined there is not asked for again.  Any program on a computer
-- can pretend to be a native app there (RFC 8252 8.6): a person sees each time
-- who asks.
CREATE FUNCTION gate.authorization_silent(a record, OUT organization uuid,
    OUT scopes text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF a.redirect_uri !~ '^https:' AND EXISTS (SELECT FROM oauth.client c
	    WHERE c.id = a.client AND c.auth_method = 'none') THEN
		RETURN;
	END IF;
	SELECT g.organization, lib.both(w.could, g.scopes)
	INTO organization, scopes
	FROM oauth.client c
	JOIN oauth.connection g ON g.client = c.id
	    AND g.person = core.this_person() AND g.ended_at IS NULL
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
		RETURN gate.authorization_page(a.page, a.words);
	ELSIF a.error IS NOT NULL THEN
		RETURN gate.authorization_error(a, a.error, a.description);
	END IF;
	v_none := 'none' = ANY (a.prompts);
	IF core.this_person() IS NULL OR 'login' = ANY (a.prompts)
	    OR core.this_auth_time() < a.login_after
	    OR core.this_auth_time() < now() - make_interval(secs => a.max_age) THEN
		IF v_none THEN
			RETURN gate.authorization_error(a, 'login_required',
			    'The person must sign in');
		END IF;
		RETURN (200, json_build_object('view', 'login',
		    'return_to', gate.authorization_path(a.request),
		    'login_hint', lib.printable(a.request ->> 'login_hint', 254),
		    'client', (SELECT json_build_object('id', c.id, 'name', c.name)
			FROM oauth.client c WHERE c.id = a.client))::text);
	END IF;
	IF NOT EXISTS (SELECT FROM gate.memberships(core.this_person())) THEN
		RETURN gate.authorization_page('no_organization',
		    'Data belongs to organizations, and you are a member of none.');
	END IF;
	IF NOT a.prompts && '{consent,select_account}'::text[] THEN
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
		RETURN gate.authorization_page(a.page, a.words);
	ELSIF lib.form_text(args, 'binding')
	    IS DISTINCT FROM gate.authorization_binding(a.request) THEN
		RETURN gate.authorization_page('binding_failed',
		    'The form belongs to another session or to another request.');
	ELSIF a.error IS NOT NULL THEN
		RETURN gate.authorization_error(a, a.error, a.description);
	END IF;
	IF lib.form_text(args, 'decision') IS DISTINCT FROM 'allow' THEN
		PERFORM gate.audit('client', a.client,
		    jsonb_build_object('decision', 'deny'));
		RETURN gate.authorization_redirect(a, jsonb_build_object(
		    'error', 'access_denied',
		    'error_description', 'The person said no'));
	END IF;
	SELECT m.id INTO v_org FROM gate.memberships(core.this_person()) m
	WHERE m.id = coalesce(lib.to_uuid(lib.form_text(args, 'organization')),
	    (SELECT h.id FROM gate.memberships(core.this_person()) h
	     ORDER BY h.id = core.this_organization() DESC LIMIT 1));
	IF v_org IS NULL THEN
		RETURN gate.authorization_page('no_organization',
		    'You are not a member of the organization that was chosen.');
	END IF;
	SELECT * INTO STRICT c FROM oauth.client t WHERE t.id = a.client;
	v_could := gate.grantable(a.asked, core.this_person(), v_org);
	v_given := lib.both(v_could, lib.form_list(args, 'grant')
	    || c.required_scopes || 'openid'::text);
	IF v_given = '{}' THEN
		RETURN gate.authorization_redirect(a, jsonb_build_object(
		    'error', 'access_denied',
		    'error_description', 'The person allowed none of the scopes'));
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
