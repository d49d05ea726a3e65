-- The authorization endpoint: from a request to a page or to a code.  All of
-- it is data for the frontend: which view, and what is in it.

-- What the request may hold; the rest is nobody's business.  login_after is
-- our own: in the path that leads back from a sign-in.
CREATE FUNCTION gate.authorization_names() RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT '{response_type,client_id,redirect_uri,scope,state,code_challenge,code_challenge_method,nonce,prompt,max_age,login_hint,id_token_hint,resource,response_mode,request,request_uri,login_after}'::text[]
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
-- array.  A hint that cannot be an address is none.
CREATE FUNCTION gate.authorization_request(p jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(jsonb_object_agg(k, w), '{}')
	FROM jsonb_each(p) AS e(k, v)
	CROSS JOIN LATERAL (SELECT CASE k WHEN 'resource'
	    THEN gate.resources(v) ELSE v END) AS l(w)
	WHERE k = ANY (gate.authorization_names())
	AND w NOT IN ('null', '""', '[]')
	AND NOT (k = 'login_hint' AND length(v #>> '{}') > 254)
	AND NOT (k = 'scope' AND btrim(v #>> '{}', ' ') = '')
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

-- Whom an ID token is about; null if it is none of ours.  Its signature is not
-- asked for: as a hint it only keeps others from being meant.
CREATE FUNCTION gate.id_token_person(p_token text) RETURNS uuid
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	jsonb;
BEGIN
	v := convert_from(lib.from_base64url(split_part(p_token, '.', 2)),
	    'UTF8')::jsonb;
	RETURN CASE WHEN v ->> 'iss' = gate.issuer()
	    THEN lib.to_uuid(v ->> 'sub') END;
EXCEPTION WHEN data_exception OR statement_too_complex THEN
	RETURN NULL;
END
$$;

-- A checked request.
CREATE FUNCTION gate.authorization_check(p_request jsonb, OUT page text,
    OUT words text, OUT error text, OUT description text, OUT client text,
    OUT epoch int4,
    OUT redirect_uri text, OUT redirect_sent boolean, OUT state text,
    OUT asked text[], OUT audience int4, OUT challenge text, OUT nonce text,
    OUT prompts text[], OUT max_age int8, OUT login_after timestamptz,
    OUT meant uuid, OUT request jsonb)
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
	epoch := c.epoch;
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
	meant := gate.id_token_person(p_request ->> 'id_token_hint');
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
	ELSIF length(p_request ->> 'scope') > 2000 THEN
		error := 'invalid_request';
		description := 'scope must have at most 2000 characters';
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
		    || CASE WHEN c.auth_method = 'none'
			OR c.origin NOT IN ('admin', 'user') THEN '' ELSE
		    ' (its owner may untick ''PKCE required (S256)'' under More in the settings of the app)' END;
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
	ELSIF p_request ? 'id_token_hint' AND meant IS NULL THEN
		error := 'invalid_request';
		description := 'id_token_hint is no ID token of this server';
	ELSIF octet_length(p_request::text) > 1400 AND length(lib.url_encode(
	    gate.authorization_path(p_request))) > 7300 THEN
		-- The address of the sign-in page, of 8192 bytes at most, has
		-- the way back as a parameter.
		error := 'invalid_request';
		description := 'The parameters are too long together';
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

-- Writes down that a request was refused: as an event of the client's, so
-- many a minute; of a client that nobody knows it is counted alone, and of one
-- that registered itself and nobody let in, when a stranger asks: he could have
-- any number of those.  Persons have a number of their own, so that no stranger
-- hides what they do.  What a stranger does is told where the client belongs,
-- what a person does where that one works.
CREATE FUNCTION gate.authorization_refused(a record, p_code text, p_words text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	u	core.unit := core.this_unit();
	c	oauth.client;
	v_count	int8;
BEGIN
	SELECT * INTO c FROM oauth.client t WHERE t.id = a.client;
	IF NOT FOUND OR (core.this_person() IS NULL
	    AND NOT gate.client_known(c.id)) THEN
		INSERT INTO audit.unknown_credential (minute, peer, code, count)
		VALUES (date_trunc('minute', now()), lib.peer_net(u.peer),
		    p_code, 1)
		ON CONFLICT (minute, peer, code) DO UPDATE
		    SET count = unknown_credential.count + 1;
		RETURN;
	END IF;
	INSERT INTO audit.refused_client AS t (minute, client, person,
	    operation, code, count)
	VALUES (date_trunc('minute', now()), c.id, core.this_person(),
	    u.operation, p_code, 1)
	ON CONFLICT (minute, client, person, operation, code)
	    DO UPDATE SET count = t.count + 1
	RETURNING t.count INTO v_count;
	IF v_count > gate.setting('client_refusals') THEN
		RETURN;
	END IF;
	INSERT INTO audit.event (organization, actor_kind, actor, peer,
	    request_id, operation, target_kind, target, outcome, status, code,
	    detail, person, client, session)
	VALUES (CASE WHEN core.this_person() IS NULL THEN c.organization
		ELSE core.this_organization() END,
	    coalesce(core.this_kind(), 'none'), core.this_person(),
	    nullif(u.peer, ''), u.request, u.operation, 'client', c.id,
	    'refused', CASE p_code WHEN 'access_denied' THEN 403 ELSE 400 END,
	    p_code, jsonb_build_object('description', p_words),
	    core.this_person(), c.id, u.session);
END
$$;

-- A page of our own; never a redirect.
CREATE FUNCTION gate.authorization_page(a record, p_code text, p_words text)
RETURNS api.reply LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.authorization_refused(a, p_code, p_words);
	RETURN gate.authorization_page_reply(p_code, p_words);
END
$$;

CREATE FUNCTION gate.authorization_page_reply(p_code text, p_words text)
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
-- server to send people on.  An answer to prompt=none (OpenID Connect Core
-- 3.1.2.6) is for a frame in which nobody sees a page, and may not wait; whether
-- this very person let the app in, signed out, is not known.  So it is enough
-- that somebody stands for the app: whoever registers himself at an open server
-- would else have a link of ours to any place (RFC 9700 4.11.2).
CREATE FUNCTION gate.authorization_error(a record, p_error text, p_words text)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	v	api.reply := gate.authorization_redirect(a, jsonb_build_object(
		    'error', p_error, 'error_description', p_words));
BEGIN
	PERFORM gate.authorization_refused(a, p_error, p_words);
	IF gate.client_trusted(a.client) OR EXISTS (SELECT FROM oauth.connection g
		WHERE g.client = a.client AND g.person = core.this_person())
	    OR ('none' = ANY (a.prompts) AND gate.client_known(a.client)) THEN
		RETURN v;
	END IF;
	RETURN gate.leave(v, a.redirect_uri, p_words, CASE
	    WHEN core.this_person() IS NULL THEN
		'You are not signed in, and this server does not vouch for this application, so you are not sent there without asking.'
	    ELSE 'You never allowed this application anything, so you are not sent there without asking.' END);
END
$$;

-- The person saw the page and said no: the app is told at once.
CREATE FUNCTION gate.authorization_denied(a record, p_words text)
RETURNS api.reply LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.authorization_refused(a, 'access_denied', p_words);
	RETURN gate.authorization_redirect(a, jsonb_build_object(
	    'error', 'access_denied', 'error_description', p_words));
END
$$;

-- The own path of the same request, without what the sign-in page fulfils: who
-- is to be chosen; and instead of prompt=login, that it was a moment ago; and in any case after this one,
-- in microseconds.  Who makes that older skips no more than who leaves out
-- prompt and max_age: an app looks at auth_time.
CREATE FUNCTION gate.authorization_path(p_request jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT '/oauth/authorize?' || string_agg(k || '=' || lib.url_encode(v), '&'
	    ORDER BY n, i)
	FROM (
		SELECT n.n, e.k, x.i, CASE e.k WHEN 'prompt' THEN
		    btrim(regexp_replace(x.v, '\m(login|select_account)\M *',
			'', 'g'))
		    -- Time to come back: 0 would ask for ever.
		    WHEN 'max_age' THEN greatest(x.v::int8, 60)::text
		    ELSE x.v END AS v
		FROM jsonb_each(p_request || CASE
		    WHEN p_request ->> 'prompt' ~ '\mlogin\M'
			THEN '{"max_age": "0"}' ELSE '{}' END::jsonb
		    || CASE WHEN p_request ->> 'prompt' ~ '\mlogin\M'
			OR p_request ?| '{max_age,login_after,id_token_hint}'
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
