-- Pages of apps, connections and clients.  What a person may see of them is
-- what row-level security lets through.

CREATE FUNCTION api.client_json(c oauth.client) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
	n	record;
BEGIN
	SELECT * INTO n FROM gate.client_counts(c.id);
	RETURN json_build_object('id', c.id, 'name', c.name,
	    'description', c.description, 'uri', c.uri, 'origin', c.origin,
	    'origin_text', gate.client_words(c.id),
	    'kind', CASE c.auth_method WHEN 'none' THEN 'public'
		ELSE 'confidential' END,
	    'confidential', c.auth_method <> 'none',
	    'has_secret', c.auth_method LIKE 'client\_secret%',
	    'auth_method', c.auth_method, 'status', c.status,
	    'active', c.status = 'active', 'suspended', c.status = 'suspended',
	    'organization', gate.organization_ref(c.organization),
	    'owner', gate.person_ref(c.owner),
	    'own', coalesce(c.owner = core.this_person(), false),
	    'redirect_uris', c.redirect_uris,
	    'redirect_uris_text', array_to_string(c.redirect_uris, E'\n'),
	    'logout_uris', c.logout_uris,
	    'logout_uris_text', array_to_string(c.logout_uris, E'\n'),
	    'scopes', (SELECT coalesce(json_agg(json_build_object(
		    'name', s.name, 'description', s.description,
		    'sensitive', s.sensitive,
		    'required', s.name = ANY (c.required_scopes))
		    ORDER BY s.level DESC, s.name), '[]')
		FROM core.scope s
		WHERE s.name = ANY (c.scopes) AND s.level <> 'identity'),
	    'grant_types', c.grant_types,
	    'code', 'authorization_code' = ANY (c.grant_types),
	    'service', 'client_credentials' = ANY (c.grant_types),
	    'pkce_required', c.pkce_required, 'first_party', c.first_party,
	    'created', lib.time_words(c.created_at),
	    'updated', lib.time_words(c.updated_at),
	    'used', lib.time_words(c.used_at),
	    'people', coalesce(n.people, 0),
	    'people_more', coalesce(n.people_more, false),
	    'tokens', coalesce(n.tokens, 0),
	    'tokens_more', coalesce(n.tokens_more, false));
END
$$;

-- Who suspended a client: the root, the client's organization, or neither when
-- it was done in the database.  The name as far as one may know it.
CREATE FUNCTION api.suspension_json(c oauth.client) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN c.status = 'suspended' THEN json_build_object(
	    'root', coalesce(c.suspended_root, false),
	    'organization', coalesce(NOT c.suspended_root, false),
	    'person', gate.person_ref(c.suspended_by),
	    'at', lib.time_words(c.suspended_at)) END
$$;

-- Scopes to choose from: those of applications, and what the person has.
CREATE FUNCTION api.scope_choice(p_scopes text[], p_required text[])
RETURNS json LANGUAGE sql STABLE AS $$
	SELECT coalesce(json_agg(json_build_object('name', s.name,
	    'description', s.description, 'level', s.level,
	    'sensitive', s.sensitive, 'checked', s.name = ANY (p_scopes),
	    'required', s.name = ANY (p_required))
	    ORDER BY s.level DESC, s.name), '[]')
	FROM core.scope s
	WHERE s.level = 'app' OR (s.level = 'admin' AND (core.this_root()
	    OR api.can(s.name) OR s.name = ANY (p_scopes)))
$$;

CREATE FUNCTION api.secrets_json(p_client text) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT coalesce(json_agg(json_build_object('id', s.id,
	    'created', lib.time_words(s.created_at),
	    'expires', lib.time_words(s.expires_at),
	    'used', lib.time_words(s.used_at),
	    'newest', s.expires_at IS NULL) ORDER BY s.created_at DESC), '[]')
	FROM oauth.secret s
	WHERE s.client = p_client AND s.ended_at IS NULL
	AND (s.expires_at IS NULL OR s.expires_at > now())
$$;

CREATE FUNCTION api.connection_json(g oauth.connection) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT json_build_object('id', g.id,
	    'client', (SELECT json_build_object('id', c.id, 'name', c.name,
		'uri', c.uri, 'origin', c.origin,
		'origin_text', gate.client_words(c.id),
		'owner', (SELECT json_build_object('name', r ->> 'name')
		    FROM gate.person_ref(c.owner) r WHERE r IS NOT NULL),
		'active', c.status = 'active')
		FROM oauth.client c WHERE c.id = g.client),
	    'person', gate.person_ref(g.person),
	    'organization', gate.organization_ref(g.organization),
	    'scopes', api.scopes_json(g.scopes),
	    'since', lib.time_words(g.created_at),
	    'used', lib.time_words(g.used_at))
$$;

CREATE FUNCTION api.app_list(args jsonb) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT * FROM api.page(json_build_object('apps', api.page_list('app',
	    args, 'r.owner = (SELECT core.this_person())',
	    '{r.name,r.description,r.id}',
	    '[{"field": "created_at", "dir": "desc"}]')))
$$;

-- What the form of a new client shows ticked.
CREATE FUNCTION api.client_blank() RETURNS json
LANGUAGE sql IMMUTABLE AS $$
	SELECT json_build_object('pkce_required', true)
$$;

CREATE FUNCTION api.app_new(args jsonb) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT * FROM api.page(json_build_object('own', true,
	    'client', api.client_blank(),
	    'scopes_all', api.scope_choice('{}', '{}')))
$$;

CREATE FUNCTION api.app_show(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	c	oauth.client;
	v_secrets json;
BEGIN
	SELECT * INTO c FROM oauth.client t
	WHERE t.id = args #>> '{path,clientId}'
	AND t.owner = core.this_person();
	IF NOT FOUND THEN
		PERFORM gate.fail_client();
	END IF;
	v_secrets := api.secrets_json(c.id);
	RETURN api.page(json_build_object('own', true,
	    'client', api.client_json(c)::jsonb || jsonb_build_object(
		'may_delete', true, 'suspension', api.suspension_json(c)),
	    'secrets', v_secrets,
	    'several_secrets', json_array_length(v_secrets) > 1,
	    'scopes_all', api.scope_choice(c.scopes, c.required_scopes)));
END
$$;

CREATE FUNCTION api.connection_list(args jsonb) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT * FROM api.page(json_build_object('connections', api.page_list(
	    'connection', args, 'r.ended_at IS NULL AND r.created_at > c.connected_after'
	    ' AND r.person = (SELECT core.this_person())',
	    '{c.name,c.id}', '[{"field": "created_at", "dir": "desc"}]')))
$$;

CREATE FUNCTION api.client_admin_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_where	text;
BEGIN
	PERFORM gate.act_in(args);
	v_where := '(core.this_root() OR r.organization = (SELECT core.this_organization())'
	    ' OR EXISTS (SELECT FROM oauth.connection g WHERE g.client = r.id'
	    ' AND g.organization = (SELECT core.this_organization())'
	    ' AND g.ended_at IS NULL))'
	    || CASE WHEN api.query_text(args, 'origin') IS NOT NULL
		THEN ' AND r.origin = btrim($1 #>> ''{query,origin}'')' ELSE '' END
	    || CASE WHEN api.query_text(args, 'status') IS NOT NULL
		THEN ' AND r.status = btrim($1 #>> ''{query,status}'')' ELSE '' END;
	RETURN api.page(json_build_object('clients', api.page_list('app', args,
	    v_where, '{r.name,r.description,r.id}',
	    '[{"field": "created_at", "dir": "desc"}]', true,
	    coalesce(api.query_text(args, 'origin'),
		api.query_text(args, 'status')) IS NOT NULL),
	    'everything', core.this_root()));
END
$$;

CREATE FUNCTION api.client_admin_new(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page(json_build_object('client', api.client_blank(),
	    'scopes_all', api.scope_choice('{}', '{}'),
	    'may_first_party', gate.may_first_party(core.this_organization())));
END
$$;

-- The scopes that people gave a client, everywhere or in the organization, and
-- how many of them did, as far as pages count.
CREATE FUNCTION api.granted_json(c oauth.client, p_all boolean) RETURNS json
LANGUAGE sql STABLE AS $$
	WITH given AS MATERIALIZED (
		SELECT g.person, g.scopes FROM oauth.connection g
		WHERE g.client = c.id AND g.ended_at IS NULL
		AND g.created_at > c.connected_after
		AND (p_all OR g.organization = core.this_organization())
		LIMIT gate.count_most() + 1
	)
	SELECT coalesce(json_agg(json_build_object('name', s.name,
	    'description', s.description, 'people', s.people,
	    'people_more', (SELECT count(*) FROM given) > gate.count_most())
	    ORDER BY s.name), '[]')
	FROM (
		SELECT s.name, s.description,
		    least(count(DISTINCT g.person), gate.count_most()) AS people
		FROM given g JOIN core.scope s ON s.name = ANY (g.scopes)
		GROUP BY s.name, s.description
	) s
$$;

CREATE FUNCTION api.client_admin_show(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	c	oauth.client;
	v_own	boolean;
	v_may	boolean;
BEGIN
	PERFORM gate.act_in(args);
	v_may := api.can('oauth-clients:edit');
	SELECT * INTO c FROM oauth.client t
	WHERE t.id = args #>> '{path,clientId}'
	AND (core.this_root() OR t.organization = core.this_organization()
	    OR EXISTS (SELECT FROM oauth.connection g
		WHERE g.client = t.id AND g.ended_at IS NULL
		AND g.organization = core.this_organization()));
	IF NOT FOUND THEN
		PERFORM gate.fail_client();
	END IF;
	v_own := core.this_root()
	    OR coalesce(c.organization = core.this_organization(), false);
	RETURN api.page(json_build_object(
	    'client', api.client_json(c)::jsonb || jsonb_build_object(
		'may_edit', v_own AND v_may AND c.origin <> 'document'
		    AND gate.client_lacks(c) IS NULL,
		'may_delete', v_own AND v_may, 'may_revoke', v_may,
		'may_resume', v_own AND v_may AND c.status = 'suspended'
		    AND (core.this_root() OR NOT coalesce(c.suspended_root, true)),
		'may_take_over', core.this_root() AND v_may
		    AND c.status = 'suspended' AND NOT coalesce(c.suspended_root, true),
		'suspension', api.suspension_json(c),
		'registration', gate.registration_ref(c.id)),
	    'may_first_party', gate.may_first_party(c.organization),
	    'secrets', CASE WHEN v_own THEN api.secrets_json(c.id) ELSE '[]' END,
	    'scopes_all', api.scope_choice(c.scopes, c.required_scopes),
	    'granted', api.granted_json(c, v_own),
	    'connections', (SELECT json_build_object(
		    'items', coalesce(json_agg(api.connection_json(g.t)
			ORDER BY g.n) FILTER (WHERE g.n <= 50), '[]'),
		    'more', count(*) > 50)
		FROM (
			SELECT t, row_number() OVER (
			    ORDER BY t.created_at DESC) AS n
			FROM gate.client_connections(c.id, 51) t
		) g),
	    'events', (SELECT coalesce(json_agg(json_build_object(
		    'id', e.seq::text, 'at', lib.time_words(e.at),
		    'operation', e.operation, 'outcome', e.outcome,
		    'refused', e.outcome = 'refused',
		    'code', coalesce(e.code, ''),
		    'person', gate.person_ref(e.person),
		    'peer', coalesce(e.peer, '')) ORDER BY e.seq DESC), '[]')
		FROM gate.client_events(c.id) e)));
END
$$;

CREATE FUNCTION api.client_admin_initial_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page(json_build_object(
	    'tokens', (SELECT coalesce(json_agg(json_build_object('id', t.id,
		    'name', t.name, 'uses_left', t.uses_left,
		    'created', lib.time_words(t.created_at),
		    'expires', lib.time_words(t.expires_at),
		    'used', lib.time_words(t.used_at))
		    ORDER BY t.created_at DESC), '[]')
		FROM oauth.initial_token t
		WHERE t.organization = core.this_organization()
		AND t.ended_at IS NULL AND t.expires_at > now()
		AND t.uses_left > 0),
	    'registration', gate.registration_word()));
END
$$;
