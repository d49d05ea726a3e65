-- Members of an organization and their roles.

CREATE FUNCTION api.member_scopes(p_person uuid) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(array_agg(DISTINCT u.s), '{}') FROM (
		SELECT unnest(r.scopes) AS s FROM core.member_role mr
		JOIN core.role r ON r.organization = mr.organization
		    AND r.id = mr.role
		WHERE mr.organization = core.this_organization()
		AND mr.person = p_person) u);
END
$$;

CREATE FUNCTION api.member_roles_json(p_person uuid) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(json_agg(json_build_object('id', r.id, 'name', r.name,
	    'fullname', r.fullname) ORDER BY r.fullname, r.id), '[]')
	FROM core.member_role mr
	JOIN core.role r ON r.organization = mr.organization AND r.id = mr.role
	WHERE mr.organization = core.this_organization() AND mr.person = p_person);
END
$$;

CREATE FUNCTION api.member_json(m core.member, p_more jsonb DEFAULT '{}')
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT (jsonb_build_object('id', p.id, 'name', p.fullname,
	    'email', p.email, 'status', s.status,
	    'enabled', s.status = 'enabled', 'invited', s.status = 'invited',
	    'disabled', s.status = 'disabled',
	    'self', p.id = core.this_person(),
	    'since', lib.time_words(m.created_at),
	    'signed_in', lib.time_words(p.signed_in_at),
	    'roles', api.member_roles_json(p.id),
	    'may_edit', s.edit,
	    'may_link', s.edit AND gate.may_link(p.id)) || p_more)::json
	FROM core.person p
	CROSS JOIN LATERAL (
		SELECT CASE WHEN m.status = 'disabled' THEN 'disabled'
			WHEN p.status IN ('enabled', 'invited') THEN p.status
			ELSE 'disabled' END AS status,
		    api.can('users:edit')
			AND api.has_scopes(api.member_scopes(p.id)) AS edit
	) s
	WHERE p.id = m.person);
END
$$;

-- All roles of the organization, for a form.
CREATE FUNCTION api.roles_all(p_person uuid) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT coalesce(json_agg(json_build_object('id', r.id, 'name', r.name,
	    'fullname', r.fullname, 'description', r.description,
	    'held', mr.role IS NOT NULL,
	    'grantable', api.has_scopes(r.scopes))
	    ORDER BY r.permission_set IS NULL, r.fullname, r.id), '[]')
	FROM core.role r
	LEFT JOIN core.member_role mr ON mr.organization = r.organization
	    AND mr.role = r.id AND mr.person = p_person
	WHERE r.organization = core.this_organization()
$$;

-- The last administrator is counted by one at a time.
CREATE FUNCTION api.members_lock() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM core.member t
	WHERE t.organization = core.this_organization()
	ORDER BY t.person FOR UPDATE;
END
$$;

CREATE FUNCTION api.member_find(p_args jsonb, p_lock boolean DEFAULT false)
RETURNS core.member LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := lib.to_uuid(p_args #>> '{path,personId}');
	m	core.member;
BEGIN
	IF p_lock THEN
		PERFORM api.members_lock();
	END IF;
	SELECT * INTO m FROM core.member t
	WHERE t.organization = core.this_organization() AND t.person = v_id;
	IF NOT FOUND THEN
		PERFORM api.fail_missing('member', 'personId');
	END IF;
	IF p_lock THEN
		PERFORM api.require_own_scopes(api.member_scopes(m.person));
	END IF;
	RETURN m;
END
$$;

-- Ids or names of a form, each a role of the organization that the caller
-- may give.
CREATE FUNCTION api.field_roles(p_args jsonb) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_ref	text;
	v_roles	uuid[] := '{}';
	r	core.role;
BEGIN
	FOREACH v_ref IN ARRAY lib.form_list(p_args, 'role') LOOP
		SELECT * INTO r FROM core.role t
		WHERE t.organization = core.this_organization()
		AND (t.id = lib.to_uuid(v_ref) OR t.name = lower(v_ref));
		IF NOT FOUND THEN
			PERFORM api.fail_field('role', 'There is no such role');
		END IF;
		PERFORM api.require_own_scopes(r.scopes);
		v_roles := v_roles || r.id;
	END LOOP;
	IF v_roles = '{}' THEN
		PERFORM api.fail_field('role', 'A member needs a role',
		    'Without one, a person can do nothing here.');
	END IF;
	RETURN v_roles;
END
$$;

-- Somebody must be left who can give roles; the root can always.
CREATE FUNCTION api.check_administrator() RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF NOT core.this_root() AND NOT EXISTS (
	    SELECT FROM core.member m
	    JOIN core.person p ON p.id = m.person AND p.status = 'enabled'
	    JOIN core.member_role mr ON mr.organization = m.organization
		AND mr.person = m.person
	    JOIN core.role r ON r.organization = mr.organization
		AND r.id = mr.role AND 'users:edit' = ANY (r.scopes)
	    WHERE m.organization = core.this_organization()
	    AND m.status = 'enabled') THEN
		PERFORM lib.fail(409, 'last_administrator',
		    'Nobody would be left who can manage members', '', '', '',
		    'Give somebody else such a role first.');
	END IF;
END
$$;

CREATE FUNCTION api.admin_member_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page(json_build_object('members', api.page_list('page_member',
	    args, CASE WHEN api.query_text(args, 'role') IS NULL THEN 'true'
	    ELSE 'EXISTS (SELECT FROM core.member_role mr JOIN core.role ro '
		'ON ro.organization = mr.organization AND ro.id = mr.role '
		'WHERE mr.organization = r.organization AND mr.person = r.person '
		'AND ro.name = $1 #>> ''{query,role}'')' END,
	    '{p.fullname,p.email}', NULL, true,
	    api.query_text(args, 'role') IS NOT NULL),
	    'roles', (SELECT coalesce(json_agg(json_build_object('id', r.id,
		'name', r.name, 'fullname', r.fullname, 'selected',
		r.name IS NOT DISTINCT FROM api.query_text(args, 'role'))
		ORDER BY r.fullname, r.id), '[]')
		FROM core.role r WHERE r.organization = core.this_organization())));
END
$$;

CREATE FUNCTION api.admin_member_show(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	m	core.member;
BEGIN
	PERFORM gate.act_in(args);
	m := api.member_find(args);
	RETURN api.page(json_build_object('member', api.member_json(m,
	    jsonb_build_object('roles_all', api.roles_all(m.person),
		'scopes', api.scopes_json(api.member_scopes(m.person))))));
END
$$;

CREATE FUNCTION api.admin_member_new(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page(json_build_object('roles_all', api.roles_all(NULL)));
END
$$;

CREATE FUNCTION api.admin_member_add(args jsonb, link bytea) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	m	record;
BEGIN
	PERFORM gate.act_in(args);
	m := gate.member_put(api.field(args, 'email', 254),
	    api.field(args, 'fullname', 256), api.field_roles(args), NULL, link);
	RETURN api.done(m.id::text, jsonb_strip_nulls(jsonb_build_object(
	    'created', m.created,
	    'link_secret', CASE WHEN m.link_expires IS NOT NULL
		THEN chr(1) || '3' END,
	    'link_expires', lib.time_words(m.link_expires))));
END
$$;

CREATE FUNCTION api.admin_member_roles(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	m	core.member;
	v_roles	uuid[];
	v_old	json;
BEGIN
	PERFORM gate.act_in(args);
	m := api.member_find(args, true);
	v_roles := api.field_roles(args);
	v_old := api.member_roles_json(m.person);
	DELETE FROM core.member_role mr
	WHERE mr.organization = m.organization AND mr.person = m.person
	AND mr.role <> ALL (v_roles);
	INSERT INTO core.member_role (organization, person, role)
	SELECT m.organization, m.person, r FROM unnest(v_roles) r
	ON CONFLICT DO NOTHING;
	PERFORM api.check_administrator();
	PERFORM gate.audit('member', m.person::text, jsonb_build_object('roles',
	    jsonb_build_array(jsonb_path_query_array(v_old::jsonb, '$[*].name'),
		jsonb_path_query_array(api.member_roles_json(m.person)::jsonb,
		    '$[*].name'))));
	RETURN api.done(m.person::text);
END
$$;

CREATE FUNCTION api.admin_member_remove(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	m	core.member;
BEGIN
	PERFORM gate.act_in(args);
	m := api.member_find(args, true);
	DELETE FROM core.member t
	WHERE t.organization = m.organization AND t.person = m.person;
	PERFORM api.check_administrator();
	PERFORM gate.audit('member', m.person::text);
	RETURN api.done(m.person::text);
END
$$;

CREATE FUNCTION api.member_status(p_args jsonb, p_status text)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	m	core.member;
BEGIN
	PERFORM gate.act_in(p_args);
	m := api.member_find(p_args, true);
	UPDATE core.member t SET status = p_status, updated_at = now()
	WHERE t.organization = m.organization AND t.person = m.person;
	PERFORM api.check_administrator();
	PERFORM gate.audit('member', m.person::text,
	    jsonb_build_object('status', p_status));
	RETURN api.done(m.person::text);
END
$$;

CREATE FUNCTION api.admin_member_disable(args jsonb) RETURNS api.reply
LANGUAGE sql VOLATILE AS $$
	SELECT * FROM api.member_status(args, 'disabled')
$$;

CREATE FUNCTION api.admin_member_enable(args jsonb) RETURNS api.reply
LANGUAGE sql VOLATILE AS $$
	SELECT * FROM api.member_status(args, 'enabled')
$$;

CREATE FUNCTION api.admin_member_link(args jsonb, link bytea) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	m	core.member;
	v	record;
BEGIN
	PERFORM gate.act_in(args);
	m := api.member_find(args, true);
	v := gate.member_link(m.person, link);
	RETURN api.done(m.person::text, jsonb_build_object('kind', v.kind,
	    'link_secret', chr(1) || '3',
	    'link_expires', lib.time_words(v.link_expires)));
END
$$;
