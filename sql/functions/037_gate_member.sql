-- People and organizations, as far as row-level security cannot say it:
-- people belong to no organization, and some see several.

-- What every page knows of who looks at it, and where.
CREATE FUNCTION gate.me() RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN (SELECT json_build_object('id', p.id, 'name', p.fullname,
	    'email', p.email, 'root', w.root,
	    'organization', CASE WHEN o.id IS NOT NULL THEN json_build_object(
		'id', o.id, 'name', o.name, 'fullname', o.fullname,
		'type', o.organization_type, 'status', o.status,
		'is_root', o.organization_type = 'root') END,
	    'organizations', (SELECT coalesce(json_agg(json_build_object(
		    'id', m.id, 'name', m.name, 'fullname', m.fullname,
		    'current', m.id IS NOT DISTINCT FROM o.id)), '[]')
		FROM (
			SELECT * FROM gate.memberships(p.id)
			UNION SELECT o.* WHERE o.id IS NOT NULL
			ORDER BY fullname, id
		) m),
	    'several', w.root OR (SELECT count(*) > 1 FROM gate.memberships(p.id)),
	    'can', (SELECT coalesce(json_object_agg(
		    translate(s, ':-', '__'), true), '{}')
		FROM unnest(w.scopes) s),
	    'navigation', json_build_object('oauth_apps', true,
		'connections', true, 'security', true,
		'admin', 'organizations:view' = ANY (w.scopes),
		'organizations', 'organizations:view' = ANY (w.scopes),
		'accounts', 'accounts:view' = ANY (w.scopes),
		'integrations', 'integrations:view' = ANY (w.scopes),
		'members', 'users:view' = ANY (w.scopes),
		'roles', 'users:view' = ANY (w.scopes),
		'tokens', 'tokens:view' = ANY (w.scopes),
		'keys', 'audit:view' = ANY (w.scopes),
		'audit', 'audit:view' = ANY (w.scopes),
		'oauth_clients', 'oauth-clients:view' = ANY (w.scopes)))
	FROM core.person p
	CROSS JOIN LATERAL (
		SELECT core.this_root() AS root, core.this_scopes() AS scopes
	) w
	LEFT JOIN core.organization o ON o.id = core.this_organization()
	WHERE p.id = core.this_person());
END
$$;

-- Own organizations; all of them for an administrator of the root.
CREATE FUNCTION gate.my_organizations()
RETURNS TABLE (id uuid, name text, fullname text, organization_type text,
    status text, created_at timestamptz, member boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT o.id, o.name, o.fullname, o.organization_type, o.status,
	    o.created_at, m.id IS NOT NULL
	FROM core.organization o
	LEFT JOIN gate.memberships(core.this_person()) m ON m.id = o.id
	WHERE core.this_person() IS NOT NULL
	AND (m.id IS NOT NULL OR gate.is_root(core.this_person()));
END
$$;

CREATE FUNCTION gate.organization_counts(p_id uuid, OUT members int8,
    OUT accounts int8)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT (SELECT count(*) FROM core.member m WHERE m.organization = t.id),
	    (SELECT count(*) FROM core.account a WHERE a.organization = t.id)
	FROM gate.my_organizations() t WHERE t.id = p_id
$$;

-- A new organization with the roles that are built in.
CREATE FUNCTION gate.organization_make(p_name text, p_fullname text, p_type text)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id	uuid := lib.uuid7();
BEGIN
	PERFORM gate.require_operation('{member.create,admin.organization_create}',
	    CASE (core.this_unit()).operation WHEN 'member.create' THEN 'commit'
		ELSE 'call' END);
	INSERT INTO core.organization (id, name, fullname, organization_type)
	VALUES (v_id, p_name, p_fullname, p_type)
	ON CONFLICT (name) DO NOTHING;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	INSERT INTO core.role (organization, id, name, fullname, description,
	    permission_set, scopes)
	SELECT v_id, lib.uuid7(), s.name, initcap(s.name), s.description,
	    s.name, s.person_scopes
	FROM core.permission_set s
	WHERE s.name IN ('administrator', 'viewer', 'member') OR s.application;
	RETURN v_id;
END
$$;

CREATE FUNCTION gate.check_email(p_email text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF p_email IS NULL OR lib.title_error(p_email, 254) IS NOT NULL
	    OR p_email !~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' THEN
		PERFORM lib.fail(400, 'invalid_email',
		    'The e-mail address is not one', '/email', 'body', '',
		    'Write it as name@example.com.');
	END IF;
	RETURN p_email;
END
$$;

-- A person with an address becomes a member of the organization of the
-- context; made if there is none.  Whose account another organization made is
-- invited, and the id is the invitation's; unless grantctl sets a password.
CREATE FUNCTION gate.member_put(p_email text, p_fullname text, p_roles uuid[],
    p_password_hash text, p_link bytea, OUT id uuid, OUT created boolean,
    OUT link_expires timestamptz, OUT joins boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_org	uuid := core.this_organization();
	v_email	text := gate.check_email(p_email);
	v_name	text := coalesce(p_fullname, split_part(v_email, '@', 1));
	p	core.person;
BEGIN
	PERFORM gate.require_operation('{member.create,admin.member_add}',
	    CASE (core.this_unit()).operation WHEN 'member.create' THEN 'commit'
		ELSE 'call' END);
	INSERT INTO core.person (id, email, fullname, status, home,
	    password_hash, password_changed_at)
	VALUES (lib.uuid7(), v_email, v_name,
	    CASE WHEN p_password_hash IS NULL THEN 'invited' ELSE 'enabled' END,
	    v_org, p_password_hash,
	    CASE WHEN p_password_hash IS NOT NULL THEN now() END)
	ON CONFLICT (lower(email)) DO NOTHING RETURNING * INTO p;
	created := FOUND;
	IF NOT created THEN
		SELECT * INTO STRICT p FROM core.person t
		WHERE lower(t.email) = lower(v_email) FOR UPDATE;
	END IF;
	joins := NOT created AND p_password_hash IS NULL
	    AND gate.must_join(p, v_org);
	id := CASE WHEN joins THEN lib.uuid7() ELSE p.id END;
	INSERT INTO core.member (organization, person, person_status, status,
	    invitation, invited_email, invited_name)
	VALUES (v_org, p.id, p.status,
	    CASE WHEN joins THEN 'invited' ELSE 'enabled' END,
	    CASE WHEN joins THEN id END, CASE WHEN joins THEN v_email END,
	    CASE WHEN joins THEN v_name END)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		PERFORM lib.fail(409, 'member_exists',
		    format('%s is a member already', v_email), '/email', 'body',
		    '', 'Change the roles of the member instead.');
	END IF;
	INSERT INTO core.member_role (organization, person, role)
	SELECT v_org, p.id, r FROM unnest(p_roles) r;
	IF joins THEN
		link_expires := gate.link_make(p.id, 'join', p_link);
	ELSIF NOT created AND p_password_hash IS NOT NULL THEN
		-- Only the control socket comes with a password.
		PERFORM gate.set_password(p.id, p_password_hash);
		PERFORM gate.end_sessions(p.id, NULL, 'password was set');
	ELSIF p.password_hash IS NULL THEN
		link_expires := gate.link_make(p.id, 'invite', p_link);
	END IF;
	PERFORM gate.audit('member', id::text, jsonb_strip_nulls(
	    jsonb_build_object('email', v_email,
		'created', CASE WHEN core.this_kind() = 'control'
		    THEN created END,
		'roles', (
		SELECT jsonb_agg(r.name ORDER BY r.name) FROM core.role r
		WHERE r.organization = v_org AND r.id = ANY (p_roles)))));
END
$$;

-- Who leaves takes along what was let in there: if he ever comes back, old
-- tokens must not.
CREATE FUNCTION gate.member_gone(p_person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{admin.member_remove}', 'call');
	UPDATE oauth.connection g SET ended_at = now(), updated_at = now(),
	    ended_reason = 'its person left the organization'
	WHERE g.person = p_person AND g.ended_at IS NULL
	AND g.organization = core.this_organization();
END
$$;

-- Who is removed or disabled has no use for a link that was made before, nor
-- has anybody who kept one.
CREATE FUNCTION gate.member_links_end(p_person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation(
	    '{admin.member_remove,admin.member_disable}', 'call');
	UPDATE core.link l SET ended_at = now()
	WHERE l.person = p_person AND l.used_at IS NULL AND l.ended_at IS NULL
	AND l.in_organization = core.this_organization();
END
$$;

-- Whether the organization of the context may set the password of a member:
-- it made the person, and nobody else relies on the account.
CREATE FUNCTION gate.may_link(p_person uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (SELECT FROM core.person p
	    WHERE p.id = p_person AND p.status IN ('enabled', 'invited')
	    AND (core.this_root() OR (p.home = core.this_organization()
		AND NOT EXISTS (SELECT FROM core.member m
		    WHERE m.person = p.id AND m.status <> 'invited'
		    AND m.organization <> core.this_organization()))))
$$;

-- A new link for a member; kind: invite while there is no password, or the
-- person has not joined.
CREATE FUNCTION gate.member_link(p_person uuid, p_link bytea, OUT kind text,
    OUT link_expires timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{admin.member_link}', 'call');
	-- Who becomes a member elsewhere at this moment is one before or after.
	PERFORM FROM core.person p WHERE p.id = p_person FOR UPDATE;
	IF EXISTS (SELECT FROM core.member m
	    WHERE m.organization = core.this_organization()
	    AND m.person = p_person AND m.status = 'invited') THEN
		kind := 'invite';
		link_expires := gate.link_make(p_person, 'join', p_link);
		RETURN;
	ELSIF NOT gate.may_link(p_person) OR NOT EXISTS (SELECT FROM core.member m
	    WHERE m.organization = core.this_organization()
	    AND m.person = p_person) THEN
		PERFORM lib.fail(403, 'foreign_person',
		    'The account does not belong to this organization alone',
		    'personId', 'path',
		    'Whoever sets the password of an account has all that it has elsewhere, too.',
		    'Ask the person, or an administrator of the root organization.');
	END IF;
	SELECT CASE WHEN p.password_hash IS NULL THEN 'invite' ELSE 'password' END
	INTO kind FROM core.person p WHERE p.id = p_person;
	link_expires := gate.link_make(p_person, kind, p_link);
END
$$;

CREATE FUNCTION gate.person_rename(p_fullname text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{person.update}', 'call');
	UPDATE core.person p SET fullname = p_fullname, updated_at = now()
	WHERE p.id = core.this_person();
END
$$;

-- grantctl member create.  Without an organization: the root, which is made
-- when there is none.

CREATE FUNCTION gate.control_member(p_args jsonb) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
	v_name	text := lib.form_text(p_args, 'organization');
	v_id	uuid;
BEGIN
	PERFORM gate.check_email(lib.form_text(p_args, 'email'));
	IF v_name IS NOT NULL THEN
		v_id := gate.control_organization(v_name);
		IF v_id IS NULL THEN
			PERFORM lib.fail(404, 'organization_not_found',
			    'There is no such organization', '/organization', 'body');
		END IF;
		RETURN v_id;
	END IF;
	SELECT gate.control_organization(o.id::text) INTO v_id
	FROM core.organization o WHERE o.organization_type = 'root';
	RETURN v_id;
END
$$;

CREATE FUNCTION gate.member_create_plan(args jsonb) RETURNS gate.password_plan
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{member.create}', 'plan');
	PERFORM gate.control_member(args);
	RETURN (NULL::text, '{}'::jsonb)::gate.password_plan;
END
$$;

CREATE FUNCTION gate.member_create_commit(args jsonb, password_hash text,
    link bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_org	uuid := gate.control_member(args);
	v_role	text := lower(lib.form_text(args, 'role'));
	v_roles	uuid[];
	m	record;
BEGIN
	PERFORM gate.require_operation('{member.create}', 'commit');
	IF v_org IS NULL THEN
		v_org := gate.organization_make('root', 'Root', 'root');
		IF v_org IS NULL THEN
			PERFORM lib.fail(409, 'name_taken',
			    'An organization named root exists and is none', '', '',
			    '', 'Name the organization of the member (-o).');
		END IF;
		PERFORM gate.control_organization(v_org::text);
		PERFORM gate.audit('organization', v_org::text,
		    jsonb_build_object('name', 'root', 'type', 'root'));
	END IF;
	IF v_role IS NULL THEN
		v_role := CASE WHEN EXISTS (SELECT FROM core.member t
		    WHERE t.organization = v_org) THEN 'member'
		    ELSE 'administrator' END;
	END IF;
	SELECT array_agg(r.id) INTO v_roles FROM core.role r
	WHERE r.organization = v_org AND r.name = v_role;
	IF v_roles IS NULL THEN
		PERFORM lib.fail(404, 'role_not_found',
		    format('There is no role "%s"', left(v_role, 64)), '/role', 'body',
		    (SELECT 'Known: ' || string_agg(r.name, ', ' ORDER BY r.name)
			|| '.' FROM core.role r WHERE r.organization = v_org));
	END IF;
	m := gate.member_put(lib.form_text(args, 'email'),
	    nullif(lib.printable(lib.form_text(args, 'fullname'), 256), ''),
	    v_roles, password_hash, link);
	RETURN (200, (SELECT json_build_object('result', json_strip_nulls(
	    json_build_object('id', p.id, 'email', p.email,
		'fullname', p.fullname, 'joins', nullif(m.joins, false),
		'organization', json_build_object('id', o.id, 'name', o.name),
		'roles', json_build_array(v_role), 'created', m.created,
		'link_secret', CASE WHEN m.link_expires IS NOT NULL
		    THEN chr(1) || '3' END,
		'link_expires', lib.rfc3339(m.link_expires),
		'issuer', CASE WHEN m.link_expires IS NOT NULL
		    THEN nullif(current_setting('grantd.issuer', true), '')
		    END)))::text
	    FROM core.person p, core.organization o
	    WHERE lower(p.email) = lower(lib.form_text(args, 'email'))
	    AND o.id = v_org));
END
$$;

-- Forgets sessions, links and counters that are over.
CREATE FUNCTION gate.maintain_people() RETURNS int8
LANGUAGE plpgsql AS $$
DECLARE
	v_end	timestamptz := now() - gate.setting_interval('session_retention');
	v_n	int8;
	v_all	int8 := 0;
BEGIN
	DELETE FROM core.session s USING (
		SELECT t.id FROM core.session t
		WHERE t.expires_at < v_end OR t.ended_at < v_end
		LIMIT 1000 FOR UPDATE SKIP LOCKED) d
	WHERE s.id = d.id;
	GET DIAGNOSTICS v_all = ROW_COUNT;
	DELETE FROM core.link l USING (
		SELECT t.id FROM core.link t WHERE t.expires_at < v_end
		LIMIT 1000 FOR UPDATE SKIP LOCKED) d
	WHERE l.id = d.id;
	GET DIAGNOSTICS v_n = ROW_COUNT;
	v_all := v_all + v_n;
	DELETE FROM core.throttle c USING (
		SELECT t.key FROM core.throttle t
		WHERE t.at < now() - interval '1 day'
		LIMIT 1000 FOR UPDATE SKIP LOCKED) d
	WHERE c.key = d.key;
	GET DIAGNOSTICS v_n = ROW_COUNT;
	RETURN v_all + v_n;
END
$$;
