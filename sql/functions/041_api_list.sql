-- Lists: filter, order, pages, total.  gate.list and gate.list_field say what
-- may be asked for; values reach the query only as parameters ($1 is the
-- arguments, $2 the keys of the last item), never as text of it.

CREATE FUNCTION api.list_limit(p_query jsonb) RETURNS int4
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_limit	jsonb := coalesce(p_query -> 'limit', '100');
BEGIN
	IF NOT lib.is_integer(v_limit)
	    OR (v_limit #>> '{}')::numeric NOT BETWEEN 1 AND 1000 THEN
		PERFORM lib.fail(400, 'invalid_limit',
		    'limit must be a number from 1 to 1000', 'limit', 'query');
	END IF;
	RETURN v_limit::int4;
END
$$;

CREATE FUNCTION api.list_field(p_list text, p_field text, p_parameter text)
RETURNS gate.list_field LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_field	gate.list_field;
	v_all	text;
BEGIN
	SELECT * INTO v_field FROM gate.list_field f
	WHERE f.list = p_list AND f.field = p_field
	AND (f.sortable OR p_parameter = 'filter');
	IF NOT FOUND THEN
		SELECT string_agg(f.field, ', ' ORDER BY f.field) INTO v_all
		FROM gate.list_field f WHERE f.list = p_list
		AND (f.sortable OR p_parameter = 'filter');
		PERFORM lib.fail(400, 'invalid_' || p_parameter,
		    format('%s does not know the field "%s"', p_parameter,
			left(p_field, 64)), p_parameter, 'query',
		    format('It knows: %s.', v_all));
	END IF;
	RETURN v_field;
END
$$;

-- One condition.  p_value is the text of an expression that gives the value.
CREATE FUNCTION api.list_condition(p_field gate.list_field, p_op text,
    p_value text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_cast	text := CASE p_field.type WHEN 'time' THEN 'timestamptz'
		    WHEN 'number' THEN 'numeric' ELSE 'text' END;
	v_form	text;
BEGIN
	v_form := CASE
	    WHEN p_field.type = 'labels' THEN CASE p_op
		WHEN 'eq' THEN '%2$s = ANY (%1$s)'
		WHEN 'ne' THEN 'NOT %2$s = ANY (%1$s)'
		WHEN 'in' THEN '%1$s && regexp_split_to_array(%2$s, '' *, *'')'
		WHEN 'like' THEN 'EXISTS (SELECT FROM unnest(%1$s) l(l) WHERE l.l LIKE lib.like_pattern(%2$s))'
		END
	    ELSE CASE p_op
		WHEN 'eq' THEN '%1$s = (%2$s)::%3$s'
		WHEN 'ne' THEN '%1$s IS DISTINCT FROM (%2$s)::%3$s'
		WHEN 'in' THEN '%1$s = ANY (regexp_split_to_array(%2$s, '' *, *'')::%3$s[])'
		WHEN 'gt' THEN '%1$s > (%2$s)::%3$s'
		WHEN 'gte' THEN '%1$s >= (%2$s)::%3$s'
		WHEN 'lt' THEN '%1$s < (%2$s)::%3$s'
		WHEN 'lte' THEN '%1$s <= (%2$s)::%3$s'
		WHEN 'like' THEN CASE WHEN p_field.type = 'text'
		    THEN '%1$s LIKE lib.like_pattern(%2$s)' END
		END
	    END;
	IF v_form IS NULL THEN
		PERFORM lib.fail(400, 'invalid_filter',
		    format('"%s" cannot be filtered by "%s"', p_field.field,
			left(p_op, 16)), 'filter', 'query',
		    'Operators: eq, ne, in; like for texts; gt, gte, lt, lte for texts, numbers and times.');
	END IF;
	RETURN format(v_form, p_field.expression, p_value, v_cast);
END
$$;

-- Names by which lists page are the same in any case.
CREATE FUNCTION api.list_filter(p_list text, p_query jsonb) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_named	boolean := (SELECT l.pages = 'name' FROM gate.list l
		    WHERE l.name = p_list);
	v_where	text := '';
	v_one	jsonb;
	v_i	int4 := 0;
BEGIN
	IF jsonb_array_length(p_query -> 'filter') > 50 THEN
		PERFORM lib.fail(400, 'invalid_filter',
		    'There are more than 50 filters', 'filter', 'query');
	END IF;
	FOR v_one IN SELECT e FROM jsonb_array_elements(p_query -> 'filter') e LOOP
		v_where := v_where || ' AND ' || api.list_condition(
		    api.list_field(p_list, v_one ->> 'field', 'filter'),
		    v_one ->> 'op',
		    format(CASE WHEN v_named AND v_one ->> 'field' = 'name'
			THEN 'lower(%s)' ELSE '(%s)' END,
			format('$1 #>> ''{query,filter,%s,value}''', v_i)));
		v_i := v_i + 1;
	END LOOP;
	RETURN v_where;
END
$$;

-- The order as arrays of equal length: expression, "ASC" or "DESC", type.
-- p_exact: by ids in the end, so that no two items are alike.
CREATE FUNCTION api.list_order(p_list gate.list, p_query jsonb,
    p_exact boolean, OUT exprs text[], OUT dirs text[], OUT types text[], OUT fields text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_one	jsonb;
	v_field	gate.list_field;
	v_order	jsonb := coalesce(p_query -> 'order', '[]');
BEGIN
	exprs := '{}'; dirs := '{}'; types := '{}'; fields := '{}';
	IF jsonb_array_length(v_order) > 10 THEN
		PERFORM lib.fail(400, 'invalid_order',
		    'There are more than 10 orders', 'order', 'query');
	ELSIF v_order = '[]' THEN
		v_order := jsonb_build_array(
		    jsonb_build_object('field', p_list.default_order));
	END IF;
	v_order := v_order || jsonb_build_object('field', p_list.tie);
	IF p_exact THEN
		v_order := v_order || '{"field": "id"}';
	END IF;
	FOR v_one IN SELECT e FROM jsonb_array_elements(v_order) e LOOP
		CONTINUE WHEN v_one ->> 'field' = ANY (fields);
		v_field := api.list_field(p_list.name, v_one ->> 'field', 'order');
		fields := fields || v_field.field;
		exprs := exprs || v_field.expression;
		dirs := dirs || CASE v_one ->> 'dir' WHEN 'desc' THEN 'DESC' ELSE 'ASC' END;
		types := types || CASE v_field.type WHEN 'time' THEN 'timestamptz'
		    WHEN 'number' THEN 'numeric' ELSE 'text' END;
	END LOOP;
END
$$;

-- The rows after the one whose keys are in $2.
CREATE FUNCTION api.list_after(p_exprs text[], p_dirs text[], p_types text[])
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT ' AND (' || string_agg(format('(%s%s %s $2[%s]::%s)', (
		SELECT coalesce(string_agg(format('%s = $2[%s]::%s AND ',
		    p_exprs[j], j, p_types[j]), ''), '')
		FROM generate_series(1, i - 1) j),
	    p_exprs[i], CASE p_dirs[i] WHEN 'DESC' THEN '<' ELSE '>' END, i,
	    p_types[i]), ' OR ') || ')'
	FROM generate_series(1, cardinality(p_exprs)) i
$$;

-- The largest page, in bytes: an answer has to fit into a message.
CREATE FUNCTION api.list_bytes() RETURNS int4
LANGUAGE sql IMMUTABLE AS $$
	SELECT 6 * 1024 * 1024
$$;

-- One page.  p_where is more of the query, from the caller's own text; it may
-- use $1 as well.  items: the JSON texts with commas between.
CREATE FUNCTION api.list(p_list text, p_args jsonb, p_where text,
    OUT items text, OUT total int8, OUT cursor text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_list	gate.list;
	v_query	jsonb := coalesce(p_args -> 'query', '{}');
	v_limit	int4 := api.list_limit(v_query);
	v_where	text;
	v_after	text[];
	v_order	record;
	v_start	uuid;
BEGIN
	SELECT * INTO STRICT v_list FROM gate.list l WHERE l.name = p_list;
	v_start := api.list_start_id(v_list, p_args, p_where);
	v_order := api.list_order(v_list, v_query, v_start IS NOT NULL);
	v_where := format('FROM %s WHERE (%s)%s', v_list.source, p_where,
	    api.list_filter(p_list, v_query));
	IF v_query -> 'total' = 'true' THEN
		EXECUTE 'SELECT count(*) ' || v_where INTO total USING p_args;
	END IF;
	v_after := CASE v_list.pages
	    WHEN 'name' THEN api.list_start(v_list, p_args, p_where,
		v_order.exprs, v_start)
	    ELSE api.list_cursor(v_query ->> 'cursor', v_order.fields,
		v_order.dirs) END;
	IF v_after IS NOT NULL THEN
		v_where := v_where || api.list_after(v_order.exprs, v_order.dirs,
		    v_order.types);
	END IF;
	SELECT * INTO items, cursor FROM api.list_page(v_list, p_args, v_where,
	    v_after, v_limit, v_order.exprs, v_order.dirs, v_order.fields);
EXCEPTION WHEN data_exception THEN
	PERFORM lib.fail(400, 'invalid_filter',
	    'A value of filter or start_after does not fit its field', 'filter',
	    'query', SQLERRM,
	    'Times are written as 2026-01-31T12:00:00Z, numbers without quotes.');
END
$$;

-- Its items, one by one, so that no page grows beyond what can be sent.
-- Equal names (of integrations of several accounts) share a page, or
-- start_after would skip some; not where it is an id, or the order is by id.
-- cursor: null in lists that page by name.
CREATE FUNCTION api.list_page(p_list gate.list, p_args jsonb, p_where text,
    p_after text[], p_limit int4, p_exprs text[], p_dirs text[],
    p_fields text[], OUT items text, OUT cursor text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_named	boolean := p_list.pages = 'name';
	v_by	text := (SELECT string_agg(e || ' ' || d, ', ' ORDER BY n)
		    FROM unnest(p_exprs, p_dirs) WITH ORDINALITY AS u(e, d, n));
	v_count	int8 := p_limit + 1;
	v_items	text[] := '{}';
	v_bytes	int8 := 0;
	v_keys	text;
	v_row	record;
BEGIN
	cursor := CASE WHEN NOT v_named THEN '' END;
	IF v_named THEN
		EXECUTE format('SELECT count(*) FROM (SELECT %s ORDER BY %s '
		    'FETCH FIRST %s ROWS WITH TIES) x', p_where, v_by, p_limit)
		INTO v_count USING p_args, p_after;
	END IF;
	FOR v_row IN EXECUTE format('SELECT (%s)::text AS j, '
	    'jsonb_build_array(%s)::text AS k %s ORDER BY %s%s LIMIT %s',
	    p_list.body, (SELECT string_agg('(' || e || ')::text', ', ' ORDER BY n)
		FROM unnest(p_exprs) WITH ORDINALITY AS u(e, n)),
	    p_where, v_by, CASE WHEN v_named THEN ', r.id' ELSE '' END, v_count)
	    USING p_args, p_after LOOP
		v_bytes := v_bytes + octet_length(v_row.j) + 1;
		IF v_bytes > api.list_bytes() AND (v_named OR v_items = '{}') THEN
			PERFORM lib.fail(400, 'page_too_large',
			    'The answer would be too large', 'limit', 'query',
			    format('A page has %s bytes at most.', api.list_bytes()),
			    'Ask for fewer with limit. Where many have one name, send order=id, and as start_after the id of the last item.');
		ELSIF NOT v_named AND (v_bytes > api.list_bytes()
		    OR cardinality(v_items) = p_limit) THEN
			cursor := api.list_next(v_keys, p_fields, p_dirs);
			EXIT;
		END IF;
		v_items := v_items || v_row.j;
		v_keys := v_row.k;
	END LOOP;
	items := array_to_string(v_items, ',');
END
$$;

-- The id that start_after is, if it is one; null: it is a name, or nothing.
CREATE FUNCTION api.list_start_id(p_list gate.list, p_args jsonb, p_where text)
RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_id	uuid := lib.to_uuid(p_args #>> '{query,start_after}');
	v_found	boolean;
BEGIN
	IF p_list.pages <> 'name' OR v_id IS NULL THEN
		RETURN NULL;
	END IF;
	EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE (%s) AND r.id = $2)',
	    p_list.source, p_where) INTO v_found USING p_args, v_id;
	RETURN CASE WHEN v_found THEN v_id END;
END
$$;

-- Keys of the item that start_after names, by its id if that is known; null:
-- from the beginning.
CREATE FUNCTION api.list_start(p_list gate.list, p_args jsonb, p_where text,
    p_exprs text[], p_id uuid)
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_start	text := lower(p_args #>> '{query,start_after}');
	v_tie	gate.list_field := api.list_field(p_list.name, p_list.tie, 'order');
	v_keys	text[];
	v_n	int8;
BEGIN
	IF v_start IS NULL OR v_start = '' THEN
		RETURN NULL;
	ELSIF p_exprs = ARRAY[v_tie.expression] THEN
		RETURN ARRAY[v_start];
	END IF;
	EXECUTE format('SELECT ARRAY[%s], count(*) OVER () FROM %s WHERE (%s) AND %s',
	    (SELECT string_agg('(' || e || ')::text', ', ' ORDER BY n)
	     FROM unnest(p_exprs) WITH ORDINALITY AS u(e, n)),
	    p_list.source, p_where, CASE WHEN p_id IS NULL
		THEN v_tie.expression || ' = $2' ELSE 'r.id = $3' END)
	INTO v_keys, v_n USING p_args, v_start, p_id;
	IF v_keys IS NULL THEN
		PERFORM lib.fail(400, 'invalid_start_after',
		    'start_after names nothing in this list', 'start_after',
		    'query', 'With an order other than by name, the item must still exist.',
		    'Start again from the beginning.');
	ELSIF v_n > 1 THEN
		PERFORM lib.fail(400, 'invalid_start_after',
		    'start_after names several items of this list', 'start_after',
		    'query', 'In this order they are not beside each other.',
		    'Send the id of the last item instead of its name.');
	END IF;
	RETURN v_keys;
END
$$;

-- A cursor is the order that it belongs to and the keys of the last item.
CREATE FUNCTION api.list_next(p_keys text, p_fields text[], p_dirs text[])
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT lib.base64url(convert_to(jsonb_build_object(
	    'o', to_jsonb(p_fields) || to_jsonb(p_dirs), 'k', p_keys::jsonb)::text,
	    'UTF8'))
$$;

CREATE FUNCTION api.list_cursor(p_cursor text, p_fields text[], p_dirs text[])
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_cursor jsonb;
	v_keys	text[];
BEGIN
	IF coalesce(p_cursor, '') = '' THEN
		RETURN NULL;
	END IF;
	BEGIN
		v_cursor := convert_from(lib.from_base64url(p_cursor), 'UTF8')::jsonb;
		IF v_cursor -> 'o' = to_jsonb(p_fields) || to_jsonb(p_dirs)
		    AND jsonb_typeof(v_cursor -> 'k') = 'array' THEN
			SELECT array_agg(k ORDER BY n) INTO v_keys
			FROM jsonb_array_elements_text(v_cursor -> 'k')
			    WITH ORDINALITY AS u(k, n);
		END IF;
	EXCEPTION WHEN data_exception OR character_not_in_repertoire
	    OR untranslatable_character THEN
		v_keys := NULL;
	END;
	IF cardinality(v_keys) IS DISTINCT FROM cardinality(p_fields)
	    OR array_position(v_keys, NULL) IS NOT NULL THEN
		PERFORM lib.fail(400, 'invalid_cursor',
		    'The cursor is not one of this list', 'cursor', 'query',
		    'A cursor belongs to the order that it was given with.',
		    'Start again without a cursor.');
	END IF;
	RETURN v_keys;
END
$$;

CREATE FUNCTION api.list_body(p_list text, p_args jsonb,
    p_where text DEFAULT 'true', p_more text DEFAULT '')
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT '{"result":[' || l.items || ']'
	    || coalesce(',"total":' || l.total, '')
	    || coalesce(',"cursor":' || to_json(l.cursor)::text, '')
	    || p_more || '}'
	FROM api.list(p_list, p_args, p_where) l
$$;
