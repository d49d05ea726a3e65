-- Joining an organization with an account that another one made.  Nothing
-- proves whose an address is: who made the account may know its password and
-- wait for it to be given rights elsewhere.  So such a person is invited: the
-- link goes to whom the organization means, and counts only in a session of
-- the account.  Who invites sees what he would see of an unknown address.

-- Whether an organization has to ask the person, who has an account.
CREATE FUNCTION gate.must_join(p core.person, p_organization uuid)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT p.home IS DISTINCT FROM p_organization
$$;

-- An open link that asks a person into an organization, with the invitation.
CREATE FUNCTION gate.join_find(p_hash bytea) RETURNS core.link
LANGUAGE sql STABLE AS $$
	SELECT l FROM core.link l
	JOIN core.member m ON m.organization = l.in_organization
	    AND m.person = l.person AND m.status = 'invited'
	JOIN core.organization o ON o.id = l.in_organization
	    AND o.status = 'active'
	WHERE l.hash = p_hash AND l.kind = 'join' AND l.used_at IS NULL
	AND l.ended_at IS NULL AND l.expires_at > now()
$$;

-- What the page of such a link says: to its person what is offered and by
-- whom, to anybody else where to go.
CREATE FUNCTION gate.join_page(l core.link) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('kind', 'join', 'join', true,
	    'email', m.invited_email, 'name', '', 'organization', o.fullname,
	    'expires', lib.time_words(l.expires_at),
	    'mine', coalesce(w.mine, false),
	    'other', w.id IS NOT NULL AND NOT w.mine,
	    'me', CASE WHEN w.id IS NOT NULL THEN w.email END)
	    || CASE WHEN w.mine THEN jsonb_build_object(
		'maker', (SELECT h.fullname FROM core.organization h
		    WHERE h.id = w.home),
		'inviter', (SELECT jsonb_build_object('name', i.fullname,
			'email', i.email)
		    FROM core.person i WHERE i.id = l.created_by),
		'roles', (SELECT coalesce(jsonb_agg(jsonb_build_object(
			'fullname', r.fullname, 'description', r.description)
			ORDER BY r.fullname, r.id), '[]')
		    FROM core.member_role mr
		    JOIN core.role r ON r.organization = mr.organization
			AND r.id = mr.role
		    WHERE mr.organization = l.in_organization
		    AND mr.person = l.person)) ELSE '{}' END
	FROM core.member m
	JOIN core.organization o ON o.id = m.organization
	LEFT JOIN LATERAL (
		SELECT p.id, p.email, p.home, p.id = l.person AS mine
		FROM core.person p WHERE p.id = core.this_person()
	) w ON true
	WHERE m.organization = l.in_organization AND m.person = l.person
$$;

-- The person says yes or no.  Whoever else is signed in with the account, or
-- holds a link that would set its password, has no part in that.
CREATE FUNCTION gate.link_answer(args jsonb, secret bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_yes	boolean := (core.this_unit()).operation = 'link.join';
	l	core.link;
	m	core.member;
BEGIN
	PERFORM gate.require_operation('{link.join,link.decline}', 'call');
	l := gate.join_find(secret);
	IF l.id IS NULL THEN
		PERFORM gate.fail_link();
	ELSIF l.person IS DISTINCT FROM core.this_person() THEN
		PERFORM lib.fail(403, 'other_person',
		    'This invitation is for another account', '', '',
		    'It counts for the account with the address that was invited.',
		    'Sign in with that account and open the link again.');
	END IF;
	SELECT t.* INTO m FROM core.member t
	WHERE t.organization = l.in_organization AND t.person = l.person
	AND t.status = 'invited' FOR UPDATE;
	-- As gate.member_link() does, and in its order: either comes before or
	-- after.
	PERFORM FROM core.person p WHERE p.id = core.this_person() FOR UPDATE;
	UPDATE core.link t SET used_at = now()
	WHERE t.id = l.id AND t.used_at IS NULL AND t.ended_at IS NULL;
	IF NOT FOUND OR m.invitation IS NULL THEN
		PERFORM gate.fail_link();
	END IF;
	IF v_yes THEN
		UPDATE core.member t SET status = 'enabled', invitation = NULL,
		    invited_email = NULL, invited_name = NULL,
		    created_at = now(), updated_at = now()
		WHERE t.organization = m.organization AND t.person = m.person;
		UPDATE core.link t SET ended_at = now()
		WHERE t.person = l.person AND t.kind <> 'join'
		AND t.used_at IS NULL AND t.ended_at IS NULL;
		PERFORM gate.end_sessions(l.person, core.this_session(),
		    'joined an organization');
	ELSE
		DELETE FROM core.member t
		WHERE t.organization = m.organization AND t.person = m.person;
	END IF;
	PERFORM set_config('grantd.organization', l.in_organization::text, true);
	PERFORM gate.audit('member', CASE WHEN v_yes THEN l.person
	    ELSE m.invitation END::text, jsonb_build_object(
	    'invitation', m.invitation, 'email', m.invited_email));
	RETURN (200, jsonb_build_object('id', l.in_organization)::text);
END
$$;
