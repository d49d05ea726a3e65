-- Whether the frontend can use what was made of comments, names and defaults.
-- It leaves out what it cannot; owners are to hear of it when they publish.

-- What a JSON Schema of @schema must not say, or null.  Keywords that nobody
-- checks are refused: a body is held against the schema that is shown.
CREATE FUNCTION publish.schema_problem(p_schema jsonb, p_depth int4 DEFAULT 0)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	k	text;
	v	jsonb;
	v_is	text := jsonb_typeof(p_schema);
	v_bad	text;
BEGIN
	IF v_is = 'boolean' AND p_depth > 0 THEN
		RETURN NULL;
	ELSIF v_is <> 'object' THEN
		RETURN format('a schema is an object, not %s', v_is);
	ELSIF p_depth > 15 THEN
		RETURN 'it is nested deeper than 15 levels';
	END IF;
	FOR k, v IN SELECT e.key, e.value FROM jsonb_each(p_schema) e LOOP
		v_is := jsonb_typeof(v);
		v_bad := NULL;
		IF k IN ('items', 'additionalProperties') THEN
			v_bad := publish.schema_problem(v, p_depth + 1);
		ELSIF k = 'properties' AND v_is = 'object' THEN
			SELECT min(publish.schema_problem(e.value, p_depth + 1))
			INTO v_bad FROM jsonb_each(v) e;
		ELSIF k NOT IN ('type', 'enum', 'const', 'properties',
		    'required', 'minItems', 'maxItems', 'minLength',
		    'maxLength', 'minimum', 'maximum', 'exclusiveMinimum',
		    'exclusiveMaximum', 'format', 'contentEncoding', 'title',
		    'description', 'default', 'examples', 'deprecated',
		    '$comment') THEN
			v_bad := format('"%s" is not checked by this server',
			    left(k, 64));
		ELSIF NOT (CASE
		    WHEN k = 'type' THEN v_is IN ('string', 'array')
			AND v <> '[]' AND v <@ '["null", "boolean", "integer",
			    "number", "string", "array", "object"]'
		    WHEN k = 'enum' THEN v_is = 'array' AND v <> '[]'
		    WHEN k = 'required' THEN v_is = 'array'
			AND NOT jsonb_path_exists(v,
			    'strict $[*] ? (@.type() != "string")')
		    WHEN k LIKE 'm%Items' OR k LIKE 'm%Length'
			THEN v::text ~ '^\d{1,18}$'
		    WHEN k ~* 'm(in|ax)imum$' THEN v_is = 'number'
		    WHEN k IN ('format', 'contentEncoding', 'title',
			'description', '$comment') THEN v_is = 'string'
		    WHEN k = 'deprecated' THEN v_is = 'boolean'
		    WHEN k = 'examples' THEN v_is = 'array'
		    ELSE k <> 'properties' END) THEN
			v_bad := format('"%s" cannot be %s', k,
			    left(v::text, 64));
		END IF;
		IF v_bad IS NOT NULL THEN
			RETURN v_bad;
		END IF;
	END LOOP;
	RETURN NULL;
END
$$;

CREATE FUNCTION publish.check_schema(p_schema jsonb, p_domain oid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v	text := publish.schema_problem(p_schema);
BEGIN
	IF v IS NOT NULL THEN
		PERFORM publish.fail(format('in @schema of domain %s: %s',
		    p_domain::regtype, v),
		    'Possible are type, enum, const, properties, required, '
		    'additionalProperties, items, minItems, maxItems, '
		    'minLength, maxLength, minimum, maximum, exclusiveMinimum, '
		    'exclusiveMaximum, format, contentEncoding, title, '
		    'description, default, examples, deprecated and $comment. '
		    'A CHECK of the domain is asked for the rest.');
	END IF;
END
$$;

-- A name that one object has twice, or null.
CREATE FUNCTION publish.repeated_name(p_value json) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v	json;
	v_name	text;
BEGIN
	IF json_typeof(p_value) = 'array' THEN
		FOR v IN SELECT e FROM json_array_elements(p_value) e LOOP
			v_name := coalesce(v_name, publish.repeated_name(v));
		END LOOP;
	ELSIF json_typeof(p_value) = 'object' THEN
		SELECT e.key INTO v_name FROM json_each(p_value) e
		GROUP BY e.key HAVING count(*) > 1 ORDER BY e.key LIMIT 1;
		FOR v IN SELECT e.value FROM json_each(p_value) e LOOP
			v_name := coalesce(v_name, publish.repeated_name(v));
		END LOOP;
	END IF;
	RETURN v_name;
END
$$;

-- Whether a number is too large or too small for a real of 64 bit.
CREATE FUNCTION publish.out_of_range(p_number text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM p_number::float8;
	RETURN false;
EXCEPTION WHEN numeric_value_out_of_range THEN
	RETURN true;
END
$$;

-- Why the frontend's parser would not take a part of the catalogue, or null:
-- its limits are 60 levels, 64 characters of a number, 200000 values.
CREATE FUNCTION publish.entry_problem(p_entry json) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v	text := regexp_replace(p_entry::text, '"(?:[^"\\]|\\.)*"', '""',
		    'g');		-- without its texts
	v_name	text;
BEGIN
	v_name := substring(v FROM '[-+.0-9eE]{65,}');
	IF v_name IS NOT NULL THEN
		RETURN format('the number %s... has more than 64 characters',
		    left(v_name, 20));
	END IF;
	SELECT m[1] INTO v_name
	FROM regexp_matches(v, '(-?[0-9.]+[eE][-+]?[0-9]+)', 'g') m
	WHERE publish.out_of_range(m[1]) LIMIT 1;
	IF FOUND THEN
		RETURN format('the number %s is out of range', v_name);
	END IF;
	v := regexp_replace(v, '[^][{},]', '', 'g');
	IF length(v) >= 200000 THEN
		RETURN 'it has more than 200000 values';
	END IF;
	v := translate(v, ',', '');
	FOR i IN 1 .. 60 LOOP
		EXIT WHEN v = '';
		v := regexp_replace(v, '\[\]|\{\}', '', 'g');
	END LOOP;
	IF v <> '' THEN
		RETURN 'it is nested deeper than 60 levels';
	END IF;
	v_name := publish.repeated_name(p_entry -> 'examples');
	IF v_name IS NOT NULL THEN
		RETURN format('an object has "%s" twice', v_name);
	ELSIF replace(p_entry::jsonb::text, '\\', '')
	    ~ '\\(u00(0[0-8b-f]|1[0-9a-f])|b|f)' THEN
		RETURN 'a text has a control character';
	END IF;
	RETURN NULL;
EXCEPTION WHEN data_exception OR statement_too_complex THEN
	RETURN SQLERRM;
END
$$;
