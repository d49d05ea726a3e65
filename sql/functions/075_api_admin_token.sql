-- Pages of organization tokens.

CREATE FUNCTION api.page_token_json(f token.family_info) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object('id', f.id, 'name', f.name,
	    'fullname', f.fullname, 'kind', f.kind, 'type', f.token_type,
	    'own', EXISTS (SELECT FROM core.organization o
		WHERE o.id = f.organization AND o.refresh_token = f.id),
	    'permission_set', coalesce(f.permission_set, ''),
	    'scopes', f.scopes,
	    'access_expires', lib.time_words(f.access_expires_at),
	    'refresh_expires', lib.time_words(f.expires_at),
	    'expired', f.expires_at <= now() AND f.access_expires_at <= now(),
	    'integration', (SELECT json_build_object('id', i.id,
		'name', i.name, 'account_id', i.account) FROM core.integration i
		WHERE i.organization = f.organization AND i.id = f.integration),
	    'restricted', nullif(f.resources, '[{}]') IS NOT NULL,
	    'created', lib.time_words(f.created_at),
	    'updated', lib.time_words(f.updated_at),
	    'may_revoke', f.kind = 'organization' AND api.can('tokens:edit')));
END
$$;

CREATE FUNCTION api.admin_token_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_kind	text := api.query_text(args, 'kind');
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page(json_build_object('tokens', api.page_list('page_token',
	    args, 'r.ended_at IS NULL AND r.kind = ' || CASE
		WHEN v_kind IS NULL THEN '''organization'''
		ELSE 'btrim($1 #>> ''{query,kind}'')' END,
	    '{r.name,r.fullname}', '[{"field": "created_at", "dir": "desc"}]'),
	    'permission_sets', (SELECT json_agg(json_build_object(
		'name', s.name, 'description', s.description,
		'selected', s.name = 'administrator',
		'grantable', api.has_scopes(s.scopes)) ORDER BY s.name)
		FROM core.permission_set s)));
END
$$;

-- Plan and commit agree because both ask here.
CREATE FUNCTION api.token_form(p_args jsonb, p_id uuid, OUT name text,
    OUT fullname text, OUT permission_set text, OUT scopes text[])
LANGUAGE plpgsql AS $$
DECLARE
	v_names	record;
BEGIN
	PERFORM gate.act_in(p_args);
	v_names := api.names(api.field_names(p_args), p_id);
	name := v_names.name;
	fullname := v_names.fullname;
	PERFORM api.check_role_name(name);
	permission_set := coalesce(api.field(p_args, 'permission_set', 128),
	    'administrator');
	SELECT s.scopes INTO scopes FROM core.permission_set s
	WHERE s.name = token_form.permission_set;
	IF NOT FOUND THEN
		PERFORM api.fail_field('permission_set',
		    'There is no such permission set');
	END IF;
	PERFORM api.require_own_scopes(scopes);
	IF EXISTS (SELECT FROM token.family_info f
	    WHERE f.organization = core.this_organization()
	    AND f.name = v_names.name
	    AND f.ended_at IS NULL AND f.expires_at > now()) THEN
		PERFORM api.fail_name_taken('a token', v_names.name);
	END IF;
END
$$;

CREATE FUNCTION api.admin_token_create_plan(args jsonb) RETURNS api.mint_plan
LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := lib.uuid7();
	v	record;
BEGIN
	v := api.token_form(args, v_id);
	RETURN (1, 1, 1, gate.access_lifetime(), core.this_organization(), v_id,
	    1, core.this_organization()::text, 'grantd-management',
	    array_to_string(v.scopes, ' '), NULL::int4, NULL::bytea,
	    jsonb_build_object('family', v_id))::api.mint_plan;
END
$$;

CREATE FUNCTION api.admin_token_create_commit(args jsonb, carry jsonb,
    jti uuid, access_hash bytea, iat int8, exp int8, refresh_hash bytea,
    seed bytea, seed_key int4)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := (carry ->> 'family')::uuid;
	v	record;
	f	token.family_info;
BEGIN
	v := api.token_form(args, v_id);
	BEGIN
		PERFORM gate.family_birth(v_id, 'organization', 'default', NULL,
		    NULL, NULL, v.name, v.fullname, v.permission_set, NULL, NULL,
		    gate.access_lifetime(), NULL, jti, access_hash, exp,
		    refresh_hash, seed, seed_key);
	EXCEPTION WHEN unique_violation THEN
		PERFORM api.fail_name_taken('a token', v.name);
	END;
	PERFORM gate.audit('token', v_id::text, jsonb_build_object('jti', jti,
	    'name', v.name, 'permission_set', v.permission_set));
	SELECT * INTO f FROM token.family_info t
	WHERE t.organization = core.this_organization() AND t.id = v_id;
	RETURN api.pair_done(v_id::text, f, jsonb_build_object('name', v.name));
END
$$;

-- Ends it and what was made with it.
CREATE FUNCTION api.admin_token_revoke(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	f	token.family_info;
BEGIN
	PERFORM gate.act_in(args);
	f := api.token_find(args #>> '{path,refreshTokenId}');
	IF f.kind <> 'organization' THEN
		PERFORM lib.fail(409, 'default_token',
		    'The token belongs to its owner and cannot be revoked alone',
		    'refreshTokenId', 'path', '',
		    'Reset it, or delete the integration.');
	END IF;
	UPDATE core.organization o SET refresh_token = NULL
	WHERE o.id = f.organization AND o.refresh_token = f.id;
	PERFORM gate.family_end(f.id, NULL, 'revoked');
	RETURN api.done(f.id::text);
END
$$;
