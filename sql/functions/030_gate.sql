-- The gate: one place that says whose a credential is and what it may do.

-- The check.  Exactly one row: what was found, and the code of the refusal,
-- null if there is none.  Inlined where it is used (gate.enter for one,
-- gate.token_issue_batch and gate.refusals for many), so it must stay plain
-- queries; and it runs for each request, so each table and each expression in
-- it is counted.

-- Of an access token.  p_slot is that of the expiry which the token claims; a
-- wrong claim finds nothing.  Of one that a client holds it says only what the
-- family knows: gate.enter_bearer looks at the rest.
CREATE FUNCTION gate.access(p_hash bytea, p_slot int4, p_operation text)
RETURNS TABLE (
	refusal text, kind text, organization uuid, family uuid,
	integration uuid, account uuid, epoch int4, generation int4,
	newest boolean, refreshed_at timestamptz, resources jsonb, class text,
	timeout_ms int4, needs text, person uuid, client text, elsewhere boolean,
	scopes text[], client_epoch int4, connection uuid)
LANGUAGE sql STABLE AS $$
	SELECT
	    CASE
	    WHEN op.name IS NULL THEN 'unknown_operation'
	    WHEN f.id IS NULL THEN 'invalid_token'
	    WHEN f.ended_at IS NOT NULL OR t.epoch <> f.epoch
		OR (t.generation <> f.generation
		    AND t.generation IS DISTINCT FROM f.secondary_generation)
		OR t.revoked_at IS NOT NULL
		THEN 'token_revoked'
	    WHEN t.expires_at <= now() THEN 'token_expired'
	    WHEN f.organization_status <> 'active' THEN CASE
		WHEN f.client IS NULL THEN 'organization_disabled'
		ELSE 'token_revoked' END
	    WHEN NOT f.kind = ANY (op.kinds) THEN 'wrong_token_kind'
	    WHEN f.client IS NULL AND NOT op.scope = ANY (f.scopes)
		THEN 'insufficient_scope'
	    END,
	    f.kind, f.organization, f.id, f.integration, f.account, f.epoch,
	    t.generation, t.generation = f.generation, f.refreshed_at,
	    nullif(f.resources, '[{}]'), op.class, op.timeout_ms, op.scope,
	    f.person, f.client, coalesce(t.audience, f.audience) & op.door = 0,
	    coalesce(t.scopes, f.scopes), f.client_epoch, f.connection
	FROM (SELECT) AS one
	LEFT JOIN gate.operation op ON op.name = p_operation
	LEFT JOIN token.access_token t ON t.slot = p_slot AND t.hash = p_hash
	LEFT JOIN token.family f ON f.id = t.family
$$;

-- Of anything else: a refresh secret, the control socket, or nothing.  kind is
-- null unless the credential was proven.
CREATE FUNCTION gate.other(p_hash bytea, p_kind int4, p_family uuid,
    p_operation text)
RETURNS TABLE (
	refusal text, kind text, organization uuid, family uuid,
	integration uuid, account uuid, epoch int4, generation int4,
	newest boolean, refreshed_at timestamptz, resources jsonb, class text,
	timeout_ms int4, needs text, person uuid, client text, elsewhere boolean,
	scopes text[], client_epoch int4, connection uuid)
LANGUAGE sql STABLE AS $$
	SELECT
	    CASE
	    WHEN op.name IS NULL THEN 'unknown_operation'
	    WHEN p_kind = 3 THEN
		CASE WHEN NOT 'control' = ANY (op.kinds) THEN 'wrong_token_kind' END
	    WHEN p_kind = 0 AND 'none' = ANY (op.kinds) THEN NULL
	    WHEN p_kind <> 2 THEN 'missing_token'
	    WHEN f.id IS NULL THEN 'invalid_token'
	    WHEN f.ended_at IS NOT NULL THEN 'token_revoked'
	    WHEN CASE WHEN f.refresh_hash = p_hash THEN f.expires_at
		ELSE f.secondary_expires_at END <= now() THEN 'token_expired'
	    WHEN f.organization_status <> 'active' THEN 'organization_disabled'
	    WHEN NOT 'refresh' = ANY (op.kinds) THEN 'wrong_token_kind'
	    END,
	    CASE WHEN p_kind = 3 THEN 'control'
		WHEN p_kind = 0 AND 'none' = ANY (op.kinds) THEN 'none'
		WHEN f.id IS NOT NULL THEN 'refresh' END,
	    f.organization, f.id, f.integration, f.account, f.epoch,
	    CASE WHEN f.refresh_hash = p_hash THEN f.generation
		ELSE f.secondary_generation END,
	    f.refresh_hash = p_hash, f.refreshed_at,
	    nullif(f.resources, '[{}]'), op.class, op.timeout_ms, op.scope,
	    f.person, f.client, NULL::boolean, NULL::text[], NULL::int4, NULL::uuid
	FROM (SELECT) AS one
	LEFT JOIN gate.operation op ON op.name = p_operation
	LEFT JOIN token.family f ON p_kind = 2 AND f.id = p_family
	    AND f.client IS NULL AND (f.refresh_hash = p_hash OR f.secondary_refresh_hash = p_hash)
$$;

-- Of any.
CREATE FUNCTION gate.credential(p_hash bytea, p_kind int4, p_slot int4,
    p_family uuid, p_operation text)
RETURNS TABLE (
	refusal text, kind text, organization uuid, family uuid,
	integration uuid, account uuid, epoch int4, generation int4,
	newest boolean, refreshed_at timestamptz, resources jsonb, class text,
	timeout_ms int4, needs text, person uuid, client text, elsewhere boolean,
	scopes text[], client_epoch int4, connection uuid)
LANGUAGE sql STABLE AS $$
	SELECT * FROM gate.access(p_hash, p_slot, p_operation)
	WHERE p_kind = 1
	UNION ALL
	SELECT * FROM gate.other(p_hash, p_kind, p_family, p_operation)
	WHERE p_kind <> 1
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
-- Every setting is set each time (or is as it must be), so that nothing of a
-- former unit is left.
-- Few expressions: each is prepared anew in each transaction.
CREATE FUNCTION gate.enter(p_hash bytea, p_kind int4, p_hint_expiry int8,
    p_hint_family uuid, p_operation text, p_phase text, p_request uuid,
    p_timeout_ms int4, p_peer text, p_method text, p_path text,
    p_client text, p_csrf_want bytea, p_csrf_given bytea, p_secret bytea,
    p_secret_expiry int8, p_secret_family uuid, p_assertion text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_refusal text; v_needs text; v_kind text; v_organization uuid;
	v_integration uuid; v_family uuid; v_generation int4; v_newest boolean;
	v_refreshed timestamptz; v_resources jsonb; v_class text;
	v_timeout int4; v_unit text; v_set text; v_client text; v_person uuid;
	v_elsewhere boolean; v_scopes text[]; v_epoch int4; v_connection uuid;
BEGIN
	IF p_kind BETWEEN 4 AND 8 THEN
		IF p_kind <= 5 THEN
			PERFORM gate.enter_person(p_hash, p_kind, p_operation,
			    p_phase, p_request, p_timeout_ms, p_peer, p_method,
			    p_path, p_csrf_want, p_csrf_given);
		ELSE
			PERFORM gate.enter_client(p_hash, p_kind, p_operation,
			    p_phase, p_request, p_timeout_ms, p_peer, p_method,
			    p_path, p_client, p_assertion);
		END IF;
		RETURN;
	END IF;
	IF p_kind = 1 THEN
		SELECT k.refusal, k.needs, k.kind, k.organization, k.integration,
		    k.family, k.generation, k.newest, k.refreshed_at, k.resources,
		    k.class, k.timeout_ms, ROW(k.account, k.family, k.epoch,
			k.generation, p_operation, k.class, p_phase, p_request,
			p_peer, p_method, p_path, NULL, NULL, NULL,
			NULL)::text, k.client, k.person, k.elsewhere, k.scopes,
		    k.client_epoch, k.connection
		INTO v_refusal, v_needs, v_kind, v_organization, v_integration,
		    v_family, v_generation, v_newest, v_refreshed, v_resources,
		    v_class, v_timeout, v_unit, v_client, v_person, v_elsewhere,
		    v_scopes, v_epoch, v_connection
		FROM gate.access(p_hash, gate.slot(p_hint_expiry), p_operation) k;
	ELSE
		SELECT k.refusal, k.needs, k.kind, k.organization, k.integration,
		    k.family, k.generation, k.newest, k.refreshed_at, k.resources,
		    k.class, k.timeout_ms, ROW(k.account, k.family, k.epoch,
			k.generation, p_operation, k.class, p_phase, p_request,
			p_peer, p_method, p_path, NULL, NULL, NULL,
			NULL)::text
		INTO v_refusal, v_needs, v_kind, v_organization, v_integration,
		    v_family, v_generation, v_newest, v_refreshed, v_resources,
		    v_class, v_timeout, v_unit
		FROM gate.other(p_hash, coalesce(p_kind, 0), p_hint_family,
		    p_operation) k;
	END IF;
	IF v_refusal IS NOT NULL OR v_refreshed IS NOT NULL THEN
		IF v_refusal IS NOT NULL THEN
			PERFORM gate.refuse(v_refusal, v_needs);
		ELSIF v_newest THEN
			PERFORM gate.note_successor(v_organization, v_family,
			    v_generation, v_refreshed);
		END IF;
	END IF;
	v_set := set_config('grantd.organization', coalesce(v_organization::text, ''), true)
	    || set_config('grantd.integration', coalesce(v_integration::text, ''), true)
	    || set_config('grantd.kind', v_kind, true)
	    || set_config('grantd.resources', coalesce(v_resources::text, ''), true)
	    || set_config('grantd.person', '', true)
	    || set_config('grantd.client', '', true)
	    || set_config('grantd.unit', v_unit, true)
	    || CASE current_setting('timezone') WHEN 'UTC' THEN ''
		ELSE set_config('timezone', 'UTC', true) END
	    || set_config('lock_timeout', '2000', true)
	    || set_config('statement_timeout', least(v_timeout,
		nullif(greatest(p_timeout_ms, 0), 0))::text, true)
	    || CASE WHEN v_class = 'read' OR p_phase = 'plan'
		THEN set_config('transaction_read_only', 'on', true) ELSE '' END;
	IF v_client IS NOT NULL THEN
		v_set := gate.enter_bearer(v_kind, v_organization, v_person,
		    v_client, v_epoch, v_connection, v_scopes, v_elsewhere,
		    v_needs, v_unit::core.unit);
	END IF;
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
	    request_id, operation, target_kind, target, outcome, status, detail,
	    person, client, session)
	SELECT core.this_organization(),
	    coalesce(core.this_kind(), 'none'),
	    CASE WHEN core.this_kind() <> 'control' THEN
		coalesce(core.this_person(), core.this_integration(),
		    core.this_organization()) END,
	    u.family, nullif(u.peer, ''), u.request, coalesce(u.operation, 'none'),
	    p_target_kind, p_target, 'success', p_status, p_detail,
	    core.this_person(), core.this_client(), u.session
	FROM core.this_unit() u;
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

-- Whoever has a key says so again once in a while.  A key that nobody has any
-- more is left out when the last token that it signed has expired, at the
-- latest a day later; for as long after an upgrade all are told, since
-- brokers of former versions say it once.
CREATE FUNCTION gate.signing_keys()
RETURNS TABLE (kid text, alg text, jwk text, mac bytea, stale boolean)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT k.kid, k.alg, k.jwk, k.mac,
	    k.published_at < now() - interval '1 hour'
	FROM core.signing_key k
	WHERE k.published_at > now() - interval '25 hours'
	    OR EXISTS (SELECT FROM core.function_version v
	    WHERE v.applied_at > now() - interval '25 hours')
	ORDER BY k.created_at, k.kid
$$;
