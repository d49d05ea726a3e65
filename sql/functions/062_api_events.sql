-- The built-in SIEM and sink: they keep events as they come.

CREATE FUNCTION api.event_body(p_args jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_body	jsonb := p_args -> 'body';
	v_bad	int8;
BEGIN
	IF jsonb_typeof(v_body) IS DISTINCT FROM 'array' THEN
		PERFORM lib.fail(400, 'invalid_body',
		    'The body must be an array of events', '', 'body', '',
		    'Send a JSON array, also for one event.');
	ELSIF jsonb_array_length(v_body) > 10000 THEN
		PERFORM lib.fail(400, 'invalid_body',
		    'The body has more than 10000 events', '', 'body', '',
		    'Send them in several requests.');
	END IF;
	PERFORM lib.check_size(v_body);
	SELECT n - 1 INTO v_bad
	FROM jsonb_array_elements(v_body) WITH ORDINALITY AS u(e, n)
	WHERE jsonb_typeof(e) <> 'object' ORDER BY n LIMIT 1;
	IF FOUND THEN
		PERFORM lib.fail(400, 'invalid_body',
		    format('/%s must be an object', v_bad), '/' || v_bad, 'body');
	END IF;
	RETURN v_body;
END
$$;

CREATE FUNCTION api.siem_event_create(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_body	jsonb := api.event_body(args);
BEGIN
	INSERT INTO connector.siem_event (organization, integration, id, data)
	SELECT core.this_organization(), core.this_integration(), lib.uuid7(), e
	FROM jsonb_array_elements(v_body) e;
	PERFORM gate.audit('event', NULL,
	    jsonb_build_object('count', jsonb_array_length(v_body)));
	RETURN (200, jsonb_build_object('result', v_body)::text);
END
$$;

CREATE FUNCTION api.siem_event_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (200, api.list_body('siem_event', args, 'true',
	    ',"status":"COMPLETE"'));
END
$$;

CREATE FUNCTION api.sink_event_create(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_body	jsonb := api.event_body(args);
BEGIN
	INSERT INTO connector.sink_event (organization, integration, id, data)
	SELECT core.this_organization(), core.this_integration(), lib.uuid7(), e
	FROM jsonb_array_elements(v_body) e;
	PERFORM gate.audit('event', NULL,
	    jsonb_build_object('count', jsonb_array_length(v_body)));
	RETURN (200, jsonb_build_object('result', v_body)::text);
END
$$;
