-- The built-in ticketing provider.

CREATE FUNCTION api.ticket_json(t connector.ticket) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT (jsonb_build_object('summary', '') || t.data || jsonb_build_object(
	    'id', t.id, 'name', t.name,
	    'created_at', lib.rfc3339(t.created_at),
	    'updated_at', lib.rfc3339(t.updated_at)))::json
$$;

CREATE FUNCTION api.ticket_reply(t connector.ticket) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT 200, json_build_object('result', api.ticket_json(t))::text
$$;

CREATE FUNCTION api.ticketing_project_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (200, api.list_body('project', args, 'r.provider = (SELECT '
	    'i.provider FROM core.integration i '
	    'WHERE i.organization = core.this_organization() '
	    'AND i.id = core.this_integration())'));
END
$$;

CREATE FUNCTION api.ticketing_ticket_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (200, api.list_body('ticket', args));
END
$$;

CREATE FUNCTION api.ticketing_ticket_create(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_body	jsonb := api.body(args, 'ticket.create');
	t	connector.ticket;
BEGIN
	INSERT INTO connector.ticket (organization, integration, id, name, data)
	VALUES (core.this_organization(), core.this_integration(), lib.uuid7(),
	    v_body ->> 'name', v_body - 'name')
	RETURNING * INTO t;
	PERFORM gate.audit('ticket', t.id::text);
	RETURN api.ticket_reply(t);
END
$$;

CREATE FUNCTION api.ticket_find(p_ref text, p_lock boolean)
RETURNS connector.ticket LANGUAGE plpgsql AS $$
DECLARE
	t	connector.ticket;
BEGIN
	SELECT * INTO t FROM connector.ticket r
	WHERE r.organization = core.this_organization()
	AND r.integration = core.this_integration() AND r.id = lib.to_uuid(p_ref);
	IF FOUND AND p_lock THEN
		SELECT * INTO t FROM connector.ticket r
		WHERE r.organization = t.organization
		AND r.integration = t.integration AND r.id = t.id FOR UPDATE;
	END IF;
	IF NOT FOUND THEN
		PERFORM api.fail_missing('ticket', 'ticketId');
	END IF;
	RETURN t;
END
$$;

CREATE FUNCTION api.ticketing_ticket_get(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	RETURN api.ticket_reply(api.ticket_find(args #>> '{path,ticketId}', false));
END
$$;

CREATE FUNCTION api.ticketing_ticket_patch(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	t	connector.ticket := api.ticket_find(args #>> '{path,ticketId}', true);
	v_now	jsonb := api.ticket_json(t);
	v_doc	jsonb := api.body(jsonb_build_object('body',
		    lib.json_patch(v_now, args -> 'body')), 'ticket.patch');
BEGIN
	PERFORM api.check_readonly(v_doc, v_now, '{id,created_at,updated_at}');
	UPDATE connector.ticket r SET name = v_doc ->> 'name',
	    data = v_doc - '{id,name,created_at,updated_at}'::text[],
	    updated_at = now()
	WHERE r.organization = t.organization
	AND r.integration = t.integration AND r.id = t.id
	RETURNING * INTO t;
	PERFORM gate.audit('ticket', t.id::text);
	RETURN api.ticket_reply(t);
END
$$;
