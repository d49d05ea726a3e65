-- Pages of integrations.  The form of a new one is made of its provider's
-- schema.

CREATE FUNCTION api.page_integration_json(i core.integration) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object('id', i.id, 'name', i.name,
	    'fullname', i.fullname,
	    'account', (SELECT json_build_object('id', a.id, 'name', a.name,
		'fullname', a.fullname) FROM core.account a
		WHERE a.organization = i.organization AND a.id = i.account),
	    'category', i.category, 'provider', i.provider,
	    'provider_fullname', (SELECT p.fullname FROM core.provider p
		WHERE p.type = i.provider),
	    'created', lib.time_words(i.created_at),
	    'updated', lib.time_words(i.updated_at)));
END
$$;

CREATE FUNCTION api.field_label(p_key text, p_schema jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(p_schema ->> 'title',
	    upper(left(p_key, 1)) || replace(substr(p_key, 2), '_', ' '))
$$;

CREATE FUNCTION api.field_kind(p_schema jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p_schema ? 'enum' THEN 'select'
	    WHEN p_schema ->> 'type' = 'boolean' THEN 'checkbox'
	    WHEN p_schema ->> 'type' IN ('integer', 'number') THEN 'number'
	    WHEN p_schema ->> 'type' IN ('array', 'object') THEN 'json'
	    ELSE 'text' END
$$;

-- What a form tells of a field.
CREATE FUNCTION api.field_help(p_schema jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT concat_ws(' ', p_schema ->> 'description', coalesce(
	    'It ' || (p_schema ->> 'x-text') || '.',
	    'At most ' || (p_schema ->> 'maxLength') || ' characters.'),
	    CASE WHEN p_schema ->> 'type' = 'array' THEN
		'A JSON array of objects with '
		|| (SELECT string_agg(k || CASE WHEN p_schema #> '{items,required}' ? k
			THEN '' ELSE ' (optional)' END, ', ' ORDER BY k)
		    FROM jsonb_object_keys(p_schema #> '{items,properties}') k) || '.'
	    WHEN p_schema ->> 'type' = 'object' THEN 'A JSON object.' END)
$$;

-- The fields of a provider's form, required ones first.
CREATE FUNCTION api.provider_fields(p_schema jsonb) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT coalesce(json_agg(json_build_object('name', 'config.' || f.key,
	    'key', f.key, 'label', api.field_label(f.key, f.value),
	    'type', k.kind, 'required', f.required,
	    'enum', (SELECT json_agg(json_build_object('value', e, 'selected',
		    e IS NOT DISTINCT FROM f.value ->> 'default') ORDER BY n)
		FROM jsonb_array_elements_text(f.value -> 'enum')
		    WITH ORDINALITY AS u(e, n)),
	    'help', api.field_help(f.value),
	    'value', coalesce(f.value ->> 'default', ''),
	    'maxlength', f.value ->> 'maxLength',
	    'is_text', k.kind = 'text', 'is_number', k.kind = 'number',
	    'is_checkbox', k.kind = 'checkbox', 'is_select', k.kind = 'select',
	    'is_json', k.kind = 'json')
	    ORDER BY f.required DESC, k.kind = 'json', f.key), '[]')
	FROM (
		SELECT p.key, p.value,
		    coalesce(p_schema -> 'required' ? p.key, false) AS required
		FROM jsonb_each(p_schema -> 'properties') p
		WHERE p.key <> 'type'
	) f
	CROSS JOIN LATERAL (SELECT api.field_kind(f.value) AS kind) k
$$;

-- One field's text as JSON; null: not given.
CREATE FUNCTION api.field_json(p_args jsonb, p_key text, p_schema jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_name	text := 'config.' || p_key;
	v_text	text := lib.form_text(p_args, v_name);
BEGIN
	CASE api.field_kind(p_schema)
	WHEN 'checkbox' THEN
		RETURN to_jsonb(coalesce(v_text, '') NOT IN ('', 'off', 'false', '0'));
	WHEN 'number' THEN
		RETURN to_jsonb(v_text::numeric);
	WHEN 'json' THEN
		RETURN v_text::jsonb;
	ELSE
		RETURN to_jsonb(v_text);
	END CASE;
EXCEPTION WHEN data_exception THEN
	PERFORM api.fail_field(v_name, format('%s %s',
	    api.field_label(p_key, p_schema), CASE api.field_kind(p_schema)
		WHEN 'number' THEN 'must be a number' ELSE 'is no JSON' END));
END
$$;

-- The same as its schema wants it.
CREATE FUNCTION api.field_value(p_args jsonb, p_key text, p_schema jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	jsonb := api.field_json(p_args, p_key, p_schema);
BEGIN
	IF v IS NOT NULL THEN
		PERFORM api.check_field('config.' || p_key,
		    api.field_label(p_key, p_schema), p_schema, v);
	END IF;
	RETURN v;
END
$$;

-- A form as the body that /v1 takes.
CREATE FUNCTION api.integration_body(p_args jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_type	text := api.field(p_args, 'provider', 128);
	p	core.provider;
BEGIN
	SELECT * INTO p FROM core.provider t WHERE t.type = v_type AND t.enabled;
	IF NOT FOUND THEN
		PERFORM api.fail_field('provider', 'Choose a provider');
	END IF;
	RETURN jsonb_build_object('path', p_args -> 'path', 'body',
	    api.field_names(p_args) || jsonb_build_object('provider_config',
		jsonb_build_object('type', p.type) || (
		SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}') FROM (
			SELECT e.key, api.field_value(p_args, e.key, e.value) AS value
			FROM jsonb_each(p.config_schema -> 'properties') e
			WHERE e.key <> 'type') f
		WHERE f.value IS NOT NULL)));
END
$$;

CREATE FUNCTION api.admin_integration_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_category text := api.query_text(args, 'category');
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page(json_build_object('integrations', api.page_list(
	    'page_integration', args, CASE WHEN v_category IS NULL THEN 'true'
	    ELSE 'r.category = btrim($1 #>> ''{query,category}'')' END,
	    '{r.name,r.fullname,r.provider}', NULL, true,
	    v_category IS NOT NULL),
	    'categories', (SELECT json_agg(json_build_object('name', c.category,
		'selected', c.category IS NOT DISTINCT FROM v_category)
		ORDER BY c.category)
		FROM (SELECT DISTINCT p.category FROM core.provider p) c)));
END
$$;

CREATE FUNCTION api.admin_integration_show(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	i	core.integration;
BEGIN
	PERFORM gate.act_in(args);
	i := api.integration_find(args);
	RETURN api.page((SELECT json_build_object('integration',
	    (api.page_integration_json(i)::jsonb || jsonb_build_object(
		'config', (SELECT coalesce(jsonb_agg(jsonb_build_object(
		    'name', c.key, 'label', api.field_label(c.key,
			p.config_schema #> ARRAY['properties', c.key]),
		    'value', CASE jsonb_typeof(c.value) WHEN 'string'
			THEN c.value #>> '{}' ELSE c.value::text END)
		    ORDER BY c.key), '[]')
		    FROM jsonb_each(i.provider_config) c WHERE c.key <> 'type'),
		'token', (SELECT api.page_token_json(f) FROM token.family_info f
		    WHERE f.organization = i.organization
		    AND f.id = i.refresh_token
		    AND api.can('tokens:view')))))
	    FROM core.provider p WHERE p.type = i.provider));
END
$$;

CREATE FUNCTION api.admin_integration_new(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a	core.account;
	p	core.provider;
BEGIN
	PERFORM gate.act_in(args);
	a := api.account_find(args #>> '{path,accountId}');
	SELECT * INTO p FROM core.provider t
	WHERE t.type = api.query_text(args, 'provider') AND t.enabled;
	RETURN api.page(json_build_object('account', api.page_account_json(a),
	    'providers', (SELECT json_agg(json_build_object('type', t.type,
		'fullname', t.fullname, 'category', t.category,
		'chosen', t.type IS NOT DISTINCT FROM p.type)
		ORDER BY t.fullname) FROM core.provider t WHERE t.enabled),
	    'provider', CASE WHEN p.type IS NOT NULL THEN json_build_object(
		'type', p.type, 'fullname', p.fullname, 'category', p.category) END,
	    'fields', CASE WHEN p.type IS NOT NULL
		THEN api.provider_fields(p.config_schema) ELSE '[]' END));
END
$$;

-- Both halves of a pair, shown once.
CREATE FUNCTION api.pair_done(p_id text, f token.family_info, p_more jsonb)
RETURNS api.reply LANGUAGE sql STABLE AS $$
	SELECT 200, (jsonb_build_object('id', p_id, 'access', chr(1) || '0',
	    'refresh', chr(1) || '1',
	    'access_expires', lib.time_words(f.access_expires_at),
	    'refresh_expires', lib.time_words(f.expires_at)) || p_more)::text
$$;

CREATE FUNCTION api.admin_integration_create_plan(args jsonb)
RETURNS api.mint_plan LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.integration_create_plan(api.integration_body(args));
END
$$;

CREATE FUNCTION api.admin_integration_create_commit(args jsonb, carry jsonb,
    jti uuid, access_hash bytea, iat int8, exp int8, refresh_hash bytea,
    seed bytea, seed_key int4)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb;
	f	token.family_info;
BEGIN
	PERFORM gate.act_in(args);
	v := ((api.integration_create_commit(api.integration_body(args), carry,
	    jti, access_hash, iat, exp, refresh_hash, seed, seed_key)).body
	    )::json #> '{result,integration}';
	SELECT * INTO f FROM token.family_info t
	WHERE t.organization = core.this_organization()
	AND t.id = (v ->> 'refresh_token_id')::uuid;
	RETURN api.pair_done(v ->> 'id', f,
	    jsonb_build_object('account_id', v ->> 'account_id'));
END
$$;

CREATE FUNCTION api.integration_turn_args(p_args jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	i	core.integration;
BEGIN
	PERFORM gate.act_in(p_args);
	i := api.integration_find(p_args);
	RETURN jsonb_build_object('path', jsonb_build_object(
	    'refreshTokenId', i.refresh_token, 'ownerId', i.id,
	    'accountId', i.account));
END
$$;

CREATE FUNCTION api.admin_integration_reset_plan(args jsonb)
RETURNS api.mint_plan LANGUAGE plpgsql AS $$
BEGIN
	RETURN api.token_turn_plan(api.integration_turn_args(args));
END
$$;

CREATE FUNCTION api.admin_integration_reset_commit(args jsonb, carry jsonb,
    jti uuid, access_hash bytea, iat int8, exp int8, refresh_hash bytea,
    seed bytea, seed_key int4)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb := api.integration_turn_args(args) -> 'path';
	f	token.family_info;
BEGIN
	PERFORM api.token_turn_commit(jsonb_build_object('path', v), 'reset',
	    carry, jti, access_hash, exp, refresh_hash, seed, seed_key);
	SELECT * INTO f FROM token.family_info t
	WHERE t.organization = core.this_organization()
	AND t.id = (v ->> 'refreshTokenId')::uuid;
	RETURN api.pair_done(v ->> 'ownerId', f,
	    jsonb_build_object('account_id', v ->> 'accountId'));
END
$$;

CREATE FUNCTION api.admin_integration_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	i	core.integration;
BEGIN
	PERFORM gate.act_in(args);
	i := api.integration_find(args);
	PERFORM api.integration_delete(args);
	RETURN api.done(i.id::text, jsonb_build_object('account_id', i.account));
END
$$;
