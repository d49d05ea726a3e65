-- The leak test: what people of the data, and strangers, get of a table as
-- grantd_app, beside what the declaration says, counted by the owner.

-- Persons with their organizations that the rows of a table lead to.
CREATE OR REPLACE FUNCTION grantd.test_subjects(p_table regclass)
RETURNS TABLE (organization uuid, person uuid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	d	jsonb := grantd.protection(p_table);
	v_org	text := CASE WHEN d ? 'organization' THEN format('t.%I',
		    d ->> 'organization') ELSE 'NULL::uuid' END;
	v_sql	text[] := '{}';
BEGIN
	IF d ? 'person' THEN
		v_sql := v_sql || format('SELECT %s, t.%I FROM %s t', v_org,
		    d ->> 'person', p_table);
	END IF;
	IF d ? 'group' THEN
		v_sql := v_sql || format('SELECT %s, g.%I FROM %s t JOIN %s g '
		    'ON g.%I = t.%I', v_org, d ->> 'member', p_table,
		    d ->> 'membership', d ->> 'member_group', d ->> 'group');
	END IF;
	IF d ? 'parent' THEN
		RETURN QUERY SELECT s.* FROM grantd.protect_parent(p_table,
		    d ->> 'parent') p, grantd.test_subjects(p."table") s;
	ELSIF cardinality(v_sql) = 0 THEN
		v_sql := ARRAY[format('SELECT %s, NULL::uuid FROM %s t', v_org,
		    p_table)];
	END IF;
	IF cardinality(v_sql) > 0 THEN
		RETURN QUERY EXECUTE format('SELECT DISTINCT * FROM (%s) AS x '
		    'ORDER BY 1, 2', array_to_string(v_sql, ' UNION ALL '));
	END IF;
END
$$;

-- Two persons of each of two organizations that have rows, then others.
CREATE OR REPLACE FUNCTION grantd.test_callers(p_table regclass)
RETURNS TABLE (caller text, organization uuid, person uuid, scopes text[])
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	d	jsonb := grantd.protection(p_table);
	v_found	jsonb;
	v_none	uuid := 'ffffffff-ffff-4fff-bfff-ffffffffffff';
	v_scope	text;
BEGIN
	SELECT jsonb_agg(jsonb_build_object('o', s.o, 'p', s.p, 'on', s.o_n,
	    'pn', s.p_n) ORDER BY s.o_n, s.p_n)
	INTO v_found
	FROM (
		SELECT t.organization AS o, t.person AS p,
		    dense_rank() OVER (ORDER BY t.organization) AS o_n,
		    row_number() OVER (PARTITION BY t.organization
			ORDER BY t.person) AS p_n
		FROM (SELECT DISTINCT u.* FROM grantd.test_subjects(p_table) u) t
	) s WHERE s.o_n <= 2 AND s.p_n <= 2;
	RETURN QUERY SELECT format('person %s of organization %s', e ->> 'pn',
	    e ->> 'on'), (e ->> 'o')::uuid, (e ->> 'p')::uuid, '{}'::text[]
	FROM jsonb_array_elements(v_found) e;
	RETURN QUERY SELECT 'person 1 of organization 1, in organization 2',
	    (e ->> 'o')::uuid, (v_found #>> '{0,p}')::uuid, '{}'::text[]
	FROM jsonb_array_elements(v_found) e
	WHERE (e ->> 'on')::int4 = 2 LIMIT 1;
	RETURN QUERY SELECT v.* FROM (VALUES
	    ('a stranger in organization 1', (v_found #>> '{0,o}')::uuid, v_none,
		'{}'::text[]),
	    ('person 1 in an organization without rows', v_none,
		(v_found #>> '{0,p}')::uuid, '{}'),
	    ('a client in organization 1', (v_found #>> '{0,o}')::uuid, NULL, '{}'),
	    ('nobody', NULL, NULL, '{}')) v;
	FOREACH v_scope IN ARRAY grantd.protect_list(d -> 'read_scopes')
	    || grantd.protect_list(d -> 'write_scopes') LOOP
		RETURN QUERY VALUES ('a stranger in organization 1 with ' || v_scope,
		    (v_found #>> '{0,o}')::uuid, v_none, ARRAY[v_scope]),
		    ('a stranger elsewhere with ' || v_scope, v_none, v_none,
		    ARRAY[v_scope]);
	END LOOP;
END
$$;

-- Runs the test; what it locks or sets is taken back.  The caller owns the
-- table.  leaked and missing count rows for reading, leaked_write rows that
-- could be changed and should not; verdict is "good" where all are 0.
CREATE OR REPLACE FUNCTION grantd.test_protection("table" regclass)
RETURNS TABLE (caller text, organization uuid, person uuid, scopes text[],
    all_rows int8, expected int8, seen int8, leaked int8, missing int8,
    writable int8, leaked_write int8, verdict text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_table	regclass := "table";
	v_row	text := (SELECT format('%I.%I', n.nspname, c.relname)
		    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		    WHERE c.oid = v_table AND pg_has_role(c.relowner, 'USAGE'));
	d	jsonb := grantd.protection(v_table);
	v_as	jsonb;
	r	record;
BEGIN
	IF v_row IS NULL THEN
		RAISE EXCEPTION 'only the owner of table % can tell what is in it',
		    v_table USING ERRCODE = 'insufficient_privilege';
	ELSIF d IS NULL THEN
		RAISE EXCEPTION 'table % is not protected', v_table
		    USING ERRCODE = 'object_not_in_prerequisite_state',
		    HINT = 'Call grantd.protect first.';
	END IF;
	FOR caller, organization, person, scopes IN
	    SELECT c.* FROM grantd.test_callers(v_table) c LOOP
		v_as := jsonb_build_object('person', person, 'organization',
		    organization, 'scopes', scopes);
		EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %s) FROM %s',
		    grantd.protect_condition(v_table, v_row, d, false, v_as), v_row)
		INTO all_rows, expected;
		BEGIN
			EXECUTE format('SET LOCAL grantd.person = %L', coalesce(person::text, ''));
			EXECUTE format('SET LOCAL grantd.organization = %L', coalesce(organization::text, ''));
			EXECUTE format('SET LOCAL grantd.unit = %L', grantd.test_unit(scopes));
			SELECT * INTO r FROM published.protection_probe(v_row,
			    grantd.protect_condition(v_table, v_row, d, false, v_as),
			    grantd.protect_condition(v_table, v_row, d, true, v_as));
			RAISE EXCEPTION USING ERRCODE = 'ZZ001';
		EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
			NULL;
		END;
		seen := r.seen;
		leaked := r.leaked;
		missing := expected - (seen - leaked);
		writable := r.writable;
		leaked_write := r.writable_leaked;
		verdict := CASE WHEN leaked > 0 OR leaked_write > 0 THEN 'leaks'
		    WHEN missing > 0 THEN 'rows are missing' ELSE 'good' END;
		RETURN NEXT;
	END LOOP;
END
$$;
