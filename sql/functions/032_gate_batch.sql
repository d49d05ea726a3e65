-- Many mints at once: one statement plans what waits, one stores what was
-- signed.  Each element passes the same check as gate.enter; what fails is
-- data, and the others go on.  A failure is an array of texts: SQLSTATE,
-- message, detail, hint, code, parameter, location, scope.
--
-- Tables are found by their keys, however few rows they had when a session
-- made its plan.  One array is unnested, to count by, the others are read by
-- subscript: a set of rows is kept for each that is unnested.

-- What an element is refused with: the error that an operation of its own
-- would have met.  Null: what refuses alone is not found.
CREATE FUNCTION gate.failure(p_code text, p_needs text, p_expiry int8,
    p_args jsonb)
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_state text; v_message text; v_detail text; v_hint text; v_code text;
	v_column text; v_table text; v_type text;
BEGIN
	CASE p_code
	WHEN 'account_not_found' THEN
		PERFORM api.fail_missing('account', 'accountId');
	WHEN 'integration_not_found' THEN
		PERFORM api.fail_missing('integration', 'integrationId');
	WHEN 'clock_skew' THEN
		PERFORM gate.check_expiry(p_expiry);
	WHEN 'body' THEN
		PERFORM api.token_ttl(api.body(p_args, 'token.issue'));
		RETURN NULL;
	ELSE
		PERFORM gate.refuse(p_code, p_needs);
	END CASE;
	RAISE EXCEPTION 'an element failed for no reason: %', p_code;
EXCEPTION WHEN SQLSTATE 'HT400' OR SQLSTATE 'HT404' OR SQLSTATE 'HT503'
    OR SQLSTATE 'OA401' OR SQLSTATE 'OA402' OR SQLSTATE 'OA403'
    OR SQLSTATE 'OA404' THEN
	GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE,
	    v_message = MESSAGE_TEXT, v_detail = PG_EXCEPTION_DETAIL,
	    v_hint = PG_EXCEPTION_HINT, v_code = CONSTRAINT_NAME,
	    v_column = COLUMN_NAME, v_table = TABLE_NAME,
	    v_type = PG_DATATYPE_NAME;
	RETURN ARRAY[v_state, v_message, v_detail, v_hint, v_code, v_column,
	    v_table, v_type];
END
$$;

-- The refusal of a credential that is no access token.
CREATE FUNCTION gate.other_refusal(p_hash bytea, p_kind int4, p_family uuid,
    p_operation text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN coalesce((SELECT k.refusal FROM gate.other(p_hash,
	    coalesce(p_kind, 0), p_family, p_operation) k
	    WHERE coalesce(p_kind, 0) <= 3), 'wrong_token_kind');
END
$$;

-- What a plan makes of an element that needs a second look: it was refused,
-- has a body, or shows that a refreshed pair is in use.  Null: nothing.
CREATE FUNCTION gate.token_issue_failure(p_wrong text, p_needs text,
    p_args jsonb, p_family uuid, p_organization uuid, p_actor uuid,
    p_generation int4, p_refreshed_at timestamptz)
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	v_failure	text[];
BEGIN
	IF p_wrong IS NULL THEN
		v_failure := gate.failure('body', NULL, NULL, p_args);
	END IF;
	IF p_wrong IS NULL AND v_failure IS NULL AND p_family IS NULL THEN
		p_wrong := 'integration_not_found';
	END IF;
	IF p_wrong IS NOT NULL THEN
		RETURN gate.failure(p_wrong, p_needs, NULL, NULL);
	END IF;
	IF v_failure IS NULL AND p_refreshed_at IS NOT NULL THEN
		PERFORM gate.note_successor(p_organization, p_actor, p_generation,
		    p_refreshed_at);
	END IF;
	RETURN v_failure;
END
$$;

-- The integration that an element is about and its family's id: by names, or
-- through a token that is narrowed to some resources.  Null: no such account;
-- empty: no such integration.
CREATE FUNCTION gate.token_issue_target(p_organization uuid, p_resources jsonb,
    p_account text, p_integration text)
RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_account	uuid;
BEGIN
	v_account := coalesce((
	    SELECT a.id FROM core.account a
	    WHERE a.organization = p_organization
	    AND a.id = lib.to_uuid(p_account)
	    AND (p_resources IS NULL OR core.resources_allow_account(
		p_resources, a.id, a.labels, a.environment))), (
	    SELECT a.id FROM core.account a
	    WHERE a.organization = p_organization AND a.name = lower(p_account)
	    AND (p_resources IS NULL OR core.resources_allow_account(
		p_resources, a.id, a.labels, a.environment))));
	IF v_account IS NULL THEN
		RETURN NULL;
	END IF;
	RETURN coalesce((
	    SELECT ARRAY[i.id, i.refresh_token] FROM core.integration i
	    WHERE i.organization = p_organization AND i.account = v_account
	    AND i.id = lib.to_uuid(p_integration)
	    AND (p_resources IS NULL OR core.resources_allow_category(
		p_resources, i.category))), (
	    SELECT ARRAY[i.id, i.refresh_token] FROM core.integration i
	    WHERE i.organization = p_organization AND i.account = v_account
	    AND i.name = lower(p_integration)
	    AND (p_resources IS NULL OR core.resources_allow_category(
		p_resources, i.category))), '{}');
END
$$;

-- Access tokens of integrations: what the signer is to make of each, or why
-- not.  Account and integration are found among those that the policies of
-- the two tables show to the token; by ids and at once where it shows all.
-- Each credential is looked up once; columns and tables are few, since each
-- costs at every step, and before the first element.
CREATE FUNCTION gate.token_issue_plan(p_cred_hash bytea[], p_cred_kind int4[],
    p_hint_expiry int8[], p_hint_family uuid[], p_args jsonb[])
RETURNS TABLE (kind int4, audience int4, refresh int4, ttl int4,
    organization uuid, family uuid, generation int4, subject text,
    client_id text, scope text, seed_key int4, seed bytea, carry text,
    sqlstate text, message text, detail text, hint text, code text,
    parameter text, location text, needs text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH asked AS MATERIALIZED (
		SELECT u.n, p_cred_hash[u.n] AS cred_hash, u.cred_kind,
		    p_hint_family[u.n] AS hint_family, p_args[u.n] AS args,
		    gate.slot(p_hint_expiry[u.n]) AS slot,
		    lib.to_uuid(p_args[u.n] #>> '{path,accountId}') AS account,
		    lib.to_uuid(p_args[u.n] #>> '{path,integrationId}')
			AS integration
		FROM unnest(p_cred_kind) WITH ORDINALITY AS u(cred_kind, n)
	), who AS MATERIALIZED (
		SELECT h.hash, h.slot, CASE WHEN c.refusal IS NULL
			AND c.client IS NOT NULL THEN 'wrong_token_kind'
			ELSE c.refusal END AS refusal,
		    c.organization, c.family, c.generation, c.resources, c.needs,
		    CASE WHEN c.newest THEN c.refreshed_at END AS refreshed_at
		FROM (SELECT DISTINCT u.cred_hash AS hash, u.slot
		    FROM asked u WHERE u.cred_kind = 1) h
		CROSS JOIN LATERAL gate.access(h.hash, h.slot, 'token.issue') c
	)
	SELECT CASE WHEN k.e IS NULL THEN 2 END, 2, 0,
	    CASE WHEN k.e IS NULL THEN coalesce(
		lib.duration(k.args #>> '{body,token_ttl}')::int4, 600) END,
	    k.organization, k.family, 0, k.integration::text,
	    'grantd-connectors', array_to_string(k.scopes, ' '), NULL::int4,
	    NULL::bytea, '{"integration":"' || k.integration || CASE
		WHEN k.args #> '{body,name}' <> 'null' THEN '","detail":{"name":'
		    || (k.args #> '{body,name}')::text || '}}'
		ELSE '"}' END,
	    k.e[1], k.e[2], k.e[3], k.e[4], k.e[5], k.e[6], k.e[7], k.e[8]
	FROM (
		SELECT p.n, p.args, p.organization, p.found[1] AS integration,
		    f.id AS family, f.scopes,
		    CASE WHEN p.refused IS NOT NULL OR f.id IS NULL
			OR p.refreshed_at IS NOT NULL
			OR nullif(nullif(p.args -> 'body', 'null'), '{}')
			    IS NOT NULL
			THEN gate.token_issue_failure(coalesce(p.refused,
			    CASE WHEN p.found IS NULL THEN 'account_not_found'
			    WHEN p.found = '{}' THEN 'integration_not_found'
			    END), p.needs, p.args, f.id, p.organization, p.actor,
			    p.generation, p.refreshed_at) END AS e
		FROM (
			SELECT u.n, u.args, c.organization, c.needs,
			    c.family AS actor, c.generation, c.refreshed_at,
			    CASE
			    WHEN u.cred_kind IS DISTINCT FROM 1 THEN
				gate.other_refusal(u.cred_hash, u.cred_kind,
				    u.hint_family, 'token.issue')
			    WHEN c.slot IS NULL THEN 'invalid_token'
			    ELSE c.refusal END AS refused,
			    CASE
			    WHEN i.id IS NOT NULL THEN ARRAY[i.id, i.refresh_token]
			    WHEN c.organization IS NOT NULL THEN
				gate.token_issue_target(c.organization,
				    c.resources, u.args #>> '{path,accountId}',
				    u.args #>> '{path,integrationId}')
			    END AS found
			FROM asked u
			LEFT JOIN who c ON c.slot = u.slot
			    AND c.hash = u.cred_hash AND u.cred_kind = 1
			LEFT JOIN core.integration i ON c.resources IS NULL
			    AND i.organization = c.organization
			    AND i.id = u.integration AND i.account = u.account
			OFFSET 0
		) p
		LEFT JOIN token.family f ON f.id = p.found[2]
		    AND f.organization = p.organization
		    AND f.ended_at IS NULL AND f.client IS NULL
		OFFSET 0
	) k ORDER BY k.n;
END
$$;

-- Stores them, with their audit.
CREATE FUNCTION gate.token_issue_batch(p_cred_hash bytea[], p_cred_kind int4[],
    p_hint_expiry int8[], p_request uuid[], p_peer text[], p_carry jsonb[],
    p_jti uuid[], p_access_hash bytea[], p_exp int8[])
RETURNS TABLE (status int4, body text, sqlstate text, message text,
    detail text, hint text, code text, parameter text, location text,
    scope text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off
SET lock_timeout = '2s' AS $$
#variable_conflict use_column
DECLARE
	v_slots	int8range := gate.slots_now();
BEGIN
	RETURN QUERY
	WITH asked AS MATERIALIZED (
		SELECT u.n, p_cred_hash[u.n] AS cred_hash, u.cred_kind,
		    p_request[u.n] AS request, p_peer[u.n] AS peer,
		    p_carry[u.n] AS carry, p_jti[u.n] AS jti,
		    p_access_hash[u.n] AS access_hash, p_exp[u.n] AS exp,
		    gate.slot(p_hint_expiry[u.n]) AS slot
		FROM unnest(p_cred_kind) WITH ORDINALITY AS u(cred_kind, n)
	), who AS MATERIALIZED (
		SELECT h.hash, h.slot, CASE WHEN c.refusal IS NULL
			AND c.client IS NOT NULL THEN 'wrong_token_kind'
			ELSE c.refusal END AS refusal,
		    c.kind, c.organization, c.family, c.resources, c.needs
		FROM (SELECT DISTINCT u.cred_hash AS hash, u.slot
		    FROM asked u WHERE u.cred_kind = 1) h
		CROSS JOIN LATERAL gate.access(h.hash, h.slot, 'token.issue') c
	), checked AS MATERIALIZED (
		SELECT u.n, u.request, u.peer, u.carry, u.jti, u.access_hash, u.exp,
		    c.kind, c.organization, c.family AS actor, c.needs,
		    i.id AS integration, i.account, i.family, i.epoch,
		    lib.rfc3339(to_timestamp(u.exp)) AS expires,
		    CASE
		    WHEN u.cred_kind IS DISTINCT FROM 1 THEN
			gate.other_refusal(u.cred_hash, u.cred_kind, NULL,
			    'token.issue')
		    WHEN c.slot IS NULL THEN 'invalid_token'
		    WHEN c.refusal IS NOT NULL THEN c.refusal
		    WHEN i.id IS NULL THEN 'integration_not_found'
		    WHEN c.resources IS NOT NULL AND (
			core.resources_allow_category(c.resources, i.category)
			AND (SELECT core.resources_allow_account(c.resources,
			    a.id, a.labels, a.environment) FROM core.account a
			    WHERE a.organization = c.organization
			    AND a.id = i.account)) IS NOT TRUE
			THEN 'integration_not_found'
		    WHEN NOT u.exp <@ v_slots THEN 'clock_skew'
		    END AS wrong
		FROM asked u
		LEFT JOIN who c ON c.slot = u.slot AND c.hash = u.cred_hash
		    AND u.cred_kind = 1
		LEFT JOIN LATERAL (
			SELECT i.id, i.account, i.category, f.id AS family, f.epoch
			FROM core.integration i
			JOIN token.family f ON f.organization = i.organization
			    AND f.id = i.refresh_token AND f.ended_at IS NULL
			WHERE i.organization = c.organization
			AND i.id = (u.carry ->> 'integration')::uuid
			OFFSET 0
		) i ON true
	), stored AS (
		INSERT INTO token.access_token (slot, hash, expires_at,
		    organization, family, epoch, generation, jti)
		SELECT token.slot(k.exp), k.access_hash, to_timestamp(k.exp),
		    k.organization, k.family, k.epoch, NULL, k.jti
		FROM checked k WHERE k.wrong IS NULL
	), audited AS (
		INSERT INTO audit.event (organization, actor_kind, actor, family,
		    peer, request_id, operation, target_kind, target, outcome,
		    status, detail)
		SELECT k.organization, k.kind, k.organization, k.actor,
		    nullif(k.peer, ''), k.request, 'token.issue', 'token',
		    k.family::text, 'success', 200, CASE
			WHEN k.carry -> 'detail' IS NULL
			THEN jsonb_build_object('jti', k.jti, 'integration',
			    k.integration, 'expires', k.expires)
			ELSE jsonb_build_object('jti', k.jti, 'integration',
			    k.integration, 'expires', k.expires)
			    || (k.carry -> 'detail') END
		FROM checked k WHERE k.wrong IS NULL
	)
	SELECT coalesce(right(k.e[1], 3)::int4, 200), k.body,
	    k.e[1], k.e[2], k.e[3], k.e[4], k.e[5], k.e[6], k.e[7], k.e[8]
	FROM (SELECT c.n, CASE WHEN c.wrong IS NULL THEN
		gate.token_text(c.expires, c.organization, c.integration,
		    c.account, c.family) END AS body,
	    CASE WHEN c.wrong IS NOT NULL THEN
		gate.failure(c.wrong, c.needs, c.exp, NULL) END AS e
	    FROM checked c OFFSET 0) k
	ORDER BY k.n;
END
$$;

-- The answer with one token of an integration, as gate.token_json would have
-- it; but this is written thousands of times a second.
CREATE FUNCTION gate.token_text(p_expires text, p_organization uuid,
    p_integration uuid, p_account uuid, p_family uuid)
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT '{"result": {"secret": "\u00010", "expires": "' || p_expires
	    || '", "permissions": {"id": "' || p_family::text
	    || '", "resource_id": "' || p_integration::text
	    || '", "resource_type": "integration", "parent_id": "' || p_account::text
	    || '", "organization_id": "' || p_organization::text
	    || '", "root_organization_id": "' || p_organization::text
	    || '", "member_id": "", "role_binding": []}}}'
$$;

-- One Token of the API.
CREATE FUNCTION gate.token_json(p_secret text, p_expires timestamptz,
    p_organization uuid, p_integration uuid, p_account uuid, p_family uuid,
    p_permission_set text, p_resources jsonb)
RETURNS json LANGUAGE sql STABLE AS $$
	SELECT json_build_object('secret', p_secret,
	    'expires', lib.rfc3339(p_expires),
	    'permissions', CASE WHEN p_resources IS NULL
	    THEN json_build_object('id', p_family,
		'resource_id', coalesce(p_integration, p_organization),
		'resource_type', CASE WHEN p_integration IS NULL
		    THEN 'organization' ELSE 'integration' END,
		'parent_id', coalesce(p_account, p_organization),
		'organization_id', p_organization,
		'root_organization_id', p_organization, 'member_id', '',
		'role_binding', array_remove(ARRAY[p_permission_set], NULL))
	    ELSE json_build_object('id', p_family,
		'resource_id', p_organization, 'resource_type', 'organization',
		'parent_id', p_organization, 'organization_id', p_organization,
		'root_organization_id', p_organization, 'member_id', '',
		'role_binding', array_remove(ARRAY[p_permission_set], NULL),
		'adhoc_role', json_build_object('resources', p_resources -> -1,
		    'permission_set', p_permission_set)) END)
$$;
