-- What the conformance scenarios of MCP call: tools, resources and prompts of
-- these names.  Run by a superuser in a database that has grantd's schema.

DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fixture_owner') THEN
		CREATE ROLE fixture_owner NOLOGIN;
	END IF;
	EXECUTE format('GRANT CREATE ON DATABASE %I TO fixture_owner',
	    current_database());
END
$$;
GRANT grantd_publisher TO fixture_owner;
SET ROLE fixture_owner;
CREATE SCHEMA fixture;
SELECT grantd.define_scope('fixture:use', 'Use what tests call');

-- A red pixel, and a sound of no length.
CREATE FUNCTION fixture.png() RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
$$;
CREATE FUNCTION fixture.wav() RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA='
$$;
CREATE FUNCTION fixture.text(words text) RETURNS jsonb LANGUAGE sql IMMUTABLE
AS $$
	SELECT jsonb_build_object('type', 'text', 'text', words)
$$;
CREATE FUNCTION fixture.image() RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_build_object('type', 'image', 'data', fixture.png(),
	    'mimeType', 'image/png')
$$;
CREATE FUNCTION fixture.resource(uri text, mime text, content text)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_build_object('type', 'resource', 'resource',
	    jsonb_build_object('uri', uri, 'mimeType', mime, 'text', content))
$$;
-- A form with one text or truth value.
CREATE FUNCTION fixture.form(name text, kind text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_build_object('type', 'object', 'properties',
	    jsonb_build_object(name, jsonb_build_object('type', kind)),
	    'required', jsonb_build_array(name))
$$;

-- --- content ---------------------------------------------------------------

CREATE FUNCTION fixture.test_simple_text() RETURNS grantd.content
LANGUAGE sql STABLE AS $$
	SELECT fixture.text('This is a simple text response for testing.')
$$;
CREATE FUNCTION fixture.test_image_content() RETURNS grantd.content
LANGUAGE sql STABLE AS $$
	SELECT fixture.image()
$$;
CREATE FUNCTION fixture.test_audio_content() RETURNS grantd.content
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('type', 'audio', 'data', fixture.wav(),
	    'mimeType', 'audio/wav')
$$;
CREATE FUNCTION fixture.test_embedded_resource() RETURNS grantd.content
LANGUAGE sql STABLE AS $$
	SELECT fixture.resource('test://embedded-resource', 'text/plain',
	    'This is an embedded resource content.')
$$;
CREATE FUNCTION fixture.test_multiple_content_types() RETURNS grantd.content
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_array(fixture.text('Multiple content types test:'),
	    fixture.image(), fixture.resource('test://mixed-content-resource',
		'application/json', '{"test":"data","value":123}'))
$$;
CREATE FUNCTION fixture.test_error_handling() RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RAISE EXCEPTION 'This tool intentionally returns an error for testing';
END
$$;

-- --- what is told meanwhile ------------------------------------------------

CREATE FUNCTION fixture.test_tool_with_progress() RETURNS grantd.content
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM grantd.progress(0, 100);
	PERFORM pg_sleep(0.05);
	PERFORM grantd.progress(50, 100);
	PERFORM pg_sleep(0.05);
	PERFORM grantd.progress(100, 100);
	RETURN fixture.text('All of it is done.');
END
$$;
CREATE FUNCTION fixture.test_tool_with_logging() RETURNS grantd.content
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM grantd.log('info', '"Tool execution started"');
	PERFORM pg_sleep(0.05);
	PERFORM grantd.log('info', '"Tool processing data"');
	PERFORM pg_sleep(0.05);
	PERFORM grantd.log('info', '"Tool execution completed"');
	RETURN fixture.text('It was logged.');
END
$$;
CREATE FUNCTION fixture.test_logging_tool() RETURNS grantd.content
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM grantd.log('info', '{"step": 1}', 'fixture');
	RETURN fixture.text('It was logged.');
END
$$;

-- --- questions -------------------------------------------------------------

CREATE FUNCTION fixture.test_input_required_result_elicitation()
RETURNS grantd.content LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN fixture.text(format('Hello, %s!', grantd.ask('user_name',
	    'What is your name?', fixture.form('name', 'string'))
	    #>> '{content,name}'));
END
$$;
CREATE FUNCTION fixture.capital() RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
	SELECT '{"messages": [{"role": "user", "content": {"type": "text",
	    "text": "What is the capital of France?"}}], "maxTokens": 100}'::jsonb
$$;
CREATE FUNCTION fixture.test_input_required_result_sampling()
RETURNS grantd.content LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN fixture.text(coalesce(grantd.ask_for('capital_question',
	    'sampling/createMessage', fixture.capital()) #>> '{content,text}', ''));
END
$$;
CREATE FUNCTION fixture.test_input_required_result_list_roots()
RETURNS grantd.content LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN fixture.text(coalesce(grantd.ask_for('client_roots', 'roots/list',
	    '{}') #>> '{roots,0,uri}', ''));
END
$$;
CREATE FUNCTION fixture.test_input_required_result_request_state()
RETURNS grantd.content LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM grantd.ask('confirm', 'Please confirm',
	    fixture.form('ok', 'boolean'));
	RETURN fixture.text('state-ok');
END
$$;
CREATE FUNCTION fixture.test_input_required_result_tampered_state()
RETURNS grantd.content LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM grantd.ask('confirm', 'Please confirm',
	    fixture.form('ok', 'boolean'));
	RETURN fixture.text('state-ok');
END
$$;
CREATE FUNCTION fixture.questions() RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_build_object(
	    'user_name', jsonb_build_object('method', 'elicitation/create',
		'params', jsonb_build_object('mode', 'form', 'message',
		    'What is your name?', 'requestedSchema',
		    fixture.form('name', 'string'))),
	    'greeting', jsonb_build_object('method', 'sampling/createMessage',
		'params', '{"messages": [{"role": "user", "content": {"type":
		    "text", "text": "Generate a greeting"}}], "maxTokens": 50}'::jsonb),
	    'client_roots', jsonb_build_object('method', 'roots/list',
		'params', '{}'::jsonb))
$$;
CREATE FUNCTION fixture.test_input_required_result_multiple_inputs()
RETURNS grantd.content LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN fixture.text('Hello, ' || coalesce(grantd.ask_all(
	    fixture.questions()) #>> '{user_name,content,name}', ''));
END
$$;
CREATE FUNCTION fixture.test_input_required_result_multi_round()
RETURNS grantd.content LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_name	text;
	v_color	text;
BEGIN
	v_name := grantd.ask('step1', 'Step 1: What is your name?',
	    fixture.form('name', 'string')) #>> '{content,name}';
	v_color := grantd.ask('step2', 'Step 2: What is your favorite color?',
	    fixture.form('color', 'string')) #>> '{content,color}';
	RETURN fixture.text(format('%s likes %s.', v_name, v_color));
END
$$;
-- Asks for both; a client gets the questions that it can answer.
CREATE FUNCTION fixture.test_input_required_result_capabilities()
RETURNS grantd.content LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM grantd.ask_all(fixture.questions() - 'client_roots');
	RETURN fixture.text('All was answered.');
END
$$;
CREATE FUNCTION fixture.test_missing_capability() RETURNS grantd.content
LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM grantd.ask_for('any', 'sampling/createMessage', fixture.capital());
	RETURN fixture.text('The client can do it.');
END
$$;
CREATE FUNCTION fixture.test_streaming_elicitation() RETURNS grantd.content
LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM grantd.ask('name', 'What is your name?',
	    fixture.form('name', 'string'));
	RETURN fixture.text('Thank you.');
END
$$;
-- Of the legacy revision, in which the server would ask the client itself.
CREATE FUNCTION fixture.test_sampling(prompt text) RETURNS grantd.content
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN fixture.text('LLM response: ' || coalesce(grantd.ask_for('prompt',
	    'sampling/createMessage', jsonb_build_object('maxTokens', 100,
		'messages', jsonb_build_array(jsonb_build_object('role', 'user',
		    'content', fixture.text(prompt))))) #>> '{content,text}', ''));
END
$$;
CREATE FUNCTION fixture.test_elicitation(message text) RETURNS grantd.content
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN fixture.text('User response: ' || grantd.ask('user', message,
	    '{"type": "object", "properties": {"username": {"type": "string"},
	    "email": {"type": "string"}}, "required": ["username", "email"]}'));
END
$$;

-- --- lists that change -----------------------------------------------------

CREATE FUNCTION fixture.toggle() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT 'here today'
$$;
CREATE FUNCTION fixture.toggle_prompt() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT 'here today'
$$;
-- Procedures publish nothing: they say what is wanted, and whoever runs
-- fixture.apply() beside them does it.
CREATE TABLE fixture.switches (name text PRIMARY KEY,
	wanted boolean NOT NULL DEFAULT false, there boolean NOT NULL DEFAULT false);
INSERT INTO fixture.switches (name) VALUES ('tool'), ('prompt');
GRANT SELECT, UPDATE (wanted) ON fixture.switches TO grantd_app;
CREATE FUNCTION fixture.test_trigger_tool_change() RETURNS grantd.content
LANGUAGE sql AS $$
	UPDATE fixture.switches SET wanted = NOT wanted WHERE name = 'tool';
	SELECT fixture.text('The tools change.')
$$;
CREATE FUNCTION fixture.test_trigger_prompt_change() RETURNS grantd.content
LANGUAGE sql AS $$
	UPDATE fixture.switches SET wanted = NOT wanted WHERE name = 'prompt';
	SELECT fixture.text('The prompts change.')
$$;
CREATE FUNCTION fixture.apply() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	s	fixture.switches;
BEGIN
	FOR s IN SELECT * FROM fixture.switches WHERE wanted <> there LOOP
		IF s.there THEN
			PERFORM grantd.unpublish(CASE s.name WHEN 'tool'
			    THEN 'fixture.toggle' ELSE 'fixture.toggle_prompt' END);
		ELSIF s.name = 'tool' THEN
			PERFORM grantd.publish('fixture.toggle', 'fixture:use');
		ELSE
			PERFORM grantd.publish_prompt('fixture.toggle_prompt',
			    'fixture:use');
		END IF;
		UPDATE fixture.switches w SET there = s.wanted WHERE w.name = s.name;
	END LOOP;
END
$$;

-- --- resources, prompts ----------------------------------------------------

CREATE FUNCTION fixture.static_text() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT 'This is the content of the static text resource.'
$$;
CREATE FUNCTION fixture.static_binary() RETURNS bytea LANGUAGE sql STABLE AS $$
	SELECT decode(fixture.png(), 'base64')
$$;
CREATE FUNCTION fixture.watched() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT 'This one could change.'
$$;
CREATE FUNCTION fixture.template(id text) RETURNS jsonb LANGUAGE sql STABLE
AS $$
	SELECT jsonb_build_object('id', id, 'templateTest', true, 'data',
	    'Data for ID: ' || id)
$$;

CREATE FUNCTION fixture.message(content jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_build_object('role', 'user', 'content', content)
$$;
CREATE FUNCTION fixture.test_simple_prompt() RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT 'This is a simple prompt for testing.'
$$;
CREATE FUNCTION fixture.test_prompt_with_arguments(arg1 text, arg2 text)
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT format('Prompt with arguments: arg1=''%s'', arg2=''%s''', arg1, arg2)
$$;
CREATE FUNCTION fixture.test_prompt_with_embedded_resource("resourceUri" text)
RETURNS grantd.messages LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_array(fixture.message(fixture.resource("resourceUri",
	    'text/plain', 'Embedded resource content for testing.')),
	    fixture.message(fixture.text(
		'Please process the embedded resource above.')))
$$;
CREATE FUNCTION fixture.test_prompt_with_image() RETURNS grantd.messages
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_array(fixture.message(fixture.image()),
	    fixture.message(fixture.text('Please analyze the image above.')))
$$;
CREATE FUNCTION fixture.test_input_required_result_prompt()
RETURNS grantd.messages LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN jsonb_build_array(fixture.message(fixture.text(grantd.ask(
	    'user_context', 'What context should the prompt use?',
	    fixture.form('context', 'string')) #>> '{content,context}')));
END
$$;
COMMENT ON FUNCTION fixture.test_prompt_with_arguments IS
'A prompt with two arguments
@complete arg1 test one, test two, other';

-- --- publishing ------------------------------------------------------------

SELECT grantd.publish('fixture.' || p.proname, 'fixture:use')
FROM pg_proc p
WHERE p.pronamespace = 'fixture'::regnamespace AND p.proname ~ '^test_'
AND p.proname !~ 'prompt' OR p.oid =
    'fixture.test_trigger_prompt_change()'::regprocedure
ORDER BY p.proname;

SELECT grantd.publish_prompt('fixture.' || n, 'fixture:use')
FROM unnest('{test_simple_prompt,test_prompt_with_arguments,
    test_prompt_with_embedded_resource,test_prompt_with_image,
    test_input_required_result_prompt}'::text[]) n;

SELECT grantd.publish_resource('fixture.static_text', 'fixture:use',
    'test://static-text', 'text/plain');
SELECT grantd.publish_resource('fixture.static_binary', 'fixture:use',
    'test://static-binary', 'image/png');
SELECT grantd.publish_resource('fixture.watched', 'fixture:use',
    'test://watched-resource', 'text/plain');
SELECT grantd.publish_resource('fixture.template', 'fixture:use',
    'test://template/{id}/data', 'application/json');
RESET ROLE;
