-- Clients: how they are stored, found and ended, and who may change one.

CREATE FUNCTION gate.client_new_id() RETURNS text
LANGUAGE sql VOLATILE AS $$
	SELECT 'gc_' || lib.base64url(substr(uuid_send(gen_random_uuid()), 1, 6)
	    || substr(uuid_send(gen_random_uuid()), 10, 6)
	    || substr(uuid_send(gen_random_uuid()), 1, 6))
$$;

-- A client with tokens of its own has a family that they belong to; without
-- the scopes that say who a person is.
CREATE FUNCTION gate.client_family(c oauth.client) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := coalesce(c.family, lib.uuid7());
BEGIN
	IF NOT 'client_credentials' = ANY (c.grant_types)
	    OR c.organization IS NULL THEN
		UPDATE token.family f SET epoch = f.epoch + 1, updated_at = now()
		WHERE f.id = c.family;
		RETURN c.family;
	END IF;
	INSERT INTO token.family (organization, id, kind, token_type, name,
	    fullname, scopes, token_ttl, access_expires_at, expires_at, client,
	    client_epoch, audience)
	VALUES (c.organization, v_id, 'client', 'default', v_id::text,
	    v_id::text, lib.minus(c.scopes, gate.identity_scopes()), 3600,
	    'infinity', 'infinity', c.id, c.epoch, 12)
	ON CONFLICT (organization, id) DO UPDATE SET scopes = excluded.scopes,
	    updated_at = now();
	UPDATE oauth.client t SET family = v_id
	WHERE t.id = c.id AND t.family IS NULL;
	RETURN v_id;
END
$$;

CREATE FUNCTION gate.client_insert(c oauth.client, p_secret bytea)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO oauth.client (id, organization, owner, origin, auth_method,
	    name, description, uri, redirect_uris, logout_uris, scopes,
	    required_scopes, grant_types, pkce_required, first_party, jwks,
	    metadata, created_by)
	VALUES (c.id, c.organization, c.owner, c.origin, c.auth_method, c.name,
	    c.description, c.uri, c.redirect_uris, c.logout_uris, c.scopes,
	    coalesce(c.required_scopes, '{}'), c.grant_types,
	    coalesce(c.pkce_required, true), coalesce(c.first_party, false),
	    c.jwks, c.metadata, core.this_person());
	c.epoch := 1;
	PERFORM gate.client_family(c);
	IF c.auth_method NOT LIKE 'client\_secret%' THEN
		RETURN false;
	END IF;
	INSERT INTO oauth.secret (client, id, hash, created_by)
	VALUES (c.id, lib.uuid7(), p_secret, core.this_person());
	RETURN true;
END
$$;

CREATE FUNCTION gate.client_store(c oauth.client) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE oauth.client t SET name = c.name, description = c.description,
	    uri = c.uri, redirect_uris = c.redirect_uris,
	    logout_uris = c.logout_uris, scopes = c.scopes,
	    required_scopes = c.required_scopes, grant_types = c.grant_types,
	    pkce_required = c.pkce_required, first_party = c.first_party,
	    jwks = c.jwks, metadata = c.metadata, updated_at = now()
	WHERE t.id = c.id;
	PERFORM gate.client_family(c);
END
$$;

CREATE FUNCTION gate.client_audit(c oauth.client, p_detail jsonb)
RETURNS void LANGUAGE sql VOLATILE AS $$
	SELECT gate.audit('client', c.id, jsonb_strip_nulls(jsonb_build_object(
	    'name', c.name, 'origin', c.origin) || p_detail))
$$;

-- How far pages count; beyond they say "or more".
CREATE FUNCTION gate.count_most() RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 1000';

-- Ends all that a client was given, at once: by a new epoch for its tokens; its
-- connections are over by connected_after, and as many of them are ended here
-- as take no time and nobody else holds.  Gives how many were ended here.
CREATE FUNCTION gate.client_revoke(p_client text, p_status text, p_reason text)
RETURNS int4 LANGUAGE sql VOLATILE AS $$
	WITH turned AS (
		UPDATE oauth.client c SET epoch = c.epoch + 1, updated_at = now(),
		    status = coalesce(p_status, c.status),
		    connected_after = clock_timestamp()
		WHERE c.id = p_client
		RETURNING c.id, c.family, c.epoch
	), own AS (
		UPDATE token.family f SET epoch = f.epoch + 1,
		    client_epoch = t.epoch, updated_at = now()
		FROM turned t
		WHERE f.id = t.family AND f.client = t.id AND f.kind = 'client'
	), ended AS (
		UPDATE oauth.connection g SET ended_at = now(),
		    ended_reason = p_reason, updated_at = now()
		FROM (
			SELECT t.id FROM oauth.connection t
			WHERE t.client = p_client AND t.ended_at IS NULL
			LIMIT 10 * gate.count_most()
			FOR NO KEY UPDATE SKIP LOCKED
		) d WHERE g.id = d.id
		RETURNING g.id
	)
	SELECT count(*)::int4 FROM ended
$$;

-- Ends what a client was given in one organization: the connections, whose
-- tokens end with them.  Gives how many.
CREATE FUNCTION gate.client_revoke_in(p_client text, p_organization uuid,
    p_reason text)
RETURNS int4 LANGUAGE sql VOLATILE AS $$
	WITH ended AS (
		UPDATE oauth.connection g SET ended_at = now(),
		    ended_reason = p_reason, updated_at = now()
		WHERE g.client = p_client AND g.organization = p_organization
		AND g.ended_at IS NULL
		RETURNING g.id
	)
	SELECT count(*)::int4 FROM ended
$$;

-- Ends what is over by connected_after, with its families, a little at a time.
CREATE FUNCTION gate.maintain_revoked() RETURNS int8
LANGUAGE plpgsql AS $$
DECLARE
	v_n	int8;
BEGIN
	WITH over AS MATERIALIZED (
		SELECT g.id, c.status FROM oauth.client c
		JOIN oauth.connection g ON g.client = c.id
		    AND g.ended_at IS NULL AND g.created_at <= c.connected_after
		WHERE c.connected_after > '-infinity'
		LIMIT 20 * gate.count_most()
		FOR NO KEY UPDATE OF g SKIP LOCKED
	), ended AS (
		UPDATE oauth.connection g SET ended_at = now(), updated_at = now(),
		    ended_reason = CASE o.status WHEN 'deleted'
			THEN 'client was deleted' ELSE 'client was revoked' END
		FROM over o WHERE g.id = o.id AND g.ended_at IS NULL
		RETURNING g.id, g.ended_reason
	), families AS (
		UPDATE token.family f SET ended_at = now(), updated_at = now(),
		    ended_reason = e.ended_reason
		FROM ended e WHERE f.connection = e.id AND f.ended_at IS NULL
	)
	SELECT count(*) INTO v_n FROM ended;
	-- Only when whoever allowed it before has ended by now, and if it was
	-- not revoked again meanwhile.
	WITH rest AS MATERIALIZED (
		SELECT c.id, c.connected_after FROM oauth.client c
		WHERE v_n = 0 AND c.connected_after > '-infinity'
		AND c.connected_after < now() - interval '1 minute'
		AND NOT EXISTS (SELECT FROM oauth.connection g
		    WHERE g.client = c.id AND g.ended_at IS NULL
		    AND g.created_at <= c.connected_after)
	)
	UPDATE oauth.client c SET connected_after = '-infinity'
	FROM rest r
	WHERE c.id = r.id AND c.connected_after = r.connected_after;
	RETURN v_n;
END
$$;

CREATE FUNCTION gate.fail_client() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(404, 'client_not_found', 'There is no such app',
	    'clientId', 'path', 'It was deleted, or it is not yours.');
END
$$;

-- The client that a page is about, locked: an own app; or, for who runs an
-- organization's clients, one of the organization (p_foreign: or one that
-- its people let in).
CREATE FUNCTION gate.client_find(args jsonb, p_admin boolean,
    p_foreign boolean DEFAULT false)
RETURNS oauth.client LANGUAGE plpgsql AS $$
DECLARE
	c	oauth.client;
	v_here	boolean;
BEGIN
	IF p_admin THEN
		PERFORM gate.act_in(args);
	END IF;
	SELECT t.* INTO c FROM oauth.client t
	WHERE t.id = args #>> '{path,clientId}' AND t.status <> 'deleted'
	FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM gate.fail_client();
	ELSIF NOT p_admin THEN
		IF c.owner IS DISTINCT FROM core.this_person() THEN
			PERFORM gate.fail_client();
		END IF;
		RETURN c;
	END IF;
	v_here := coalesce(c.organization = core.this_organization(), false)
	    OR core.this_root();
	IF NOT v_here THEN
		IF NOT EXISTS (SELECT FROM oauth.connection g
		    WHERE g.client = c.id AND g.ended_at IS NULL
		    AND g.organization = core.this_organization()) THEN
			PERFORM gate.fail_client();
		ELSIF NOT p_foreign THEN
			PERFORM lib.fail(403, 'foreign_client',
			    'The client does not belong to this organization', '',
			    '', 'It was let in by people of the organization.',
			    'Revoke its connections here instead.');
		END IF;
	END IF;
	RETURN c;
END
$$;

-- Whoever has a client's secret, or says where it sends people, has what it
-- has: what its owner gave it, or, if it asks nobody, all of its own.  What the
-- caller lacks of that: scopes, or empty where it is another person's; null if
-- nothing.
CREATE FUNCTION gate.client_lacks(c oauth.client) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN core.this_root() OR c.owner = core.this_person()
		THEN NULL
	    WHEN c.owner IS NOT NULL THEN ''
	    WHEN c.first_party OR 'client_credentials' = ANY (c.grant_types) THEN (
		SELECT string_agg(s.name, ' ' ORDER BY s.name)
		FROM core.scope s WHERE s.name = ANY (c.scopes)
		AND s.level <> 'identity'
		AND NOT s.name = ANY (core.this_scopes())) END
$$;

CREATE FUNCTION gate.client_require(c oauth.client) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_lack	text := gate.client_lacks(c);
BEGIN
	IF v_lack = '' THEN
		PERFORM lib.fail(403, 'foreign_client',
		    'The app belongs to a person', '', '',
		    'Whoever changes it, or has its secret, acts for its owner.',
		    'Suspend or delete it, or ask its owner.');
	ELSIF v_lack IS NOT NULL THEN
		PERFORM lib.fail(403, 'insufficient_scope',
		    'The client has more rights than you have yourself', '', '',
		    'Nobody gives, changes or takes what he does not have.',
		    'Ask somebody who has these scopes.', v_lack);
	END IF;
END
$$;

-- What row-level security hides, as far as the caller may know it.

-- Whether the caller, or somebody of the organization that he works in, has
-- let a client in: his own connections, and those that its administrators see.
CREATE FUNCTION gate.is_connected(p_client text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM oauth.connection g
	    WHERE g.client = p_client AND g.ended_at IS NULL
	    AND (g.person = core.this_person()
		OR (g.organization = core.this_organization()
		    AND 'oauth-clients:view' = ANY (core.this_scopes()))))
$$;

-- How many of its own tokens a client has, by the audit, where they have an
-- index; of the latest events alone.
CREATE FUNCTION gate.client_own_tokens(c oauth.client) RETURNS int8
LANGUAGE sql STABLE AS $$
	WITH latest AS MATERIALIZED (
		SELECT e.seq, e.at, e.operation, e.outcome, e.detail
		FROM audit.event e WHERE e.target = c.family::text
		ORDER BY e.seq DESC LIMIT gate.count_most() + 1
	)
	SELECT count(*) FROM latest e
	WHERE e.operation = 'token.client_credentials' AND e.outcome = 'success'
	AND e.at > now() - make_interval(secs => gate.oauth_ttl())
	AND e.seq > coalesce((SELECT max(r.seq) FROM audit.event r
	    WHERE r.target = c.id AND r.outcome = 'success'
	    AND r.operation IN ('app.revoke_tokens', 'client_admin.revoke')
	    AND (r.detail ->> 'all')::boolean), 0)
	AND NOT EXISTS (SELECT FROM latest r
	    WHERE r.detail ->> 'revoked' = e.detail ->> 'jti')
	AND EXISTS (SELECT FROM token.family f
	    WHERE f.id = c.family AND f.client_epoch = c.epoch
	    AND f.ended_at IS NULL)
$$;

-- How many people; how many pairs and tokens of its own: all of them for the
-- owner, for who runs the client's organization and for the root; else those
-- of the organization.
CREATE FUNCTION gate.client_counts(p_client text, OUT people int8,
    OUT people_more boolean, OUT tokens int8, OUT tokens_more boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
	v_most	int4 := gate.count_most();
	v_org	uuid := core.this_organization();
	v_ids	uuid[];
	c	oauth.client;
BEGIN
	SELECT * INTO c FROM oauth.client t
	WHERE t.id = p_client AND core.this_kind() = 'session';
	IF NOT FOUND THEN
		RETURN;
	ELSIF core.this_root() OR c.owner = core.this_person()
	    OR c.organization = v_org THEN
		v_org := NULL;
	ELSIF v_org IS NULL OR NOT gate.is_connected(c.id) THEN
		RETURN;
	END IF;
	SELECT array_agg(x.id), least(count(DISTINCT x.person), v_most),
	    count(*) > v_most INTO v_ids, people, people_more
	FROM (
		SELECT g.id, g.person FROM oauth.connection g
		WHERE g.client = c.id AND g.ended_at IS NULL
		AND g.created_at > c.connected_after
		AND (v_org IS NULL OR g.organization = v_org)
		LIMIT v_most + 1
	) x;
	SELECT count(*) INTO tokens FROM (
		SELECT FROM token.family f
		WHERE f.connection = ANY (v_ids) AND f.ended_at IS NULL
		AND f.client_epoch = c.epoch
		AND greatest(f.expires_at, f.access_expires_at) > now()
		LIMIT v_most + 1
	) x;
	IF v_org IS NULL AND c.family IS NOT NULL THEN
		tokens := tokens + gate.client_own_tokens(c);
	END IF;
	tokens_more := people_more OR tokens > v_most;
	tokens := least(tokens, v_most);
END
$$;

-- Who let a client in last: in every organization for the root, else in the
-- present one.  Not by row-level security, of which the planner knows so little
-- that it would read them all.
CREATE FUNCTION gate.client_connections(p_client text, p_most int4)
RETURNS SETOF oauth.connection
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
	v_org	uuid := CASE WHEN NOT core.this_root()
		    THEN core.this_organization() END;
	v_after	timestamptz := (SELECT c.connected_after FROM oauth.client c
		    WHERE c.id = p_client);
BEGIN
	IF core.this_kind() = 'session'
	    AND (core.this_root() OR (v_org IS NOT NULL
		AND 'oauth-clients:view' = ANY (core.this_scopes()))) THEN
		RETURN QUERY SELECT g.* FROM oauth.connection g
		WHERE g.client = p_client AND g.ended_at IS NULL
		AND g.created_at > v_after
		AND (v_org IS NULL OR g.organization = v_org)
		ORDER BY g.created_at DESC LIMIT p_most;
	END IF;
END
$$;

-- What happened with a client last, for its page: in every organization for
-- the root, else in the present one.
CREATE FUNCTION gate.client_events(p_client text) RETURNS SETOF audit.event
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	WITH c AS MATERIALIZED (
		SELECT t.id FROM oauth.client t
		WHERE t.id = p_client AND core.this_kind() = 'session'
		AND core.this_scopes() @> '{oauth-clients:view,audit:view}'
		AND (core.this_root()
		    OR t.organization = core.this_organization()
		    OR EXISTS (SELECT FROM oauth.connection g
			WHERE g.client = t.id AND g.ended_at IS NULL
			AND g.organization = core.this_organization()))
	)
	SELECT * FROM (
		SELECT * FROM audit.event e
		WHERE e.client = (SELECT c.id FROM c)
		AND (core.this_root()
		    OR e.organization = core.this_organization())
		ORDER BY e.seq DESC LIMIT 20
	) a
	UNION
	SELECT * FROM (
		SELECT * FROM audit.event e
		WHERE e.target = (SELECT c.id FROM c)
		AND e.target_kind = 'client'
		AND (core.this_root()
		    OR e.organization = core.this_organization())
		ORDER BY e.seq DESC LIMIT 20
	) b
	ORDER BY seq DESC LIMIT 20
$$;

-- Who somebody is.  Of the owner of a client that was let in, the name is
-- told to whoever is asked for consent; the address is not.
CREATE FUNCTION gate.person_ref(p_person uuid) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT json_build_object('id', CASE WHEN w.near THEN p.id END,
	    'name', p.fullname, 'email', CASE WHEN w.near THEN p.email END)
	FROM core.person p
	CROSS JOIN LATERAL (
		SELECT core.this_root() OR p.id = core.this_person()
		    OR EXISTS (SELECT FROM core.member m
			WHERE m.organization = core.this_organization()
			AND m.person = p.id AND m.status <> 'invited') AS near
	) w
	WHERE p.id = p_person AND core.this_kind() = 'session'
	AND (w.near OR EXISTS (SELECT FROM oauth.client c
	    WHERE c.owner = p.id AND gate.is_connected(c.id)))
$$;

CREATE FUNCTION gate.organization_ref(p_organization uuid) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT json_build_object('id', o.id, 'name', o.name,
	    'fullname', o.fullname)
	FROM core.organization o
	WHERE o.id = p_organization AND core.this_kind() = 'session'
	AND (core.this_root() OR o.id = core.this_organization()
	    OR EXISTS (SELECT FROM core.member m
		WHERE m.organization = o.id AND m.person = core.this_person()
		AND m.status = 'enabled')
	    OR EXISTS (SELECT FROM oauth.connection g
		WHERE g.organization = o.id AND g.person = core.this_person())
	    OR EXISTS (SELECT FROM oauth.client c
		WHERE c.organization = o.id AND gate.is_connected(c.id)))
$$;

-- The registration of a client that registered itself: since when it is held,
-- and cannot be changed by the client.
CREATE FUNCTION gate.registration_ref(p_client text) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT json_build_object('held', lib.time_words(r.held_at))
	FROM oauth.registration r JOIN oauth.client c ON c.id = r.client
	WHERE r.client = p_client AND core.this_kind() = 'session'
	AND (core.this_root() OR c.organization = core.this_organization()
	    OR gate.is_connected(c.id))
$$;

CREATE FUNCTION gate.client_words(p_client text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT gate.client_origin_text(c) FROM oauth.client c
	WHERE c.id = p_client AND core.this_kind() = 'session'
	AND (core.this_root() OR c.owner = core.this_person()
	    OR c.organization = core.this_organization()
	    OR gate.is_connected(c.id))
$$;
