-- grantd.protect: checks a declaration, keeps it, makes the policies.

-- In words, for the review.
CREATE OR REPLACE FUNCTION grantd.protect_words(p_table regclass, d jsonb,
    p_write boolean)
RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_scopes text[] := grantd.protect_list(d -> 'write_scopes')
		    || CASE WHEN p_write THEN '{}'
			ELSE grantd.protect_list(d -> 'read_scopes') END;
	v_ways	text := concat_ws(', or ',
		    'own rows (' || (d ->> 'person') || ')',
		    'rows of groups (' || (d ->> 'group') || ') that '
			|| (d ->> 'membership') || ' puts the person in',
		    CASE WHEN d ? 'parent' THEN 'rows of a '
			|| CASE WHEN p_write THEN 'writable' ELSE 'readable' END
			|| ' row of ' || (SELECT "table" FROM grantd.protect_parent(
			p_table, d ->> 'parent'))::text
			|| ' (' || (d ->> 'parent') || ')' END,
		    CASE WHEN cardinality(v_scopes) > 0 THEN 'any with scope '
			|| array_to_string(v_scopes, ' or ') END);
BEGIN
	IF NOT p_write AND (d -> 'open')::boolean THEN
		v_ways := 'everybody''s rows';
	ELSIF v_ways = '' THEN
		v_ways := CASE WHEN d ? 'organization'
		    AND NOT (d ?| '{open,read_scopes}')
		    THEN 'everybody''s rows' ELSE 'none' END;
	END IF;
	RETURN concat_ws(': ', 'in the own organization ('
	    || (d ->> 'organization') || ')', v_ways);
END
$$;

-- What tells a policy that was made here from one that was changed since.
CREATE OR REPLACE FUNCTION grantd.protect_digest(p_policy oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT md5(concat_ws(' / ', p.polcmd, p.polpermissive,
	    (SELECT string_agg(r.rolname, ',' ORDER BY r.rolname) FROM pg_roles r
		WHERE r.oid = ANY (p.polroles)),
	    0 = ANY (p.polroles),
	    pg_get_expr(p.polqual, p.polrelid),
	    pg_get_expr(p.polwithcheck, p.polrelid)))
	FROM pg_policy p WHERE p.oid = p_policy
$$;

-- Makes the policies of p_table, and anew those of the tables below it.
CREATE OR REPLACE FUNCTION grantd.protect_apply(p_table regclass, d jsonb)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_row	text := (SELECT format('%I.%I', n.nspname, c.relname)
		    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		    WHERE c.oid = p_table);
	v_read	text := grantd.protect_condition(p_table, v_row, d, false, NULL);
	v_write	text := grantd.protect_condition(p_table, v_row, d, true, NULL);
	v_old	name;
	v_child	regclass;
BEGIN
	FOR v_old IN SELECT polname FROM pg_policy WHERE polrelid = p_table
	    AND polname IN ('grantd_owner', 'grantd_read', 'grantd_insert',
		'grantd_update', 'grantd_delete') LOOP
		EXECUTE format('DROP POLICY %I ON %s', v_old, v_row);
	END LOOP;
	EXECUTE format('CREATE POLICY grantd_owner ON %s TO %I USING (true) '
	    'WITH CHECK (true)', v_row, (SELECT r.rolname FROM pg_class c
		JOIN pg_roles r ON r.oid = c.relowner WHERE c.oid = p_table));
	EXECUTE format('COMMENT ON POLICY grantd_owner ON %s IS %L', v_row, d);
	EXECUTE format('CREATE POLICY grantd_read ON %s FOR SELECT TO grantd_app '
	    'USING (%s)', v_row, v_read);
	EXECUTE format('CREATE POLICY grantd_insert ON %s FOR INSERT '
	    'TO grantd_app WITH CHECK (%s)', v_row, v_write);
	EXECUTE format('CREATE POLICY grantd_update ON %1$s FOR UPDATE '
	    'TO grantd_app USING (%2$s) WITH CHECK (%2$s)', v_row, v_write);
	EXECUTE format('CREATE POLICY grantd_delete ON %s FOR DELETE '
	    'TO grantd_app USING (%s)', v_row, v_write);
	FOR v_old IN SELECT unnest('{read,insert,update,delete}'::text[]) LOOP
		EXECUTE format('COMMENT ON POLICY %I ON %s IS %L',
		    'grantd_' || v_old, v_row, (SELECT jsonb_build_object(
			'digest', grantd.protect_digest(p.oid),
			'words', grantd.protect_words(p_table, d, v_old <> 'read'))
			FROM pg_policy p WHERE p.polrelid = p_table
			AND p.polname = 'grantd_' || v_old));
	END LOOP;
	EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, '
	    'FORCE ROW LEVEL SECURITY', v_row);
	FOR v_child IN SELECT k.conrelid FROM pg_constraint k
	    WHERE k.contype = 'f' AND k.confrelid = p_table
	    AND k.conrelid <> p_table
	    AND grantd.protection(k.conrelid) ->> 'parent' IN (k.conname,
		(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid
		AND a.attnum = ANY (k.conkey)
		AND a.attname = grantd.protection(k.conrelid) ->> 'parent')) LOOP
		PERFORM grantd.protect_apply(v_child, grantd.protection(v_child));
	END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION grantd.protect_column(p_table regclass, p_name text,
    p_uuid boolean)
RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF p_name IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a
	    WHERE a.attrelid = p_table AND a.attname = p_name AND a.attnum > 0
	    AND NOT a.attisdropped) THEN
		RAISE EXCEPTION 'table % has no column "%"', p_table, p_name
		    USING ERRCODE = 'undefined_column';
	ELSIF p_uuid AND p_name IS NOT NULL AND (SELECT a.atttypid
	    FROM pg_attribute a WHERE a.attrelid = p_table
	    AND a.attname = p_name) <> 'uuid'::regtype THEN
		RAISE EXCEPTION 'column "%" of table % is not of type uuid',
		    p_name, p_table USING ERRCODE = 'datatype_mismatch',
		    HINT = 'Persons and organizations are known by their uuid.';
	END IF;
END
$$;

-- Rights on a table, and what else an INSERT needs; nothing of before stays.
CREATE OR REPLACE FUNCTION grantd.protect_grant(p_table regclass, p_rights text[])
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_sequence regclass;
BEGIN
	EXECUTE format('REVOKE ALL ON TABLE %s FROM grantd_app', p_table);
	IF cardinality(p_rights) = 0 THEN
		RETURN;
	END IF;
	EXECUTE format('GRANT USAGE ON SCHEMA %s TO grantd_app',
	    (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = p_table));
	EXECUTE format('GRANT %s ON TABLE %s TO grantd_app',
	    array_to_string(p_rights, ', '), p_table);
	FOR v_sequence IN SELECT d.objid FROM pg_depend d
	    JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
	    WHERE d.classid = 'pg_class'::regclass AND d.refobjid = p_table
	    AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
	    AND 'insert' = ANY (p_rights) LOOP
		EXECUTE format('GRANT USAGE ON SEQUENCE %s TO grantd_app', v_sequence);
	END LOOP;
END
$$;

-- Declares whose the rows of a table are, and lets procedures at it.
--
-- organization	column (uuid) of the organization: a wall that nothing below
--		leads over
-- person	column (uuid) of the person whose row it is
-- group	column of the group whose row it is; membership: the table that
--		puts persons (column member, uuid) into groups (member_group)
-- parent	a foreign key: the row belongs to whom its parent belongs
-- open		all may read it: in the organization, if there is one
-- read_scopes	scopes that pass by person, group and parent, for reading
-- write_scopes	the same for reading and writing
-- rights	what procedures may do at all: select, insert, update, delete
--
-- With an organization and nothing else, everybody in it reads and writes as
-- far as the rights go.  Repeating a call changes nothing; another declaration
-- takes the place of the former, also for what the tables below inherit.
CREATE OR REPLACE FUNCTION grantd.protect("table" regclass,
    person text DEFAULT NULL, organization text DEFAULT NULL,
    "group" text DEFAULT NULL, membership regclass DEFAULT NULL,
    member text DEFAULT 'person', member_group text DEFAULT NULL,
    parent text DEFAULT NULL, open boolean DEFAULT false,
    read_scopes text[] DEFAULT '{}', write_scopes text[] DEFAULT '{}',
    rights text[] DEFAULT '{select}')
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_table	regclass := "table";
	v_rights text[] := ARRAY(SELECT lower(r) FROM unnest(rights) r);
	d	jsonb := jsonb_strip_nulls(jsonb_build_object(
		    'person', person, 'organization', organization,
		    'group', "group", 'parent', parent,
		    'open', CASE WHEN open THEN true END,
		    'read_scopes', CASE WHEN read_scopes <> '{}'
			THEN to_jsonb(read_scopes) END,
		    'write_scopes', CASE WHEN write_scopes <> '{}'
			THEN to_jsonb(write_scopes) END));
	v_above	regclass;
BEGIN
	IF (SELECT relkind NOT IN ('r', 'p') OR relpersistence = 't'
	    FROM pg_class WHERE oid = v_table) THEN
		RAISE EXCEPTION '% is not a table that lasts', v_table
		    USING ERRCODE = 'wrong_object_type',
		    HINT = 'A view needs no protection of its own: make it WITH (security_invoker).';
	ELSIF NOT v_rights <@ '{select,insert,update,delete}' THEN
		RAISE EXCEPTION 'rights: expected some of select, insert, update, delete'
		    USING ERRCODE = 'invalid_parameter_value';
	ELSIF d = '{}' THEN
		RAISE EXCEPTION 'nothing says whose the rows of % are', v_table
		    USING ERRCODE = 'invalid_parameter_value',
		    HINT = 'Give organization, person, group, parent or open.';
	ELSIF ("group" IS NULL) <> (membership IS NULL) THEN
		RAISE EXCEPTION 'a group needs its membership, and a membership its group'
		    USING ERRCODE = 'invalid_parameter_value';
	ELSIF EXISTS (SELECT FROM unnest(read_scopes || write_scopes) s
	    WHERE s !~ '^[a-z0-9_.-]+(:[a-z0-9_.-]+)?$' OR s IS NULL) THEN
		RAISE EXCEPTION 'not a scope: %', read_scopes || write_scopes
		    USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM grantd.protect_column(v_table, person, true),
	    grantd.protect_column(v_table, organization, true),
	    grantd.protect_column(v_table, "group", false);
	IF membership IS NOT NULL THEN
		member_group := coalesce(member_group, "group");
		PERFORM grantd.protect_column(membership, member, true),
		    grantd.protect_column(membership, member_group, false);
		d := d || jsonb_build_object('membership', membership::text,
		    'member', member, 'member_group', member_group);
		IF grantd.protection(membership) IS NULL THEN
			-- The policies look there as the procedure does.
			PERFORM grantd.protect(membership, person => member);
		END IF;
	END IF;
	v_above := CASE WHEN parent IS NOT NULL THEN (SELECT p."table"
	    FROM grantd.protect_parent(v_table, parent) p) END;
	WHILE v_above IS NOT NULL LOOP
		IF v_above = v_table THEN
			RAISE EXCEPTION 'table % cannot inherit from itself', v_table
			    USING ERRCODE = 'invalid_parameter_value';
		ELSIF grantd.protection(v_above) IS NULL THEN
			RAISE EXCEPTION 'table %, from which % inherits, is not protected',
			    v_above, v_table
			    USING ERRCODE = 'object_not_in_prerequisite_state',
			    HINT = 'Protect it first.';
		END IF;
		v_above := CASE WHEN grantd.protection(v_above) ? 'parent' THEN
		    (SELECT p."table" FROM grantd.protect_parent(v_above,
			grantd.protection(v_above) ->> 'parent') p) END;
	END LOOP;
	PERFORM grantd.protect_apply(v_table, d);
	PERFORM grantd.protect_grant(v_table, v_rights);
	RETURN 'read: ' || grantd.protect_words(v_table, d, false)
	    || CASE WHEN v_rights && '{insert,update,delete}' THEN '; write: '
		|| grantd.protect_words(v_table, d, true) ELSE '' END;
END
$$;

-- Takes rights and policies back: no procedure reaches the table any more.
CREATE OR REPLACE FUNCTION grantd.unprotect("table" regclass)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_name	name;
	v_child	regclass;
BEGIN
	SELECT k.conrelid INTO v_child FROM pg_constraint k
	WHERE k.contype = 'f' AND k.confrelid = "table" AND k.conrelid <> "table"
	AND grantd.protection(k.conrelid) ? 'parent'
	AND (SELECT p."table" FROM grantd.protect_parent(k.conrelid,
	    grantd.protection(k.conrelid) ->> 'parent') p) = unprotect."table"
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'table % inherits from %', v_child, "table"
		    USING ERRCODE = 'dependent_objects_still_exist',
		    HINT = 'Unprotect it first.';
	END IF;
	PERFORM grantd.protect_grant("table", '{}');
	FOR v_name IN SELECT polname FROM pg_policy WHERE polrelid = "table"
	    AND polname IN ('grantd_owner', 'grantd_read', 'grantd_insert',
		'grantd_update', 'grantd_delete') LOOP
		EXECUTE format('DROP POLICY %I ON %s', v_name, "table");
	END LOOP;
	IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = "table") THEN
		EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, '
		    'DISABLE ROW LEVEL SECURITY', "table");
	END IF;
END
$$;
