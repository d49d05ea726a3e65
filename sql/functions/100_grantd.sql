-- What functions of applications call: to refuse, to tell how far they are, to
-- ask.  They run as grantd_app and have no more rights than it.  Functions of
-- schema grantd are replaced, never dropped: others depend on them.

-- Refuses: status and texts become the answer of the call.
--	code	short word for programs, detail text for people,
--	data	more for programs, or null
-- It travels as SQLSTATE HTnnn with the detail as message, the code as
-- constraint name and the data, as JSON text, as schema name.
CREATE OR REPLACE FUNCTION grantd.problem(status int4, code text, detail text,
    data jsonb DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF status IS NULL OR status NOT BETWEEN 400 AND 599
	    OR coalesce(code, '') !~ '^[a-z][a-z0-9_]{0,62}$' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE =
		    'grantd.problem(status, code, ...): status is 400 to 599, code is a word of a-z, 0-9 and _';
	END IF;
	RAISE EXCEPTION USING ERRCODE = 'HT' || status,
	    MESSAGE = left(coalesce(nullif(detail, ''), code), 2000),
	    CONSTRAINT = code, SCHEMA = coalesce(data::text, '');
END
$$;

-- Tells the caller how far a long call is, if it asked for that: a notice
-- GP001, {"progress", "total", "message"}.
CREATE OR REPLACE FUNCTION grantd.progress(done float8,
    total float8 DEFAULT NULL, message text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF done IS NOT NULL AND done NOT IN ('NaN', 'Infinity', '-Infinity') THEN
		RAISE NOTICE USING ERRCODE = 'GP001', MESSAGE =
		    json_strip_nulls(json_build_object('progress', done,
			'total', CASE WHEN total NOT IN ('NaN', 'Infinity',
			    '-Infinity') THEN total END,
			'message', left(message, 1000)))::text;
	END IF;
END
$$;

-- Tells the caller something on the way: a notice GL001, {"level", "data",
-- "logger"}.
CREATE OR REPLACE FUNCTION grantd.log(level text, data jsonb,
    logger text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF NOT coalesce(level IN ('debug', 'info', 'notice', 'warning', 'error',
	    'critical', 'alert', 'emergency'), false) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE =
		    'grantd.log(level, ...): level is one of debug, info, notice, warning, error, critical, alert, emergency';
	END IF;
	RAISE NOTICE USING ERRCODE = 'GL001', MESSAGE =
	    json_strip_nulls(json_build_object('level', level,
		'data', coalesce(data, 'null'), 'logger', left(logger, 200)))::text;
END
$$;

-- The answers to several questions, {key: {"method", "params"}}, as {key:
-- answer}.  If one is missing, the call ends here with the missing questions;
-- the caller answers them and calls again (SQLSTATE GA001, the questions as
-- detail; api.procedure_call adds the sealed state).
CREATE OR REPLACE FUNCTION grantd.ask_all(questions jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	v_given	jsonb := coalesce(nullif(current_setting('grantd.answers', true),
		    ''), '{}')::jsonb;
	v_open	jsonb;
BEGIN
	IF jsonb_typeof(questions) IS DISTINCT FROM 'object' OR EXISTS (
	    SELECT FROM jsonb_each(questions) q
	    WHERE q.key !~ '^[A-Za-z0-9_-]{1,64}$'
	    OR NOT coalesce(q.value ->> 'method' IN ('elicitation/create',
		'sampling/createMessage', 'roots/list'), false)
	    OR coalesce(jsonb_typeof(q.value -> 'params'), 'object') <> 'object') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE =
		    'questions are {key: {"method": elicitation/create, sampling/createMessage or roots/list, "params": {}}}; keys are of A-Z, a-z, 0-9, _ and -';
	END IF;
	SELECT jsonb_object_agg(q.key, q.value) INTO v_open
	FROM jsonb_each(questions) q WHERE NOT v_given ? q.key;
	IF v_open IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'GA001',
		    MESSAGE = 'input is required',
		    DETAIL = jsonb_build_object('inputRequests', v_open);
	END IF;
	RETURN coalesce((SELECT jsonb_object_agg(q, v_given -> q)
	    FROM jsonb_object_keys(questions) q), '{}');
END
$$;

-- One question, of any method.
CREATE OR REPLACE FUNCTION grantd.ask_for(key text, method text, params jsonb)
RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT grantd.ask_all(jsonb_build_object(key, jsonb_build_object(
	    'method', method, 'params', coalesce(params, '{}')))) -> key
$$;

-- A question to the person in front of the client, as a form.  The answer is
-- {"action": "accept", "content": {...}}, or the action decline or cancel.
CREATE OR REPLACE FUNCTION grantd.ask(key text, message text, schema jsonb)
RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT grantd.ask_for(key, 'elicitation/create', jsonb_build_object(
	    'mode', 'form', 'message', message, 'requestedSchema', schema))
$$;
