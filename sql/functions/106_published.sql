-- What wrappers call, as grantd_app, and what makes them.

-- Refuses arguments that are missing, unknown, or null where that is none.
CREATE FUNCTION wrapper.refuse_arguments(p_arguments jsonb, p_known text[],
    p_required text[], p_strict text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_code	text := 'invalid_argument';
	v_name	text;
	v_text	text;
BEGIN
	SELECT x.name, x.problem INTO v_name, v_text
	FROM (
		SELECT 1, k, 'is not known' FROM jsonb_object_keys(p_arguments) k
		WHERE NOT k = ANY (p_known)
		UNION ALL
		SELECT 2, k, 'is required' FROM unnest(p_required) k
		WHERE NOT p_arguments ? k
		UNION ALL
		SELECT 3, k, 'must not be null' FROM unnest(p_strict) k
		WHERE p_arguments -> k = 'null'
	) x(n, name, problem) ORDER BY x.n, x.name LIMIT 1;
	RAISE EXCEPTION USING ERRCODE = 'HT422', CONSTRAINT = v_code,
	    MESSAGE = format('The argument "%s" %s', left(v_name, 64), v_text),
	    COLUMN = '/' || replace(replace(left(v_name, 64), '~', '~0'), '/', '~1'),
	    TABLE = 'body';
END
$$;

CREATE FUNCTION wrapper.page_size(p_page jsonb, p_max int4) RETURNS int4
LANGUAGE plpgsql AS $$
BEGIN
	IF coalesce(p_page -> 'size', 'null') = 'null' THEN
		RETURN p_max;
	ELSIF p_page ->> 'size' ~ '^[0-9]{1,9}$' AND p_page ->> 'size' !~ '^0+$' THEN
		RETURN least((p_page ->> 'size')::int4, p_max);
	END IF;
	RAISE EXCEPTION USING ERRCODE = 'HT400', CONSTRAINT = 'invalid_page_size',
	    MESSAGE = 'The page size is a whole number, at least 1',
	    COLUMN = '/page_size', TABLE = 'query';
END
$$;

CREATE FUNCTION wrapper.refuse_cursor() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'HT400', CONSTRAINT = 'invalid_cursor',
	    MESSAGE = 'The cursor is none of this list',
	    DETAIL = 'Cursors come from next_cursor of the page before.',
	    HINT = 'Begin again without a cursor.',
	    COLUMN = '/cursor', TABLE = 'query';
END
$$;

-- The keys of a cursor.  It gives no right to anything: where the next page
-- begins is all it says.
CREATE FUNCTION wrapper.cursor_keys(p_cursor text, p_name text, p_n int4)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb;
BEGIN
	IF length(p_cursor) <= 8192 THEN
		v := convert_from(lib.from_base64url(p_cursor), 'UTF8')::jsonb;
		IF jsonb_typeof(v) = 'object' AND v -> 'v' = '1'
		    AND v -> 'name' = to_jsonb(p_name)
		    AND jsonb_typeof(v -> 'keys') = 'array'
		    AND jsonb_array_length(v -> 'keys') = p_n
		    AND NOT v -> 'keys' @> 'null' THEN
			RETURN v -> 'keys';
		END IF;
	END IF;
	PERFORM wrapper.refuse_cursor();
	RETURN NULL;
EXCEPTION WHEN data_exception OR statement_too_complex THEN
	PERFORM wrapper.refuse_cursor();
	RETURN NULL;
END
$$;

-- A resource as resources/read has it, but for the URI.
-- p_cut: so many rows of more.
CREATE FUNCTION wrapper.resource(p_value text, p_mime text, p_form text,
    p_cut int8 DEFAULT NULL)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF p_value IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'HT404',
		    CONSTRAINT = 'resource_not_found',
		    MESSAGE = 'There is no such resource';
	END IF;
	IF p_cut IS NOT NULL THEN
		RETURN json_build_object('contents', json_build_array(
		    json_build_object('mimeType', p_mime, p_form, p_value),
		    json_build_object('mimeType', 'text/plain', 'text', format(
			'These are the first %s rows; there are more.', p_cut))))::text;
	END IF;
	RETURN json_build_object('contents', json_build_array(json_build_object(
	    'mimeType', p_mime, p_form, p_value)))::text;
END
$$;

-- What a call that writes left for the end of the transaction (deferred
-- constraint triggers) runs here, as grantd_app: at the end it would run as
-- grantd_api, which sees no row of applications and may become the login's
-- role.  p_result is computed before.
CREATE FUNCTION published.settle(p_result text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF current_user <> 'grantd_app' THEN
		RAISE 'not the role of applications' USING ERRCODE = '42501';
	END IF;
	SET CONSTRAINTS ALL IMMEDIATE;
	RETURN p_result;
END
$$;

-- Makes a wrapper.  This and the next belong to grantd_app, as what they make;
-- the definer calls them, and gives the rights on the schema for that moment.
CREATE FUNCTION published.make(p_number int4, p_body text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE format('CREATE OR REPLACE FUNCTION published.p_%s(arguments jsonb, '
	    'page jsonb) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER '
	    'SET enable_seqscan = on SET enable_hashjoin = on '
	    'SET enable_mergejoin = on AS %L', p_number, p_body);
	EXECUTE format('REVOKE ALL ON FUNCTION published.p_%s(jsonb, jsonb) '
	    'FROM PUBLIC', p_number);
	EXECUTE format('GRANT EXECUTE ON FUNCTION published.p_%s(jsonb, jsonb) '
	    'TO grantd_api', p_number);
END
$$;

CREATE FUNCTION published.drop(p_number int4) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE format('DROP FUNCTION IF EXISTS published.p_%s(jsonb, jsonb)',
	    p_number);
END
$$;
