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

-- What a member is called by: who is invited, by the invitation.
CREATE FUNCTION api.member_id(m core.member) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(m.invitation, m.person)::text
$$;

-- Of who is invited there is what was typed; row-level security hides the
-- person.
CREATE FUNCTION api.member_json(m core.member, p_more jsonb DEFAULT '{}')
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT (jsonb_build_object('id', api.member_id(m),
	    'name', coalesce(m.invited_name, p.fullname),
	    'email', coalesce(m.invited_email, p.email), 'status', s.status,
	    'enabled', s.status = 'enabled', 'invited', s.status = 'invited',
	    'disabled', s.status = 'disabled',
	    'self', m.person = core.this_person(),
	    'since', lib.time_words(m.created_at),
	    'signed_in', lib.time_words(CASE WHEN m.invitation IS NULL
		THEN p.signed_in_at END),
	    'roles', api.member_roles_json(m.person),
	    'may_edit', s.edit,
	    'may_link', s.edit AND (m.invitation IS NOT NULL
		OR gate.may_link(m.person))) || p_more)::json
	FROM (SELECT) one
	LEFT JOIN core.person p ON p.id = m.person
	CROSS JOIN LATERAL (
		SELECT CASE WHEN m.status <> 'enabled' THEN m.status
			WHEN p.status IN ('enabled', 'invited') THEN p.status
			ELSE 'disabled' END AS status,
		    api.can('users:edit')
			AND api.has_scopes(api.member_scopes(m.person)) AS edit
	) s);
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

-- The last administrator is counted by one at a time; and whoever had to wait
-- may be none any more.
CREATE FUNCTION api.members_lock(p_args jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM core.member t
	WHERE t.organization = core.this_organization()
	ORDER BY t.person FOR UPDATE;
	PERFORM gate.act_in(p_args);
END
$$;

CREATE FUNCTION api.member_find(p_args jsonb, p_lock boolean DEFAULT false)
RETURNS core.member LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := lib.to_uuid(p_args #>> '{path,personId}');
	m	core.member;
BEGIN
	IF p_lock THEN
		PERFORM api.members_lock(p_args);
	END IF;
	SELECT * INTO m FROM core.member t
	WHERE t.organization = core.this_organization()
	AND coalesce(t.invitation, t.person) = v_id;
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
-- may give, and that nobody deletes meanwhile.
CREATE FUNCTION api.field_roles(p_args jsonb) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
	v_ref	text;
	v_roles	uuid[] := '{}';
	r	core.role;
BEGIN
	FOREACH v_ref IN ARRAY lib.form_list(p_args, 'role') LOOP
		SELECT * INTO r FROM core.role t
		WHERE t.organization = core.this_organization()
		AND (t.id = lib.to_uuid(v_ref) OR t.name = lower(v_ref))
		FOR KEY SHARE;
		IF NOT FOUND THEN
			PERFORM api.fail_field('role', 'There is no such role');
		END IF;
		PERFORM api.require_own_scopes(r.scopes);
		-- By its id and by its name it is one.
		CONTINUE WHEN r.id = ANY (v_roles);
		v_roles := v_roles || r.id;
	END LOOP;
	IF v_roles = '{}' THEN
		PERFORM api.fail_field('role', 'A member needs a role',
		    'Without one, a person can do nothing here.');
	END IF;
	RETURN v_roles;
END
$$;

-- Somebody must be left who can give roles; the root can in any organization
-- but its own.
CREATE FUNCTION api.check_administrator() RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF (NOT core.this_root() OR EXISTS (SELECT FROM core.organization o
	    WHERE o.id = core.this_organization()
	    AND o.organization_type = 'root')) AND NOT EXISTS (
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
	    '{"coalesce(r.invited_name, p.fullname)","coalesce(r.invited_email, p.email)"}',
	    NULL, true,
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
	    api.field_title(args, 'fullname'), api.field_roles(args), NULL, link);
	RETURN api.done(m.id::text, jsonb_strip_nulls(jsonb_build_object(
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
	PERFORM gate.audit('member', api.member_id(m), jsonb_build_object('roles',
	    jsonb_build_array(jsonb_path_query_array(v_old::jsonb, '$[*].name'),
		jsonb_path_query_array(api.member_roles_json(m.person)::jsonb,
		    '$[*].name'))));
	RETURN api.done(api.member_id(m));
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
	PERFORM gate.member_gone(m.person);
	PERFORM gate.member_links_end(m.person);
	PERFORM gate.audit('member', api.member_id(m));
	RETURN api.done(api.member_id(m));
END
$$;

CREATE FUNCTION api.member_status(p_args jsonb, p_status text)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	m	core.member;
BEGIN
	PERFORM gate.act_in(p_args);
	m := api.member_find(p_args, true);
	IF m.status = 'invited' OR EXISTS (SELECT FROM core.person p
	    WHERE p.id = m.person AND p.status = 'invited') THEN
		PERFORM lib.fail(409, 'member_invited',
		    'The member has not come yet', '', '', '',
		    'Remove the member to end the invitation.');
	END IF;
	UPDATE core.member t SET status = p_status, updated_at = now()
	WHERE t.organization = m.organization AND t.person = m.person;
	PERFORM api.check_administrator();
	IF p_status = 'disabled' THEN
		PERFORM gate.member_links_end(m.person);
	END IF;
	PERFORM gate.audit('member', api.member_id(m),
	    jsonb_build_object('status', p_status));
	RETURN api.done(api.member_id(m));
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
	RETURN api.done(api.member_id(m), jsonb_build_object('kind', v.kind,
	    'link_secret', chr(1) || '3',
	    'link_expires', lib.time_words(v.link_expires)));
END
$$;
