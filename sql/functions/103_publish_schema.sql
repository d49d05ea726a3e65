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

-- A CHECK as PostgreSQL prints it: what is joined by AND, without parentheses
-- around it.
CREATE FUNCTION publish.conjuncts(p_expression text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v_parts	text[] := '{}';
	v_part	text := '';
	v_depth	int4 := 0;
	v_open	boolean := false;	-- something stands outside of them
	k	text;
BEGIN
	FOR k IN SELECT m[1] FROM regexp_matches(p_expression,
	    '(''(?:[^'']|'''')*''|"(?:[^"]|"")*"| AND |[()]|[^''"() ]+|.)',
	    'g') m LOOP
		v_open := v_open OR (v_depth = 0 AND v_part <> '');
		v_depth := v_depth + CASE k WHEN '(' THEN 1 WHEN ')' THEN -1
		    ELSE 0 END;
		IF v_depth = 0 AND k = ' AND ' THEN
			v_parts := v_parts || v_part;
			v_part := '';
		ELSE
			v_part := v_part || k;
		END IF;
	END LOOP;
	v_parts := v_parts || v_part;
	IF NOT v_open AND v_part LIKE '(%)' THEN
		RETURN publish.conjuncts(substr(v_part, 2, length(v_part) - 2));
	ELSIF cardinality(v_parts) = 1 THEN
		RETURN v_parts;
	END IF;
	RETURN ARRAY(SELECT c
	    FROM unnest(v_parts) WITH ORDINALITY AS p(part, n),
	    unnest(publish.conjuncts(p.part)) WITH ORDINALITY AS e(c, m)
	    ORDER BY p.n, e.m);
END
$$;

-- A bound beside those that are known; the narrower one stays.
CREATE FUNCTION publish.bound(p_shape jsonb, p_key text, p_value numeric)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
	SELECT p_shape || jsonb_build_object(p_key, CASE
	    WHEN p_key ~* 'min'
		THEN greatest(p_value, (p_shape ->> p_key)::numeric)
	    ELSE least(p_value, (p_shape ->> p_key)::numeric) END)
$$;

-- What one part of a domain's CHECK says of a number.  Whole parts alone are
-- understood, and no conversion that rounds.
CREATE FUNCTION publish.number_shape(p_shape jsonb, p_part text, p_base oid)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v_whole	boolean := p_base IN ('int2'::regtype, 'int4'::regtype,
		    'int8'::regtype);
	v_value	text := CASE WHEN v_whole
		    THEN '(?:VALUE|\(VALUE\)::(?:integer|bigint|numeric))'
		    ELSE 'VALUE' END;
	v_cast	text := '(?:::(?:smallint|integer|bigint|numeric|real|'
		    'double precision))?';
	v_real	text := CASE WHEN p_base = 'float4'::regtype THEN '\d{1,7}'
		    ELSE '\d{1,30}(?:\.\d{1,30})?' END;
	v_number text := '\(?''?(-?' || v_real || ')''?' || v_cast || '\)?'
		    || v_cast;
	v_list	text := replace(v_number, '(-', '(?:-');
	m	text[];
BEGIN
	m := regexp_match(p_part, format('^%s (>=|>|<=|<) %s$', v_value,
	    v_number));
	IF m IS NOT NULL THEN
		RETURN publish.bound(p_shape, CASE m[1] WHEN '>=' THEN 'minimum'
		    WHEN '>' THEN 'exclusiveMinimum' WHEN '<=' THEN 'maximum'
		    ELSE 'exclusiveMaximum' END, m[2]::numeric);
	END IF;
	m := regexp_match(p_part, format('^%s = (?:(%s)'
	    '|ANY \(ARRAY\[(%2$s(?:, %2$s)*)\]\))$', v_value, v_list));
	IF m IS NOT NULL AND v_whole THEN
		RETURN p_shape || (SELECT jsonb_build_object('enum',
			jsonb_agg(trim_scale(e[1]::numeric)))
		    FROM regexp_matches(coalesce(m[1], m[2]), v_number, 'g') e);
	END IF;
	RETURN p_shape;
END
$$;

-- The same of a text.  Lengths of char(n) are not those of what is sent.
CREATE FUNCTION publish.text_shape(p_shape jsonb, p_part text, p_base oid)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v_value	text := '(?:VALUE|\(VALUE\)::text)';
	v_word	text := '''(?:[^'']|'''')*''::(?:text|character varying)';
	v_text	text;
	n	int4;
	m	text[];
BEGIN
	m := regexp_match(p_part, format(
	    '^(?:char_length|character_length|length)\(%s\) '
	    '(>=|>|<=|<|=) (\d{1,9})$', v_value));
	IF m IS NOT NULL THEN
		n := m[2]::int4 + CASE m[1] WHEN '>' THEN 1 WHEN '<' THEN -1
		    ELSE 0 END;
		IF m[1] IN ('>=', '>', '=') THEN
			p_shape := publish.bound(p_shape, 'minLength', n);
		END IF;
		IF m[1] IN ('<=', '<', '=') AND n >= 0 THEN
			p_shape := publish.bound(p_shape, 'maxLength', n);
		END IF;
		RETURN p_shape;
	ELSIF p_base NOT IN ('text'::regtype, 'varchar'::regtype) THEN
		RETURN p_shape;
	END IF;
	v_text := (regexp_match(p_part, format(
	    '^%s ~ ''((?:[^'']|'''')*)''::text$', v_value)))[1];
	IF v_text !~ '\\[mMyYAZ]|\[[:.=]|\(\?[^:=!]|^\*\*\*' THEN
		RETURN p_shape || jsonb_build_object('pattern',
		    replace(v_text, '''''', ''''));
	END IF;
	m := regexp_match(p_part, format('^%s = (?:(%s)'
	    '|ANY \(\(?ARRAY\[(%2$s(?:, %2$s)*)\]\)?(?:::text\[\])?\))$',
	    v_value, v_word));
	IF m IS NOT NULL THEN
		RETURN p_shape || (SELECT jsonb_build_object('enum',
			jsonb_agg(replace(e[1], '''''', '''')))
		    FROM regexp_matches(coalesce(m[1], m[2]),
			'''((?:[^'']|'''')*)''', 'g') e);
	END IF;
	RETURN p_shape;
END
$$;

-- What of a domain's checks can be said: bounds, lengths, patterns, values.
-- The database checks the rest.
CREATE FUNCTION publish.check_shape(p_shape jsonb, p_expression text,
    p_base oid)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_number boolean := p_base IN ('int2'::regtype, 'int4'::regtype,
		    'int8'::regtype, 'numeric'::regtype, 'float4'::regtype,
		    'float8'::regtype);
	v_part	text;
BEGIN
	IF NOT v_number AND NOT EXISTS (SELECT FROM pg_type t
	    WHERE t.oid = p_base AND t.typcategory = 'S'
	    AND t.typname NOT IN ('bpchar', 'name')) THEN
		RETURN p_shape;
	END IF;
	FOREACH v_part IN ARRAY publish.conjuncts(p_expression) LOOP
		p_shape := CASE WHEN v_number
		    THEN publish.number_shape(p_shape, v_part, p_base)
		    ELSE publish.text_shape(p_shape, v_part, p_base) END;
	END LOOP;
	RETURN p_shape;
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
	v_type	oid := publish.base_type(p_type);
	v_texts	jsonb;
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
	FOR v_check IN SELECT pg_get_expr(c.conbin, 0) FROM pg_constraint c
	    WHERE c.contypid = p_type AND c.contype = 'c' ORDER BY c.conname LOOP
		v_shape := publish.check_shape(v_shape, v_check, v_type);
		IF v_check = '(array_ndims(VALUE) = 1)'
		    AND v_base #> '{items,anyOf,0}' IS NOT NULL THEN
			v_base := publish.merge(v_base, json_build_object('items',
			    v_base #> '{items,anyOf,0}'));
		END IF;
	END LOOP;
	-- What is no number is above all of them, or below.
	IF v_base ->> 'pattern' = '^(NaN|-?Infinity)$'
	    AND v_shape ?| '{minimum,exclusiveMinimum}'
	    AND v_shape ?| '{maximum,exclusiveMaximum}' THEN
		v_base := json_build_object('type',
		    publish.type_word('{number}', v_null));
	END IF;
	IF v_shape ? 'enum' AND v_type = 'int8'::regtype
	    AND (p_in OR p_exact) THEN
		SELECT jsonb_agg(e) INTO v_texts
		FROM jsonb_array_elements_text(v_shape -> 'enum') e;
		v_shape := jsonb_set(v_shape, '{enum}', CASE WHEN p_in
		    THEN v_shape -> 'enum' || v_texts ELSE v_texts END);
	END IF;
	IF v_null AND v_shape ? 'enum' THEN
		v_shape := jsonb_set(v_shape, '{enum}', v_shape -> 'enum' || 'null');
	END IF;
	RETURN publish.merge(v_base, v_shape::json, CASE WHEN w.title IS NOT NULL
	    THEN json_build_object('description',
		concat_ws(E'\n', w.title, w.description)) END);
END
$$;

-- Whether PostgreSQL prints a type by a cast of its own, as JSON of any kind.
CREATE FUNCTION publish.own_json(p_type oid) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM pg_cast c WHERE c.castsource = p_type
	    AND c.casttarget = 'json'::regtype AND c.castmethod = 'f'
	    AND p_type >= 16384)
$$;

-- What some values of a type say beside its usual form, in results: JSON has no
-- number that is none, no format of dates an infinite one or one B.C., and none
-- of times a zone without minutes.
CREATE FUNCTION publish.result_words(p_type oid) RETURNS json
LANGUAGE sql IMMUTABLE AS $$
	SELECT (CASE
	    WHEN p_type IN ('float4'::regtype, 'float8'::regtype,
		'numeric'::regtype) THEN '{"pattern":"^(NaN|-?Infinity)$"}'
	    WHEN p_type = 'date'::regtype THEN '{"anyOf":[{"format":"date"},
		{"pattern":"^(-?infinity|[0-9-]+ BC|[0-9]{5,}-[0-9-]+)$"}]}'
	    WHEN p_type = 'timestamptz'::regtype THEN
		'{"anyOf":[{"format":"date-time"},
		{"pattern":"^(-?infinity|[0-9T:.+-]+ BC|[0-9]{5,}-[0-9T:.+-]+)$"}]}'
	    WHEN p_type = 'timetz'::regtype THEN
		'{"pattern":"^[0-9:.]+[+-][0-9:]+$"}'
	    WHEN p_type = 'interval'::regtype THEN '{"anyOf":[
		{"format":"duration"},
		{"pattern":"^(-?infinity|P[0-9YMDTHS.-]*[.-][0-9YMDTHS.-]*)$"}]}'
	    END)::json
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
	v_item	json;
BEGIN
	SELECT * INTO STRICT t FROM pg_type x WHERE x.oid = p_type;
	IF p_depth > 12 OR p_type IN ('json'::regtype, 'jsonb'::regtype) THEN
		RETURN '{}';
	ELSIF t.typtype = 'd' THEN
		RETURN publish.domain_schema(p_type, p_null, p_in, p_exact, p_depth);
	ELSIF t.typtype = 'c' THEN
		RETURN publish.row_schema(t.typrelid, p_null, p_in, p_exact, p_depth);
	ELSIF t.typcategory = 'A' AND t.typelem <> 0 THEN
		v_item := publish.type_schema(t.typelem, p_typmod, true, p_in,
		    p_exact, p_depth + 1);
		-- Any array of a result may have more dimensions.
		RETURN json_build_object('type', publish.type_word('{array}', p_null),
		    'items', CASE WHEN p_in OR v_item::text = '{}' THEN v_item
		    ELSE json_build_object('anyOf', json_build_array(v_item,
			'{"type":"array"}'::json)) END);
	ELSIF NOT p_in AND publish.own_json(p_type) THEN
		RETURN '{}';
	ELSIF t.typtype = 'e' THEN
		RETURN json_build_object('type', publish.type_word('{string}', p_null),
		    'enum', coalesce((SELECT jsonb_agg(e.enumlabel
			ORDER BY e.enumsortorder)
			FROM pg_enum e WHERE e.enumtypid = p_type), '[]')
			|| CASE WHEN p_null OR NOT EXISTS (SELECT FROM pg_enum e
			WHERE e.enumtypid = p_type) THEN '[null]'::jsonb
			ELSE '[]' END);
	END IF;
	v_word := CASE
	    WHEN p_type = 'bool'::regtype THEN '{boolean}'::text[]
	    WHEN p_type IN ('int2'::regtype, 'int4'::regtype) THEN '{integer}'
	    WHEN p_type = 'int8'::regtype THEN CASE WHEN p_in THEN '{integer,string}'
		::text[] WHEN p_exact THEN '{string}' ELSE '{integer}' END
	    WHEN p_type = 'numeric'::regtype THEN CASE WHEN p_in THEN
		'{number,string}'::text[] WHEN p_exact THEN '{string}'
		ELSE '{number,string}' END
	    WHEN p_type IN ('float4'::regtype, 'float8'::regtype) THEN CASE
		WHEN p_in THEN '{number}'::text[] ELSE '{number,string}' END
	    ELSE '{string}' END;
	v_more := CASE
	    WHEN NOT p_in AND publish.result_words(p_type) IS NOT NULL
		THEN CASE WHEN NOT p_exact OR p_type <> 'numeric'::regtype
		THEN publish.result_words(p_type) END
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
