-- JSON Schema (2020-12) of types, arguments and results: what PostgreSQL
-- takes, and what its JSON looks like.  Printed names are whole, for the
-- search path is pg_catalog alone.

CREATE FUNCTION publish.type_word(p_type text[], p_null boolean) RETURNS json
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN cardinality(p_type) = 1 AND NOT p_null
	    THEN to_json(p_type[1])
	    ELSE to_json(p_type || CASE WHEN p_null THEN ARRAY['null']
		ELSE '{}' END) END
$$;

-- One object of several; later ones win, null ones do not count.
CREATE FUNCTION publish.merge(VARIADIC p_parts json[]) RETURNS json
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN (SELECT coalesce(json_object_agg(k, v ORDER BY n, m), '{}')
	FROM (
		SELECT DISTINCT ON (e.key) e.key AS k, e.value AS v, p.n, e.m
		FROM unnest(p_parts) WITH ORDINALITY AS p(part, n)
		CROSS JOIN LATERAL json_each(p.part)
		    WITH ORDINALITY AS e(key, value, m)
		WHERE p.part IS NOT NULL
		ORDER BY e.key, p.n DESC
	) x);
END
$$;

-- What of a domain's checks can be said: bounds, lengths, patterns, values.
-- Only of conjunctions; the database checks the rest.
CREATE FUNCTION publish.check_shape(p_expression text, p_text boolean)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v	text := regexp_replace(p_expression,
		    '\(VALUE\)::[a-z]+( varying)?', 'VALUE', 'g');
	r	jsonb := '{}';
	m	text[];
BEGIN
	IF v ~ '\m(OR|NOT|CASE)\M' THEN
		RETURN r;
	END IF;
	FOR m IN SELECT regexp_matches(v,
	    '(?:char_length|character_length|length)\(VALUE\) (>=|>|<=|<|=) (\d{1,9})', 'g') LOOP
		r := r || CASE m[1]
		    WHEN '>=' THEN jsonb_build_object('minLength', m[2]::int4)
		    WHEN '>' THEN jsonb_build_object('minLength', m[2]::int4 + 1)
		    WHEN '<=' THEN jsonb_build_object('maxLength', m[2]::int4)
		    WHEN '<' THEN jsonb_build_object('maxLength', m[2]::int4 - 1)
		    ELSE jsonb_build_object('minLength', m[2]::int4,
			'maxLength', m[2]::int4) END;
	END LOOP;
	IF NOT p_text THEN
		FOR m IN SELECT regexp_matches(v,
		    'VALUE (>=|>|<=|<) \(?''?(-?\d{1,30}(?:\.\d{1,30})?)''?\)?', 'g') LOOP
			r := r || jsonb_build_object(CASE m[1]
			    WHEN '>=' THEN 'minimum' WHEN '>' THEN 'exclusiveMinimum'
			    WHEN '<=' THEN 'maximum' ELSE 'exclusiveMaximum' END,
			    m[2]::numeric);
		END LOOP;
		RETURN r;
	END IF;
	m := regexp_match(v, 'VALUE ~ ''((?:[^'']|'''')*)''::text');
	IF m[1] !~ '\\[mMyYAZ]|\[\[:|\(\?[^:=!]' THEN
		r := r || jsonb_build_object('pattern', replace(m[1], '''''', ''''));
	END IF;
	m := regexp_match(v, 'VALUE = ANY \(+ARRAY\[((?:[^]'']|''(?:[^'']|'''')*'')*)\]');
	IF m IS NOT NULL THEN
		r := r || (SELECT jsonb_build_object('enum',
			jsonb_agg(replace(e[1], '''''', '''')))
		    FROM regexp_matches(m[1], '''((?:[^'']|'''')*)''', 'g') e);
	END IF;
	RETURN r;
END
$$;

CREATE FUNCTION publish.domain_schema(p_type oid, p_null boolean, p_in boolean,
    p_exact boolean, p_depth int4)
RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
	d	pg_type;
	w	record;
	v_base	json;
	v_shape	jsonb := '{}';
	v_null	boolean;
	v_text	boolean;
	v_check	text;
BEGIN
	SELECT * INTO STRICT d FROM pg_type t WHERE t.oid = p_type;
	SELECT * INTO w FROM publish.words(obj_description(p_type, 'pg_type'));
	v_null := p_null AND NOT d.typnotnull;
	IF w.schema IS NOT NULL THEN
		PERFORM publish.check_schema(w.schema, p_type);
		RETURN w.schema;
	END IF;
	v_base := publish.type_schema(d.typbasetype, d.typtypmod, v_null, p_in,
	    p_exact, p_depth + 1);
	SELECT t.typcategory = 'S' INTO v_text FROM pg_type t WHERE t.oid = d.typbasetype;
	FOR v_check IN SELECT pg_get_expr(c.conbin, 0) FROM pg_constraint c
	    WHERE c.contypid = p_type AND c.contype = 'c' ORDER BY c.conname LOOP
		v_shape := v_shape || publish.check_shape(v_check, v_text);
	END LOOP;
	IF v_null AND v_shape ? 'enum' THEN
		v_shape := jsonb_set(v_shape, '{enum}', v_shape -> 'enum' || 'null');
	END IF;
	RETURN publish.merge(v_base, v_shape::json, CASE WHEN w.title IS NOT NULL
	    THEN json_build_object('description',
		concat_ws(E'\n', w.title, w.description)) END);
END
$$;

-- A type.  p_in: of an argument, else of a result; p_exact: int8 and numeric
-- are texts in results.
CREATE FUNCTION publish.type_schema(p_type oid, p_typmod int4, p_null boolean,
    p_in boolean, p_exact boolean, p_depth int4 DEFAULT 0)
RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
	t	pg_type;
	v_word	text[];
	v_more	json;
BEGIN
	SELECT * INTO STRICT t FROM pg_type x WHERE x.oid = p_type;
	IF p_depth > 12 OR p_type IN ('json'::regtype, 'jsonb'::regtype) THEN
		RETURN '{}';
	ELSIF t.typtype = 'd' THEN
		RETURN publish.domain_schema(p_type, p_null, p_in, p_exact, p_depth);
	ELSIF t.typtype = 'c' THEN
		RETURN publish.row_schema(t.typrelid, p_null, p_in, p_exact, p_depth);
	ELSIF t.typcategory = 'A' AND t.typelem <> 0 THEN
		RETURN json_build_object('type', publish.type_word('{array}', p_null),
		    'items', publish.type_schema(t.typelem, p_typmod, true, p_in,
			p_exact, p_depth + 1));
	ELSIF t.typtype = 'e' THEN
		RETURN json_build_object('type', publish.type_word('{string}', p_null),
		    'enum', coalesce((SELECT jsonb_agg(e.enumlabel
			ORDER BY e.enumsortorder)
			FROM pg_enum e WHERE e.enumtypid = p_type), '[]')
			|| CASE WHEN p_null OR NOT EXISTS (SELECT FROM pg_enum e
			WHERE e.enumtypid = p_type) THEN '[null]'::jsonb ELSE '[]' END);
	END IF;
	v_word := CASE
	    WHEN p_type = 'bool'::regtype THEN '{boolean}'::text[]
	    WHEN p_type IN ('int2'::regtype, 'int4'::regtype) THEN '{integer}'
	    WHEN p_type = 'int8'::regtype THEN CASE WHEN p_in THEN '{integer,string}'
		::text[] WHEN p_exact THEN '{string}' ELSE '{integer}' END
	    WHEN p_type = 'numeric'::regtype THEN CASE WHEN p_in THEN
		'{number,string}'::text[] WHEN p_exact THEN '{string}'
		ELSE '{number}' END
	    WHEN p_type IN ('float4'::regtype, 'float8'::regtype) THEN '{number}'
	    ELSE '{string}' END;
	v_more := CASE
	    WHEN p_type = 'int2'::regtype THEN
		'{"minimum":-32768,"maximum":32767}'::json
	    WHEN p_type = 'int4'::regtype THEN
		'{"minimum":-2147483648,"maximum":2147483647}'
	    WHEN p_type = 'int8'::regtype THEN CASE WHEN 'string' = ANY (v_word)
		THEN '{"format":"int64","pattern":"^-?[0-9]{1,19}$"}'::json
		ELSE '{"format":"int64"}' END
	    WHEN p_type = 'numeric'::regtype AND 'string' = ANY (v_word)
		THEN '{"pattern":"^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$"}'
	    WHEN p_type = 'uuid'::regtype THEN '{"format":"uuid"}'
	    WHEN p_type = 'date'::regtype THEN '{"format":"date"}'
	    WHEN p_type = 'timestamptz'::regtype THEN '{"format":"date-time"}'
	    WHEN p_type = 'timetz'::regtype THEN '{"format":"time"}'
	    WHEN p_type = 'interval'::regtype THEN '{"format":"duration"}'
	    WHEN p_type = 'bytea'::regtype THEN
		'{"contentEncoding":"base16","pattern":"^\\\\x([0-9a-fA-F]{2})*$"}'
	    WHEN p_type IN ('varchar'::regtype, 'bpchar'::regtype)
		AND p_typmod > 4 THEN json_build_object('maxLength', p_typmod - 4)
	    END;
	RETURN publish.merge(json_build_object('type',
	    publish.type_word(v_word, p_null)), v_more);
END
$$;

-- A row: of a table, a view or a composite type.
CREATE FUNCTION publish.row_schema(p_relation oid, p_null boolean, p_in boolean,
    p_exact boolean, p_depth int4)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object('type', publish.type_word('{object}', p_null),
	    'properties', coalesce(json_object_agg(a.attname, publish.merge(
		publish.type_schema(a.atttypid, a.atttypmod, NOT a.attnotnull,
		    p_in, p_exact, p_depth + 1),
		CASE WHEN col_description(p_relation, a.attnum) IS NOT NULL
		    THEN json_build_object('description',
			col_description(p_relation, a.attnum)) END)
		ORDER BY a.attnum), '{}'),
	    'required', CASE WHEN p_in THEN '[]'::json
		ELSE coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') END,
	    'additionalProperties', false)
	FROM pg_attribute a
	WHERE a.attrelid = p_relation AND a.attnum > 0 AND NOT a.attisdropped);
END
$$;

-- A default that is a constant, as JSON; null: it is more than that.  Read, not
-- run: it is another's SQL.
CREATE FUNCTION publish.default_json(p_default text, p_type oid) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
	t	pg_type;
	v	text;
BEGIN
	SELECT * INTO STRICT t FROM pg_type x WHERE x.oid = p_type;
	IF t.typtype = 'd' THEN
		RETURN publish.default_json(p_default, t.typbasetype);
	ELSIF p_default ~ '^NULL(::[a-z0-9_. "\[\]]+)?$' THEN
		RETURN 'null';
	END IF;
	v := (regexp_match(p_default,
	    '^\(?(''(?:[^'']|'''')*''|-?[0-9.]+|true|false)\)?(?:::[a-zA-Z0-9_. "()\[\]]+)?$'))[1];
	IF v IS NULL THEN
		RETURN NULL;
	ELSIF v LIKE '''%' THEN
		v := replace(substr(v, 2, length(v) - 2), '''''', '''');
	END IF;
	IF t.typcategory = 'A' THEN
		RETURN CASE WHEN v = '{}' THEN '[]'::json END;
	ELSIF t.typcategory = 'N' THEN
		RETURN CASE WHEN v ~ '^-?(0|[1-9]\d*)(\.\d+)?$'
		    AND length(v) <= 64 THEN v::json END;
	ELSIF t.typcategory = 'B' THEN
		RETURN CASE WHEN v IN ('true', 'false') THEN v::json
		    WHEN v IN ('t', 'f') THEN to_json(v = 't') END;
	ELSIF t.typcategory IN ('S', 'E') OR p_type IN ('uuid'::regtype,
	    'date'::regtype) THEN
		RETURN to_json(v);
	END IF;
	RETURN NULL;
END
$$;
