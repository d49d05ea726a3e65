-- The text of wrappers: functions that take arguments as JSON, call the
-- published one, and give its result as JSON.

-- Whether a type holds int8 or numeric somewhere.
CREATE FUNCTION publish.has_exact(p_type oid, p_depth int4 DEFAULT 0)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
	t	pg_type;
BEGIN
	SELECT * INTO STRICT t FROM pg_type x WHERE x.oid = p_type;
	RETURN p_depth <= 8 AND CASE
	    WHEN p_type IN ('int8'::regtype, 'numeric'::regtype) THEN true
	    WHEN t.typtype = 'd' THEN publish.has_exact(t.typbasetype, p_depth + 1)
	    WHEN t.typcategory = 'A' AND t.typelem <> 0
		THEN publish.has_exact(t.typelem, p_depth + 1)
	    WHEN t.typtype = 'c' THEN EXISTS (SELECT FROM pg_attribute a
		WHERE a.attrelid = t.typrelid AND a.attnum > 0
		AND NOT a.attisdropped AND publish.has_exact(a.atttypid, p_depth + 1))
	    ELSE false END;
END
$$;

-- An expression whose value prints int8 and numeric as texts.
CREATE FUNCTION publish.exact(p_expression text, p_type oid,
    p_depth int4 DEFAULT 0)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	t	pg_type;
	v_alias	text := 'e' || p_depth;
BEGIN
	SELECT * INTO STRICT t FROM pg_type x WHERE x.oid = p_type;
	IF NOT publish.has_exact(p_type) THEN
		RETURN p_expression;
	ELSIF t.typtype = 'd' THEN
		RETURN publish.exact(p_expression, t.typbasetype, p_depth + 1);
	ELSIF t.typcategory = 'A' AND publish.base_type(t.typelem)
	    IN ('int8'::regtype, 'numeric'::regtype) THEN
		RETURN format('to_json((%s)::text[])', p_expression);
	ELSIF t.typcategory = 'A' AND t.typelem <> 0 THEN
		RETURN format('CASE WHEN %2$s IS NOT NULL THEN (SELECT '
		    'coalesce(json_agg(%1$s), ''[]'') FROM unnest(%2$s) %3$s(v)) END',
		    publish.exact(v_alias || '.v', t.typelem, p_depth + 1),
		    p_expression, v_alias);
	ELSIF t.typtype = 'c' THEN
		RETURN format('CASE WHEN NOT (%s) IS NULL THEN json_build_object(%s) END',
		    p_expression, (SELECT string_agg(format('%L, %s', a.attname,
			publish.exact(format('(%s).%I', p_expression, a.attname),
			    a.atttypid, p_depth + 1)), ', ' ORDER BY a.attnum)
			FROM pg_attribute a WHERE a.attrelid = t.typrelid
			AND a.attnum > 0 AND NOT a.attisdropped));
	END IF;
	RETURN format('(%s)::text', p_expression);
END
$$;

-- The value of a member of the JSON "arguments", as an expression.
CREATE FUNCTION publish.taken(p_name text, p_type oid, p_def text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	t	pg_type;
	v_type	text := format_type(publish.base_type(p_type), -1);
	v	text;
BEGIN
	SELECT * INTO STRICT t FROM pg_type x WHERE x.oid = publish.base_type(p_type);
	v := CASE
	    WHEN t.oid = 'jsonb'::regtype THEN
		format('nullif(arguments -> %L, ''null'')', p_name)
	    WHEN t.oid = 'json'::regtype THEN
		format('nullif(arguments -> %L, ''null'')::json', p_name)
	    WHEN t.typtype = 'c' OR (t.typcategory = 'A' AND t.typelem <> 0) THEN
		format('(SELECT x.v FROM jsonb_to_record(jsonb_build_object(''v'', '
		    'arguments -> %L)) AS x(v %s))', p_name, v_type)
	    WHEN t.oid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) THEN
		format('trim_scale((arguments ->> %L)::numeric)::text::%s', p_name, v_type)
	    ELSE format('(arguments ->> %L)::%s', p_name, v_type) END;
	RETURN CASE WHEN p_def IS NULL THEN v ELSE
	    format('CASE WHEN arguments ? %L THEN %s ELSE (%s)::%s END', p_name, v,
		p_def, v_type) END;
END
$$;

-- Page keys as they were given, "column", "column asc" or "column desc", taken
-- apart; all of them go the same way.
CREATE FUNCTION publish.page_keys(p_page_key text[], p_function oid)
RETURNS TABLE (n int8, name text, type oid, down boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT k.n, k.m[1], c.type, coalesce(k.m[2] = 'desc', false)
	FROM (SELECT e.n, regexp_match(e.k, '^(.*?)(?: (asc|desc))?$') AS m
	    FROM unnest(p_page_key) WITH ORDINALITY AS e(k, n)) k
	LEFT JOIN publish.columns(p_function) c ON c.name = k.m[1]
	ORDER BY k.n;
END
$$;

-- Each argument whose type is more than what the head reads, alone, for
-- api.blame().
CREATE FUNCTION publish.wrapper_alone(p_function oid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(string_agg(format(
	    E'		IF arguments ?& %L THEN\n'
	    '			PERFORM (%s)::%s;\n		END IF;\n', ARRAY['', a.name],
	    publish.taken(a.name, a.type, NULL), format_type(a.type, -1)), ''
	    ORDER BY a.n), '')
	FROM publish.arguments(p_function) a
	JOIN pg_type t ON t.oid = a.type
	JOIN pg_type b ON b.oid = publish.base_type(a.type)
	WHERE t.typtype = 'd' OR b.typtype = 'c');
END
$$;

-- What stands before each call: the arguments, taken out and looked at.
CREATE FUNCTION publish.wrapper_head(p_function oid, p_more text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT format(E'	SELECT (arguments - %L::text[]) = ''{}''%s%s%s INTO _ok%s;\n'
	    '	IF _ok IS NOT TRUE THEN\n%s'
	    '		PERFORM wrapper.refuse_arguments(arguments, %L, %L, %L);\n'
	    '	END IF;\n%s',
	    coalesce(array_agg(a.name) FILTER (WHERE a.name IS NOT NULL), '{}'),
	    coalesce(' AND arguments ?& ' || quote_literal(array_agg(a.name)
		FILTER (WHERE a.def IS NULL AND a.name IS NOT NULL)), ''),
	    CASE WHEN p.proisstrict THEN coalesce(string_agg(format(
		' AND arguments -> %L IS DISTINCT FROM ''null''', a.name), '')
		FILTER (WHERE a.name IS NOT NULL), '')
		ELSE '' END,
	    coalesce(string_agg(', ' || publish.taken(a.name, a.type, a.def), ''
		ORDER BY a.n) FILTER (WHERE t.typtype <> 'c'), '') || p_more,
	    coalesce(string_agg(', a' || a.n, '' ORDER BY a.n)
		FILTER (WHERE t.typtype <> 'c'), '')
		|| CASE p_more WHEN '' THEN '' ELSE ', _size, _cursor' END,
	    publish.wrapper_alone(p_function),
	    coalesce(array_agg(a.name) FILTER (WHERE a.name IS NOT NULL), '{}'),
	    coalesce(array_agg(a.name) FILTER (WHERE a.def IS NULL
		AND a.name IS NOT NULL), '{}'),
	    CASE WHEN p.proisstrict THEN coalesce(array_agg(a.name)
		FILTER (WHERE a.name IS NOT NULL), '{}') ELSE '{}' END,
	    coalesce(string_agg(format(E'	a%s := %s;\n', a.n,
		publish.taken(a.name, a.type, a.def)), '' ORDER BY a.n)
		FILTER (WHERE t.typtype = 'c'), ''))
	FROM pg_proc p
	LEFT JOIN LATERAL publish.arguments(p.oid) a ON true
	LEFT JOIN pg_type t ON t.oid = publish.base_type(a.type)
	WHERE p.oid = p_function GROUP BY p.oid, p.proisstrict);
END
$$;

-- The call itself, with named notation.
CREATE FUNCTION publish.call_text(p_function oid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT format('%I.%I(%s)', s.nspname, p.proname, coalesce(string_agg(
	    format('%I => a%s::%s', a.name, a.n, format_type(a.type, -1)), ', '
		ORDER BY a.n) FILTER (WHERE a.name IS NOT NULL), ''))
	FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace
	LEFT JOIN LATERAL publish.arguments(p.oid) a ON true
	WHERE p.oid = p_function GROUP BY s.nspname, p.proname);
END
$$;

-- Rows: as many as a page has, and one to know whether there are more.
CREATE FUNCTION publish.wrapper_list(p_function oid, p_name text,
    p_page_key text[], p_exact boolean, OUT declared text, OUT body text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_columns text;
	v_alias	text := 't';
	v_item	text := 'row_to_json(r.*)';
	v_row	text := 'CASE WHEN NOT t.* IS NULL THEN t.* END';
	v_query	text;
	v_after	text;
	k	record;
BEGIN
	SELECT string_agg(CASE WHEN p_exact THEN publish.exact(e.v, c.type)
	    ELSE e.v END || format(' AS %I', c.name), ', ' ORDER BY c.n),
	    CASE WHEN count(*) = 1 AND min(e.v) <> v_row
		THEN format('t(%I)', min(c.name)) ELSE 't' END
	INTO v_columns, v_alias FROM publish.columns(p_function) c
	CROSS JOIN LATERAL (SELECT CASE WHEN publish.column_is_row(p_function)
	    THEN v_row ELSE format('t.%I', c.name) END AS v) e;
	IF v_columns IS NULL THEN
		SELECT CASE WHEN p_exact THEN publish.exact('t.v', p.prorettype)
		    ELSE 't.v' END || ' AS v' INTO v_columns
		FROM pg_proc p WHERE p.oid = p_function;
		v_alias := 't(v)';
		v_item := 'coalesce(to_json(r.v), ''null'')';
	END IF;
	SELECT string_agg(format('t.%I%s', p.name, CASE WHEN p.down
		THEN ' DESC' ELSE '' END), ', ' ORDER BY p.n) AS keys,
	    string_agg(format('t.%I', p.name), ', ' ORDER BY p.n) AS columns,
	    string_agg('k' || p.n, ', ' ORDER BY p.n) AS values,
	    string_agg(format(E'	k%s %s;\n', p.n, format_type(
		publish.base_type(p.type), -1)), '' ORDER BY p.n) AS variables,
	    string_agg(format(E'			k%s := (_keys ->> %s)::%s;\n', p.n,
		p.n - 1, format_type(publish.base_type(p.type), -1)), ''
		ORDER BY p.n) AS parsed,
	    string_agg(format('nullif((_last::json -> %L)::text, ''null'')', p.name),
		' || '','' || ' ORDER BY p.n) AS last,
	    CASE WHEN bool_or(p.down) THEN '<' ELSE '>' END AS op, count(*) AS n
	INTO k FROM publish.page_keys(p_page_key, p_function) p;
	v_query := format(E'		SELECT coalesce(array_to_string((array_agg(s.j))[1:_size], '',''), ''''),\n'
	    '		    count(*) > _size, (array_agg(s.j))[_size]\n'
	    '		INTO _v, _more, _last FROM (SELECT %s::text AS j FROM\n'
	    '		(SELECT %s FROM %s %s%%s%s LIMIT _size + 1) r) s;\n', v_item,
	    replace(v_columns, '%', '%%'),
	    replace(publish.call_text(p_function), '%', '%%'),
	    replace(v_alias, '%', '%%'),
	    replace(coalesce(' ORDER BY ' || k.keys, ''), '%', '%%'));
	declared := E'	_v text;\n	_more boolean;\n	_last text;\n	_size int4;\n'
	    '	_cursor text;\n	_keys jsonb;\n' || coalesce(k.variables, '');
	IF k.n = 0 THEN
		body := format(v_query, '') || format(E'	RETURN ''{"items":['' || _v || '']'
		    ',"next_cursor":null'' || CASE WHEN _more THEN '',"truncated":true}'''
		    ' ELSE ''}'' END;\n');
		RETURN;
	END IF;
	v_after := format(' WHERE (%s) %s (%s)', k.columns, k.op, k.values);
	body := format(E'	IF _cursor IS NULL THEN\n%s	ELSE\n'
	    '		_keys := wrapper.cursor_keys(_cursor, %L, %s);\n'
	    '		BEGIN\n%s		EXCEPTION WHEN data_exception THEN\n'
	    '			PERFORM wrapper.refuse_cursor();\n		END;\n%s'
	    '	END IF;\n'
	    '	IF NOT _more THEN\n'
	    '		RETURN ''{"items":['' || _v || ''],"next_cursor":null}'';\n'
	    '	END IF;\n'
	    '	_cursor := ''{"v":1,"name":%s,"keys":['' || %s || '']}'';\n'
	    '	IF _cursor IS NULL THEN\n'
	    '		RAISE ''a page key is null'';\n	END IF;\n'
	    '	RETURN ''{"items":['' || _v || ''],"next_cursor":"'' || rtrim(translate(\n'
	    '	    encode(convert_to(_cursor, ''UTF8''), ''base64''), E''+/\\n'', ''-_''),\n'
	    '	    ''='') || ''"}'';\n',
	    format(v_query, ''), p_name, k.n, k.parsed,
	    format(v_query, v_after), to_json(p_name), k.last);
END
$$;

-- One value or row.  p_kind: resources and prompts have forms of their own.
CREATE FUNCTION publish.wrapper_one(p_function oid, p_kind text, p_shape text,
    p_mime text, p_exact boolean)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_call	text := publish.call_text(p_function);
	v_type	oid;
	v_columns text;
	v_query	text;
BEGIN
	SELECT publish.base_type(p.prorettype) INTO v_type FROM pg_proc p
	WHERE p.oid = p_function;
	IF p_shape = 'void' THEN
		RETURN format(E'	PERFORM %s;\n	RETURN NULL;\n', v_call);
	ELSIF p_shape = 'object' THEN
		SELECT string_agg(CASE WHEN p_exact THEN publish.exact(
		    format('t.%I', c.name), c.type) ELSE format('t.%I', c.name) END
		    || format(' AS %I', c.name), ', ' ORDER BY c.n)
		INTO v_columns FROM publish.columns(p_function) c;
		v_query := format(E'	SELECT CASE WHEN NOT r.* IS NULL THEN row_to_json(r.*)::text END\n'
		    '	INTO _v FROM (SELECT %s FROM %s t) r;\n', v_columns, v_call);
	ELSIF p_kind = 'resource' AND v_type = 'bytea'::regtype THEN
		v_query := format(E'	SELECT replace(encode(t.v, ''base64''), E''\\n'', '''')\n'
		    '	INTO _v FROM %s t(v);\n', v_call);
	ELSIF p_shape IN ('content', 'messages') OR (p_kind = 'resource'
	    AND p_mime NOT LIKE '%json') OR (p_kind = 'prompt') THEN
		v_query := format(E'	SELECT t.v::text INTO _v FROM %s t(v);\n', v_call);
	ELSE
		v_query := format(E'	SELECT to_json(%s)::text INTO _v FROM %s t(v);\n',
		    CASE WHEN p_exact THEN publish.exact('t.v', v_type) ELSE 't.v' END,
		    v_call);
	END IF;
	RETURN v_query || CASE
	    WHEN p_kind = 'resource' THEN format(
		E'	RETURN wrapper.resource(_v, %L, %L);\n', p_mime,
		CASE WHEN v_type = 'bytea'::regtype THEN 'blob' ELSE 'text' END)
	    WHEN p_kind = 'prompt' AND p_shape <> 'messages' THEN
		E'	RETURN json_build_object(''messages'', json_build_array(json_build_object(\n'
		'	    ''role'', ''user'', ''content'', json_build_object(''type'', ''text'',\n'
		'		''text'', coalesce(_v, '''')))))::text;\n'
	    WHEN p_shape IN ('content', 'messages') THEN format(
		E'	RETURN CASE WHEN _v IS NULL THEN ''{"%s":[]}''\n'
		'	    WHEN left(_v, 1) = ''['' THEN ''{"%1$s":'' || _v || ''}''\n'
		'	    ELSE ''{"%1$s":['' || _v || '']}'' END;\n', p_shape)
	    WHEN p_shape = 'object' THEN
		E'	RETURN coalesce(_v, ''{"result":null}'');\n'
	    ELSE E'	RETURN ''{"result":'' || coalesce(_v, ''null'') || ''}'';\n' END;
END
$$;

-- Rows of a resource: a JSON array, which says when it is cut.  A column with
-- the name of an alias would be taken for the row: hence such names.
CREATE FUNCTION publish.wrapper_rows(p_from text, p_size text, p_mime text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format(E'	SELECT coalesce(json_agg(t."a row") FILTER (WHERE t.n <= %1$s), ''[]'')::text,\n'
	    '	    CASE WHEN count(*) > %1$s THEN %1$s END INTO _v, _cut\n'
	    '	FROM (SELECT row_number() OVER () AS n, "a row"\n'
	    '	    FROM (SELECT * FROM %2$s LIMIT %1$s + 1) "a row") t;\n'
	    '	RETURN wrapper.resource(_v, %3$L, ''text'', _cut);\n', p_size,
	    p_from, p_mime)
$$;

-- The body of a function's wrapper.
CREATE FUNCTION publish.wrapper_text(p_function oid, p_name text, p_kind text,
    p_mime text, p_max_rows int4, p_page_key text[], p_exact boolean)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_shape	text := publish.shape(p_function);
	v_declared text := E'	_v text;\n	_cut int8;\n';
	v_body	text;
	v_more	text := '';
	l	record;
BEGIN
	IF v_shape = 'list' THEN
		SELECT * INTO l FROM publish.wrapper_list(p_function, p_name,
		    p_page_key, p_exact);
		v_declared := l.declared || E'	_cut int8;\n';
		v_body := l.body;
		v_more := format(', CASE WHEN NOT page ? ''size'' THEN %s '
		    'WHEN jsonb_typeof(page -> ''size'') = ''number'' '
		    'AND (page -> ''size'')::numeric BETWEEN 1 AND 1000000 '
		    'THEN least((page -> ''size'')::int4, %1$s) '
		    'ELSE wrapper.page_size(page, %1$s) END, page ->> ''cursor''',
		    p_max_rows);
		IF p_kind = 'resource' THEN
			v_body := publish.wrapper_rows(publish.call_text(p_function),
			    '_size', p_mime);
		END IF;
	ELSE
		v_body := publish.wrapper_one(p_function, p_kind, v_shape, p_mime,
		    p_exact);
	END IF;
	RETURN E'\n#variable_conflict use_variable\nDECLARE\n	_ok boolean;\n'
	    || v_declared
	    || coalesce((SELECT string_agg(format(E'	a%s %s;\n', a.n,
		format_type(publish.base_type(a.type), -1)), '' ORDER BY a.n)
		FROM publish.arguments(p_function) a), '')
	    || E'BEGIN\n'
	    '	IF current_user <> ''grantd_app'' THEN\n'
	    '		RAISE ''not the role of applications'' USING ERRCODE = ''42501'';\n'
	    '	END IF;\n'
	    || publish.wrapper_head(p_function, v_more) || v_body || E'END\n';
END
$$;

-- RFC 6570, level 1: {name}.
CREATE FUNCTION publish.uri_variables(p_uri text) RETURNS TABLE (name text)
LANGUAGE sql IMMUTABLE AS $$
	SELECT m[1] FROM regexp_matches(coalesce(p_uri, ''),
	    '\{([A-Za-z_][A-Za-z0-9_]*)\}', 'g') m
$$;

-- Of a table: its rows, or the one row that the variables of the URI name.
CREATE FUNCTION publish.wrapper_table(p_table oid, p_uri text, p_mime text,
    p_max_rows int4)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT E'\nDECLARE\n	_v text;\n	_cut int8;\nBEGIN\n'
	    '	IF current_user <> ''grantd_app'' THEN\n'
	    '		RAISE ''not the role of applications'' USING ERRCODE = ''42501'';\n'
	    '	END IF;\n'
	    || format(E'	IF (arguments - %L::text[]) <> ''{}'' OR NOT arguments ?& %1$L THEN\n'
	    '		PERFORM wrapper.refuse_arguments(arguments, %1$L, %1$L, %1$L);\n'
	    '	END IF;\n', coalesce(array_agg(v.name), '{}'))
	    || CASE count(v.name) WHEN 0 THEN publish.wrapper_rows(
		p_table::regclass::text, p_max_rows::text, p_mime) ELSE
		format(E'	SELECT row_to_json("a row")::text INTO _v FROM %s "a row" WHERE %s LIMIT 1;\n'
		'	RETURN wrapper.resource(_v, %L, ''text'');\n', p_table::regclass,
		string_agg(format('"a row".%I = (arguments ->> %L)::%s', v.name, v.name,
		    format_type(publish.base_type(a.atttypid), -1)), ' AND ')
		    FILTER (WHERE v.name IS NOT NULL), p_mime)
	    END || E'END\n'
	FROM (SELECT) AS one
	LEFT JOIN publish.uri_variables(p_uri) v ON true
	LEFT JOIN pg_attribute a ON a.attrelid = p_table AND a.attname = v.name
	    AND a.attnum > 0);
END
$$;
