-- Row-level security by declaration.  An application's owner says whose the
-- rows of a table are; the policies, for grantd_app alone, are made here.
-- The declaration is kept as the comment of the policy grantd_owner, so that it
-- goes where the table goes; nothing here runs with more rights than the
-- caller has, who must own the table.
--
-- A row belongs to its organization, if that column is declared, and within
-- it to whom one of the other ways leads.  Context is asked for in sub-selects
-- without reference to the row, which PostgreSQL computes once a statement.

-- Columns of the foreign key of p_table that p_name names: by a column of
-- it, or by the constraint.
CREATE OR REPLACE FUNCTION grantd.protect_parent(p_table regclass, p_name text,
    OUT "table" regclass, OUT columns text[], OUT keys text[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_found	int4;
BEGIN
	SELECT count(*) OVER (), k.confrelid, ARRAY(
	    SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, i)
	    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n
	    ORDER BY u.i), ARRAY(
	    SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, i)
	    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n
	    ORDER BY u.i)
	INTO v_found, "table", columns, keys
	FROM pg_constraint k
	WHERE k.conrelid = p_table AND k.contype = 'f'
	AND (k.conname = p_name OR EXISTS (SELECT FROM pg_attribute a
	    WHERE a.attrelid = p_table AND a.attname = p_name
	    AND a.attnum = ANY (k.conkey)));
	IF v_found IS DISTINCT FROM 1 THEN
		RAISE EXCEPTION 'parent "%" of table % names % foreign keys',
		    p_name, p_table, coalesce(v_found, 0)
		    USING ERRCODE = 'invalid_foreign_key',
		    HINT = 'Name a column of one foreign key, or its constraint.';
	END IF;
END
$$;

-- A comment as a JSON object; null: it is none.  Comments are written by hand,
-- too, and what reads all of them must not break on one.
CREATE OR REPLACE FUNCTION grantd.protect_json(p_comment text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN CASE WHEN p_comment LIKE '{%}' THEN p_comment::jsonb END;
EXCEPTION WHEN OTHERS THEN
	RETURN NULL;
END
$$;

-- What was declared of a table; null if nothing was.
CREATE OR REPLACE FUNCTION grantd.protection(p_table regclass) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT c.d FROM pg_policy p
	CROSS JOIN LATERAL grantd.protect_json(obj_description(p.oid,
	    'pg_policy')) AS c(d)
	WHERE p.polrelid = p_table AND p.polname = 'grantd_owner'
	AND c.d <> '{}'
	AND NOT EXISTS (SELECT FROM jsonb_each(c.d) e
	    WHERE jsonb_typeof(e.value) IS DISTINCT FROM CASE
		WHEN e.key IN ('read_scopes', 'write_scopes') THEN 'array'
		WHEN e.key = 'open' THEN 'boolean'
		WHEN e.key IN ('person', 'organization', 'group', 'membership',
		    'member', 'member_group', 'parent') THEN 'string' END)
$$;

CREATE OR REPLACE FUNCTION grantd.protect_list(p_array jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT ARRAY(SELECT jsonb_array_elements_text(p_array))
$$;

-- The condition of a row of p_table, called p_row, and for writing if p_write.
-- p_as: null for the caller of a procedure; else {"person", "organization",
-- "scopes"} that are put in as they are, and parents in full: what a caller
-- should see, said without row-level security.
-- A parent and what was declared of it may be another owner's: no word of it
-- becomes SQL but as a name.
CREATE OR REPLACE FUNCTION grantd.protect_condition(p_table regclass,
    p_row text, d jsonb, p_write boolean, p_as jsonb, p_depth int4 DEFAULT 1)
RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_person text := CASE WHEN p_as IS NULL THEN '(SELECT grantd.person())'
		    ELSE format('%L::uuid', p_as ->> 'person') END;
	v_organization text := CASE WHEN p_as IS NULL
		    THEN '(SELECT grantd.organization())'
		    ELSE format('%L::uuid', p_as ->> 'organization') END;
	v_scopes text[] := grantd.protect_list(d -> 'write_scopes')
		    || CASE WHEN p_write THEN '{}'
			ELSE grantd.protect_list(d -> 'read_scopes') END;
	v_ways	text[] := '{}';
	v_scope	text;
	v_whole	boolean := false;
	p	record;
BEGIN
	IF p_depth > 8 THEN
		RAISE EXCEPTION 'table % inherits from more than 8 others', p_table;
	END IF;
	IF d ? 'person' THEN
		v_ways := v_ways || format('%s.%I = %s', p_row, d ->> 'person',
		    v_person);
	END IF;
	IF d ? 'group' THEN
		v_ways := v_ways || format('%1$s.%2$I = ANY (ARRAY(SELECT g%3$s.%4$I '
		    'FROM %5$s g%3$s WHERE g%3$s.%6$I = %7$s))', p_row, d ->> 'group',
		    p_depth, d ->> 'member_group', (d ->> 'membership')::regclass,
		    d ->> 'member', v_person);
	END IF;
	IF d ? 'parent' THEN
		SELECT * INTO p FROM grantd.protect_parent(p_table, d ->> 'parent');
		v_ways := v_ways || format('EXISTS (SELECT FROM %s p%s WHERE %s%s)',
		    p."table", p_depth, (SELECT string_agg(format('p%s.%I = %s.%I',
			p_depth, u.k, p_row, u.c), ' AND ')
			FROM unnest(p.keys, p.columns) u(k, c)),
		    CASE WHEN p_write OR p_as IS NOT NULL THEN ' AND '
			|| grantd.protect_condition(p."table", 'p' || p_depth,
			grantd.protection(p."table"), p_write, p_as, p_depth + 1)
			ELSE '' END);
	END IF;
	FOREACH v_scope IN ARRAY v_scopes LOOP
		v_ways := v_ways || CASE WHEN p_as IS NULL
		    THEN format('(SELECT grantd.has_scope(%L))', v_scope)
		    ELSE (p_as -> 'scopes' ? v_scope)::text END;
	END LOOP;
	IF NOT p_write AND (d -> 'open')::boolean THEN
		v_whole := true;
	ELSIF cardinality(v_ways) = 0 AND d ? 'organization' THEN
		v_whole := NOT (d ?| '{open,read_scopes}');
	END IF;
	RETURN '(' || concat_ws(' AND ', CASE WHEN d ? 'organization' THEN
	    format('%s.%I = %s', p_row, d ->> 'organization', v_organization) END,
	    CASE WHEN v_whole AND d ? 'organization' THEN NULL
	    WHEN v_whole THEN 'true'
	    WHEN cardinality(v_ways) = 0 THEN 'false'
	    ELSE '(' || array_to_string(v_ways, ' OR ') || ')' END) || ')';
END
$$;
