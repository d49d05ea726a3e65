-- Scopes and roles of applications.

-- Follows what changed among scopes and permission sets: each scope and each
-- set gets all that it implies, roles follow their set, and the built-in sets
-- have the scopes that are of their kind.
CREATE FUNCTION publish.settle_scopes() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO core.permission_set_scope (permission_set, scope)
	SELECT 'administrator', name FROM core.scope
	    WHERE kind IN ('organization', 'user') AND level <> 'identity'
	UNION ALL
	SELECT 'viewer', name FROM core.scope
	    WHERE kind IN ('organization', 'user') AND name ~ ':(view|read)$'
	UNION ALL
	SELECT 'member', name FROM core.scope WHERE level = 'app'
	ON CONFLICT DO NOTHING;
	UPDATE core.scope s SET implies = n.implies
	FROM (
		WITH RECURSIVE below (scope, implies) AS (
			SELECT i.scope, i.implies FROM core.scope_implication i
			UNION
			SELECT b.scope, i.implies FROM below b
			JOIN core.scope_implication i ON i.scope = b.implies
		)
		SELECT t.name, coalesce(array_agg(b.implies ORDER BY b.implies)
		    FILTER (WHERE b.implies IS NOT NULL), '{}') AS implies
		FROM core.scope t LEFT JOIN below b ON b.scope = t.name
		GROUP BY t.name
	) n
	WHERE n.name = s.name AND s.implies IS DISTINCT FROM n.implies;
	-- The gate reads one array: each set with all that it implies, of which
	-- tokens have what is of their kind.
	UPDATE core.permission_set p SET scopes = c.scopes,
	    person_scopes = c.person_scopes
	FROM (
		SELECT m.permission_set, coalesce(array_agg(DISTINCT s.name
		    ORDER BY s.name) FILTER (WHERE s.kind = 'organization'), '{}')
			AS scopes,
		    array_agg(DISTINCT s.name ORDER BY s.name) AS person_scopes
		FROM core.permission_set_scope m
		JOIN core.scope t ON t.name = m.scope
		JOIN core.scope s ON s.name = ANY (t.implies || t.name)
		GROUP BY m.permission_set
	) c
	WHERE c.permission_set = p.name AND (p.scopes, p.person_scopes)
	    IS DISTINCT FROM (c.scopes, c.person_scopes);
	UPDATE core.role r SET scopes = p.person_scopes
	FROM core.permission_set p
	WHERE p.name = r.permission_set
	AND r.scopes IS DISTINCT FROM p.person_scopes;
END
$$;

-- Another catalogue: frontends fetch it.
CREATE FUNCTION publish.bump() RETURNS void
LANGUAGE sql VOLATILE AS $$
	UPDATE publish.state SET generation = generation + 1
$$;

CREATE FUNCTION publish.audit(p_what text, p_kind text, p_target text,
    p_detail jsonb) RETURNS void LANGUAGE sql VOLATILE AS $$
	INSERT INTO audit.event (actor_kind, operation, target_kind, target,
	    outcome, status, detail)
	VALUES ('database', p_what, p_kind, p_target, 'success', 200,
	    p_detail || jsonb_build_object('role', session_user::text))
$$;

-- Refuses an owner's call, with what to do.
CREATE FUNCTION publish.fail(p_message text, p_hint text DEFAULT '',
    p_state text DEFAULT '22023') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = p_state, MESSAGE = p_message, HINT = p_hint;
END
$$;

-- One change of what is published at a time.
CREATE FUNCTION publish.lock() RETURNS void LANGUAGE sql VOLATILE AS $$
	SELECT pg_advisory_xact_lock(hashtext('grantd publish'))
$$;

-- Scopes of applications alone: rights to run organizations are not given
-- away by a detour.
CREATE FUNCTION publish.check_app_scopes(p_scopes text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	v	text;
BEGIN
	SELECT string_agg(e, ', ' ORDER BY e) INTO v
	FROM unnest(p_scopes) e
	WHERE NOT EXISTS (SELECT FROM core.scope s
	    WHERE s.name = e AND s.level = 'app');
	IF v IS NOT NULL THEN
		PERFORM publish.fail(format('no scope of an application: %s', v),
		    'Define it first with grantd.define_scope().');
	END IF;
END
$$;

-- The role that a session works as.
CREATE FUNCTION publish.caller() RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT coalesce(nullif(current_setting('role'), 'none'), session_user)
$$;

-- Refuses what somebody else defined.  p_owner null: of before there were
-- owners, which is for grantd's own.
CREATE FUNCTION publish.require_definer(p_owner text, p_what text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles r
	    WHERE r.rolname IN (p_owner, 'grantd_owner')
	    AND pg_has_role(session_user, r.oid, 'MEMBER')) THEN
		PERFORM publish.fail(format('%s belongs to %s', p_what,
		    coalesce(p_owner, 'grantd_owner')),
		    'Its owner changes it and hands it on.', '42501');
	END IF;
END
$$;

-- The same of scopes that others are to imply, or roles to give.
CREATE FUNCTION publish.require_scopes(p_scopes text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM publish.check_app_scopes(p_scopes);
	PERFORM publish.require_definer(s.owner, format('the scope "%s"', s.name))
	FROM core.scope s WHERE s.name = ANY (p_scopes);
END
$$;

-- Makes or changes a scope; it belongs to who made it.
--	implies	narrower scopes of applications that come with it
--	sensitive  pages mark it, for it changes much or shows secrets
CREATE OR REPLACE FUNCTION grantd.define_scope(name text, description text,
    implies text[] DEFAULT '{}', sensitive boolean DEFAULT false)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM publish.lock();
	IF coalesce($1, '') !~ '^[a-z][a-z_-]*:[a-z][a-z_-]*$' OR length($1) > 64 THEN
		PERFORM publish.fail('a scope is named "thing:action", with small letters, _ and -');
	ELSIF coalesce(btrim($2), '') = '' OR length($2) > 500
	    OR lib.has_control(to_jsonb($2)) THEN
		PERFORM publish.fail('a scope needs a description of at most 500 characters: people read it when they are asked for consent');
	ELSIF EXISTS (SELECT FROM core.scope s
	    WHERE s.name = $1 AND s.level <> 'app') THEN
		PERFORM publish.fail(format('"%s" is a scope of grantd itself', $1),
		    'Choose another name.', '42501');
	END IF;
	PERFORM publish.require_definer(s.owner, format('the scope "%s"', $1))
	FROM core.scope s WHERE s.name = $1;
	PERFORM publish.require_scopes(array_remove(coalesce($3, '{}'), $1));
	INSERT INTO core.scope (name, kind, description, level, sensitive,
	    application, owner)
	VALUES ($1, 'user', btrim($2), 'app', coalesce($4, false), true,
	    publish.caller())
	ON CONFLICT (name) DO UPDATE SET description = excluded.description,
	    sensitive = excluded.sensitive, application = true;
	DELETE FROM core.scope_implication i WHERE i.scope = $1;
	INSERT INTO core.scope_implication (scope, implies)
	SELECT DISTINCT $1, e FROM unnest($3) e WHERE e <> $1;
	PERFORM publish.settle_scopes();
	PERFORM publish.bump();
	PERFORM publish.audit('publish.define_scope', 'scope', $1,
	    jsonb_build_object('description', $2, 'implies', to_jsonb($3),
		'sensitive', $4));
END
$$;

-- Forgets a scope that nothing published needs.
CREATE OR REPLACE FUNCTION grantd.drop_scope(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	v	text;
BEGIN
	PERFORM publish.lock();
	IF NOT EXISTS (SELECT FROM core.scope s
	    WHERE s.name = $1 AND s.application) THEN
		PERFORM publish.fail(format('there is no scope of an application named "%s"', $1));
	END IF;
	PERFORM publish.require_definer(s.owner, format('the scope "%s"', $1))
	FROM core.scope s WHERE s.name = $1;
	SELECT string_agg(p.name, ', ' ORDER BY p.name) INTO v
	FROM publish.procedure p WHERE p.scope = $1;
	IF v IS NOT NULL THEN
		PERFORM publish.fail(format('still needed by %s', v),
		    'Publish these with another scope, or unpublish them.', '2BP01');
	END IF;
	DELETE FROM core.scope s WHERE s.name = $1;
	PERFORM publish.settle_scopes();
	PERFORM publish.bump();
	PERFORM publish.audit('publish.drop_scope', 'scope', $1, '{}');
END
$$;

-- Makes or changes a permission set: a role that every organization has.  Of
-- an organization that has a role of that name already, that one stays.
CREATE OR REPLACE FUNCTION grantd.define_role(name text, scopes text[],
    description text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	PERFORM publish.lock();
	IF coalesce($1, '') !~ '^[a-z0-9_-]{1,128}$' THEN
		PERFORM publish.fail('a role is named with small letters, digits, _ and -');
	ELSIF coalesce(btrim($3), '') = '' OR length($3) > 500
	    OR lib.has_control(to_jsonb($3)) THEN
		PERFORM publish.fail('a role needs a description of at most 500 characters');
	ELSIF coalesce(cardinality($2), 0) = 0 THEN
		PERFORM publish.fail('a role needs a scope');
	ELSIF EXISTS (SELECT FROM core.permission_set p
	    WHERE p.name = $1 AND NOT p.application) THEN
		PERFORM publish.fail(format('"%s" is a role of grantd itself', $1),
		    'Choose another name.', '42501');
	END IF;
	PERFORM publish.require_definer(p.owner, format('the role "%s"', $1))
	FROM core.permission_set p WHERE p.name = $1;
	PERFORM publish.require_scopes($2);
	INSERT INTO core.permission_set (name, description, application, owner)
	VALUES ($1, btrim($3), true, publish.caller())
	ON CONFLICT (name) DO UPDATE SET description = excluded.description;
	DELETE FROM core.permission_set_scope p WHERE p.permission_set = $1;
	INSERT INTO core.permission_set_scope (permission_set, scope)
	SELECT DISTINCT $1, e FROM unnest($2) e;
	PERFORM publish.settle_scopes();
	INSERT INTO core.role (organization, id, name, fullname, description,
	    permission_set, scopes)
	SELECT o.id, lib.uuid7(), p.name, initcap(p.name), p.description, p.name,
	    p.person_scopes
	FROM core.organization o JOIN core.permission_set p ON p.name = $1
	ON CONFLICT ON CONSTRAINT role_name DO NOTHING;
	UPDATE core.role r SET description = btrim($3) WHERE r.permission_set = $1;
	PERFORM publish.audit('publish.define_role', 'role', $1,
	    jsonb_build_object('scopes', to_jsonb($2), 'description', $3));
END
$$;
