-- JSON Schema (the part that the catalogue uses), JSON Pointer (RFC 6901)
-- and JSON Patch (RFC 6902).

CREATE FUNCTION lib.pointer_escape(p_key text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT replace(replace(p_key, '~', '~0'), '/', '~1')
$$;

-- The keys of a pointer; null if it is none.
CREATE FUNCTION lib.pointer_keys(p_pointer text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_pointer = '' THEN '{}'::text[]
	    WHEN p_pointer ~ '^/' AND p_pointer !~ '~([^01]|$)' THEN (
		SELECT array_agg(replace(replace(k, '~1', '/'), '~0', '~')
		    ORDER BY n)
		FROM unnest(string_to_array(substr(p_pointer, 2), '/'))
		    WITH ORDINALITY AS u(k, n)) END
$$;

CREATE FUNCTION lib.is_integer(p_value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT jsonb_typeof(p_value) = 'number'
	    AND (p_value #>> '{}')::numeric % 1 = 0
$$;

-- What a string breaks of a schema; null if nothing.
CREATE FUNCTION lib.schema_string(p_schema jsonb, p_text text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	IF length(p_text) < (p_schema ->> 'minLength')::int8 THEN
		RETURN CASE WHEN p_text = '' THEN 'must not be empty'
		    ELSE format('must have at least %s characters',
			p_schema ->> 'minLength') END;
	ELSIF length(p_text) > (p_schema ->> 'maxLength')::int8 THEN
		RETURN format('must have at most %s characters',
		    p_schema ->> 'maxLength');
	ELSIF p_text !~ (p_schema ->> 'pattern') THEN
		RETURN coalesce(p_schema ->> 'x-text',
		    format('must match %s', p_schema ->> 'pattern'));
	ELSIF p_schema ->> 'format' = 'uuid' AND lib.to_uuid(p_text) IS NULL THEN
		RETURN 'must be a UUID';
	ELSIF p_schema ->> 'format' = 'date-time' AND p_text !~
	    '^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$' THEN
		RETURN 'must be a time with a zone, such as 2026-01-31T12:00:00Z';
	END IF;
	RETURN NULL;
END
$$;

-- Each thing that is wrong with a value, and where, in order.  Keywords:
-- type, enum, const, properties, required, additionalProperties (false or
-- absent), items, minItems, maxItems, minLength, maxLength, pattern, format
-- (uuid, date-time), minimum, maximum.  x-text words what a pattern wants.
CREATE FUNCTION lib.schema_errors(p_schema jsonb, p_value jsonb,
    p_pointer text DEFAULT '')
RETURNS TABLE (pointer text, problem text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	v_kind	text := jsonb_typeof(p_value);
	v_type	text := p_schema ->> 'type';
	v_text	text;
	v_key	text;
	v_item	jsonb;
	v_n	int8;
BEGIN
	IF v_type IS NOT NULL AND NOT (v_type = v_kind
	    OR (v_type = 'integer' AND lib.is_integer(p_value))) THEN
		RETURN QUERY SELECT p_pointer, format('must be %s %s',
		    CASE WHEN v_type ~ '^[aio]' THEN 'an' ELSE 'a' END, v_type);
		RETURN;
	END IF;
	IF p_schema ? 'const' AND p_value <> p_schema -> 'const' THEN
		RETURN QUERY SELECT p_pointer, format('must be %s', p_schema -> 'const');
	END IF;
	IF p_schema ? 'enum' AND NOT p_schema -> 'enum' @> jsonb_build_array(p_value) THEN
		RETURN QUERY SELECT p_pointer, 'must be one of '
		    || string_agg(e, ', ') FROM jsonb_array_elements_text(p_schema -> 'enum') e;
	END IF;
	IF v_kind = 'string' THEN
		v_text := lib.schema_string(p_schema, p_value #>> '{}');
		IF v_text IS NOT NULL THEN
			RETURN QUERY SELECT p_pointer, v_text;
		END IF;
	ELSIF v_kind = 'number' THEN
		IF (p_value #>> '{}')::numeric < (p_schema ->> 'minimum')::numeric
		    OR (p_value #>> '{}')::numeric > (p_schema ->> 'maximum')::numeric THEN
			RETURN QUERY SELECT p_pointer, format('must be %s',
			    concat_ws(' and ', 'at least ' || (p_schema ->> 'minimum'),
			    'at most ' || (p_schema ->> 'maximum')));
		END IF;
	ELSIF v_kind = 'array' THEN
		v_n := jsonb_array_length(p_value);
		IF v_n < (p_schema ->> 'minItems')::int8
		    OR v_n > (p_schema ->> 'maxItems')::int8 THEN
			RETURN QUERY SELECT p_pointer, format('must have %s items',
			    concat_ws(' and ', 'at least ' || (p_schema ->> 'minItems'),
			    'at most ' || (p_schema ->> 'maxItems')));
		END IF;
		IF p_schema ? 'items' THEN
			RETURN QUERY SELECT s.pointer, s.problem
			    FROM jsonb_array_elements(p_value) WITH ORDINALITY AS a(e, n),
			    lib.schema_errors(p_schema -> 'items', a.e,
				p_pointer || '/' || (a.n - 1)) s;
		END IF;
	ELSIF v_kind = 'object' THEN
		RETURN QUERY SELECT p_pointer || '/' || lib.pointer_escape(k), 'is required'
		    FROM jsonb_array_elements_text(p_schema -> 'required') k
		    WHERE NOT p_value ? k;
		FOR v_key, v_item IN SELECT k, e FROM jsonb_each(p_value) AS o(k, e) LOOP
			IF p_schema -> 'properties' ? v_key THEN
				RETURN QUERY SELECT * FROM lib.schema_errors(
				    p_schema #> ARRAY['properties', v_key], v_item,
				    p_pointer || '/' || lib.pointer_escape(v_key));
			ELSIF p_schema -> 'additionalProperties' = 'false' THEN
				RETURN QUERY SELECT p_pointer || '/'
				    || lib.pointer_escape(v_key), 'is not known here'::text;
			END IF;
		END LOOP;
	END IF;
END
$$;

-- Refuses what grew on the way: 1e300 is five characters in a body and three
-- hundred digits here.
CREATE FUNCTION lib.check_size(p_value jsonb) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF octet_length(p_value::text) > 4 * 1024 * 1024 THEN
		PERFORM lib.fail(413, 'body_too_large',
		    'The body is too large', '', 'body',
		    'Written out, with all digits of its numbers, it is over 4 MiB.',
		    'Send less, or smaller numbers.');
	END IF;
END
$$;

-- Refuses a value that does not fit, naming the first place and all others.
CREATE FUNCTION lib.check_schema(p_schema jsonb, p_value jsonb,
    p_pointer text DEFAULT '', p_code text DEFAULT 'invalid_body')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_first	text;
	v_text	text;
	v_all	text;
BEGIN
	PERFORM lib.check_size(p_value);
	SELECT (array_agg(e.pointer))[1], (array_agg(e.problem))[1],
	    left(string_agg(e.pointer || ' ' || e.problem, '; '), 2000)
	INTO v_first, v_text, v_all
	FROM lib.schema_errors(p_schema, p_value, p_pointer) e;
	IF v_first IS NOT NULL THEN
		PERFORM lib.fail(400, p_code, left(
		    CASE WHEN v_first = '' THEN 'The body' ELSE v_first END
		    || ' ' || v_text, 500), left(v_first, 200), 'body', v_all,
		    'Correct the body and send the request again.');
	END IF;
	IF lib.has_control(p_value) THEN
		PERFORM lib.fail(400, p_code,
		    'The body holds a control character', p_pointer, 'body',
		    'Texts may hold tabs and line ends, and no other control characters.',
		    'Remove the character and send the request again.');
	END IF;
END
$$;

-- An object without its null members, at every depth: null is as good as absent.
CREATE FUNCTION lib.strip_nulls(p_value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT jsonb_strip_nulls(p_value)
$$;

CREATE FUNCTION lib.patch_fail(p_index int4, p_status int4, p_code text,
    p_message text, p_detail text DEFAULT '')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(p_status, p_code, left(p_message, 500),
	    '/' || p_index, 'body', p_detail,
	    'No operation of this patch was applied.');
END
$$;

-- The value at a path whose parent exists, or null; array indexes as RFC
-- 6901 wants them (no sign, no leading zero).
CREATE FUNCTION lib.patch_get(p_doc jsonb, p_keys text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	v_at	jsonb := p_doc;
	v_key	text;
BEGIN
	FOREACH v_key IN ARRAY p_keys LOOP
		IF jsonb_typeof(v_at) = 'object' THEN
			v_at := v_at -> v_key;
		ELSIF jsonb_typeof(v_at) = 'array' AND v_key ~ '^(0|[1-9]\d{0,8})$' THEN
			v_at := v_at -> v_key::int4;
		ELSE
			RETURN NULL;
		END IF;
	END LOOP;
	RETURN v_at;
END
$$;

CREATE FUNCTION lib.patch_add(p_doc jsonb, p_keys text[], p_value jsonb,
    p_index int4)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v_n	int4 := cardinality(p_keys);
	v_last	text;
	v_parent jsonb;
BEGIN
	IF v_n = 0 THEN
		RETURN p_value;
	END IF;
	v_last := p_keys[v_n];
	v_parent := lib.patch_get(p_doc, p_keys[:v_n - 1]);
	IF jsonb_typeof(v_parent) = 'object' THEN
		RETURN jsonb_set(p_doc, p_keys, p_value, true);
	ELSIF jsonb_typeof(v_parent) = 'array' THEN
		IF v_last = '-' THEN
			v_last := jsonb_array_length(v_parent)::text;
		END IF;
		IF v_last !~ '^(0|[1-9]\d{0,8})$'
		    OR v_last::int4 > jsonb_array_length(v_parent) THEN
			PERFORM lib.patch_fail(p_index, 400, 'patch_path',
			    format('"%s" is no index of that array', v_last));
		END IF;
		p_keys[v_n] := v_last;
		IF v_last::int4 = jsonb_array_length(v_parent) THEN
			RETURN jsonb_insert(p_doc,
			    p_keys[:v_n - 1] || '-1'::text, p_value, true);
		END IF;
		RETURN jsonb_insert(p_doc, p_keys, p_value);
	END IF;
	PERFORM lib.patch_fail(p_index, 400, 'patch_path',
	    'The path leads to nothing that can hold a value');
	RETURN NULL;
END
$$;

CREATE FUNCTION lib.patch_remove(p_doc jsonb, p_keys text[], p_index int4)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF cardinality(p_keys) = 0 THEN
		PERFORM lib.patch_fail(p_index, 400, 'patch_path',
		    'The whole object cannot be removed');
	ELSIF lib.patch_get(p_doc, p_keys) IS NULL THEN
		PERFORM lib.patch_fail(p_index, 400, 'patch_path',
		    'The path leads to nothing');
	END IF;
	RETURN p_doc #- p_keys;
END
$$;

-- Applies a whole patch or refuses it; bounded by PATCH operations.
CREATE FUNCTION lib.json_patch(p_doc jsonb, p_patch jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	v_doc	jsonb := p_doc;
	v_op	jsonb;
	v_name	text;
	v_path	text[];
	v_from	text[];
	v_value	jsonb;
	v_i	int4 := -1;
BEGIN
	IF jsonb_typeof(p_patch) IS DISTINCT FROM 'array' THEN
		PERFORM lib.fail(400, 'invalid_patch',
		    'The body must be an array of operations', '', 'body',
		    'PATCH takes a JSON Patch (RFC 6902).',
		    'Send for example [{"op": "replace", "path": "/fullname", "value": "New"}].');
	ELSIF jsonb_array_length(p_patch) > 200 THEN
		PERFORM lib.fail(400, 'invalid_patch',
		    'The patch has more than 200 operations', '', 'body');
	END IF;
	FOR v_op IN SELECT e FROM jsonb_array_elements(p_patch) e LOOP
		v_i := v_i + 1;
		v_name := v_op ->> 'op';
		IF jsonb_typeof(v_op) <> 'object' OR v_name IS NULL OR v_name NOT IN
		    ('add', 'remove', 'replace', 'move', 'copy', 'test') THEN
			PERFORM lib.patch_fail(v_i, 400, 'invalid_patch',
			    'op must be one of add, remove, replace, move, copy, test');
		END IF;
		v_path := lib.pointer_keys(v_op ->> 'path');
		IF v_path IS NULL OR jsonb_typeof(v_op -> 'path') <> 'string' THEN
			PERFORM lib.patch_fail(v_i, 400, 'invalid_patch',
			    'path must be a JSON Pointer, such as /fullname');
		END IF;
		v_value := v_op -> 'value';
		IF v_name IN ('add', 'replace', 'test') AND v_value IS NULL THEN
			PERFORM lib.patch_fail(v_i, 400, 'invalid_patch',
			    format('%s needs a value', v_name));
		END IF;
		IF v_name IN ('move', 'copy') THEN
			v_from := lib.pointer_keys(v_op ->> 'from');
			IF v_from IS NULL THEN
				PERFORM lib.patch_fail(v_i, 400, 'invalid_patch',
				    'from must be a JSON Pointer, such as /name');
			END IF;
			v_value := lib.patch_get(v_doc, v_from);
			IF v_value IS NULL THEN
				PERFORM lib.patch_fail(v_i, 400, 'patch_path',
				    'from leads to nothing');
			END IF;
			IF v_name = 'move' AND v_path[:cardinality(v_from)] = v_from
			    AND cardinality(v_path) > cardinality(v_from) THEN
				PERFORM lib.patch_fail(v_i, 400, 'patch_path',
				    'A value cannot be moved into itself');
			END IF;
		END IF;
		CASE v_name
		WHEN 'test' THEN
			IF lib.patch_get(v_doc, v_path) IS DISTINCT FROM v_value THEN
				PERFORM lib.patch_fail(v_i, 409, 'patch_test_failed',
				    format('%s is not what the test wants', v_op ->> 'path'));
			END IF;
		WHEN 'remove' THEN
			v_doc := lib.patch_remove(v_doc, v_path, v_i);
		WHEN 'replace' THEN
			IF cardinality(v_path) > 0
			    AND lib.patch_get(v_doc, v_path) IS NULL THEN
				PERFORM lib.patch_fail(v_i, 400, 'patch_path',
				    format('%s leads to nothing', v_op ->> 'path'));
			END IF;
			v_doc := CASE WHEN cardinality(v_path) = 0 THEN v_value
			    ELSE jsonb_set(v_doc, v_path, v_value) END;
		WHEN 'move' THEN
			v_doc := lib.patch_add(lib.patch_remove(v_doc, v_from, v_i),
			    v_path, v_value, v_i);
		ELSE
			v_doc := lib.patch_add(v_doc, v_path, v_value, v_i);
		END CASE;
	END LOOP;
	RETURN v_doc;
END
$$;
