-- The gate: one place that says whose a credential is and what it may do.

-- The check.  Exactly one row: what was found, and the code of the refusal,
-- null if there is none.  Inlined where it is used (gate.enter for one,
-- gate.token_issue_batch and gate.refusals for many), so it must stay one
-- plain query.  p_slot is that of the expiry which the credential claims; a
-- wrong claim finds nothing.
CREATE FUNCTION gate.credential(p_hash bytea, p_kind int4, p_slot int4,
    p_family uuid, p_operation text)
RETURNS TABLE (
	refusal text, kind text, organization uuid, family uuid,
	integration uuid, account uuid, epoch int4, generation int4,
	primary_generation int4, refreshed_at timestamptz, scopes text[],
	resources jsonb, class text, timeout_ms int4, needs text)
LANGUAGE sql STABLE AS $$
	SELECT
	    CASE
	    WHEN op.name IS NULL THEN 'unknown_operation'
	    WHEN p_kind = 3 THEN
		CASE WHEN NOT 'control' = ANY (op.kinds) THEN 'wrong_token_kind' END
	    WHEN p_kind NOT IN (1, 2) THEN 'missing_token'
	    WHEN c.family IS NULL OR f.id IS NULL THEN 'invalid_token'
	    WHEN f.ended_at IS NOT NULL OR c.epoch <> f.epoch
		OR (c.generation <> f.generation
		    AND c.generation IS DISTINCT FROM f.secondary_generation)
		OR (f.integration IS NOT NULL AND i.id IS NULL)
		THEN 'token_revoked'
	    WHEN c.expires_at <= now() THEN 'token_expired'
	    WHEN o.status <> 'active' THEN 'organization_disabled'
	    WHEN NOT CASE WHEN p_kind = 2 THEN 'refresh' ELSE f.kind END
		= ANY (op.kinds) THEN 'wrong_token_kind'
	    WHEN p_kind = 1 AND op.scope IS NOT NULL
		AND NOT op.scope = ANY (coalesce(s.scopes, f.scopes))
		THEN 'insufficient_scope'
	    END,
	    CASE p_kind WHEN 3 THEN 'control' WHEN 2 THEN 'refresh'
		WHEN 1 THEN f.kind END,
	    f.organization, f.id, f.integration, f.account, f.epoch,
	    c.generation, f.generation, f.refreshed_at,
	    coalesce(s.scopes, f.scopes), f.resources, op.class,
	    op.timeout_ms, op.scope
	FROM (SELECT) AS one
	LEFT JOIN gate.operation op ON op.name = p_operation
	LEFT JOIN (
		SELECT t.organization, t.family, t.epoch, t.generation, t.expires_at
		FROM token.access_token t
		WHERE p_kind = 1 AND t.slot = p_slot AND t.hash = p_hash
		UNION ALL
		SELECT r.organization, r.id, r.epoch,
		    CASE WHEN r.refresh_hash = p_hash THEN r.generation
			ELSE r.secondary_generation END,
		    CASE WHEN r.refresh_hash = p_hash THEN r.expires_at
			ELSE r.secondary_expires_at END
		FROM token.family r
		WHERE p_kind = 2 AND r.id = p_family
		AND (r.refresh_hash = p_hash OR r.secondary_refresh_hash = p_hash)
	) c ON true
	LEFT JOIN token.family f
	    ON f.organization = c.organization AND f.id = c.family
	LEFT JOIN core.organization o ON o.id = f.organization
	LEFT JOIN core.permission_set s ON s.name = f.permission_set
	LEFT JOIN core.integration i
	    ON i.organization = f.organization AND i.id = f.integration
$$;

CREATE FUNCTION gate.slot(p_hint int8) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT token.slot(p_hint)
$$;

-- Raises the refusal of a code.
CREATE FUNCTION gate.refuse(p_code text, p_scope text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
	r	gate.refusal;
BEGIN
	SELECT * INTO STRICT r FROM gate.refusal WHERE code = p_code;
	RAISE EXCEPTION USING ERRCODE = 'OA' || r.status, MESSAGE = r.message,
	    DETAIL = r.detail, HINT = r.remediation, CONSTRAINT = r.code,
	    COLUMN = CASE r.status WHEN 401 THEN 'authorization' ELSE '' END,
	    TABLE = CASE r.status WHEN 401 THEN 'header' ELSE '' END,
	    DATATYPE = CASE p_code WHEN 'insufficient_scope'
		THEN coalesce(p_scope, '') ELSE '' END;
END
$$;

-- The way in.  First statement of every unit; what it sets lasts to the Sync.
-- Every setting is set each time, so that nothing of a former unit is left.
CREATE FUNCTION gate.enter(p_hash bytea, p_kind int4, p_hint_expiry int8,
    p_hint_family uuid, p_operation text, p_phase text, p_request uuid,
    p_timeout_ms int4, p_peer text, p_method text, p_path text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	c	record;
	v_set	text;
	v_limit	int4;
BEGIN
	SELECT * INTO c FROM gate.credential(p_hash, p_kind,
	    gate.slot(p_hint_expiry), p_hint_family, p_operation);
	IF c.refusal IS NOT NULL THEN
		PERFORM gate.refuse(c.refusal, c.needs);
	END IF;
	IF c.refreshed_at IS NOT NULL
	    AND c.generation = c.primary_generation THEN
		PERFORM gate.note_successor(c.organization, c.family,
		    c.generation, c.refreshed_at);
	END IF;
	v_limit := CASE WHEN p_timeout_ms > 0
	    THEN least(p_timeout_ms, c.timeout_ms) ELSE c.timeout_ms END;
	v_set := set_config('grantd.organization', coalesce(c.organization::text, ''), true)
	    || set_config('grantd.account', coalesce(c.account::text, ''), true)
	    || set_config('grantd.integration', coalesce(c.integration::text, ''), true)
	    || set_config('grantd.family', coalesce(c.family::text, ''), true)
	    || set_config('grantd.kind', c.kind, true)
	    || set_config('grantd.epoch', coalesce(c.epoch::text, ''), true)
	    || set_config('grantd.generation', coalesce(c.generation::text, ''), true)
	    || set_config('grantd.scopes', coalesce(c.scopes::text, ''), true)
	    || set_config('grantd.resources', coalesce(c.resources::text, ''), true)
	    || set_config('grantd.operation', p_operation, true)
	    || set_config('grantd.class', c.class, true)
	    || set_config('grantd.phase', p_phase, true)
	    || set_config('grantd.request', coalesce(p_request::text, ''), true)
	    || set_config('grantd.peer', coalesce(p_peer, ''), true)
	    || set_config('grantd.method', coalesce(p_method, ''), true)
	    || set_config('grantd.path', coalesce(p_path, ''), true)
	    || set_config('timezone', 'UTC', true)
	    || set_config('lock_timeout', '2000', true)
	    || set_config('statement_timeout', v_limit::text, true)
	    || CASE WHEN c.class = 'read' OR p_phase = 'plan'
		THEN set_config('transaction_read_only', 'on', true) ELSE '' END;
END
$$;

-- Remembers that the pair which a refresh made is in use: from then on the
-- former secret does not get it a second time.  After the grace nobody asks.
CREATE FUNCTION gate.note_successor(p_organization uuid, p_family uuid,
    p_generation int4, p_refreshed_at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF p_refreshed_at > now() - gate.refresh_grace() AND NOT EXISTS (
	    SELECT FROM token.successor_use u
	    WHERE u.organization = p_organization AND u.family = p_family
	    AND u.generation = p_generation) THEN
		INSERT INTO token.successor_use (organization, family, generation)
		VALUES (p_organization, p_family, p_generation);
	END IF;
END
$$;

-- Configuration that the broker's connections carry, with its defaults.
CREATE FUNCTION gate.refresh_grace() RETURNS interval
LANGUAGE sql STABLE AS $$
	SELECT make_interval(secs => coalesce(nullif(
	    current_setting('grantd.refresh_grace', true), '')::int4, 600))
$$;

CREATE FUNCTION gate.refresh_lifetime() RETURNS interval
LANGUAGE sql STABLE AS $$
	SELECT make_interval(secs => coalesce(nullif(
	    current_setting('grantd.refresh_lifetime', true), '')::int4,
	    90 * 86400))
$$;

CREATE FUNCTION gate.access_lifetime() RETURNS int4
LANGUAGE sql STABLE AS $$
	SELECT least(86400, coalesce(nullif(
	    current_setting('grantd.access_lifetime', true), '')::int4, 86400))
$$;

-- Records what the present unit did.  Context and actor are the gate's own;
-- the caller only says to what, and adds detail.
CREATE FUNCTION gate.audit(p_target_kind text, p_target text,
    p_detail jsonb DEFAULT NULL, p_status int4 DEFAULT 200)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO audit.event (organization, actor_kind, actor, family, peer,
	    request_id, operation, target_kind, target, outcome, status, detail)
	VALUES (core.this_organization(),
	    coalesce(core.this_kind(), 'none'),
	    coalesce(core.this_integration(), core.this_organization()),
	    core.this_family(),
	    nullif(current_setting('grantd.peer', true), ''),
	    nullif(current_setting('grantd.request', true), '')::uuid,
	    coalesce(nullif(current_setting('grantd.operation', true), ''), 'none'),
	    p_target_kind, p_target, 'success', p_status, p_detail);
END
$$;

-- Records refusals, many at once.  A credential that belongs to a family
-- leaves an event; one that nobody knows is counted by address and minute.
CREATE FUNCTION gate.refusals(p_hash bytea[], p_kind int4[], p_hint_expiry int8[],
    p_hint_family uuid[], p_operation text[], p_request uuid[], p_peer text[],
    p_method text[], p_path text[], p_status int4[], p_code text[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
	WITH refused AS MATERIALIZED (
		SELECT u.n, u.operation, u.request, u.peer, u.method, u.path,
		    u.status, u.code, c.kind, c.organization, c.family,
		    c.integration
		FROM unnest(p_hash, p_kind, p_hint_expiry, p_hint_family,
		    p_operation, p_request, p_peer, p_method, p_path, p_status,
		    p_code) WITH ORDINALITY AS u(hash, kind, hint_expiry,
		    hint_family, operation, request, peer, method, path, status,
		    code, n)
		CROSS JOIN LATERAL gate.credential(u.hash, u.kind,
		    gate.slot(u.hint_expiry), u.hint_family, u.operation) c
	), counted AS (
		INSERT INTO audit.unknown_credential (minute, peer, code, count)
		SELECT date_trunc('minute', now()), lib.peer_net(r.peer),
		    coalesce(r.code, ''), count(*)
		FROM refused r WHERE r.kind IS NULL
		GROUP BY 2, 3 ORDER BY 2, 3
		ON CONFLICT (minute, peer, code) DO UPDATE
		    SET count = unknown_credential.count + excluded.count
	)
	INSERT INTO audit.event (organization, actor_kind, actor, family, peer,
	    request_id, operation, outcome, status, code, detail)
	SELECT r.organization, r.kind, coalesce(r.integration, r.organization),
	    r.family, nullif(r.peer, ''), r.request, left(r.operation, 63),
	    'refused', r.status, nullif(r.code, ''),
	    jsonb_build_object('method', left(r.method, 15),
		'path', left(r.path, 1023))
	FROM refused r WHERE r.kind IS NOT NULL
	ORDER BY r.n;
END
$$;

CREATE FUNCTION gate.version() RETURNS int4
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT max(version) FROM core.schema_version
$$;

CREATE FUNCTION gate.publish_key(p_kid text, p_alg text, p_jwk text, p_mac bytea)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO core.signing_key (kid, alg, jwk, mac)
	VALUES (p_kid, p_alg, p_jwk, p_mac)
	ON CONFLICT (kid) DO UPDATE SET alg = excluded.alg, jwk = excluded.jwk,
	    mac = excluded.mac, published_at = now()
$$;

CREATE FUNCTION gate.signing_keys()
RETURNS TABLE (kid text, alg text, jwk text, mac bytea)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT kid, alg, jwk, mac FROM core.signing_key ORDER BY created_at, kid
$$;
