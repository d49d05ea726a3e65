-- Signing in: throttle, sessions, passwords, one-time links.  A password is
-- checked between plan and commit, outside; only the plan here gives out a
-- hash, and only to the unit of an operation that checks one.

CREATE FUNCTION gate.require_operation(p_operation text[], p_phase text)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF coalesce((core.this_unit()).operation, '') <> ALL (p_operation)
	    OR coalesce((core.this_unit()).phase, '') <> p_phase THEN
		RAISE EXCEPTION 'this function runs inside %, phase %',
		    array_to_string(p_operation, ' or '), p_phase
		    USING ERRCODE = '42501';
	END IF;
END
$$;

-- Throttle.  Counters, whose level falls by one in each refill time: of the
-- name with the address (IPv6: its /64, and with more room its /48, which one
-- customer may have whole), and of the address.  None of the name alone, or
-- anybody could lock another out.  Names that nobody has are counted alike.

CREATE FUNCTION gate.setting(p_name text) RETURNS int8
LANGUAGE sql STABLE AS $$
	SELECT s.value FROM core.setting s WHERE s.name = p_name
$$;

CREATE FUNCTION gate.throttles(p_name text)
RETURNS TABLE (key bytea, named boolean, burst int8, refill int8)
LANGUAGE sql STABLE AS $$
	SELECT sha256(convert_to('name ' || lib.peer_net(u.peer) || ' '
		|| lower(p_name), 'UTF8')), true,
	    gate.setting('sign_in_burst'), gate.setting('sign_in_refill')
	FROM core.this_unit() u
	UNION ALL
	SELECT sha256(convert_to('site ' || n.site || ' ' || lower(p_name),
		'UTF8')), true,
	    gate.setting('sign_in_site_burst'), gate.setting('sign_in_refill')
	FROM core.this_unit() u CROSS JOIN LATERAL lib.peer_site(u.peer) n(site)
	WHERE n.site IS NOT NULL
	UNION ALL
	SELECT sha256(convert_to('address ' || lib.peer_net(u.peer), 'UTF8')),
	    false,
	    gate.setting('sign_in_address_burst'),
	    gate.setting('sign_in_address_refill')
	FROM core.this_unit() u
$$;

CREATE FUNCTION gate.throttle_level(p_level float8, p_at timestamptz, p_refill int8)
RETURNS float8 LANGUAGE sql VOLATILE AS $$
	SELECT greatest(0, p_level - greatest(0,
	    extract(epoch FROM clock_timestamp() - p_at)) / p_refill)
$$;

CREATE FUNCTION gate.fail_throttled(p_seconds float8) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(429, 'throttled', 'Too many wrong passwords', '', '',
	    format('The next try is possible in %s.',
		lib.duration_text(greatest(1, ceil(p_seconds))::int8)),
	    'Wait a little. A forgotten password is set anew with a link that an administrator makes.');
END
$$;

-- Refuses while a counter is full.
CREATE FUNCTION gate.throttle_check(p_name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	v_wait	float8;
BEGIN
	SELECT max((gate.throttle_level(c.level, c.at, t.refill) + 1 - t.burst)
	    * t.refill) INTO v_wait
	FROM gate.throttles(p_name) t JOIN core.throttle c ON c.key = t.key;
	IF v_wait > 0 THEN
		PERFORM gate.fail_throttled(v_wait);
	END IF;
END
$$;

-- Counts a try, under lock, so that many at once are no more than the burst.
CREATE FUNCTION gate.throttle_take(p_name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	t	record;
	v_level	float8;
BEGIN
	FOR t IN SELECT * FROM gate.throttles(p_name) LOOP
		INSERT INTO core.throttle AS c (key, level, at)
		VALUES (t.key, 1, clock_timestamp())
		ON CONFLICT (key) DO UPDATE SET
		    level = gate.throttle_level(c.level, c.at, t.refill) + 1,
		    at = clock_timestamp()
		RETURNING c.level INTO v_level;
		IF v_level > t.burst THEN
			PERFORM gate.fail_throttled((v_level - t.burst) * t.refill);
		END IF;
	END LOOP;
END
$$;

-- The password was right: the name is forgiven, the address gets the try back.
CREATE FUNCTION gate.throttle_forgive(p_name text) RETURNS void
LANGUAGE sql VOLATILE AS $$
	UPDATE core.throttle c SET level = CASE WHEN t.named THEN 0
	    ELSE greatest(0, c.level - 1) END
	FROM gate.throttles(p_name) t WHERE c.key = t.key
$$;

-- Sessions.

-- Who signs in is the person of the unit from here on, for the audit.
CREATE FUNCTION gate.become_person(p_person uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('grantd.person', p_person::text, true),
	    set_config('grantd.organization', coalesce(
		gate.home_of(p_person, (SELECT s.in_organization
		    FROM core.session s WHERE s.person = p_person
		    ORDER BY s.created_at DESC LIMIT 1))::text, ''), true);
END
$$;

CREATE FUNCTION gate.session_start(p_person uuid, p_hash bytea, p_agent text)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
	u	core.unit := core.this_unit();
	v_id	uuid := lib.uuid7();
	v_end	timestamptz := now() + gate.setting_interval('session_lifetime');
BEGIN
	IF u.session IS NOT NULL THEN
		UPDATE core.session s SET ended_at = now(),
		    ended_reason = 'signed in again'
		WHERE s.id = u.session AND s.ended_at IS NULL;
	END IF;
	INSERT INTO core.session (id, hash, person, in_organization,
	    idle_expires_at, expires_at, peer, user_agent)
	VALUES (v_id, p_hash, p_person, core.this_organization(),
	    least(now() + gate.setting_interval('session_idle'), v_end), v_end,
	    lib.printable(u.peer, 63), lib.printable(p_agent, 200));
	UPDATE core.person p SET signed_in_at = now() WHERE p.id = p_person;
	RETURN v_id;
END
$$;

CREATE FUNCTION gate.end_sessions(p_person uuid, p_but uuid, p_reason text)
RETURNS int4 LANGUAGE sql VOLATILE AS $$
	WITH ended AS (
		UPDATE core.session s SET ended_at = now(), ended_reason = p_reason
		WHERE s.person = p_person AND s.ended_at IS NULL
		AND s.id IS DISTINCT FROM p_but AND s.expires_at > now()
		AND s.idle_expires_at > now()
		RETURNING s.id
	), event AS (
		SELECT gate.audit('session', e.id::text,
		    jsonb_build_object('ended', p_reason)) FROM ended e
	)
	SELECT count(*)::int4 FROM event
$$;

-- Own sessions: one, or all but the present.
CREATE FUNCTION gate.session_end(p_session uuid, p_reason text) RETURNS int4
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF p_session IS NULL THEN
		RETURN gate.end_sessions(core.this_person(),
		    core.this_session(), p_reason);
	END IF;
	UPDATE core.session s SET ended_at = now(), ended_reason = p_reason
	WHERE s.id = p_session AND s.person = core.this_person()
	AND s.ended_at IS NULL;
	IF NOT FOUND THEN
		RETURN 0;
	END IF;
	PERFORM gate.audit('session', p_session::text,
	    jsonb_build_object('ended', p_reason));
	RETURN 1;
END
$$;

CREATE FUNCTION gate.own_sessions()
RETURNS TABLE (id uuid, peer text, user_agent text, created_at timestamptz,
    seen_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT s.id, s.peer, s.user_agent, s.created_at, s.seen_at, s.expires_at
	FROM core.session s
	WHERE s.person = core.this_person() AND s.ended_at IS NULL
	AND s.expires_at > now() AND s.idle_expires_at > now()
	ORDER BY s.id = core.this_session() DESC, s.seen_at DESC;
END
$$;

CREATE FUNCTION gate.session_switch(p_organization uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{organization.switch}', 'call');
	UPDATE core.session s SET in_organization = p_organization
	WHERE s.id = core.this_session() AND s.person = core.this_person();
END
$$;

-- Passwords.

CREATE FUNCTION gate.password_digest(p_hash text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT encode(sha256(convert_to(p_hash, 'UTF8')), 'hex')
$$;

-- Sign-in.  Somebody unknown, or without a password, has no hash: the
-- outside then does the same work and says no.
CREATE FUNCTION gate.session_create_plan(args jsonb) RETURNS gate.password_plan
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_name	text := left(lower(btrim(coalesce(args #>> '{body,email}', ''))), 254);
	p	core.person;
BEGIN
	PERFORM gate.require_operation('{session.create}', 'plan');
	PERFORM gate.throttle_check(v_name);
	SELECT * INTO p FROM core.person t
	WHERE lower(t.email) = v_name AND t.status = 'enabled';
	RETURN (p.password_hash, jsonb_build_object('name', v_name,
	    'person', p.id, 'seen', gate.password_digest(p.password_hash)))
	    ::gate.password_plan;
END
$$;

-- Of the session's own person.
CREATE FUNCTION gate.own_password_plan(args jsonb) RETURNS gate.password_plan
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	p	core.person;
BEGIN
	PERFORM gate.require_operation(
	    '{session.confirm,person.password_change}', 'plan');
	SELECT * INTO p FROM core.person t WHERE t.id = core.this_person();
	PERFORM gate.throttle_check(lower(p.email));
	RETURN (p.password_hash, jsonb_build_object('name', lower(p.email),
	    'person', p.id, 'seen', gate.password_digest(p.password_hash)))
	    ::gate.password_plan;
END
$$;

-- A wrong password leaves a mark, so it is an answer and no exception.
CREATE FUNCTION gate.password_wrong(p_person uuid, p_code text, p_message text,
    p_more jsonb)
RETURNS api.reply LANGUAGE plpgsql AS $$
BEGIN
	IF p_person IS NULL THEN
		INSERT INTO audit.unknown_credential (minute, peer, code, count)
		SELECT date_trunc('minute', now()), lib.peer_net(u.peer), p_code, 1
		FROM core.this_unit() u
		ON CONFLICT (minute, peer, code) DO UPDATE
		    SET count = unknown_credential.count + 1;
	ELSE
		INSERT INTO audit.event (organization, actor_kind, actor, peer,
		    request_id, operation, target_kind, target, outcome, status,
		    code, person, session)
		SELECT coalesce(core.this_organization(),
			gate.home_of(p_person, NULL)),
		    coalesce(core.this_kind(), 'none'), p_person, nullif(u.peer, ''), u.request, u.operation, 'person',
		    p_person::text, 'refused', 400, p_code, p_person, u.session
		FROM core.this_unit() u;
	END IF;
	RETURN (400, (jsonb_build_object('error', jsonb_build_object(
	    'code', p_code, 'message', p_message,
	    'detail', 'Letters in capitals are other letters; a keyboard may have another layout than expected.',
	    'remediation', 'Try again, or ask an administrator for a link that sets a new password.',
	    'parameter', CASE p_code WHEN 'wrong_password' THEN '/password'
		ELSE '' END)) || p_more)::text);
END
$$;

-- Whether the password was right, and still is the person's.
CREATE FUNCTION gate.password_right(p_carry jsonb, p_ok boolean)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	v_hash	text;
BEGIN
	PERFORM gate.throttle_take(p_carry ->> 'name');
	SELECT t.password_hash INTO v_hash FROM core.person t
	WHERE t.id = (p_carry ->> 'person')::uuid AND t.status = 'enabled'
	FOR UPDATE;
	IF p_ok IS NOT TRUE OR v_hash IS NULL
	    OR gate.password_digest(v_hash) IS DISTINCT FROM p_carry ->> 'seen' THEN
		RETURN false;
	END IF;
	PERFORM gate.throttle_forgive(p_carry ->> 'name');
	RETURN true;
END
$$;

CREATE FUNCTION gate.session_create_commit(args jsonb, carry jsonb,
    password_ok boolean, password_hash text, secret bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_person uuid := (carry ->> 'person')::uuid;
	v_id	uuid;
BEGIN
	PERFORM gate.require_operation('{session.create}', 'commit');
	IF NOT gate.password_right(carry, password_ok) THEN
		RETURN gate.password_wrong(v_person, 'sign_in_failed',
		    'The e-mail address or the password is wrong',
		    jsonb_build_object('email', lib.printable(
			args #>> '{body,email}', 254)));
	END IF;
	PERFORM gate.become_person(v_person);
	-- The cost of hashes has grown since this one was made.
	UPDATE core.person p
	SET password_hash = session_create_commit.password_hash
	WHERE p.id = v_person
	AND session_create_commit.password_hash IS NOT NULL;
	v_id := gate.session_start(v_person, secret,
	    args #>> '{header,user_agent}');
	PERFORM gate.audit('session', v_id::text);
	RETURN (200, jsonb_build_object('session', chr(1) || '3',
	    'person', v_person)::text);
END
$$;

CREATE FUNCTION gate.session_confirm_commit(args jsonb, carry jsonb,
    password_ok boolean, password_hash text)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{session.confirm}', 'commit');
	IF NOT gate.password_right(carry, password_ok) THEN
		RETURN gate.password_wrong(core.this_person(), 'wrong_password',
		    'The password is wrong', '{}');
	END IF;
	UPDATE core.person p
	SET password_hash = session_confirm_commit.password_hash
	WHERE p.id = core.this_person()
	AND session_confirm_commit.password_hash IS NOT NULL;
	UPDATE core.session s SET auth_time = now()
	WHERE s.id = core.this_session();
	PERFORM gate.audit('session', core.this_session()::text);
	RETURN (200, jsonb_build_object('id', core.this_session())::text);
END
$$;

CREATE FUNCTION gate.person_password_change_commit(args jsonb, carry jsonb,
    password_ok boolean, password_hash text)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_ended	int4;
BEGIN
	PERFORM gate.require_operation('{person.password_change}', 'commit');
	IF NOT gate.password_right(carry, password_ok) THEN
		RETURN gate.password_wrong(core.this_person(), 'wrong_password',
		    'The present password is wrong', '{}');
	ELSIF password_hash IS NULL THEN
		PERFORM lib.fail(400, 'new_password_missing',
		    'The new password is missing', '/new_password', 'body');
	END IF;
	PERFORM gate.set_password(core.this_person(), password_hash);
	v_ended := gate.end_sessions(core.this_person(), core.this_session(),
	    'password was changed');
	UPDATE core.session s SET auth_time = now()
	WHERE s.id = core.this_session();
	PERFORM gate.audit('person', core.this_person()::text,
	    jsonb_build_object('password', 'changed', 'sessions_ended', v_ended));
	RETURN (200, jsonb_build_object('id', core.this_person(),
	    'ended', v_ended)::text);
END
$$;

-- Links that are still open would set it once more.
CREATE FUNCTION gate.set_password(p_person uuid, p_hash text) RETURNS void
LANGUAGE sql VOLATILE AS $$
	UPDATE core.link l SET ended_at = now()
	WHERE l.person = p_person AND l.kind <> 'join'
	AND l.used_at IS NULL AND l.ended_at IS NULL;
	UPDATE core.person p SET password_hash = p_hash,
	    password_changed_at = now(), updated_at = now(),
	    status = CASE p.status WHEN 'invited' THEN 'enabled' ELSE p.status END
	WHERE p.id = p_person;
$$;

-- One-time links.

CREATE FUNCTION gate.fail_link() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(404, 'link_invalid', 'This link cannot be used', '', '',
	    'It was used already, has expired, or a newer one replaced it.',
	    'Ask an administrator for a new link.');
END
$$;

-- The newest is good; of those that ask into an organization each has one.
CREATE FUNCTION gate.link_make(p_person uuid, p_kind text, p_hash bytea)
RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
	v_end	timestamptz := now() + gate.setting_interval('link_lifetime');
	v_id	uuid := lib.uuid7();
BEGIN
	UPDATE core.link l SET ended_at = now()
	WHERE l.person = p_person AND l.used_at IS NULL AND l.ended_at IS NULL
	AND CASE WHEN p_kind = 'join' THEN l.kind = 'join'
		AND l.in_organization = core.this_organization()
	    ELSE l.kind <> 'join' END;
	INSERT INTO core.link (id, hash, person, kind, in_organization,
	    created_by, expires_at)
	VALUES (v_id, p_hash, p_person, p_kind, core.this_organization(),
	    core.this_person(), v_end);
	PERFORM gate.audit('link', v_id::text, jsonb_build_object(
	    'kind', CASE p_kind WHEN 'join' THEN 'invite' ELSE p_kind END,
	    'person', coalesce((SELECT m.invitation FROM core.member m
		WHERE m.organization = core.this_organization()
		AND m.person = p_person), p_person)));
	RETURN v_end;
END
$$;

-- A link that sets a password.
CREATE FUNCTION gate.link_find(p_hash bytea) RETURNS core.link
LANGUAGE sql STABLE AS $$
	SELECT l FROM core.link l JOIN core.person p ON p.id = l.person
	WHERE l.hash = p_hash AND l.kind <> 'join'
	AND l.used_at IS NULL AND l.ended_at IS NULL
	AND l.expires_at > now() AND p.status IN ('enabled', 'invited')
$$;

CREATE FUNCTION gate.link_show(args jsonb, secret bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	l	core.link;
	v_body	text;
BEGIN
	PERFORM gate.require_operation('{link.show}', 'call');
	l := gate.join_find(secret);
	IF l.id IS NOT NULL THEN
		RETURN (200, json_build_object('me', NULL,
		    'link', gate.join_page(l))::text);
	END IF;
	l := gate.link_find(secret);
	IF l.id IS NULL THEN
		PERFORM gate.fail_link();
	END IF;
	SELECT json_build_object('me', NULL, 'link', json_build_object(
	    'kind', l.kind, 'invite', l.kind = 'invite', 'email', p.email,
	    'name', p.fullname, 'organization', o.fullname,
	    'expires', lib.time_words(l.expires_at)))::text INTO v_body
	FROM core.person p, core.organization o
	WHERE p.id = l.person AND o.id = l.in_organization;
	RETURN (200, v_body);
END
$$;

CREATE FUNCTION gate.link_use_plan(args jsonb, secret bytea)
RETURNS gate.password_plan LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	l	core.link := gate.link_find(secret);
BEGIN
	PERFORM gate.require_operation('{link.use}', 'plan');
	IF l.id IS NULL THEN
		PERFORM gate.fail_link();
	END IF;
	RETURN (NULL::text, jsonb_build_object('link', l.id))::gate.password_plan;
END
$$;

-- The link is used up by whoever comes first.
CREATE FUNCTION gate.link_use_commit(args jsonb, carry jsonb, secret bytea,
    password_hash text, session bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	l	core.link;
	v_id	uuid;
BEGIN
	PERFORM gate.require_operation('{link.use}', 'commit');
	IF password_hash IS NULL THEN
		PERFORM lib.fail(400, 'new_password_missing',
		    'The new password is missing', '/new_password', 'body');
	END IF;
	-- The person first, as whoever makes a link.
	PERFORM FROM core.person p
	WHERE p.id = (gate.link_find(secret)).person FOR UPDATE;
	UPDATE core.link t SET used_at = now()
	FROM core.person p
	WHERE t.hash = secret AND t.kind <> 'join'
	AND t.used_at IS NULL AND t.ended_at IS NULL
	AND t.expires_at > now() AND p.id = t.person
	AND p.status IN ('enabled', 'invited')
	RETURNING t.* INTO l;
	IF NOT FOUND THEN
		PERFORM gate.fail_link();
	END IF;
	PERFORM gate.become_person(l.person);
	PERFORM gate.end_sessions(l.person, NULL, 'password was set by a link');
	PERFORM gate.set_password(l.person, password_hash);
	v_id := gate.session_start(l.person, session,
	    args #>> '{header,user_agent}');
	PERFORM gate.audit('link', l.id::text, jsonb_build_object(
	    'kind', l.kind, 'session', v_id));
	RETURN (200, jsonb_build_object('session', chr(1) || '3',
	    'person', l.person)::text);
END
$$;
