-- Calls of published procedures.  Which one it is comes from the context that
-- the gate set, never from the caller.

-- The question that is asked before a call that wants to be confirmed.
CREATE FUNCTION api.confirmation(p_question text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_build_object('confirmation', jsonb_build_object(
	    'method', 'elicitation/create', 'params', jsonb_build_object(
		'mode', 'form', 'message', p_question,
		'requestedSchema', '{"type":"object","properties":{"confirm":
		    {"type":"boolean","title":"Yes, do it"}},
		    "required":["confirm"]}'::jsonb)))
$$;

-- The questions that an error GA001 brought.  One that grantd.ask_all() did not
-- raise is a fault of the procedure, not of its caller.
CREATE FUNCTION api.asked(p_detail text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v	jsonb;
BEGIN
	v := p_detail::jsonb -> 'inputRequests';
	IF jsonb_typeof(v) = 'object' AND v <> '{}' THEN
		RETURN v;
	END IF;
	RAISE invalid_parameter_value;
EXCEPTION WHEN data_exception THEN
	RAISE EXCEPTION 'the procedure raised GA001 without questions'
	    USING ERRCODE = 'GX001', HINT = 'Ask with grantd.ask().';
END
$$;

-- Ends the call with questions, and the sealed state that answers them.
CREATE FUNCTION api.ask(p_questions jsonb, p_arguments jsonb, p_answers jsonb,
    p_nonce uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'GA001', MESSAGE = 'input is required',
	    CONSTRAINT = 'input_required', DETAIL = jsonb_build_object(
	    'inputRequests', p_questions, 'requestState', gate.state_seal(
		lib.digest(p_arguments), p_questions, coalesce(p_answers, '{}'),
		p_nonce));
END
$$;

-- The context as one text.
CREATE FUNCTION api.context() RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT concat_ws('|', current_setting('grantd.organization', true),
	    current_setting('grantd.integration', true),
	    current_setting('grantd.kind', true),
	    current_setting('grantd.resources', true),
	    current_setting('grantd.person', true),
	    current_setting('grantd.client', true),
	    current_setting('grantd.unit', true),
	    current_setting('grantd.answers', true))
$$;

-- Settings of the session that others' calls on this connection would feel.
CREATE FUNCTION api.settings() RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT concat_ws('|', current_setting('timezone'),
	    current_setting('datestyle'), current_setting('intervalstyle'),
	    current_setting('bytea_output'), current_setting('extra_float_digits'),
	    current_setting('row_security'), current_setting('synchronous_commit'),
	    current_setting('default_transaction_read_only'),
	    current_setting('client_min_messages'),
	    current_setting('standard_conforming_strings'),
	    current_setting('client_encoding'), current_setting('array_nulls'),
	    current_setting('default_transaction_isolation'),
	    current_setting('default_text_search_config'))
$$;

-- Whether an error says that a value does not fit its type: malformed, refused by
-- a domain, or no text of a language (tsquery, jsonpath) or name (regclass).
CREATE FUNCTION api.misfit(p_state text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT left(p_state, 2) IN ('22', '42') OR p_state IN ('23502', '23514')
$$;

-- Names the argument whose value its type cannot read, if it is one's fault.
-- Each is taken alone, beside one that nobody has: so nothing is called.  What
-- fails without any of them is not theirs.
CREATE FUNCTION api.blame(p_number int4, p_arguments jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	v_name	text;
	v_state	text;
	v_call	text := format('SELECT published.p_%s($1, ''{}'')', p_number);
BEGIN
	FOR v_name IN SELECT NULL
	    UNION ALL (SELECT k FROM jsonb_object_keys(p_arguments) k
		WHERE k <> '' ORDER BY k) LOOP
		v_state := '';
		BEGIN
			EXECUTE v_call USING CASE WHEN v_name IS NULL THEN '{}'
			    ELSE jsonb_build_object(v_name, p_arguments -> v_name)
			    END || '{"": 0}'::jsonb;
		EXCEPTION WHEN OTHERS THEN
			v_state := SQLSTATE;
		END;
		IF v_name IS NULL AND v_state <> 'HT422' THEN
			RETURN;
		ELSIF api.misfit(v_state) THEN
			PERFORM lib.fail(422, 'invalid_value',
			    'A value in the request is malformed or out of range',
			    '/' || replace(replace(left(v_name, 64), '~', '~0'), '/', '~1'),
			    'body', 'It cannot be read as a value of its type.');
		END IF;
	END LOOP;
END
$$;

-- args: {"arguments", "page": {"size", "cursor"}, "idempotency_key",
-- "minimal", "answers", "state"}; what is not needed is absent.
CREATE FUNCTION api.procedure_call(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_arguments jsonb := coalesce(args -> 'arguments', '{}');
	v_body	text;
	v_key	text;
	v_answers jsonb;
	v_nonce	uuid;
	v_asked	text;
	o	record;
	r	api.reply;
BEGIN
	-- Each expression costs its share of every call: one query for many.
	SELECT t.number, t.class, t.confirm, t.name, args ?| '{answers,state}' AS more,
	    coalesce(args -> 'page', '{}') AS page, api.context() AS context,
	    current_setting('search_path') AS path, api.settings() AS settings
	INTO o FROM gate.operation t WHERE t.name = (core.this_unit()).operation;
	IF o.number IS NULL THEN
		RAISE EXCEPTION 'not a published procedure' USING ERRCODE = '42501';
	ELSIF jsonb_typeof(v_arguments) <> 'object' THEN
		PERFORM lib.fail(422, 'invalid_argument',
		    'The arguments are an object', '', 'body');
	ELSIF o.more THEN
		SELECT s.answers, s.nonce INTO v_answers, v_nonce
		FROM gate.state_open(args ->> 'state', lib.digest(v_arguments),
		    args -> 'answers') s;
		o.context := api.context();
	END IF;
	IF o.confirm IS NOT NULL THEN
		IF NOT coalesce(v_answers ? 'confirmation', false) THEN
			PERFORM api.ask(api.confirmation(o.confirm), v_arguments,
			    v_answers, v_nonce);
		ELSIF v_answers #>> '{confirmation,action}' IS DISTINCT FROM 'accept'
		    OR v_answers #> '{confirmation,content,confirm}'
			IS DISTINCT FROM 'true' THEN
			PERFORM lib.fail(409, 'not_confirmed', 'It was not confirmed',
			    '', '', 'Nothing was done.');
		END IF;
	END IF;
	IF o.class = 'write' AND args ? 'idempotency_key' THEN
		v_key := args ->> 'idempotency_key';
		r := gate.answer_find(v_key, lib.digest(v_arguments));
	END IF;
	IF r.status IS NULL THEN
		BEGIN
			EXECUTE format(CASE o.class WHEN 'read'
			    THEN 'SELECT published.p_%s($1, $2)'
			    ELSE 'SELECT published.settle(published.p_%s($1, $2))'
			    END, o.number)
			INTO v_body USING v_arguments, o.page;
		EXCEPTION WHEN SQLSTATE 'GA001' THEN
			GET STACKED DIAGNOSTICS v_asked = PG_EXCEPTION_DETAIL;
			PERFORM api.ask(api.asked(v_asked), v_arguments, v_answers,
			    v_nonce);
		WHEN data_exception OR check_violation OR not_null_violation
		    OR syntax_error_or_access_rule_violation THEN
			PERFORM api.blame(o.number, v_arguments);
			RAISE;
		END;
		-- The query of a cursor WITH HOLD would run at the end of the unit,
		-- as grantd_api.  PL/pgSQL has a CLOSE of its own.
		EXECUTE 'CLOSE ALL';
		-- Before any other name is looked up by it.
		IF pg_catalog.current_setting('search_path')
		    OPERATOR(pg_catalog.<>) o.path THEN
			RAISE EXCEPTION 'the procedure changed the search path'
			    USING ERRCODE = 'GX001';
		END IF;
		-- Without a query as long as all is as it was.
		IF o.context IS DISTINCT FROM api.context()
		    OR o.settings <> api.settings() THEN
			IF o.context IS DISTINCT FROM api.context()
			    OR (SELECT p.trusted FROM publish.procedure p
				WHERE p.number = o.number) IS NOT TRUE THEN
				RAISE EXCEPTION 'the procedure changed the context of its call'
				    USING ERRCODE = 'GX001',
				    HINT = 'Give the function that needs it a SET clause.';
			END IF;
		END IF;
		IF octet_length(v_body) > 6 * 1024 * 1024 THEN
			PERFORM lib.fail(422, 'result_too_large',
			    'The result has more than 6 MiB', '', '', '',
			    'Ask for fewer rows at a time.');
		END IF;
		r := (CASE WHEN v_body IS NULL THEN 204 ELSE 200 END,
		    coalesce(v_body, ''));
		IF o.class = 'write' THEN
			PERFORM gate.audit('procedure', substr(o.name, 5), NULL, r.status);
			IF v_key IS NOT NULL THEN
				PERFORM gate.answer_keep(v_key,
				    lib.digest(v_arguments), r.status, r.body);
			END IF;
		END IF;
	END IF;
	IF args -> 'minimal' = 'true' THEN
		RETURN (204, ''::text);
	END IF;
	RETURN r;
END
$$;

-- What the caller may call, by one door.  Who has no credential sees all that
-- is not hidden: what exists is no secret, calling it needs the scope.
CREATE FUNCTION api.visible(p_prefix text) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_kind	text := core.this_kind();
	v_scopes text[] := core.this_scopes();
	v_nobody boolean := v_kind IN ('none', 'visitor');
	v_names	json;
BEGIN
	SELECT coalesce(json_agg(p.name ORDER BY p.name COLLATE "C"), '[]') INTO v_names
	FROM gate.operation o JOIN publish.procedure p ON p.number = o.number
	WHERE starts_with(o.name, p_prefix)
	AND CASE WHEN v_nobody THEN NOT p.hidden
	    ELSE v_kind = ANY (o.kinds) AND (o.scope IS NULL
		OR o.scope = ANY (v_scopes)) END;
	RETURN (200, json_build_object('generation', (SELECT s.generation
	    FROM publish.state s), 'anonymous', v_nobody, 'names', v_names,
	    'scopes', to_json(v_scopes))::text);
END
$$;

CREATE FUNCTION api.api_visible(args jsonb) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT * FROM api.visible('api:')
$$;
