-- Pages of administration: the start, organizations, keys, audit.

CREATE FUNCTION api.actor_words(e audit.event) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(
	    (SELECT p.fullname FROM core.person p WHERE p.id = e.person),
	    CASE e.actor_kind
	    WHEN 'control' THEN 'grantctl'
	    WHEN 'session' THEN 'somebody of another organization'
	    WHEN 'organization' THEN 'organization token '
		|| coalesce((SELECT f.name FROM token.family_info f
		    WHERE f.id = e.family), '')
	    WHEN 'integration' THEN 'integration '
		|| coalesce((SELECT i.name FROM core.integration i
		    WHERE i.organization = e.organization AND i.id = e.actor), '')
	    WHEN 'refresh' THEN 'refresh secret of '
		|| coalesce((SELECT f.name FROM token.family_info f
		    WHERE f.id = e.family), 'a pair')
	    ELSE e.actor_kind END));
END
$$;

CREATE FUNCTION api.event_json(e audit.event) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object('id', e.seq::text, 'at', lib.time_words(e.at),
	    'operation', e.operation,
	    'title', coalesce((SELECT o.description FROM gate.operation o
		WHERE o.name = e.operation), e.operation),
	    'outcome', e.outcome, 'refused', e.outcome = 'refused',
	    'status', e.status, 'code', coalesce(e.code, ''),
	    'actor', btrim(api.actor_words(e)), 'actor_kind', e.actor_kind,
	    'person', (SELECT json_build_object('id', p.id, 'name', p.fullname,
		'email', p.email) FROM core.person p WHERE p.id = e.person),
	    'client', coalesce(e.client, ''), 'peer', coalesce(e.peer, ''),
	    'target_kind', coalesce(e.target_kind, ''),
	    'target', coalesce(e.target, ''),
	    'request_id', coalesce(e.request_id::text, ''),
	    'detail', coalesce(nullif(e.detail, '{}')::text, '')));
END
$$;

-- Numbers of the organization of the context, as far as one may see them.
CREATE FUNCTION api.counts_json() RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object(
	    'members', CASE WHEN api.can('users:view') THEN
		(SELECT count(*) FROM core.member m
		 WHERE m.organization = core.this_organization()) END,
	    'roles', CASE WHEN api.can('users:view') THEN
		(SELECT count(*) FROM core.role r
		 WHERE r.organization = core.this_organization()) END,
	    'accounts', CASE WHEN api.can('accounts:view') THEN
		(SELECT count(*) FROM core.account a
		 WHERE a.organization = core.this_organization()) END,
	    'integrations', CASE WHEN api.can('integrations:view') THEN
		(SELECT count(*) FROM core.integration i
		 WHERE i.organization = core.this_organization()) END,
	    'tokens', CASE WHEN api.can('tokens:view') THEN
		(SELECT count(*) FROM token.family_info f
		 WHERE f.organization = core.this_organization()
		 AND f.kind = 'organization' AND f.ended_at IS NULL) END,
	    'events_today', CASE WHEN api.can('audit:view') THEN
		(SELECT count(*) FILTER (WHERE t.at >= date_trunc('day', now()))
		 FROM (SELECT e.at FROM audit.event e
		    WHERE e.organization = core.this_organization()
		    ORDER BY e.seq DESC LIMIT 10000) t) END,
	    'organizations', (SELECT count(*) FROM gate.my_organizations())));
END
$$;

CREATE FUNCTION api.admin_home(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page(json_build_object('counts', api.counts_json(),
	    'events', CASE WHEN api.can('audit:view') THEN (
		SELECT coalesce(json_agg(api.event_json(e) ORDER BY e.seq DESC), '[]')
		FROM (SELECT * FROM audit.event t
		    WHERE t.organization = core.this_organization()
		    ORDER BY t.seq DESC LIMIT 5) e) ELSE '[]' END));
END
$$;

CREATE FUNCTION api.page_organization_json(p_id uuid, p_name text,
    p_fullname text, p_type text, p_status text, p_created timestamptz,
    p_member boolean)
RETURNS json LANGUAGE sql STABLE AS $$
	SELECT json_build_object('id', p_id, 'name', p_name,
	    'fullname', p_fullname, 'type', p_type,
	    'is_root', p_type = 'root', 'status', p_status,
	    'active', p_status = 'active', 'members', c.members,
	    'accounts', c.accounts, 'created', lib.time_words(p_created),
	    'current', p_id IS NOT DISTINCT FROM core.this_organization(),
	    'member', p_member)
	FROM gate.organization_counts(p_id) c
$$;

CREATE FUNCTION api.admin_organization_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_status text := api.query_text(args, 'status');
BEGIN
	RETURN api.page(json_build_object('organizations',
	    api.page_list('page_organization', args,
		CASE WHEN v_status IS NULL THEN 'true'
		ELSE 'r.status = $1 #>> ''{query,status}''' END,
		'{r.name,r.fullname}', NULL, true, v_status IS NOT NULL),
	    'may_create', core.this_root() AND api.can('organizations:edit')));
END
$$;

CREATE FUNCTION api.admin_organization_show(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	o	core.organization := gate.act_in(args);
BEGIN
	RETURN api.page((SELECT json_build_object('organization',
	    api.page_organization_json(t.id, t.name, t.fullname,
		t.organization_type, t.status, t.created_at, t.member),
	    'counts', api.counts_json(),
	    'may_edit', api.can('organizations:edit'),
	    'may_disable', core.this_root() AND t.organization_type <> 'root'
		AND t.status = 'active',
	    'may_enable', core.this_root() AND t.status <> 'active')
	    FROM gate.my_organizations() t WHERE t.id = o.id));
END
$$;

CREATE FUNCTION api.require_root() RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF NOT core.this_root() THEN
		PERFORM lib.fail(403, 'root_required',
		    'Only administrators of the root organization do that', '', '',
		    '', 'Ask the operator of this server.');
	END IF;
END
$$;

CREATE FUNCTION api.admin_organization_create(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_names	record;
	v_id	uuid;
BEGIN
	PERFORM api.require_root();
	PERFORM api.field_title(args, 'fullname');
	v_names := api.names(api.field_names(args), lib.uuid7());
	PERFORM api.check_role_name(v_names.name);
	v_id := gate.organization_make(v_names.name, v_names.fullname, 'standard');
	IF v_id IS NULL THEN
		PERFORM api.fail_name_taken('an organization', v_names.name);
	END IF;
	PERFORM gate.audit('organization', v_id::text,
	    jsonb_build_object('name', v_names.name));
	RETURN api.done(v_id::text, jsonb_build_object('name', v_names.name));
END
$$;

CREATE FUNCTION api.admin_organization_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	o	core.organization := gate.act_in(args);
	v_name	text := api.field_title(args, 'fullname');
BEGIN
	IF v_name IS NULL THEN
		PERFORM api.fail_field('fullname', 'The title must not be empty');
	END IF;
	UPDATE core.organization t SET fullname = v_name, updated_at = now()
	WHERE t.id = o.id;
	PERFORM gate.audit('organization', o.id::text,
	    jsonb_build_object('fullname', jsonb_build_array(o.fullname, v_name)));
	RETURN api.done(o.id::text);
END
$$;

-- While it is disabled, none of its tokens work, nor does membership.
CREATE FUNCTION api.organization_status(p_args jsonb, p_status text)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	o	core.organization := gate.act_in(p_args);
BEGIN
	PERFORM api.require_root();
	IF o.organization_type = 'root' THEN
		PERFORM lib.fail(409, 'root_organization',
		    'The root organization cannot be disabled', 'organizationId',
		    'path');
	END IF;
	UPDATE core.organization t SET status = p_status, updated_at = now()
	WHERE t.id = o.id;
	PERFORM gate.audit('organization', o.id::text,
	    jsonb_build_object('status', p_status));
	RETURN api.done(o.id::text);
END
$$;

CREATE FUNCTION api.admin_organization_disable(args jsonb) RETURNS api.reply
LANGUAGE sql VOLATILE AS $$
	SELECT * FROM api.organization_status(args, 'disabled')
$$;

CREATE FUNCTION api.admin_organization_enable(args jsonb) RETURNS api.reply
LANGUAGE sql VOLATILE AS $$
	SELECT * FROM api.organization_status(args, 'active')
$$;

CREATE FUNCTION api.admin_key_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page((SELECT json_build_object('keys', json_build_object(
	    'items', coalesce(json_agg(json_build_object('kid', k.kid,
		'alg', k.alg, 'created', lib.time_words(k.created_at),
		'published', lib.time_words(k.published_at))
		ORDER BY k.created_at DESC, k.kid), '[]')))
	    FROM core.signing_key k));
END
$$;

CREATE FUNCTION api.admin_audit_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_where	text := 'true';
	v	record;
	v_any	boolean := false;
BEGIN
	PERFORM gate.act_in(args);
	FOR v IN SELECT * FROM (VALUES
	    ('outcome', 'r.outcome = %s'), ('operation', 'r.operation = %s'),
	    ('person', 'r.person = coalesce(lib.to_uuid(%1$s), (SELECT p.id'
	        ' FROM core.person p WHERE lower(p.email) = lower(%1$s)))'),
	    ('client', 'r.client = %s'), ('target', 'r.target = %s'),
	    ('since', 'r.at >= (%s)::timestamptz'),
	    -- a day is meant with all its hours
	    ('until', 'r.at < (%1$s)::timestamptz + CASE WHEN length(%1$s) = 10'
	        ' THEN interval ''1 day'' ELSE interval ''0'' END'))
	    f(field, form)
	    WHERE api.query_text(args, f.field) IS NOT NULL LOOP
		v_any := true;
		v_where := v_where || ' AND ' || format(v.form,
		    format('btrim($1 #>> ''{query,%s}'')', v.field));
	END LOOP;
	RETURN api.page(json_build_object('events', api.page_list('page_event',
	    args, v_where, '{r.operation,r.target,r.code,r.peer}',
	    '[{"field": "seq", "dir": "desc"}]', false, v_any),
	    'operations', (SELECT json_agg(json_build_object('name', o.name,
		'title', left(o.description, 80), 'selected',
		o.name IS NOT DISTINCT FROM api.query_text(args, 'operation'))
		ORDER BY o.description, o.name)
		FROM gate.operation o)));
END
$$;
