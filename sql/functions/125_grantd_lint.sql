-- What is wrong or risky: of what is published, and of what protects it.  The
-- broker writes it to the log when it starts and when something changes.

-- What the next refresh would close it for, or null: a body is not looked at
-- when it is replaced.
CREATE FUNCTION publish.closes(p publish.procedure, p_object oid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF NOT p.is_table THEN
		PERFORM publish.check_function(p_object, p.trusted);
	END IF;
	RETURN NULL;
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN 'would be closed by the next refresh: ' || SQLERRM;
END
$$;

-- Why PostgreSQL cannot merge a list with the page that is asked for, or null.
CREATE FUNCTION publish.unmerged(p_function oid) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN l.lanname <> 'sql' THEN 'it is in language ' || l.lanname
	    WHEN f.provolatile = 'v' THEN 'it is VOLATILE'
	    WHEN f.proisstrict THEN 'it is STRICT'
	    WHEN f.proconfig IS NOT NULL THEN 'it has a SET clause'
	    WHEN f.prosecdef THEN 'it is SECURITY DEFINER' END
	FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
	WHERE f.oid = p_function
$$;

-- Why nobody can call what is published, or null.
CREATE FUNCTION publish.unreachable(p publish.procedure, p_object oid)
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN NOT EXISTS (SELECT FROM gate.operation o
		WHERE o.number = p.number) THEN 'has no door: nobody can call it'
	    WHEN (has_schema_privilege('grantd_app', p.schema, 'USAGE')
		AND CASE WHEN p.is_table
		THEN has_table_privilege('grantd_app', p_object, 'SELECT')
		ELSE has_function_privilege('grantd_app', p_object, 'EXECUTE')
		END) IS NOT TRUE THEN CASE WHEN p.is_table
		THEN 'procedures may not read its table'
		ELSE 'procedures may not call its function' END END
$$;

-- The settings are those of publish.make, with whose work it compares.
CREATE FUNCTION publish.lint()
RETURNS TABLE (severity text, object text, problem text, remedy text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
SET intervalstyle = iso_8601 SET timezone = 'UTC' SET extra_float_digits = 1
SET bytea_output = hex SET standard_conforming_strings = on
SET quote_all_identifiers = off AS $$
DECLARE
	p	publish.procedure;
	v_object oid;
	v_out	int4[] := ARRAY(SELECT s.number FROM publish.served() s
		    WHERE NOT s.served);
BEGIN
	FOR p IN SELECT * FROM publish.procedure o ORDER BY o.name LOOP
		object := p.name;
		severity := 'error';
		IF p.problem IS NOT NULL THEN
			problem := 'is closed: ' || p.problem;
			remedy := 'Repair it, then: SELECT grantd.refresh()';
			RETURN NEXT;
			CONTINUE;
		END IF;
		BEGIN
			v_object := publish.object_of(p);
		EXCEPTION WHEN undefined_function OR undefined_table
		    OR ambiguous_function THEN
			problem := SQLERRM;
			remedy := format('SELECT grantd.unpublish(''%s'')', p.name);
			RETURN NEXT;
			CONTINUE;
		END;
		IF p.number = ANY (v_out) THEN
			problem := 'is left out: everything together has more than 8 MiB, or 9999 entries';
			remedy := 'Publish less, or with shorter comments.';
			RETURN NEXT;
		END IF;
		IF NOT EXISTS (SELECT FROM pg_proc w
		    WHERE w.pronamespace = 'published'::regnamespace
		    AND w.proname = 'p_' || p.number AND w.prosecdef
		    AND w.proowner = 'grantd_app'::regrole
		    AND w.prosrc = p.wrapper) THEN
			problem := 'its wrapper is missing or was changed';
			remedy := 'Publish it again.';
			RETURN NEXT;
		END IF;
		problem := publish.unreachable(p, v_object);
		remedy := 'Publish it again.';
		IF problem IS NOT NULL THEN
			RETURN NEXT;
		END IF;
		severity := 'warning';
		IF p.made_of <> publish.made_now(p) THEN
			problem := 'its function, table, types or comments changed since it was published';
			remedy := 'The server follows within ten seconds; at once: SELECT grantd.refresh()';
			RETURN NEXT;
		ELSE
			problem := publish.closes(p, v_object);
			remedy := 'Repair it before.';
			IF problem IS NOT NULL THEN
				RETURN NEXT;
			END IF;
		END IF;
		IF p.trusted THEN
			problem := 'is trusted: nothing keeps its SQL from changing the context of its call';
			remedy := 'Read it twice; publish it without "trusted" if that is possible.';
			RETURN NEXT;
		END IF;
		IF p.scope IS NULL AND p.class = 'write' THEN
			problem := 'writes, and anybody may call it';
			remedy := 'Give it a scope.';
			RETURN NEXT;
		END IF;
		severity := 'notice';
		CONTINUE WHEN p.is_table;
		IF obj_description(v_object, 'pg_proc') IS NULL THEN
			problem := 'has no comment: nobody learns what it does';
			remedy := format('COMMENT ON FUNCTION %I.%I IS ...', p.schema, p.object);
			RETURN NEXT;
		END IF;
		IF EXISTS (SELECT FROM publish.arguments(v_object) a
		    WHERE a.type IN ('timestamp'::regtype, 'timestamp[]'::regtype)
		    UNION ALL SELECT FROM publish.columns(v_object) c
		    WHERE c.type IN ('timestamp'::regtype, 'timestamp[]'::regtype)
		    UNION ALL SELECT FROM pg_proc f WHERE f.oid = v_object
		    AND f.prorettype IN ('timestamp'::regtype,
			'timestamp[]'::regtype)) THEN
			problem := 'has times without zone';
			remedy := 'Use timestamptz.';
			RETURN NEXT;
		END IF;
		IF p.kind = 'procedure' AND NOT p.exact_text AND (EXISTS (
		    SELECT FROM publish.columns(v_object) c
		    WHERE publish.has_exact(c.type)) OR EXISTS (
		    SELECT FROM pg_proc f WHERE f.oid = v_object
		    AND publish.has_exact(f.prorettype))) THEN
			problem := 'returns bigint or numeric as JSON numbers, which some clients round';
			remedy := 'Publish it with exact_text => true if that matters.';
			RETURN NEXT;
		END IF;
		IF p.kind = 'procedure' AND p.page_key IS NULL
		    AND publish.shape(v_object) = 'list' THEN
			problem := format('shows at most %s rows, and no more pages', p.max_rows);
			remedy := 'Publish it with page_key => ''{...}''.';
			RETURN NEXT;
		ELSIF p.page_key IS NOT NULL
		    AND publish.unmerged(v_object) IS NOT NULL THEN
			problem := 'computes all rows for each page: '
			    || publish.unmerged(v_object);
			remedy := 'Make it LANGUAGE sql STABLE with BEGIN ATOMIC, '
			    'not STRICT and without SET, if there are many.';
			RETURN NEXT;
		END IF;
	END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION grantd.lint()
RETURNS TABLE (severity text, object text, problem text, remedy text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT l.severity, l.object, l.problem, l.remedy
	FROM (
		SELECT * FROM publish.lint()
		UNION ALL
		SELECT * FROM grantd.lint_protection()
	) l
	ORDER BY array_position('{error,warning,notice}', l.severity), l.object,
	    l.problem
$$;

CREATE FUNCTION gate.lint()
RETURNS TABLE (severity text, object text, problem text, remedy text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT * FROM grantd.lint()
$$;
