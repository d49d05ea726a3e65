-- Many mints in one statement and one commit.  Each element passes the same
-- check as gate.enter; what fails is data, and the others go on.

CREATE FUNCTION gate.token_issue_batch(p_cred_hash bytea[], p_cred_kind int4[],
    p_hint_expiry int8[], p_request uuid[], p_peer text[], p_args jsonb[],
    p_carry jsonb[], p_jti uuid[], p_access_hash bytea[], p_iat int8[],
    p_exp int8[])
RETURNS TABLE (status int4, body text, sqlstate text, message text,
    detail text, hint text, code text, parameter text, location text,
    scope text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
	PERFORM set_config('lock_timeout', '2000', true);
	RETURN QUERY
	WITH checked AS MATERIALIZED (
		SELECT u.n, u.request, u.peer, u.carry, u.jti, u.access_hash, u.exp,
		    c.kind, c.organization, c.family AS actor_family, c.needs,
		    i.id AS integration, i.account, f.id AS family, f.epoch,
		    CASE WHEN u.cred_kind = 0 THEN 'missing_token'
		    WHEN c.refusal IS NOT NULL THEN c.refusal
		    WHEN f.id IS NULL OR NOT (c.resources IS NULL
			OR (core.resources_allow_category(c.resources, i.category)
			    AND core.resources_allow_account(c.resources, a.id,
				a.labels, a.environment)))
			THEN 'not_found'
		    WHEN NOT gate.slot_takes(u.exp) THEN 'clock_skew'
		    END AS wrong
		FROM unnest(p_cred_hash, p_cred_kind, p_hint_expiry, p_request,
		    p_peer, p_carry, p_jti, p_access_hash, p_exp) WITH ORDINALITY
		    AS u(cred_hash, cred_kind, hint_expiry, request, peer, carry,
			jti, access_hash, exp, n)
		CROSS JOIN LATERAL gate.access(
		    CASE u.cred_kind WHEN 1 THEN u.cred_hash END,
		    gate.slot(u.hint_expiry), 'token.issue') c
		LEFT JOIN core.integration i ON i.organization = c.organization
		    AND i.id = (u.carry ->> 'integration')::uuid
		LEFT JOIN core.account a ON a.organization = i.organization
		    AND a.id = i.account
		LEFT JOIN token.family f ON f.organization = i.organization
		    AND f.id = i.refresh_token AND f.ended_at IS NULL
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
		SELECT k.organization, k.kind, k.organization, k.actor_family,
		    nullif(k.peer, ''), k.request, 'token.issue', 'token',
		    k.family::text, 'success', 200, jsonb_build_object(
			'jti', k.jti, 'integration', k.integration,
			'expires', lib.rfc3339(to_timestamp(k.exp)))
		    || coalesce(k.carry -> 'detail', '{}')
		FROM checked k WHERE k.wrong IS NULL
	)
	SELECT CASE WHEN k.wrong IS NULL THEN 200
		ELSE coalesce(r.status, CASE k.wrong WHEN 'not_found' THEN 404
		    ELSE 503 END) END,
	    CASE WHEN k.wrong IS NULL THEN
		json_build_object('result', gate.token_json(chr(1) || '0',
		    to_timestamp(k.exp), k.organization, k.integration,
		    k.account, k.family, NULL, NULL))::text END,
	    CASE WHEN k.wrong IS NULL THEN NULL
	    WHEN r.code IS NOT NULL THEN 'OA' || r.status
	    WHEN k.wrong = 'not_found' THEN 'HT404' ELSE 'HT503' END,
	    CASE k.wrong WHEN 'not_found' THEN 'There is no such integration'
	    WHEN 'clock_skew' THEN
		'The clocks of this server and its database disagree'
	    ELSE r.message END,
	    r.detail, r.remediation, k.wrong,
	    CASE WHEN r.status = 401 THEN 'authorization'
	    WHEN k.wrong = 'not_found' THEN 'integrationId' END,
	    CASE WHEN r.status = 401 THEN 'header'
	    WHEN k.wrong = 'not_found' THEN 'path' END,
	    CASE k.wrong WHEN 'insufficient_scope' THEN k.needs END
	FROM checked k LEFT JOIN gate.refusal r ON r.code = k.wrong
	ORDER BY k.n;
END
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
