-- Roles: built in, or an organization's own; and the scopes there are.

CREATE FUNCTION api.role_json(r core.role) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object('id', r.id, 'name', r.name,
	    'fullname', r.fullname, 'description', coalesce(r.description, ''),
	    'builtin', r.permission_set IS NOT NULL,
	    'members', (SELECT count(*) FROM core.member_role mr
		WHERE mr.organization = r.organization AND mr.role = r.id),
	    'scopes', api.scopes_json(r.scopes),
	    'may_edit', r.permission_set IS NULL AND api.can('roles:edit')
		AND api.has_scopes(r.scopes)));
END
$$;

-- What a role can be made of.
CREATE FUNCTION api.scopes_all(p_held text[]) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT json_agg(json_build_object('name', s.name,
	    'description', s.description, 'level', s.level,
	    'sensitive', s.sensitive, 'held', s.name = ANY (p_held),
	    'grantable', api.has_scopes(ARRAY[s.name]))
	    ORDER BY s.level DESC, s.name)
	FROM core.scope s WHERE s.level IN ('app', 'admin')
$$;

-- With all that they imply.
CREATE FUNCTION api.scope_closure(p_scopes text[]) RETURNS text[]
LANGUAGE sql STABLE AS $$
	WITH RECURSIVE closure (scope) AS (
		SELECT unnest(p_scopes)
		UNION
		SELECT i.implies FROM closure c
		JOIN core.scope_implication i ON i.scope = c.scope
	)
	SELECT coalesce(array_agg(scope ORDER BY scope), '{}') FROM closure
$$;

CREATE FUNCTION api.role_find(p_args jsonb, p_change boolean DEFAULT false)
RETURNS core.role LANGUAGE plpgsql AS $$
DECLARE
	v_ref	text := p_args #>> '{path,roleId}';
	r	core.role;
BEGIN
	SELECT * INTO r FROM core.role t
	WHERE t.organization = core.this_organization()
	AND (t.id = lib.to_uuid(v_ref) OR t.name = lower(v_ref))
	ORDER BY t.id = lib.to_uuid(v_ref) DESC NULLS LAST LIMIT 1;
	IF FOUND AND p_change THEN
		SELECT * INTO r FROM core.role t
		WHERE t.organization = r.organization AND t.id = r.id
		FOR UPDATE;
	END IF;
	IF NOT FOUND THEN
		PERFORM api.fail_missing('role', 'roleId');
	END IF;
	IF p_change THEN
		IF r.permission_set IS NOT NULL THEN
			PERFORM lib.fail(409, 'builtin_role',
			    'The role is built in and cannot be changed', 'roleId',
			    'path', '', 'Make a role of your own.');
		END IF;
		PERFORM api.require_own_scopes(r.scopes);
	END IF;
	RETURN r;
END
$$;

-- Scopes of a form, checked, with what they imply.
CREATE FUNCTION api.field_scopes(p_args jsonb) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_scopes text[] := lib.form_list(p_args, 'scope');
	v_bad	text;
BEGIN
	SELECT f INTO v_bad FROM unnest(v_scopes) f
	WHERE NOT EXISTS (SELECT FROM core.scope s
	    WHERE s.name = f AND s.level IN ('app', 'admin'));
	IF FOUND THEN
		PERFORM api.fail_field('scope', format('There is no scope "%s" for roles',
		    lib.printable(v_bad, 64)));
	ELSIF v_scopes = '{}' THEN
		PERFORM api.fail_field('scope', 'A role needs a scope');
	END IF;
	v_scopes := api.scope_closure(v_scopes);
	PERFORM api.require_own_scopes(v_scopes);
	RETURN v_scopes;
END
$$;

CREATE FUNCTION api.admin_role_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page((SELECT json_build_object('roles', json_build_object(
	    'items', json_agg(api.role_json(r)
		ORDER BY r.permission_set IS NULL, r.fullname, r.id)))
	    FROM core.role r WHERE r.organization = core.this_organization()));
END
$$;

CREATE FUNCTION api.admin_role_show(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	r	core.role;
BEGIN
	PERFORM gate.act_in(args);
	r := api.role_find(args);
	RETURN api.page(json_build_object('role', api.role_json(r),
	    'scopes_all', api.scopes_all(r.scopes),
	    'members', (SELECT coalesce(json_agg(json_build_object(
		'id', api.member_id(m),
		'name', coalesce(m.invited_name, p.fullname),
		'email', coalesce(m.invited_email, p.email))
		ORDER BY coalesce(m.invited_name, p.fullname), m.person), '[]')
		FROM core.member_role mr
		JOIN core.member m ON m.organization = mr.organization
		    AND m.person = mr.person
		LEFT JOIN core.person p ON p.id = m.person
		WHERE mr.organization = r.organization AND mr.role = r.id)));
END
$$;

CREATE FUNCTION api.admin_role_new(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page(json_build_object('scopes_all', api.scopes_all('{}')));
END
$$;

CREATE FUNCTION api.check_role_name(p_name text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF p_name !~ '^[a-z0-9_-]{1,128}$' THEN
		PERFORM api.fail_field('name',
		    'The name must be 1 to 128 of the characters a-z, 0-9, _ and -');
	END IF;
END
$$;

CREATE FUNCTION api.admin_role_create(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := lib.uuid7();
	v_names	record;
	v_scopes text[];
BEGIN
	PERFORM gate.act_in(args);
	v_scopes := api.field_scopes(args);
	v_names := api.names(api.field_names(args), v_id);
	PERFORM api.check_role_name(v_names.name);
	INSERT INTO core.role (organization, id, name, fullname, description,
	    scopes)
	VALUES (core.this_organization(), v_id, v_names.name, v_names.fullname,
	    api.field(args, 'description', 500), v_scopes)
	ON CONFLICT ON CONSTRAINT role_name DO NOTHING;
	IF NOT FOUND THEN
		PERFORM api.fail_name_taken('a role', v_names.name);
	END IF;
	PERFORM gate.audit('role', v_id::text, jsonb_build_object(
	    'name', v_names.name, 'scopes', v_scopes));
	RETURN api.done(v_id::text);
END
$$;

CREATE FUNCTION api.admin_role_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	r	core.role;
	v_names	record;
	v_scopes text[];
BEGIN
	PERFORM gate.act_in(args);
	PERFORM api.members_lock(args);
	r := api.role_find(args, true);
	v_scopes := api.field_scopes(args);
	v_names := api.names(jsonb_build_object('name', r.name,
	    'fullname', r.fullname) || api.field_names(args), r.id);
	PERFORM api.check_role_name(v_names.name);
	BEGIN
		UPDATE core.role t SET name = v_names.name,
		    fullname = v_names.fullname,
		    description = api.field(args, 'description', 500),
		    scopes = v_scopes, updated_at = now()
		WHERE t.organization = r.organization AND t.id = r.id;
	EXCEPTION WHEN unique_violation THEN
		PERFORM api.fail_name_taken('a role', v_names.name);
	END;
	PERFORM api.check_administrator();
	PERFORM gate.audit('role', r.id::text, jsonb_build_object(
	    'name', v_names.name, 'scopes', jsonb_build_array(r.scopes, v_scopes)));
	RETURN api.done(r.id::text);
END
$$;

CREATE FUNCTION api.admin_role_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	r	core.role;
BEGIN
	PERFORM gate.act_in(args);
	r := api.role_find(args, true);
	BEGIN
		DELETE FROM core.role t
		WHERE t.organization = r.organization AND t.id = r.id;
	EXCEPTION WHEN foreign_key_violation THEN
		PERFORM lib.fail(409, 'role_in_use', 'Members have this role',
		    'roleId', 'path', '', 'Take it from them first.');
	END;
	PERFORM gate.audit('role', r.id::text, jsonb_build_object('name', r.name));
	RETURN api.done(r.id::text);
END
$$;

CREATE FUNCTION api.admin_scope_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page((SELECT json_build_object('groups', json_agg(
	    json_build_object('level', g.level, 'title', g.title, 'scopes', (
		SELECT json_agg(json_build_object('name', s.name,
		    'description', s.description, 'sensitive', s.sensitive,
		    'roles', (SELECT coalesce(json_agg(r.fullname
			ORDER BY r.fullname), '[]') FROM core.role r
			WHERE r.organization = core.this_organization()
			AND s.name = ANY (r.scopes))) ORDER BY s.name)
		FROM core.scope s WHERE s.level = g.level)) ORDER BY g.n))
	    FROM (VALUES (1, 'identity', 'Who a person is: everybody may tell it'),
		(2, 'app', 'Data of the application'),
		(3, 'admin', 'Running the organization'),
		(4, 'connector', 'Connectors: integration tokens alone'))
		g(n, level, title)));
END
$$;
