-- Token pairs: look, narrow, issue, refresh, rotate, reset, end.

-- By id or name, among those that still live.
CREATE FUNCTION api.token_find(p_ref text) RETURNS token.family_info
LANGUAGE plpgsql STABLE AS $$
DECLARE
	f	token.family_info;
BEGIN
	SELECT * INTO f FROM token.family_info t
	WHERE t.organization = core.this_organization()
	AND t.id = lib.to_uuid(p_ref) AND t.ended_at IS NULL;
	IF NOT FOUND THEN
		SELECT * INTO f FROM token.family_info t
		WHERE t.organization = core.this_organization()
		AND t.name = lower(p_ref) AND t.ended_at IS NULL;
	END IF;
	IF NOT FOUND THEN
		PERFORM api.fail_missing('token', 'refreshTokenId');
	END IF;
	RETURN f;
END
$$;

CREATE FUNCTION api.token_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (200, api.list_body('token', args, 'r.ended_at IS NULL'));
END
$$;

CREATE FUNCTION api.token_info(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (200, json_build_object('result', api.refresh_token_json(
	    api.token_find(args #>> '{path,refreshTokenId}'), false))::text);
END
$$;

-- Scopes that the caller lacks; a refresh secret stands for its own family.
CREATE FUNCTION api.require_scopes(p_scopes text[]) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_lack	text;
BEGIN
	IF core.this_kind() = 'session' THEN
		PERFORM api.require_own_scopes(p_scopes);
		RETURN;
	END IF;
	SELECT string_agg(s, ' ' ORDER BY s) INTO v_lack FROM unnest(p_scopes) s
	WHERE NOT s IN (SELECT unnest(f.scopes) FROM token.family_info f
	    WHERE f.organization = core.this_organization()
	    AND f.id = core.this_family());
	IF v_lack IS NOT NULL THEN
		PERFORM lib.fail(403, 'insufficient_scope',
		    'The token would have more rights than the one that makes it',
		    '', '', 'A token hands out only what it has itself.',
		    'Ask for less, or use a token with these scopes.', v_lack);
	END IF;
END
$$;

-- What the signer is to make for a family.
CREATE FUNCTION api.family_plan(f token.family_info, p_refresh int4,
    p_ttl int4, p_generation int4, p_seed_key int4, p_seed bytea, p_carry jsonb)
RETURNS api.mint_plan LANGUAGE sql STABLE AS $$
	SELECT CASE f.kind WHEN 'integration' THEN 2 ELSE 1 END,
	    CASE f.kind WHEN 'integration' THEN 2 ELSE 1 END,
	    p_refresh, p_ttl, f.organization, f.id, p_generation,
	    coalesce(f.integration, f.organization)::text,
	    CASE f.kind WHEN 'integration' THEN 'grantd-connectors'
		ELSE 'grantd-management' END,
	    array_to_string(f.scopes, ' '), p_seed_key, p_seed, p_carry
$$;

-- Narrowed tokens.

-- The restriction that a body asks for, with names of accounts made ids.
CREATE FUNCTION api.token_resources(p_resources jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb := p_resources;
	v_ids	jsonb := '[]';
	v_ref	text;
	v_n	int4 := 0;
	v_id	uuid;
BEGIN
	-- There is but one organization to name, and every token has it.
	IF v #> '{organizations,ids}' IS NOT NULL AND NOT EXISTS (
	    SELECT FROM jsonb_array_elements_text(v #> '{organizations,ids}') r,
		core.organization o
	    WHERE o.id = core.this_organization() AND (r = '*'
		OR o.id = lib.to_uuid(r) OR o.name = lower(r))) THEN
		PERFORM lib.fail(400, 'unknown_resource',
		    'A token cannot be without its organization',
		    '/resources/organizations/ids', 'body',
		    'The organization of this token is not among the ids.',
		    'Send "*" or the id of your own organization.');
	END IF;
	v := v - 'organizations';
	v_ids := '[]';
	v_n := 0;
	FOR v_ref IN SELECT jsonb_array_elements_text(v #> '{accounts,ids}') LOOP
		SELECT a.id INTO v_id FROM core.account a
		WHERE a.organization = core.this_organization()
		AND (a.id = lib.to_uuid(v_ref) OR a.name = lower(v_ref))
		ORDER BY a.id = lib.to_uuid(v_ref) DESC NULLS LAST LIMIT 1;
		IF v_ref <> '*' AND v_id IS NULL THEN
			PERFORM lib.fail(400, 'unknown_resource',
			    'There is no such account', '/resources/accounts/ids/'
			    || v_n, 'body', '', 'Send "*", ids or names of accounts.');
		END IF;
		v_ids := v_ids || to_jsonb(CASE v_ref WHEN '*' THEN '*'
		    ELSE v_id::text END);
		v_n := v_n + 1;
	END LOOP;
	IF v #> '{accounts,ids}' IS NOT NULL THEN
		v := jsonb_set(v, '{accounts,ids}', v_ids);
	END IF;
	-- A part that allows everything restricts nothing.
	IF v #> '{accounts,environments}' ? '*' THEN
		v := v #- '{accounts,environments}';
	END IF;
	-- Ids and labels add up: all of either are all.
	IF v #> '{accounts,ids}' ? '*' OR v #> '{accounts,labels}' ? '*' THEN
		v := v #- '{accounts,ids}' #- '{accounts,labels}';
	END IF;
	IF v -> 'accounts' = '{}' THEN
		v := v - 'accounts';
	END IF;
	IF v #> '{integrations,categories}' ? '*' THEN
		v := v - 'integrations';
	END IF;
	RETURN v;
END
$$;

CREATE FUNCTION api.token_prepare(p_args jsonb, p_id uuid, OUT name text,
    OUT fullname text, OUT ttl int4, OUT permission_set text,
    OUT resources jsonb, OUT digest bytea, OUT old token.family_info,
    OUT scopes text[])
LANGUAGE plpgsql AS $$
DECLARE
	v_body	jsonb := api.body(p_args, 'token.create');
	v_names	record;
BEGIN
	ttl := coalesce(api.token_ttl(v_body), 86400);
	permission_set := v_body ->> 'permission_set';
	SELECT s.scopes INTO scopes FROM core.permission_set s
	WHERE s.name = token_prepare.permission_set;
	IF NOT FOUND THEN
		PERFORM lib.fail(400, 'unknown_permission_set',
		    format('There is no permission set "%s"',
			left(permission_set, 64)), '/permission_set', 'body',
		    (SELECT 'Known: ' || string_agg(s.name, ', ' ORDER BY s.name)
			|| '.' FROM core.permission_set s));
	END IF;
	PERFORM api.require_scopes(scopes);
	resources := api.token_resources(v_body -> 'resources');
	resources := CASE WHEN resources = '{}'
	    THEN coalesce(core.this_resources(), '[{}]')
	    ELSE coalesce(core.this_resources(), '[]') || resources END;
	IF jsonb_array_length(resources) > 8 THEN
		PERFORM lib.fail(400, 'too_narrow',
		    'This token was narrowed too often', '', '',
		    'A narrowed token can be narrowed again, seven times at most.');
	END IF;
	v_names := api.names(v_body, p_id);
	name := v_names.name;
	fullname := v_names.fullname;
	digest := lib.digest(v_body);
	SELECT * INTO old FROM token.family_info f
	WHERE f.organization = core.this_organization()
	AND f.name = v_names.name AND f.ended_at IS NULL
	AND f.expires_at > now() AND f.id <> p_id;
	IF FOUND AND NOT v_body ? 'name' THEN
		name := api.other_name(name, p_id);
		old := NULL;
	END IF;
END
$$;

CREATE FUNCTION api.token_create_plan(args jsonb) RETURNS api.mint_plan
LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := lib.uuid7();
	v_generation int4 := 1;
	v_carry	jsonb := '{}';
	v	record;
BEGIN
	v := api.token_prepare(args, v_id);
	IF (v.old).id IS NOT NULL THEN
		IF NOT api.is_repeat((v.old).created_by,
		    gate.family_digest((v.old).id), (v.old).created_at, v.digest) THEN
			PERFORM api.fail_name_taken('a token', v.name);
		END IF;
		v_id := (v.old).id;
		v_generation := (v.old).generation + 1;
		v_carry := jsonb_build_object('epoch', (v.old).epoch,
		    'generation', (v.old).generation);
	END IF;
	RETURN (1, 1, 1, v.ttl, core.this_organization(), v_id, v_generation,
	    core.this_organization()::text, 'grantd-management',
	    array_to_string(v.scopes, ' '), NULL::int4, NULL::bytea,
	    v_carry || jsonb_build_object('family', v_id))::api.mint_plan;
END
$$;

CREATE FUNCTION api.token_create_commit(args jsonb, carry jsonb, jti uuid,
    access_hash bytea, iat int8, exp int8, refresh_hash bytea, seed bytea,
    seed_key int4)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := (carry ->> 'family')::uuid;
	v	record;
BEGIN
	v := api.token_prepare(args, v_id);
	IF (v.old).id IS NOT NULL THEN
		PERFORM api.plan_again();
	ELSIF carry ? 'generation' THEN
		IF NOT gate.family_turn(v_id, 'reset', (carry ->> 'epoch')::int4,
		    (carry ->> 'generation')::int4, jti, access_hash, exp,
		    refresh_hash, seed, seed_key) THEN
			PERFORM api.plan_again();
		END IF;
	ELSE
		BEGIN
			PERFORM gate.family_birth(v_id, 'organization', 'adhoc',
			    NULL, NULL, core.this_family(), v.name, v.fullname,
			    v.permission_set, NULL, v.resources, v.ttl, v.digest,
			    jti, access_hash, exp, refresh_hash, seed, seed_key);
		EXCEPTION WHEN unique_violation THEN
			PERFORM api.plan_again();
		END;
	END IF;
	PERFORM gate.audit('token', v_id::text, jsonb_strip_nulls(
	    jsonb_build_object('jti', jti, 'name', v.name,
		'permission_set', v.permission_set, 'resources', v.resources -> -1,
		'repeat', CASE WHEN carry ? 'generation' THEN true END)));
	RETURN (200, api.refresh_token_body(v_id, true));
END
$$;

-- Refresh: the present pair becomes the secondary.  Presented again, the
-- former secret gives the same successor, until that was used or the grace
-- is over; then it may only remove the secondary.

CREATE FUNCTION api.fail_superseded() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(403, 'refresh_superseded',
	    'This refresh secret was replaced by a newer one', 'authorization',
	    'header', 'It belongs to the secondary pair, and the newer pair is in use or the time to repeat is over.',
	    'Use the newer refresh secret. This one can only remove the secondary (DELETE /v1/tokens/{refreshTokenId}/secondary).');
END
$$;

CREATE FUNCTION api.token_refresh_plan(args jsonb) RETURNS api.mint_plan
LANGUAGE plpgsql STABLE AS $$
DECLARE
	f	token.family_info := api.token_find(args #>> '{path,refreshTokenId}');
	s	record;
BEGIN
	SELECT * INTO s FROM gate.refresh_state();
	IF s.presented = 'primary' THEN
		RETURN api.family_plan(f, 2, f.token_ttl, f.generation + 1,
		    s.seed_key, s.seed, jsonb_build_object('from', f.generation,
		    'epoch', f.epoch));
	ELSIF NOT coalesce(s.repeatable, false) THEN
		PERFORM api.fail_superseded();
	END IF;
	RETURN api.family_plan(f, 2, f.token_ttl, f.generation, s.seed_key,
	    s.seed, jsonb_build_object('from', f.generation - 1,
	    'epoch', f.epoch));
END
$$;

CREATE FUNCTION api.token_refresh_commit(args jsonb, carry jsonb, jti uuid,
    access_hash bytea, iat int8, exp int8, refresh_hash bytea, seed bytea,
    seed_key int4)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	f	token.family_info := api.token_find(args #>> '{path,refreshTokenId}');
	v_from	int4 := (carry ->> 'from')::int4;
	v_epoch	int4 := (carry ->> 'epoch')::int4;
	v_how	text := 'next';
BEGIN
	IF NOT gate.family_turn(f.id, 'refresh', v_epoch, v_from, jti,
	    access_hash, exp, refresh_hash, NULL, NULL) THEN
		v_how := 'repeat';
		IF NOT gate.family_repeat(f.id, v_epoch, v_from + 1, jti,
		    access_hash, exp, refresh_hash) THEN
			PERFORM api.fail_superseded();
		END IF;
	END IF;
	PERFORM gate.audit('token', f.id::text, jsonb_build_object('jti', jti,
	    'generation', v_from + 1, 'how', v_how));
	RETURN (200, api.refresh_token_body(f.id, true));
END
$$;

-- Rotate and reset, with a fresh seed.

-- The family of the path, if it is the owner's and the caller could have
-- made it: nobody gains rights by turning another's token.
CREATE FUNCTION api.token_turn_find(p_args jsonb) RETURNS token.family_info
LANGUAGE plpgsql STABLE AS $$
DECLARE
	f	token.family_info := api.token_find(p_args #>> '{path,refreshTokenId}');
	v_owner	text := p_args #>> '{path,ownerId}';
BEGIN
	IF NOT EXISTS (
	    SELECT FROM core.organization o
	    WHERE f.integration IS NULL AND o.id = f.organization
	    AND (o.id = lib.to_uuid(v_owner) OR o.name = lower(v_owner))
	    UNION ALL
	    SELECT FROM core.integration i
	    WHERE i.organization = f.organization AND i.id = f.integration
	    AND (i.id = lib.to_uuid(v_owner) OR i.name = lower(v_owner))) THEN
		PERFORM api.fail_missing('token', 'ownerId');
	END IF;
	IF core.this_kind() = 'refresh' THEN
		IF (SELECT s.presented FROM gate.refresh_state() s) <> 'primary' THEN
			PERFORM api.fail_superseded();
		END IF;
	ELSIF f.kind = 'organization' THEN
		PERFORM api.require_scopes(f.scopes);
	END IF;
	RETURN f;
END
$$;

CREATE FUNCTION api.token_turn_plan(p_args jsonb) RETURNS api.mint_plan
LANGUAGE plpgsql STABLE AS $$
DECLARE
	f	token.family_info := api.token_turn_find(p_args);
BEGIN
	RETURN api.family_plan(f, 1, f.token_ttl, f.generation + 1, NULL, NULL,
	    jsonb_build_object('from', f.generation, 'epoch', f.epoch));
END
$$;

CREATE FUNCTION api.token_turn_commit(p_args jsonb, p_how text, p_carry jsonb,
    p_jti uuid, p_hash bytea, p_exp int8, p_refresh_hash bytea, p_seed bytea,
    p_seed_key int4)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	f	token.family_info := api.token_turn_find(p_args);
BEGIN
	IF NOT gate.family_turn(f.id, p_how, (p_carry ->> 'epoch')::int4,
	    (p_carry ->> 'from')::int4, p_jti, p_hash, p_exp, p_refresh_hash,
	    p_seed, p_seed_key) THEN
		PERFORM api.fail_changed();
	END IF;
	PERFORM gate.audit('token', f.id::text, jsonb_build_object('jti', p_jti,
	    'generation', f.generation + 1));
	RETURN (200, api.refresh_token_body(f.id, true));
END
$$;

CREATE FUNCTION api.token_rotate_plan(args jsonb) RETURNS api.mint_plan
LANGUAGE sql STABLE AS $$
	SELECT * FROM api.token_turn_plan(args)
$$;

CREATE FUNCTION api.token_rotate_commit(args jsonb, carry jsonb, jti uuid,
    access_hash bytea, iat int8, exp int8, refresh_hash bytea, seed bytea,
    seed_key int4)
RETURNS api.reply LANGUAGE sql VOLATILE AS $$
	SELECT * FROM api.token_turn_commit(args, 'rotate', carry, jti,
	    access_hash, exp, refresh_hash, seed, seed_key)
$$;

CREATE FUNCTION api.token_reset_plan(args jsonb) RETURNS api.mint_plan
LANGUAGE sql STABLE AS $$
	SELECT * FROM api.token_turn_plan(args)
$$;

CREATE FUNCTION api.token_reset_commit(args jsonb, carry jsonb, jti uuid,
    access_hash bytea, iat int8, exp int8, refresh_hash bytea, seed bytea,
    seed_key int4)
RETURNS api.reply LANGUAGE sql VOLATILE AS $$
	SELECT * FROM api.token_turn_commit(args, 'reset', carry, jti,
	    access_hash, exp, refresh_hash, seed, seed_key)
$$;

-- Ends the secondary pair at once.  Doing it twice is no error: the answer
-- may have been lost.
CREATE FUNCTION api.token_remove_secondary(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	f	token.family_info := api.token_find(args #>> '{path,refreshTokenId}');
BEGIN
	PERFORM gate.audit('token', f.id::text, jsonb_build_object('removed',
	    gate.family_drop_secondary(f.id)), 204);
	RETURN (204, ''::text);
END
$$;

CREATE FUNCTION api.token_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	f	token.family_info := api.token_find(args #>> '{path,refreshTokenId}');
BEGIN
	IF EXISTS (SELECT FROM core.organization o
	    WHERE o.id = f.organization AND o.refresh_token = f.id)
	    OR f.kind = 'integration' THEN
		PERFORM lib.fail(400, 'default_token',
		    'The token belongs to its owner and cannot be deleted',
		    'refreshTokenId', 'path',
		    format('It is the %s''s own.', f.kind),
		    CASE f.kind WHEN 'integration' THEN
		    'Reset it, or delete the integration.' ELSE 'Reset it.' END);
	END IF;
	PERFORM gate.family_end(f.id, NULL, 'deleted');
	RETURN (204, ''::text);
END
$$;
