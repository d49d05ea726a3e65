-- What a function or table looks like, whether it may be published, and the
-- schemas of its arguments and results.

CREATE FUNCTION publish.base_type(p_type oid) RETURNS oid
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	oid := p_type;
	v_next	oid;
BEGIN
	LOOP
		SELECT t.typbasetype INTO v_next FROM pg_type t
		WHERE t.oid = v AND t.typtype = 'd';
		EXIT WHEN NOT FOUND;
		v := v_next;
	END LOOP;
	RETURN v;
END
$$;

-- Arguments that a caller gives, in order.
CREATE FUNCTION publish.arguments(p_function oid)
RETURNS TABLE (n int8, name text, type oid, def text)
LANGUAGE sql STABLE AS $$
	SELECT row_number() OVER (ORDER BY a.i), a.name, a.type,
	    pg_get_function_arg_default(p.oid, a.i::int4)
	FROM pg_proc p
	CROSS JOIN LATERAL unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]),
	    p.proargnames, p.proargmodes) WITH ORDINALITY
	    AS a(type, name, mode, i)
	WHERE p.oid = p_function AND coalesce(a.mode, 'i') IN ('i', 'b', 'v')
	AND a.type IS NOT NULL
$$;

-- Columns of the result, if it is a row: OUT arguments, or those of its type.
CREATE FUNCTION publish.columns(p_function oid)
RETURNS TABLE (n int8, name text, type oid, typmod int4, notnull boolean)
LANGUAGE sql STABLE AS $$
	SELECT row_number() OVER (ORDER BY a.i), a.name, a.type, -1, false
	FROM pg_proc p
	CROSS JOIN LATERAL unnest(p.proallargtypes, p.proargnames, p.proargmodes)
	    WITH ORDINALITY AS a(type, name, mode, i)
	WHERE p.oid = p_function AND a.mode IN ('o', 'b', 't')
	AND (p.prorettype = 'record'::regtype OR 't' = ANY (p.proargmodes))
	UNION ALL
	SELECT row_number() OVER (ORDER BY a.attnum), a.attname, a.atttypid,
	    a.atttypmod, a.attnotnull
	FROM pg_proc p JOIN pg_type t ON t.oid = publish.base_type(p.prorettype)
	JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0
	    AND NOT a.attisdropped
	WHERE p.oid = p_function AND t.typtype = 'c'
	AND ('t' = ANY (p.proargmodes)) IS NOT TRUE
$$;

-- RETURNS TABLE of one column that is a row: PostgreSQL returns that row, but
-- its caller is told of a column.
CREATE FUNCTION publish.column_is_row(p_function oid) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM pg_proc p
	    JOIN pg_type t ON t.oid = publish.base_type(p.prorettype)
	    WHERE p.oid = p_function AND t.typtype = 'c'
	    AND 't' = ANY (p.proargmodes))
$$;

-- How its result is sent.
CREATE FUNCTION publish.shape(p_function oid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT CASE WHEN p.proretset THEN 'list'
	    WHEN p.prorettype = 'void'::regtype THEN 'void'
	    WHEN p.prorettype = 'grantd.content'::regtype THEN 'content'
	    WHEN p.prorettype = 'grantd.messages'::regtype THEN 'messages'
	    WHEN EXISTS (SELECT FROM publish.columns(p_function)) THEN 'object'
	    ELSE 'scalar' END
	FROM pg_proc p WHERE p.oid = p_function);
END
$$;

-- The one function of a name, "schema.name".
CREATE FUNCTION publish.function_of(p_schema text, p_name text) RETURNS oid
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	oid[];
BEGIN
	SELECT array_agg(p.oid) INTO v
	FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace
	WHERE s.nspname = p_schema AND p.proname = p_name;
	IF v IS NULL THEN
		PERFORM publish.fail(format('there is no function %I.%I', p_schema,
		    p_name), '', '42883');
	ELSIF cardinality(v) > 1 THEN
		PERFORM publish.fail(format('there are %s functions %I.%I',
		    cardinality(v), p_schema, p_name),
		    'A published function has one form: rename the others.', '42725');
	END IF;
	RETURN v[1];
END
$$;

CREATE FUNCTION publish.own_schema(p_schema text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT p_schema IN ('core', 'token', 'connector', 'audit', 'gate', 'api',
	    'lib', 'oauth', 'grantd', 'publish', 'published', 'wrapper',
	    'information_schema') OR p_schema LIKE 'pg\_%'
$$;

-- Settings that a function may bring: they say how a query runs, not for whom.
CREATE FUNCTION publish.harmless_settings(p_config text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(bool_and(split_part(c, '=', 1) IN ('search_path',
	    'work_mem', 'jit', 'plan_cache_mode', 'from_collapse_limit',
	    'join_collapse_limit', 'default_text_search_config')
	    OR c LIKE 'enable\_%'), true) FROM unnest(p_config) c
$$;

-- Refuses a function that cannot be a procedure, or that may not be one
-- unless its owner says trusted.
CREATE FUNCTION publish.check_function(p_function oid, p_trusted boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	p	record;
	v	text;
BEGIN
	SELECT f.*, l.lanname, s.nspname INTO STRICT p FROM pg_proc f
	JOIN pg_language l ON l.oid = f.prolang
	JOIN pg_namespace s ON s.oid = f.pronamespace
	WHERE f.oid = p_function;
	v := CASE
	    WHEN publish.own_schema(p.nspname) THEN 'it is in a schema of the system'
	    WHEN p.prokind <> 'f' THEN 'it is no function (but a procedure, an aggregate or a window function)'
	    WHEN p.provariadic <> 0 THEN 'its last argument is VARIADIC'
	    WHEN p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype)
		THEN 'it is a trigger function'
	    WHEN EXISTS (SELECT FROM publish.arguments(p_function) a
		WHERE coalesce(a.name, '') = '') THEN 'it has an argument without a name'
	    WHEN EXISTS (SELECT FROM publish.arguments(p_function) a
		JOIN pg_type t ON t.oid = a.type WHERE t.typtype = 'p')
		THEN 'it has an argument of a polymorphic type or pseudo-type'
	    WHEN p.prorettype = 'record'::regtype AND NOT EXISTS (
		SELECT FROM publish.columns(p_function))
		THEN 'it returns bare records: nobody knows their columns'
	    WHEN EXISTS (SELECT FROM publish.columns(p_function) c
		WHERE coalesce(c.name, '') = '') THEN 'a column of its result has no name'
	    WHEN EXISTS (SELECT FROM pg_type t WHERE t.oid = p.prorettype
		AND t.typtype = 'p' AND t.typname NOT IN ('record', 'void'))
		THEN 'its result is of a polymorphic type or pseudo-type'
	    END;
	IF v IS NULL AND NOT p_trusted THEN
		v := CASE
		    WHEN p.prosecdef THEN 'it is SECURITY DEFINER: row-level security would be asked of its owner, not of the caller'
		    WHEN NOT publish.harmless_settings(p.proconfig)
			THEN 'it has a SET clause (of more than search_path and the planner)'
		    WHEN p.lanname NOT IN ('sql', 'plpgsql')
			THEN 'it is in language ' || p.lanname
		    ELSE 'its body has ' || publish.forbidden(coalesce(
			pg_get_function_sqlbody(p_function), p.prosrc))
		    END;
		v := v || ' (trusted => true takes it all the same)';
	END IF;
	IF v IS NOT NULL THEN
		PERFORM publish.fail(format('%s cannot be published: %s',
		    p_function::regprocedure, v));
	END IF;
END
$$;

-- Those of these types, and of what they are made of, that somebody made.
CREATE FUNCTION publish.types_below(p_types oid[]) RETURNS SETOF oid
LANGUAGE sql STABLE AS $$
	WITH RECURSIVE r(oid) AS (
		SELECT unnest(p_types)
		UNION
		SELECT e.oid FROM r JOIN pg_type t ON t.oid = r.oid
		CROSS JOIN LATERAL (
			SELECT t.typbasetype WHERE t.typtype = 'd'
			UNION ALL
			SELECT t.typelem WHERE t.typcategory = 'A'
			UNION ALL
			SELECT a.atttypid FROM pg_attribute a
			WHERE t.typtype = 'c' AND a.attrelid = t.typrelid
			AND a.attnum > 0 AND NOT a.attisdropped) e(oid)
		WHERE t.oid >= 16384 OR t.typcategory = 'A'
	)
	SELECT r.oid FROM r WHERE r.oid >= 16384
$$;

-- All that a schema says of these types, and of those that they are made of.
CREATE FUNCTION publish.types_print(p_types oid[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT string_agg(jsonb_build_array(format_type(t.oid, -1), t.typtype,
	    t.typnotnull, t.typtypmod, obj_description(t.oid, 'pg_type'),
	    (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder)
		FROM pg_enum e WHERE e.enumtypid = t.oid),
	    (SELECT jsonb_agg(pg_get_expr(c.conbin, 0) ORDER BY c.conname)
		FROM pg_constraint c WHERE c.contypid = t.oid),
	    (SELECT jsonb_agg(jsonb_build_array(a.attname,
		format_type(a.atttypid, a.atttypmod), a.attnotnull,
		col_description(a.attrelid, a.attnum)) ORDER BY a.attnum)
		FROM pg_attribute a
		WHERE t.typtype = 'c' AND a.attrelid = t.typrelid
		AND a.attnum > 0 AND NOT a.attisdropped))::text, ','
	    ORDER BY t.oid)
	FROM publish.types_below(p_types) r(oid)
	JOIN pg_type t ON t.oid = r.oid);
END
$$;

-- A digest of all that the wrapper and the schemas are made of, but not of
-- the body.
CREATE FUNCTION publish.made_of(p_object oid, p_table boolean) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF p_table THEN
		RETURN (SELECT md5(concat_ws(' ', publish.types_print(
		    ARRAY[c.reltype]), obj_description(c.oid, 'pg_class')))
		FROM pg_class c WHERE c.oid = p_object);
	END IF;
	RETURN (SELECT md5(concat_ws(' ', p.oid, pg_get_function_arguments(p.oid),
	    pg_get_function_result(p.oid), p.provolatile, p.prosecdef,
	    p.proisstrict, p.proconfig, publish.types_print(p.prorettype
		|| coalesce(p.proallargtypes, p.proargtypes::oid[])))
	    || coalesce(obj_description(p.oid, 'pg_proc'), ''))
	FROM pg_proc p WHERE p.oid = p_object);
END
$$;

CREATE FUNCTION publish.arguments_schema(p_function oid, p_params jsonb)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object('type', 'object',
	    'properties', coalesce(json_object_agg(a.name, publish.merge(
		publish.type_schema(a.type, -1, NOT p.proisstrict, true, false),
		CASE WHEN publish.default_json(a.def, a.type) IS NOT NULL THEN
		    json_build_object('default', publish.default_json(a.def, a.type)) END,
		json_strip_nulls(json_build_object('description', nullif(
		    concat_ws(' ', p_params ->> a.name, CASE WHEN a.def IS NOT NULL
			AND publish.default_json(a.def, a.type) IS NULL
			THEN 'Default: ' || a.def END), ''))))
		ORDER BY a.n) FILTER (WHERE a.name IS NOT NULL), '{}'),
	    'required', coalesce(json_agg(a.name ORDER BY a.n)
		FILTER (WHERE a.name IS NOT NULL AND a.def IS NULL), '[]'),
	    'additionalProperties', false)
	FROM pg_proc p LEFT JOIN LATERAL publish.arguments(p.oid) a ON true
	WHERE p.oid = p_function);
END
$$;

-- One row of the result, or its single value.
CREATE FUNCTION publish.item_schema(p_function oid, p_exact boolean)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT CASE WHEN EXISTS (SELECT FROM publish.columns(p_function)) THEN (
		SELECT json_build_object('type', 'object',
		    'properties', json_object_agg(c.name, publish.merge(
			publish.type_schema(c.type, c.typmod, NOT c.notnull, false,
			    p_exact),
			CASE WHEN col_description(t.typrelid, a.attnum) IS NOT NULL
			    THEN json_build_object('description',
				col_description(t.typrelid, a.attnum)) END)
			ORDER BY c.n),
		    'required', json_agg(c.name ORDER BY c.n),
		    'additionalProperties', false)
		FROM publish.columns(p_function) c
		LEFT JOIN pg_attribute a ON a.attrelid = t.typrelid
		    AND a.attname = c.name AND a.attnum > 0)
	    ELSE publish.type_schema(p.prorettype, -1, true, false, p_exact) END
	FROM pg_proc p JOIN pg_type t ON t.oid = publish.base_type(p.prorettype)
	WHERE p.oid = p_function);
END
$$;

-- The result as a caller gets it; null: there is none, or it is of MCP.
CREATE FUNCTION publish.result_schema(p_function oid, p_exact boolean,
    p_paged boolean)
RETURNS json LANGUAGE sql STABLE AS $$
	SELECT CASE publish.shape(p_function)
	-- A function may find no row, whatever its columns are.
	WHEN 'object' THEN json_build_object('type', 'object', 'anyOf',
	    json_build_array(publish.item_schema(p_function, p_exact),
		'{"type":"object","description":"There is none.",
		"properties":{"result":{"type":"null"}},"required":["result"],
		"additionalProperties":false}'::json))
	WHEN 'scalar' THEN json_build_object('type', 'object', 'properties',
	    json_build_object('result', publish.item_schema(p_function, p_exact)),
	    'required', '["result"]'::json, 'additionalProperties', false)
	WHEN 'list' THEN json_build_object('type', 'object', 'properties',
	    publish.merge(json_build_object(
		'items', json_build_object('type', 'array', 'items',
		    publish.item_schema(p_function, p_exact)),
		'next_cursor', '{"type":["string","null"]}'::json),
		CASE WHEN NOT p_paged THEN json_build_object('truncated',
		    '{"type":"boolean","description":"There is more than is shown."}'::json) END),
	    'required', '["items","next_cursor"]'::json,
	    'additionalProperties', false)
	END
$$;
