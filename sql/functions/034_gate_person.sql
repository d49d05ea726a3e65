-- The gate for people: sessions and visitors, what a person may do where.

-- Functions that a request runs are of plpgsql, which keeps its plans.

-- Of an administrator of the root organization; others have none.
CREATE FUNCTION gate.root_scopes(p_person uuid) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_scopes text[];
BEGIN
	SELECT array_agg(DISTINCT u.scope) INTO v_scopes
	FROM core.organization o
	JOIN core.member m ON m.organization = o.id
	    AND m.person = p_person AND m.status = 'enabled'
	JOIN core.member_role mr ON mr.organization = m.organization
	    AND mr.person = m.person
	JOIN core.role r ON r.organization = mr.organization AND r.id = mr.role
	CROSS JOIN LATERAL unnest(r.scopes) AS u(scope)
	WHERE o.organization_type = 'root' AND o.status = 'active';
	IF 'organizations:edit' = ANY (v_scopes) THEN
		RETURN v_scopes;
	END IF;
	RETURN '{}';
END
$$;

-- What a person may do in an organization: the scopes of the roles there.
-- An administrator of the root organization runs all organizations, but has
-- data of applications only where a role gives it.  Empty: not a member.
CREATE FUNCTION gate.person_scopes(p_person uuid, p_organization uuid)
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_root	text[] := gate.root_scopes(p_person);
	v_scopes text[];
BEGIN
	SELECT array_agg(DISTINCT u.scope ORDER BY u.scope) INTO v_scopes
	FROM core.member m
	JOIN core.organization o ON o.id = m.organization
	    AND o.status = 'active'
	JOIN core.member_role mr ON mr.organization = m.organization
	    AND mr.person = m.person
	JOIN core.role r ON r.organization = mr.organization AND r.id = mr.role
	CROSS JOIN LATERAL unnest(r.scopes) AS u(scope)
	WHERE m.organization = p_organization AND m.person = p_person
	AND m.status = 'enabled';
	IF v_root <> '{}' AND p_organization IS NOT NULL THEN
		SELECT array_agg(DISTINCT u.scope ORDER BY u.scope) INTO v_scopes
		FROM (
			SELECT unnest(v_scopes) AS scope
			UNION ALL
			SELECT s.name FROM core.scope s
			WHERE s.level = 'admin' AND s.name = ANY (v_root)
		) u;
	END IF;
	RETURN coalesce(v_scopes, '{}');
END
$$;

CREATE FUNCTION gate.is_root(p_person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN gate.root_scopes(p_person) <> '{}';
END
$$;

-- Organizations that a person is a member of.
CREATE FUNCTION gate.memberships(p_person uuid)
RETURNS SETOF core.organization LANGUAGE sql STABLE AS $$
	SELECT o FROM core.member m
	JOIN core.organization o ON o.id = m.organization
	WHERE m.person = p_person AND m.status = 'enabled'
	AND o.status = 'active'
	ORDER BY o.fullname, o.id
$$;

-- Where a person works: where the session says, if that is still allowed,
-- else the first organization that there is.
CREATE FUNCTION gate.home_of(p_person uuid, p_wanted uuid) RETURNS uuid
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_id	uuid;
BEGIN
	SELECT o.id INTO v_id FROM core.member m
	JOIN core.organization o ON o.id = m.organization
	WHERE m.person = p_person AND m.status = 'enabled'
	AND o.status = 'active'
	ORDER BY o.id = p_wanted DESC NULLS LAST, o.fullname, o.id LIMIT 1;
	IF v_id IS DISTINCT FROM p_wanted AND p_wanted IS NOT NULL
	    AND gate.is_root(p_person) THEN
		SELECT o.id INTO v_id FROM core.organization o WHERE o.id = p_wanted;
	END IF;
	RETURN v_id;
END
$$;

-- The check of a session (4) or a visitor (5), like gate.credential.  A
-- session that is over is a visitor where visitors may come.
CREATE FUNCTION gate.session_credential(p_hash bytea, p_kind int4,
    p_operation text, p_csrf boolean)
RETURNS TABLE (
	refusal text, kind text, organization uuid, person uuid, session uuid,
	auth_time timestamptz, scopes text[], root boolean, class text,
	timeout_ms int4, needs text, touch boolean)
LANGUAGE sql STABLE AS $$
	SELECT
	    CASE
	    WHEN op.name IS NULL THEN 'unknown_operation'
	    WHEN s.id IS NULL OR NOT s.live THEN
		CASE WHEN 'visitor' = ANY (op.kinds) THEN
		    CASE WHEN op.csrf AND op.class <> 'read' AND NOT p_csrf
			THEN 'csrf_failed' END
		WHEN NOT 'session' = ANY (op.kinds) THEN 'wrong_token_kind'
		WHEN p_kind = 5 THEN 'session_required'
		ELSE 'session_ended' END
	    WHEN NOT 'session' = ANY (op.kinds) THEN 'wrong_token_kind'
	    WHEN op.csrf AND op.class <> 'read' AND NOT p_csrf THEN 'csrf_failed'
	    WHEN NOT op.named AND op.scope IS NOT NULL
		AND NOT op.scope = ANY (w.scopes) THEN 'insufficient_scope'
	    WHEN op.fresh AND s.auth_time
		< now() - gate.setting_interval('reauthentication')
		THEN 'reauthentication_required'
	    END,
	    CASE WHEN s.live OR (s.id IS NOT NULL
		AND NOT 'visitor' = ANY (op.kinds)) THEN 'session'
	    WHEN 'visitor' = ANY (op.kinds) THEN 'visitor' END,
	    w.organization,
	    CASE WHEN s.live OR NOT 'visitor' = ANY (op.kinds) THEN s.person END,
	    CASE WHEN s.live OR NOT 'visitor' = ANY (op.kinds) THEN s.id END,
	    CASE WHEN s.live THEN s.auth_time END,
	    w.scopes, w.root,
	    op.class, op.timeout_ms, op.scope,
	    s.live AND now() - s.seen_at > least(interval '5 minutes',
		(s.idle_expires_at - s.seen_at) / 4)
	FROM (SELECT) AS one
	LEFT JOIN gate.operation op ON op.name = p_operation
	LEFT JOIN LATERAL (
		SELECT t.id, t.person, t.in_organization, t.auth_time, t.seen_at,
		    t.idle_expires_at,
		    t.ended_at IS NULL AND t.expires_at > now()
			AND t.idle_expires_at > now() AND p.status = 'enabled'
			AS live
		FROM core.session t JOIN core.person p ON p.id = t.person
		WHERE p_kind = 4 AND t.hash = p_hash
	) s ON true
	LEFT JOIN LATERAL (
		SELECT h.id AS organization,
		    gate.person_scopes(s.person, h.id) AS scopes,
		    gate.is_root(s.person) AS root
		FROM gate.home_of(s.person, s.in_organization) h(id)
		WHERE s.live AND NOT op.named
		OFFSET 0
	) w ON true
$$;

-- Sets the whole context of a unit that is not a token's: every setting,
-- each time.
CREATE FUNCTION gate.set_context(p_kind text, p_organization uuid,
    p_person uuid, p_client text, p_unit core.unit, p_timeout_ms int4)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_set	text;
BEGIN
	v_set := set_config('grantd.organization', coalesce(p_organization::text, ''), true)
	    || set_config('grantd.integration', '', true)
	    || set_config('grantd.kind', coalesce(p_kind, ''), true)
	    || set_config('grantd.resources', '', true)
	    || set_config('grantd.person', coalesce(p_person::text, ''), true)
	    || set_config('grantd.client', coalesce(p_client, ''), true)
	    || set_config('grantd.unit', p_unit::text, true)
	    || set_config('timezone', 'UTC', true)
	    || set_config('lock_timeout', '2000', true)
	    || set_config('statement_timeout', p_timeout_ms::text, true)
	    || set_config('transaction_read_only', CASE
		WHEN p_unit.class = 'read' OR p_unit.phase = 'plan'
		THEN 'on' ELSE 'off' END, true);
END
$$;

-- gate.enter for kinds 4 and 5.
CREATE FUNCTION gate.enter_person(p_hash bytea, p_kind int4, p_operation text,
    p_phase text, p_request uuid, p_timeout_ms int4, p_peer text,
    p_method text, p_path text, p_csrf_want bytea, p_csrf_given bytea)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c	record;
BEGIN
	SELECT * INTO c FROM gate.session_credential(p_hash, p_kind, p_operation,
	    coalesce(p_csrf_given = p_csrf_want, false));
	IF c.refusal IS NOT NULL THEN
		PERFORM gate.refuse(c.refusal, c.needs);
	END IF;
	IF c.touch THEN
		PERFORM gate.touch_session(c.session);
	END IF;
	PERFORM gate.set_context(c.kind, c.organization, c.person, NULL,
	    ROW(NULL, NULL, NULL, NULL, p_operation, c.class, p_phase,
		p_request, p_peer, p_method, p_path, c.session, c.auth_time,
		c.scopes, c.root)::core.unit,
	    CASE WHEN p_timeout_ms > 0 THEN least(p_timeout_ms, c.timeout_ms)
		ELSE c.timeout_ms END);
END
$$;

-- Moves the idle end of a session; whoever holds its row does so already.
CREATE FUNCTION gate.touch_session(p_session uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE core.session s SET seen_at = now(),
	    idle_expires_at = now() + gate.setting_interval('session_idle')
	WHERE s.id = (SELECT t.id FROM core.session t
	    WHERE t.id = p_session FOR UPDATE SKIP LOCKED);
END
$$;

-- The organization that an operation's arguments name, or that of the
-- session, becomes that of the context, if the session's person has the
-- operation's scope there.  Without it an operation that is "named" sees
-- nothing of any organization.
CREATE FUNCTION gate.act_in(p_args jsonb) RETURNS core.organization
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_ref	text := p_args #>> '{path,organizationId}';
	v_person uuid := core.this_person();
	u	core.unit := core.this_unit();
	o	core.organization;
	v_needs	text;
BEGIN
	IF core.this_kind() IS DISTINCT FROM 'session' OR v_person IS NULL THEN
		RAISE EXCEPTION 'only a session acts in an organization'
		    USING ERRCODE = '42501';
	END IF;
	u.root := gate.is_root(v_person);
	IF v_ref IS NULL THEN
		SELECT t.* INTO o FROM core.session s
		JOIN core.organization t
		    ON t.id = gate.home_of(v_person, s.in_organization)
		WHERE s.id = u.session;
		IF NOT FOUND THEN
			PERFORM lib.fail(404, 'no_organization',
			    'You are not a member of any organization', '', '', '',
			    'Ask an administrator to add you.');
		END IF;
	ELSE
		SELECT t.* INTO o FROM core.organization t
		WHERE (t.id = lib.to_uuid(v_ref) OR t.name = lower(v_ref))
		AND (u.root OR EXISTS (SELECT FROM gate.memberships(v_person) m
		    WHERE m.id = t.id))
		ORDER BY t.id = lib.to_uuid(v_ref) DESC NULLS LAST LIMIT 1;
		IF NOT FOUND THEN
			PERFORM lib.fail(404, 'organization_not_found',
			    'There is no such organization', 'organizationId',
			    'path', 'Or you are not a member of it.',
			    'Choose one of your organizations.');
		END IF;
	END IF;
	u.scopes := gate.person_scopes(v_person, o.id);
	SELECT op.scope INTO v_needs FROM gate.operation op
	WHERE op.name = u.operation;
	IF v_needs IS NOT NULL AND NOT v_needs = ANY (u.scopes) THEN
		PERFORM gate.refuse('insufficient_scope', v_needs);
	END IF;
	PERFORM set_config('grantd.organization', o.id::text, true)
	    || set_config('grantd.unit', u::text, true);
	RETURN o;
END
$$;
