-- The built-in notifications provider.

CREATE FUNCTION api.notification_json(n connector.notification) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT (n.data || jsonb_strip_nulls(jsonb_build_object('id', n.id,
	    'name', coalesce(n.data ->> 'name', n.id::text),
	    'status', CASE WHEN n.cleared_at IS NOT NULL THEN 'cleared'
		ELSE coalesce(n.data ->> 'status', 'open') END,
	    'created_at', lib.rfc3339(n.created_at),
	    'updated_at', lib.rfc3339(n.updated_at))))::json
$$;

CREATE FUNCTION api.notifications_create(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_body	jsonb := api.body(args, 'notification.create');
	n	connector.notification;
BEGIN
	INSERT INTO connector.notification (organization, integration, id, data)
	VALUES (core.this_organization(), core.this_integration(), lib.uuid7(),
	    v_body)
	RETURNING * INTO n;
	PERFORM gate.audit('notification', n.id::text);
	RETURN (200, json_build_object('result', api.notification_json(n))::text);
END
$$;

CREATE FUNCTION api.notifications_get(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	n	connector.notification;
BEGIN
	SELECT * INTO n FROM connector.notification r
	WHERE r.organization = core.this_organization()
	AND r.integration = core.this_integration()
	AND r.id = lib.to_uuid(args #>> '{path,id}');
	IF NOT FOUND THEN
		PERFORM api.fail_missing('notification', 'id');
	END IF;
	RETURN (200, json_build_object('result', api.notification_json(n))::text);
END
$$;

CREATE FUNCTION api.notifications_clear(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid;
BEGIN
	UPDATE connector.notification r
	SET cleared_at = coalesce(r.cleared_at, now()), updated_at = now()
	WHERE r.organization = core.this_organization()
	AND r.integration = core.this_integration()
	AND r.id = lib.to_uuid(args #>> '{path,id}')
	RETURNING r.id INTO v_id;
	IF NOT FOUND THEN
		PERFORM api.fail_missing('notification', 'id');
	END IF;
	PERFORM gate.audit('notification', v_id::text, NULL, 204);
	RETURN (204, ''::text);
END
$$;
