-- Initial access tokens (RFC 7591): made and ended by who runs clients.

CREATE FUNCTION gate.client_admin_initial_create(args jsonb, fresh bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id	uuid := lib.uuid7();
	v_name	text := lib.form_text(args, 'name');
	v_uses	text := coalesce(lib.form_text(args, 'uses'), '1');
	v_days	text := coalesce(lib.form_text(args, 'days'), '7');
BEGIN
	PERFORM gate.require_operation('{client_admin.initial_create}', 'call');
	PERFORM gate.act_in(args);
	IF v_name IS NULL OR lib.title_error(v_name, 128) IS NOT NULL THEN
		PERFORM gate.fail_field('name', 'The name '
		    || coalesce(lib.title_error(v_name, 128), 'must not be empty'));
	ELSIF v_uses !~ '^[0-9]{1,4}$' OR v_uses::int4 NOT BETWEEN 1 AND 1000 THEN
		PERFORM gate.fail_field('uses', 'It can be used 1 to 1000 times');
	ELSIF v_days !~ '^[0-9]{1,3}$' OR v_days::int4 NOT BETWEEN 1 AND 365 THEN
		PERFORM gate.fail_field('days', 'It can live 1 to 365 days');
	END IF;
	INSERT INTO oauth.initial_token (id, hash, organization, name, uses_left,
	    created_by, expires_at)
	VALUES (v_id, fresh, core.this_organization(), v_name, v_uses::int4,
	    core.this_person(), now() + make_interval(days => v_days::int4));
	PERFORM gate.audit('initial_token', v_id::text, jsonb_build_object(
	    'name', v_name, 'uses', v_uses::int4));
	RETURN (200, json_build_object('id', v_id, 'token', chr(1) || '3')::text);
END
$$;

CREATE FUNCTION gate.client_admin_initial_end(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id	uuid := lib.to_uuid(args #>> '{path,tokenId}');
BEGIN
	PERFORM gate.require_operation('{client_admin.initial_end}', 'call');
	PERFORM gate.act_in(args);
	UPDATE oauth.initial_token t SET ended_at = now()
	WHERE t.id = v_id AND t.organization = core.this_organization()
	AND t.ended_at IS NULL;
	IF NOT FOUND THEN
		PERFORM lib.fail(404, 'token_not_found', 'There is no such token',
		    'tokenId', 'path', 'It may have ended already.');
	END IF;
	PERFORM gate.audit('initial_token', v_id::text);
	RETURN (200, json_build_object('id', v_id)::text);
END
$$;
