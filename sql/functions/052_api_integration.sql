-- Integrations: connections of accounts to providers.

CREATE FUNCTION api.integration_json(i core.integration, p_provider text,
    p_expand jsonb)
RETURNS json LANGUAGE sql STABLE AS $$
	SELECT json_strip_nulls(json_build_object('id', i.id, 'name', i.name,
	    'fullname', i.fullname, 'account_id', i.account,
	    'refresh_token_id', i.refresh_token, 'category', i.category,
	    'provider_type', i.provider, 'provider_fullname', p_provider,
	    'provider_config', i.provider_config,
	    'account', CASE WHEN p_expand ?| '{account,accounts,all}' THEN
		(SELECT api.account_json(a) FROM core.account a
		 WHERE a.organization = i.organization AND a.id = i.account) END,
	    'created_at', lib.rfc3339(i.created_at),
	    'updated_at', lib.rfc3339(i.updated_at)))
$$;

CREATE FUNCTION api.integration_plain(i core.integration) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT api.integration_json(i, (SELECT p.fullname FROM core.provider p
	    WHERE p.type = i.provider), NULL)
$$;

CREATE FUNCTION api.integration_reply(i core.integration) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT 200, json_build_object('result', api.integration_plain(i))::text
$$;

CREATE FUNCTION api.integration_find(p_args jsonb, p_lock boolean DEFAULT false)
RETURNS core.integration LANGUAGE plpgsql AS $$
DECLARE
	v_account core.account := api.account_find(p_args #>> '{path,accountId}');
	v_ref	text := p_args #>> '{path,integrationId}';
	v	core.integration;
BEGIN
	SELECT * INTO v FROM core.integration i
	WHERE i.organization = v_account.organization
	AND i.id = lib.to_uuid(v_ref) AND i.account = v_account.id;
	IF NOT FOUND THEN
		SELECT * INTO v FROM core.integration i
		WHERE i.organization = v_account.organization
		AND i.account = v_account.id AND i.name = lower(v_ref);
	END IF;
	IF FOUND AND p_lock THEN
		SELECT * INTO v FROM core.integration i
		WHERE i.organization = v.organization AND i.id = v.id FOR UPDATE;
	END IF;
	IF NOT FOUND THEN
		PERFORM api.fail_missing('integration', 'integrationId');
	END IF;
	RETURN v;
END
$$;

CREATE FUNCTION api.integration_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_account core.account;
	v_bad	text;
BEGIN
	SELECT e INTO v_bad FROM jsonb_array_elements_text(args #> '{query,expand}') e
	WHERE e NOT IN ('account', 'accounts', 'integration_point',
	    'integration_points', 'all') LIMIT 1;
	IF FOUND THEN
		PERFORM lib.fail(400, 'invalid_expand',
		    format('expand does not know "%s"', left(v_bad, 64)),
		    'expand', 'query',
		    'It knows: account, accounts, integration_point, integration_points, all.');
	END IF;
	IF args #>> '{path,accountId}' IS NULL THEN
		RETURN (200, api.list_body('integration', args));
	END IF;
	v_account := api.account_find(args #>> '{path,accountId}');
	RETURN (200, api.list_body('integration', args
	    || jsonb_build_object('account', v_account.id),
	    'r.account = ($1 ->> ''account'')::uuid'));
END
$$;

-- The provider of a configuration, after checking one against the other.
CREATE FUNCTION api.integration_provider(p_config jsonb, p_pointer text)
RETURNS core.provider LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_provider core.provider;
BEGIN
	SELECT * INTO v_provider FROM core.provider p
	WHERE p.type = p_config ->> 'type' AND p.enabled;
	IF NOT FOUND THEN
		PERFORM lib.fail(400, 'unknown_provider',
		    format('There is no provider "%s"',
			left(p_config ->> 'type', 64)),
		    p_pointer || '/type', 'body', (SELECT 'Known: '
			|| string_agg(p.type, ', ' ORDER BY p.type) || '.'
			FROM core.provider p WHERE p.enabled),
		    'Send one of these as provider_config.type.');
	END IF;
	PERFORM lib.check_schema(v_provider.config_schema, p_config, p_pointer,
	    'invalid_provider_config');
	IF NOT core.resources_allow_category(core.this_resources(),
	    v_provider.category) THEN
		PERFORM lib.fail(403, 'restricted_token',
		    format('This token may not have integrations for %s',
			v_provider.category), p_pointer || '/type', 'body',
		    'The token is narrowed to other categories.',
		    'Use a token that is not narrowed.');
	END IF;
	RETURN v_provider;
END
$$;

CREATE FUNCTION api.integration_unsupported() RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT '{webhook_config,mappings,additional_mappings,scheduled_operations,bridge_selector,integration_point_id}'::text[]
$$;

-- A create body, checked; plan, commit and verify agree because they all ask
-- here.
CREATE FUNCTION api.integration_prepare(p_args jsonb, p_body jsonb, p_id uuid,
    p_pointer text, OUT account core.account, OUT provider core.provider,
    OUT config jsonb, OUT name text, OUT fullname text, OUT named boolean,
    OUT digest bytea)
LANGUAGE plpgsql AS $$
DECLARE
	v_body	jsonb := lib.strip_nulls(coalesce(p_body, '{}'));
	v_names	record;
BEGIN
	account := api.account_find(p_args #>> '{path,accountId}');
	PERFORM api.refuse_unsupported(v_body, api.integration_unsupported(), p_pointer);
	PERFORM lib.check_schema(s.schema, v_body, p_pointer)
	FROM gate.shape s WHERE s.name = 'integration.create';
	config := v_body -> 'provider_config';
	provider := api.integration_provider(config, p_pointer || '/provider_config');
	v_names := api.names(v_body, p_id);
	name := v_names.name;
	fullname := v_names.fullname;
	named := v_body ? 'name';
	digest := lib.digest(v_body);
END
$$;

CREATE FUNCTION api.integration_create_plan(args jsonb) RETURNS api.mint_plan
LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := lib.uuid7();
	v_family uuid := lib.uuid7();
	v_generation int4 := 1;
	v_carry	jsonb := '{}';
	v	record;
	v_old	core.integration;
	f	token.family_info;
BEGIN
	v := api.integration_prepare(args, args -> 'body', v_id, '');
	SELECT * INTO v_old FROM core.integration i
	WHERE i.organization = (v.account).organization
	AND i.account = (v.account).id AND i.name = v.name;
	IF FOUND AND v.named THEN
		SELECT * INTO f FROM token.family_info t
		WHERE t.organization = v_old.organization
		AND t.id = v_old.refresh_token AND t.ended_at IS NULL;
		IF NOT FOUND OR NOT api.is_repeat(v_old.created_by,
		    v_old.created_digest, v_old.created_at, v.digest) THEN
			PERFORM api.fail_name_taken('an integration', v.name);
		END IF;
		v_id := v_old.id;
		v_family := f.id;
		v_generation := f.generation + 1;
		v_carry := jsonb_build_object('epoch', f.epoch,
		    'generation', f.generation);
	END IF;
	RETURN (2, 2, 1, gate.access_lifetime(), (v.account).organization,
	    v_family, v_generation, v_id::text, 'grantd-connectors',
	    (v.provider).category || ':use', NULL::int4, NULL::bytea,
	    v_carry || jsonb_build_object('id', v_id, 'family', v_family)
	    )::api.mint_plan;
END
$$;

CREATE FUNCTION api.integration_create_commit(args jsonb, carry jsonb,
    jti uuid, access_hash bytea, iat int8, exp int8, refresh_hash bytea,
    seed bytea, seed_key int4)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := (carry ->> 'id')::uuid;
	v_family uuid := (carry ->> 'family')::uuid;
	v	record;
	i	core.integration;
	f	token.family_info;
BEGIN
	v := api.integration_prepare(args, args -> 'body', v_id, '');
	IF carry ? 'generation' THEN
		SELECT * INTO i FROM core.integration t
		WHERE t.organization = (v.account).organization AND t.id = v_id;
		IF NOT FOUND OR NOT gate.family_turn(v_family, 'reset',
		    (carry ->> 'epoch')::int4, (carry ->> 'generation')::int4,
		    jti, access_hash, exp, refresh_hash, seed, seed_key) THEN
			PERFORM api.plan_again();
		END IF;
	ELSE
		FOR try IN 1 .. 2 LOOP
			INSERT INTO core.integration (organization, id, account,
			    name, fullname, provider, category, provider_config,
			    refresh_token, created_by, created_digest)
			VALUES ((v.account).organization, v_id, (v.account).id,
			    v.name, v.fullname, (v.provider).type,
			    (v.provider).category, v.config, v_family,
			    core.this_family(), v.digest)
			ON CONFLICT ON CONSTRAINT integration_name DO NOTHING
			RETURNING * INTO i;
			EXIT WHEN FOUND;
			-- The plan, asked again, says what became of the name.
			IF v.named THEN
				PERFORM api.plan_again();
			END IF;
			v.name := api.other_name(v.name, v_id);
		END LOOP;
		PERFORM gate.family_birth(v_family, 'integration', 'default',
		    v_id, (v.account).id, NULL, v_family::text, v_family::text,
		    NULL, ARRAY[i.category || ':use'], NULL,
		    gate.access_lifetime(), NULL, jti, access_hash, exp,
		    refresh_hash, seed, seed_key);
	END IF;
	PERFORM gate.audit('integration', v_id::text, jsonb_strip_nulls(
	    jsonb_build_object('name', i.name, 'account', i.account,
		'provider', i.provider, 'family', v_family, 'jti', jti,
		'repeat', CASE WHEN carry ? 'generation' THEN true END)));
	PERFORM gate.audit('token', v_family::text,
	    jsonb_build_object('jti', jti, 'integration', v_id));
	SELECT * INTO f FROM token.family_info t
	WHERE t.organization = i.organization AND t.id = v_family;
	RETURN (200, json_build_object('result', json_build_object(
	    'integration', api.integration_plain(i),
	    'token', api.pair_json(f, f.access_expires_at, f.expires_at, true)
	    ))::text);
END
$$;

CREATE FUNCTION api.integration_verify_new(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_body	jsonb := api.body(args, 'integration.verify_new');
BEGIN
	PERFORM api.integration_prepare(args, v_body -> 'integration',
	    lib.uuid7(), '/integration');
	RETURN (200, '{}'::text);
END
$$;

-- An update body, checked against the integration as it is.
CREATE FUNCTION api.integration_doc(i core.integration, p_doc jsonb,
    OUT config jsonb, OUT name text, OUT fullname text)
LANGUAGE plpgsql AS $$
DECLARE
	v_doc	jsonb := lib.strip_nulls(p_doc);
	v_names	record;
BEGIN
	PERFORM api.refuse_unsupported(v_doc, api.integration_unsupported());
	v_doc := api.body(jsonb_build_object('body', v_doc), 'integration.update');
	PERFORM api.check_readonly(v_doc, api.integration_plain(i)::jsonb,
	    '{id,refresh_token_id,account_id,category,provider_fullname,provider_type,created_at,updated_at}');
	config := v_doc -> 'provider_config';
	IF config ->> 'type' <> i.provider THEN
		PERFORM lib.fail(400, 'provider_type_changed',
		    'The type of an integration cannot change',
		    '/provider_config/type', 'body', format('It is %s.', i.provider),
		    'Create another integration.');
	END IF;
	PERFORM api.integration_provider(config, '/provider_config');
	v_names := api.names(jsonb_build_object('name', i.name,
	    'fullname', i.fullname) || v_doc, i.id);
	name := v_names.name;
	fullname := v_names.fullname;
END
$$;

CREATE FUNCTION api.integration_verify(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	i	core.integration := api.integration_find(args);
BEGIN
	PERFORM api.integration_doc(i, coalesce(
	    nullif(nullif(args -> 'body', 'null'), '{}'),
	    jsonb_build_object('provider_config', i.provider_config)));
	RETURN (200, '{}'::text);
END
$$;

CREATE FUNCTION api.integration_get(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	RETURN api.integration_reply(api.integration_find(args));
END
$$;

CREATE FUNCTION api.integration_write(i core.integration, p_doc jsonb)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	v	record;
	v_new	core.integration;
BEGIN
	v := api.integration_doc(i, p_doc);
	BEGIN
		UPDATE core.integration t SET name = v.name,
		    fullname = v.fullname, provider_config = v.config,
		    updated_at = now()
		WHERE t.organization = i.organization AND t.id = i.id
		RETURNING * INTO v_new;
	EXCEPTION WHEN unique_violation THEN
		PERFORM api.fail_name_taken('an integration', v.name);
	END;
	PERFORM gate.audit('integration', i.id::text, jsonb_strip_nulls(
	    jsonb_build_object(
		'name', CASE WHEN i.name <> v_new.name
		    THEN jsonb_build_array(i.name, v_new.name) END,
		'fullname', CASE WHEN i.fullname <> v_new.fullname
		    THEN jsonb_build_array(i.fullname, v_new.fullname) END,
		'provider_config', CASE WHEN i.provider_config
		    <> v_new.provider_config THEN 'changed' END)));
	RETURN api.integration_reply(v_new);
END
$$;

CREATE FUNCTION api.integration_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	RETURN api.integration_write(api.integration_find(args, true),
	    coalesce(args -> 'body', '{}'));
END
$$;

CREATE FUNCTION api.integration_patch(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	i	core.integration := api.integration_find(args, true);
BEGIN
	RETURN api.integration_write(i, lib.json_patch(
	    api.integration_plain(i)::jsonb, args -> 'body'));
END
$$;

CREATE FUNCTION api.integration_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	i	core.integration := api.integration_find(args, true);
	v_ended	int4 := gate.family_end(NULL, ARRAY[i.id],
		    'integration was deleted');
BEGIN
	DELETE FROM core.integration t
	WHERE t.organization = i.organization AND t.id = i.id;
	PERFORM gate.audit('integration', i.id::text, jsonb_build_object(
	    'name', i.name, 'account', i.account, 'families_ended', v_ended), 204);
	RETURN (204, ''::text);
END
$$;
