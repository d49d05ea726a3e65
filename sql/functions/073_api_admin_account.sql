-- Pages of accounts.

CREATE FUNCTION api.page_account_json(a core.account) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object('id', a.id, 'name', a.name,
	    'fullname', a.fullname, 'environment', a.environment,
	    'test', a.environment = 'test', 'labels', a.labels,
	    'labels_text', array_to_string(a.labels, ', '),
	    'integrations', (SELECT count(*) FROM core.integration i
		WHERE i.organization = a.organization AND i.account = a.id),
	    'created', lib.time_words(a.created_at),
	    'updated', lib.time_words(a.updated_at)));
END
$$;

-- A form as the body that /v1 takes.
CREATE FUNCTION api.account_body(p_args jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_schema jsonb := (SELECT s.schema #> '{properties,labels}'
		    FROM gate.shape s WHERE s.name = 'account.create');
	v_labels jsonb := CASE WHEN p_args -> 'body' ? 'labels' THEN (
		    SELECT coalesce(jsonb_agg(l), '[]') FROM regexp_split_to_table(
			coalesce(api.field(p_args, 'labels', 4096), ''), '[,\s]+') l
		    WHERE l <> '') END;
	v_label	jsonb;
BEGIN
	FOR v_label IN SELECT e FROM jsonb_array_elements(v_labels) e LOOP
		PERFORM api.check_field('labels', 'The label '
		    || left(v_label::text, 100), v_schema -> 'items', v_label);
	END LOOP;
	PERFORM api.check_field('labels', 'The labels', v_schema - 'items',
	    coalesce(v_labels, '[]'));
	RETURN jsonb_build_object('path', p_args -> 'path', 'body',
	    api.field_names(p_args) || jsonb_strip_nulls(jsonb_build_object(
		'environment', api.field(p_args, 'environment', 16),
		'labels', v_labels)));
END
$$;

CREATE FUNCTION api.admin_account_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_env	text := api.query_text(args, 'environment');
BEGIN
	PERFORM gate.act_in(args);
	RETURN api.page(json_build_object('accounts', api.page_list(
	    'page_account', args, CASE WHEN v_env IS NULL THEN 'true'
	    ELSE 'r.environment = btrim($1 #>> ''{query,environment}'')' END,
	    '{r.name,r.fullname}', NULL, true, v_env IS NOT NULL)));
END
$$;

CREATE FUNCTION api.admin_account_show(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a	core.account;
BEGIN
	PERFORM gate.act_in(args);
	a := api.account_find(args #>> '{path,accountId}');
	RETURN api.page(json_build_object('account', api.page_account_json(a),
	    'integrations', CASE WHEN api.can('integrations:view') THEN
		api.page_list('page_integration', args
		    || jsonb_build_object('account', a.id),
		    'r.account = ($1 ->> ''account'')::uuid',
		    '{r.name,r.fullname}') END));
END
$$;

CREATE FUNCTION api.admin_account_create(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb;
BEGIN
	PERFORM gate.act_in(args);
	v := ((api.account_create(api.account_body(args))).body)::jsonb;
	RETURN api.done(v #>> '{result,account,id}', jsonb_build_object(
	    'name', v #>> '{result,account,name}'));
END
$$;

CREATE FUNCTION api.admin_account_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a	core.account;
BEGIN
	PERFORM gate.act_in(args);
	a := api.account_find(args #>> '{path,accountId}', true);
	PERFORM api.account_write(a, jsonb_build_object('labels', a.labels)
	    || (api.account_body(args) -> 'body'));
	RETURN api.done(a.id::text);
END
$$;

CREATE FUNCTION api.admin_account_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a	core.account;
BEGIN
	PERFORM gate.act_in(args);
	a := api.account_find(args #>> '{path,accountId}');
	PERFORM api.account_delete(args);
	RETURN api.done(a.id::text);
END
$$;
