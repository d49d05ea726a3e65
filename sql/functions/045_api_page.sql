-- What the pages' operations share.  A page is one JSON object: "me", and
-- what it shows.

-- {"me": …} and more.
CREATE FUNCTION api.page(p_more json DEFAULT '{}') RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT 200, '{"me":' || coalesce(gate.me()::text, 'null')
	    || CASE WHEN p_more::text ~ '^\{\s*\}$' THEN '}'
		ELSE ',' || substr(ltrim(p_more::text), 2) END
$$;

-- What a write tells the page that follows.
CREATE FUNCTION api.done(p_id text, p_more jsonb DEFAULT '{}') RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT 200, (jsonb_build_object('id', p_id) || p_more)::text
$$;

CREATE FUNCTION api.fail_field(p_field text, p_message text,
    p_detail text DEFAULT '')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(400, 'invalid_field', p_message, '/' || p_field, 'body',
	    p_detail, 'Correct the field and send the form again.');
END
$$;

-- A text of a form, null if there is none.
CREATE FUNCTION api.field(p_args jsonb, p_field text, p_max int4)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	text := lib.form_text(p_args, p_field);
BEGIN
	IF length(v) > p_max THEN
		PERFORM api.fail_field(p_field,
		    format('%s must have at most %s characters', p_field, p_max));
	ELSIF lib.has_control(to_jsonb(v)) THEN
		PERFORM api.fail_field(p_field,
		    format('%s holds a control character', p_field));
	END IF;
	RETURN v;
END
$$;

-- What a person or an organization is called, by others too: the consent page
-- says who registered an app.
CREATE FUNCTION api.field_title(p_args jsonb, p_field text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	text := api.field(p_args, p_field, 256);
BEGIN
	IF lib.title_error(v, 256) IS NOT NULL THEN
		PERFORM api.fail_field(p_field,
		    'The name ' || lib.title_error(v, 256));
	END IF;
	RETURN v;
END
$$;

-- name and fullname of a form, as the bodies of /v1 have them.
CREATE FUNCTION api.field_names(p_args jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_name	text := lower(api.field(p_args, 'name', 128));
BEGIN
	PERFORM api.check_role_name(v_name);
	RETURN jsonb_strip_nulls(jsonb_build_object('name', v_name,
	    'fullname', api.field(p_args, 'fullname', 256)));
END
$$;

-- A field as a schema of /v1 wants it, told of the field by its label.
CREATE FUNCTION api.check_field(p_field text, p_label text, p_schema jsonb,
    p_value jsonb)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	record;
BEGIN
	SELECT e.pointer, e.problem INTO v
	FROM lib.schema_errors(p_schema, p_value) e LIMIT 1;
	IF FOUND THEN
		PERFORM api.fail_field(p_field,
		    concat_ws(' ', p_label, nullif(v.pointer, ''), v.problem));
	END IF;
END
$$;

-- A list for a page.  p_where is text of the caller; p_search are expressions
-- that the search looks in.  Pages go on with the opaque "next".
CREATE FUNCTION api.page_list(p_list text, p_args jsonb, p_where text,
    p_search text[], p_order jsonb DEFAULT NULL, p_total boolean DEFAULT true,
    p_filtered boolean DEFAULT false)
RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_query	jsonb := coalesce(p_args -> 'query', '{}');
	v_search text := lib.printable(btrim(v_query ->> 'search'), 200);
	v_limit	int4 := 50;
	v_where	text := '(' || p_where || ')';
	l	record;
BEGIN
	IF v_query ->> 'limit' ~ '^[0-9]{1,6}$' THEN
		v_limit := least(greatest((v_query ->> 'limit')::int4, 1), 200);
	END IF;
	IF v_search <> '' THEN
		v_where := v_where || ' AND (' || (
			SELECT string_agg(format('%s ILIKE ''%%'' || '
			    'lib.like_escape($1 #>> ''{query,search}'') || ''%%''',
			    e), ' OR ') FROM unnest(p_search) e) || ')';
	END IF;
	l := api.list(p_list, p_args || jsonb_build_object('query',
	    (v_query - '{filter,order,expand,total,cursor}'::text[])
	    || jsonb_strip_nulls(jsonb_build_object(
		'search', v_search, 'limit', v_limit, 'total', p_total,
		'order', p_order, 'cursor', v_query ->> 'start_after'))),
	    v_where);
	RETURN format('{"items":[%s],"total":%s,"next":%s,"more":%s,'
	    '"search":%s,"filtered":%s,"limit":%s}', l.items,
	    coalesce(l.total::text, 'null'), to_json(coalesce(l.cursor, '')),
	    to_json(coalesce(l.cursor, '') <> ''), to_json(v_search),
	    to_json(p_filtered OR v_search <> ''), v_limit)::json;
END
$$;

-- A filter of a page: null if it is not asked for.
CREATE FUNCTION api.query_text(p_args jsonb, p_name text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT nullif(btrim(p_args #>> ARRAY['query', p_name]), '')
$$;

-- Nobody hands out more than he has; the root's administrators, who run
-- everything, do.
CREATE FUNCTION api.require_own_scopes(p_scopes text[]) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_lack	text;
BEGIN
	IF core.this_root() THEN
		RETURN;
	END IF;
	SELECT string_agg(DISTINCT s, ' ' ORDER BY s) INTO v_lack
	FROM unnest(p_scopes) s WHERE NOT s = ANY (core.this_scopes());
	IF v_lack IS NOT NULL THEN
		PERFORM lib.fail(403, 'insufficient_scope',
		    'That has more rights than you have yourself', '', '',
		    'Nobody gives, changes or takes what he does not have.',
		    'Ask somebody who has these scopes.', v_lack);
	END IF;
END
$$;

CREATE FUNCTION api.has_scopes(p_scopes text[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT core.this_root() OR p_scopes <@ core.this_scopes()
$$;

CREATE FUNCTION api.can(p_scope text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT p_scope = ANY (core.this_scopes())
$$;

CREATE FUNCTION api.scopes_json(p_scopes text[]) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(json_agg(json_build_object('name', s.name,
	    'description', s.description, 'sensitive', s.sensitive)
	    ORDER BY s.level DESC, s.name), '[]')
	FROM core.scope s WHERE s.name = ANY (p_scopes));
END
$$;

-- Own things.

CREATE FUNCTION api.page_frame(args jsonb) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT * FROM api.page()
$$;

-- The form of signing in; "me" if that is done already.
CREATE FUNCTION api.session_new(args jsonb) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT * FROM api.page(json_build_object(
	    'signed_in', core.this_person() IS NOT NULL))
$$;

CREATE FUNCTION api.session_list(args jsonb) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT * FROM api.page((
		SELECT json_build_object(
		    'password_changed', (SELECT lib.time_words(p.password_changed_at)
			FROM core.person p WHERE p.id = core.this_person()),
		    'sessions', json_build_object(
			'items', coalesce(json_agg(json_build_object('id', s.id,
			    'current', s.id = core.this_session(), 'peer', s.peer,
			    'user_agent', s.user_agent,
			    'created', lib.time_words(s.created_at),
			    'seen', lib.time_words(s.seen_at),
			    'expires', lib.time_words(s.expires_at))), '[]'),
			'others', count(*) FILTER (WHERE s.id <> core.this_session())))
		FROM gate.own_sessions() s))
$$;

CREATE FUNCTION api.session_end(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.session_end(core.this_session(), 'signed out');
	RETURN api.done(core.this_session()::text);
END
$$;

CREATE FUNCTION api.session_end_one(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := lib.to_uuid(args #>> '{path,sessionId}');
BEGIN
	IF v_id IS NULL OR gate.session_end(v_id, 'ended by its person') = 0 THEN
		PERFORM lib.fail(404, 'session_not_found',
		    'There is no such session', 'sessionId', 'path',
		    'It may have ended already.');
	END IF;
	RETURN api.done(v_id::text);
END
$$;

CREATE FUNCTION api.session_end_others(args jsonb) RETURNS api.reply
LANGUAGE sql VOLATILE AS $$
	SELECT 200, json_build_object('id', core.this_session(), 'ended',
	    gate.session_end(NULL, 'ended by its person'))::text
$$;

CREATE FUNCTION api.person_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_name	text := api.field_title(args, 'fullname');
BEGIN
	IF v_name IS NULL THEN
		PERFORM api.fail_field('fullname', 'The name must not be empty');
	END IF;
	PERFORM gate.person_rename(v_name);
	PERFORM gate.audit('person', core.this_person()::text,
	    jsonb_build_object('fullname', v_name));
	RETURN api.done(core.this_person()::text);
END
$$;

CREATE FUNCTION api.organization_switch(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	o	core.organization := gate.act_in(jsonb_build_object('path',
		    jsonb_build_object('organizationId', coalesce(
			lib.form_text(args, 'organization'), ''))));
BEGIN
	PERFORM gate.session_switch(o.id);
	PERFORM gate.audit('organization', o.id::text);
	RETURN api.done(o.id::text, jsonb_build_object('name', o.name,
	    'fullname', o.fullname));
END
$$;
