-- All that writes token families and access tokens.  grantd_api has no right
-- to do so itself: these functions run only inside a unit whose operation is
-- of the class for it, and only on the organization of the credential.

CREATE FUNCTION gate.require_unit(p_class text[], p_phase text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF core.this_organization() IS NULL
	    OR coalesce((core.this_unit()).class, '') <> ALL (p_class)
	    OR coalesce((core.this_unit()).phase, '') <> p_phase THEN
		RAISE EXCEPTION 'this function runs inside an operation of class %, phase %',
		    array_to_string(p_class, ' or '), p_phase
		    USING ERRCODE = '42501';
	END IF;
END
$$;

-- The end of a pair's refresh secret: no later than that of the parent.
CREATE FUNCTION gate.refresh_expiry(p_parent uuid) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
	SELECT least(now() + gate.refresh_lifetime(),
	    (SELECT p.expires_at FROM token.family p
	     WHERE p.organization = core.this_organization() AND p.id = p_parent))
$$;

-- Stores an access token that the signer made.  The slot after the last one
-- that a full life reaches is the one that maintenance may be emptying.
CREATE FUNCTION gate.store_access(p_family uuid, p_epoch int4,
    p_generation int4, p_jti uuid, p_hash bytea, p_expiry int8)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.check_expiry(p_expiry);
	INSERT INTO token.access_token (slot, hash, expires_at, organization,
	    family, epoch, generation, jti)
	VALUES (token.slot(p_expiry), p_hash, to_timestamp(p_expiry),
	    core.this_organization(), p_family, p_epoch, p_generation, p_jti);
END
$$;

-- Expiries until which a slot will keep a token: six periods are a full life;
-- the seventh may be used when maintenance no longer touches it.
CREATE FUNCTION gate.slots_now() RETURNS int8range
LANGUAGE sql STABLE AS $$
	SELECT int8range(e.now - e.now % e.slot, e.now - e.now % e.slot
	    + e.slot * CASE WHEN e.now % e.slot >= e.slot * 3 / 4
		THEN 8 ELSE 7 END)
	FROM (SELECT floor(extract(epoch FROM now()))::int8 AS now,
	    core.slot_length() AS slot) e
$$;

CREATE FUNCTION gate.check_expiry(p_expiry int8) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF NOT p_expiry <@ gate.slots_now() THEN
		PERFORM lib.fail(503, 'clock_skew',
		    'The clocks of this server and its database disagree', '', '',
		    format('The new token would end at %s, and the database has %s.',
			to_timestamp(p_expiry), now()),
		    'Ask the operator to set the clocks.');
	END IF;
END
$$;

-- Birth of a family with its first access token.
CREATE FUNCTION gate.family_birth(p_id uuid, p_kind text, p_type text,
    p_integration uuid, p_account uuid, p_parent uuid, p_name text,
    p_fullname text, p_permission_set text, p_scopes text[], p_resources jsonb,
    p_ttl int4, p_digest bytea, p_jti uuid, p_hash bytea, p_expiry int8,
    p_refresh_hash bytea, p_seed bytea, p_seed_key int4)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_unit('{mint}', 'commit');
	IF p_parent IS NOT NULL THEN
		-- A reset of the parent either sees this child or ends this unit.
		PERFORM FROM token.family f
		WHERE f.organization = core.this_organization() AND f.id = p_parent
		AND f.ended_at IS NULL
		AND f.epoch = (core.this_unit()).epoch
		FOR SHARE;
		IF NOT FOUND THEN
			PERFORM gate.refuse('token_revoked', NULL);
		END IF;
	END IF;
	-- The name of one that is over is free.
	UPDATE token.family f SET ended_at = now(), ended_reason = 'expired',
	    updated_at = now()
	WHERE f.organization = core.this_organization() AND f.name = p_name
	AND f.ended_at IS NULL AND f.expires_at <= now();
	INSERT INTO token.family (organization, id, kind, token_type,
	    integration, account, parent, name, fullname, permission_set,
	    scopes, resources, token_ttl, seed_key, seed, refresh_hash,
	    access_expires_at, expires_at, created_by, created_digest)
	VALUES (core.this_organization(), p_id, p_kind, p_type, p_integration,
	    p_account, p_parent, p_name, p_fullname, p_permission_set,
	    coalesce((SELECT s.scopes FROM core.permission_set s
		WHERE s.name = p_permission_set), p_scopes), p_resources, p_ttl, p_seed_key, p_seed,
	    p_refresh_hash, to_timestamp(p_expiry),
	    gate.refresh_expiry(p_parent), core.this_family(), p_digest);
	PERFORM gate.store_access(p_id, 1, 1, p_jti, p_hash, p_expiry);
END
$$;

-- The next pair of a family, if it still is what the plan saw.  how:
--   refresh  the present pair becomes the secondary; same seed
--   rotate   the same, with a fresh seed
--   reset    everything older is dead; fresh seed
-- False: somebody else was faster.
CREATE FUNCTION gate.family_turn(p_id uuid, p_how text, p_epoch int4,
    p_generation int4, p_jti uuid, p_hash bytea, p_expiry int8,
    p_refresh_hash bytea, p_seed bytea, p_seed_key int4)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_epoch	int4;
BEGIN
	PERFORM gate.require_unit('{mint}', 'commit');
	UPDATE token.family f SET
	    epoch = CASE p_how WHEN 'reset' THEN f.epoch + 1 ELSE f.epoch END,
	    generation = f.generation + 1,
	    secondary_generation = CASE p_how WHEN 'reset' THEN NULL ELSE f.generation END,
	    secondary_refresh_hash = CASE p_how WHEN 'reset' THEN NULL ELSE f.refresh_hash END,
	    secondary_access_expires_at = CASE p_how WHEN 'reset' THEN NULL ELSE f.access_expires_at END,
	    secondary_expires_at = CASE p_how WHEN 'reset' THEN NULL ELSE f.expires_at END,
	    refresh_hash = p_refresh_hash,
	    seed = coalesce(p_seed, f.seed),
	    seed_key = coalesce(p_seed_key, f.seed_key),
	    access_expires_at = to_timestamp(p_expiry),
	    expires_at = gate.refresh_expiry(f.parent),
	    refreshed_at = CASE p_how WHEN 'refresh' THEN now() END,
	    updated_at = now()
	WHERE f.organization = core.this_organization() AND f.id = p_id
	AND f.ended_at IS NULL AND f.epoch = p_epoch AND f.generation = p_generation
	RETURNING f.epoch INTO v_epoch;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM gate.store_access(p_id, v_epoch, p_generation + 1, p_jti,
	    p_hash, p_expiry);
	IF p_how = 'reset' THEN
		PERFORM gate.end_children(p_id, 'parent was reset');
	END IF;
	RETURN true;
END
$$;

-- A repeated refresh, whose first answer got lost: the same generation, the
-- same refresh secret, one more access token.  False if that is over.
CREATE FUNCTION gate.family_repeat(p_id uuid, p_epoch int4, p_generation int4,
    p_jti uuid, p_hash bytea, p_expiry int8, p_refresh_hash bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_unit('{mint}', 'commit');
	UPDATE token.family f SET
	    access_expires_at = greatest(f.access_expires_at, to_timestamp(p_expiry)),
	    refresh_hash = p_refresh_hash,
	    updated_at = now()
	WHERE f.organization = core.this_organization() AND f.id = p_id
	AND f.ended_at IS NULL AND f.epoch = p_epoch AND f.generation = p_generation
	AND f.secondary_generation = p_generation - 1
	AND f.refreshed_at > now() - gate.refresh_grace()
	AND NOT EXISTS (SELECT FROM token.successor_use u
	    WHERE u.organization = f.organization AND u.family = f.id
	    AND u.generation = f.generation);
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM gate.store_access(p_id, p_epoch, p_generation, p_jti, p_hash,
	    p_expiry);
	RETURN true;
END
$$;

-- What the plan of a refresh must know: which secret was presented, whether
-- its successor was used, and the sealed seed.  Only for the family of the
-- presented refresh secret itself.
CREATE FUNCTION gate.refresh_state(OUT presented text, OUT repeatable boolean,
    OUT seed bytea, OUT seed_key int4)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN (core.this_unit()).generation = f.generation
		THEN 'primary' ELSE 'secondary' END,
	    f.refreshed_at > now() - gate.refresh_grace()
		AND NOT EXISTS (SELECT FROM token.successor_use u
		    WHERE u.organization = f.organization AND u.family = f.id
		    AND u.generation = f.generation),
	    f.seed, f.seed_key
	FROM token.family f
	WHERE core.this_kind() = 'refresh'
	AND f.organization = core.this_organization()
	AND f.id = core.this_family()
$$;

-- Of the request that made a family: to recognize a repeat.
CREATE FUNCTION gate.family_digest(p_id uuid) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT f.created_digest FROM token.family f
	WHERE f.organization = core.this_organization() AND f.id = p_id
$$;

CREATE FUNCTION gate.family_drop_secondary(p_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_unit('{write}', 'call');
	UPDATE token.family f SET secondary_generation = NULL,
	    secondary_refresh_hash = NULL, secondary_access_expires_at = NULL,
	    secondary_expires_at = NULL, refreshed_at = NULL, updated_at = now()
	WHERE f.organization = core.this_organization() AND f.id = p_id
	AND f.secondary_generation IS NOT NULL;
	RETURN FOUND;
END
$$;

-- Ends what was made with a family, and what was made with that.
CREATE FUNCTION gate.end_children(p_id uuid, p_reason text) RETURNS int4
LANGUAGE sql VOLATILE AS $$
	WITH RECURSIVE below AS (
		SELECT f.id FROM token.family f
		WHERE f.organization = core.this_organization() AND f.parent = p_id
		UNION
		SELECT f.id FROM below b JOIN token.family f
		    ON f.organization = core.this_organization() AND f.parent = b.id
	), ended AS (
		UPDATE token.family f SET ended_at = now(), ended_reason = p_reason,
		    updated_at = now()
		FROM below b
		WHERE f.organization = core.this_organization() AND f.id = b.id
		AND f.ended_at IS NULL
		RETURNING f.id
	), event AS (
		SELECT gate.audit('token', e.id::text,
		    jsonb_build_object('ended', p_reason)) FROM ended e
	)
	SELECT count(*)::int4 FROM event
$$;

-- Ends families: one, or those of integrations.
CREATE FUNCTION gate.family_end(p_id uuid, p_integrations uuid[], p_reason text)
RETURNS int4 LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id	uuid;
	v_n	int4 := 0;
BEGIN
	PERFORM gate.require_unit('{write}', 'call');
	FOR v_id IN
		UPDATE token.family f SET ended_at = now(),
		    ended_reason = p_reason, updated_at = now()
		WHERE f.organization = core.this_organization()
		AND f.ended_at IS NULL
		AND (f.id = p_id OR f.integration = ANY (p_integrations))
		RETURNING f.id
	LOOP
		PERFORM gate.audit('token', v_id::text,
		    jsonb_build_object('ended', p_reason));
		PERFORM gate.end_children(v_id, p_reason);
		v_n := v_n + 1;
	END LOOP;
	RETURN v_n;
END
$$;

-- Ends all families of an account that is about to be deleted.  A narrowed
-- token cannot delete what it may not see.
CREATE FUNCTION gate.account_end(p_account uuid) RETURNS int4
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_all	uuid[];
	v_free	boolean;
BEGIN
	SELECT array_agg(i.id), coalesce(bool_and(
	    core.resources_allow_category(core.this_resources(), i.category)), true)
	INTO v_all, v_free
	FROM core.integration i
	WHERE i.organization = core.this_organization() AND i.account = p_account;
	IF NOT v_free THEN
		PERFORM lib.fail(403, 'restricted_token',
		    'The account has integrations that this token may not delete',
		    'accountId', 'path', 'The token is narrowed to some categories.',
		    'Use a token that is not narrowed.');
	END IF;
	RETURN gate.family_end(NULL, v_all, 'account was deleted');
END
$$;

-- What only grantctl may do with organizations: all of them are seen here.

CREATE FUNCTION gate.require_control() RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF core.this_kind() IS DISTINCT FROM 'control' THEN
		RAISE EXCEPTION 'only the control socket sees all organizations'
		    USING ERRCODE = '42501';
	END IF;
END
$$;

-- Names the organization that is worked on.  Null: there is none.
CREATE FUNCTION gate.control_organization(p_name text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id	uuid;
BEGIN
	PERFORM gate.require_control();
	SELECT o.id INTO v_id FROM core.organization o
	WHERE o.id = lib.to_uuid(p_name) OR o.name = lower(p_name)
	ORDER BY o.id = lib.to_uuid(p_name) DESC NULLS LAST LIMIT 1;
	PERFORM set_config('grantd.organization', coalesce(v_id::text, ''), true);
	RETURN v_id;
END
$$;

-- Makes one and works on it from then on.  Null: the name is taken.
CREATE FUNCTION gate.control_create(p_id uuid, p_name text, p_fullname text)
RETURNS core.organization LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v	core.organization;
BEGIN
	PERFORM gate.require_control();
	INSERT INTO core.organization (id, name, fullname)
	VALUES (p_id, p_name, p_fullname)
	ON CONFLICT (name) DO NOTHING RETURNING * INTO v;
	PERFORM set_config('grantd.organization', coalesce(v.id::text, ''), true);
	RETURN v;
END
$$;

CREATE FUNCTION gate.control_organizations() RETURNS SETOF core.organization
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_control();
	RETURN QUERY SELECT * FROM core.organization;
END
$$;
