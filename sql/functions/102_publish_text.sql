-- Words about functions, from their comments, and the check of their bodies.

-- A comment: the first line is the title, the rest the description, and lines
-- that begin with @ say more; what is indented below such a line belongs to it.
--	@param NAME text
--	@example {"arguments": {...}, "result": ...}
--	@complete NAME value, value
--	@deprecated
--	@schema {...}		of a domain: its JSON Schema
CREATE FUNCTION publish.words(p_comment text, OUT title text,
    OUT description text, OUT params jsonb, OUT examples json,
    OUT complete jsonb, OUT schema jsonb, OUT deprecated boolean)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v_line	text;
	v_tags	text[] := '{}';
	v_in	boolean := false;
	m	text[];
	v_all	text[] := '{}';
BEGIN
	params := '{}'; complete := '{}'; deprecated := false;
	FOREACH v_line IN ARRAY string_to_array(replace(coalesce(p_comment, ''),
	    E'\r', ''), E'\n') LOOP
		IF v_line ~ '^@[a-z]' THEN
			v_tags := v_tags || v_line;
			v_in := true;
		ELSIF v_in AND v_line ~ '^\s+\S' THEN
			v_tags[cardinality(v_tags)] := v_tags[cardinality(v_tags)]
			    || ' ' || btrim(v_line);
		ELSIF title IS NULL THEN
			title := nullif(btrim(v_line), '');
		ELSE
			v_in := false;
			description := concat_ws(E'\n', description, v_line);
		END IF;
	END LOOP;
	title := left(title, 200);
	description := nullif(btrim(description, E'\n '), '');
	FOREACH v_line IN ARRAY v_tags LOOP
		m := regexp_match(v_line, '^@(\w+)\s*(\S*)\s*(.*)$');
		CASE m[1]
		WHEN 'param' THEN
			params := params || jsonb_build_object(m[2], m[3]);
		WHEN 'complete' THEN
			complete := complete || jsonb_build_object(m[2],
			    to_jsonb(regexp_split_to_array(btrim(m[3]), '\s*,\s*')));
		WHEN 'example' THEN
			v_all := v_all || (substr(v_line, 9)::json)::text;
		WHEN 'schema' THEN
			schema := substr(v_line, 8)::jsonb;
		WHEN 'deprecated' THEN
			deprecated := true;
		ELSE
			PERFORM publish.fail(format('the comment has a line @%s', m[1]),
			    'Known are @param, @example, @complete, @deprecated and @schema.');
		END CASE;
	END LOOP;
	examples := '[' || array_to_string(v_all, ',') || ']';
EXCEPTION WHEN invalid_text_representation OR untranslatable_character THEN
	PERFORM publish.fail(format('in the comment: %s', left(v_line, 100)),
	    'What follows @example or @schema is JSON.');
END
$$;

-- The scanner of PostgreSQL, as far as it tells code from what is none.  Each
-- gets the characters and where something begins, and says where it is over;
-- behind the last there are spaces.  Characters beyond ASCII are letters.
CREATE FUNCTION publish.comment_end(c text[], p_i int4) RETURNS int4
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	n	int4 := cardinality(c);
	i	int4 := p_i + 2;
	v_depth	int4 := 1;
BEGIN
	WHILE i <= n AND v_depth > 0 LOOP
		IF c[i] = '*' AND c[i + 1] = '/' THEN
			v_depth := v_depth - 1;
			i := i + 2;
		ELSIF c[i] = '/' AND c[i + 1] = '*' THEN
			v_depth := v_depth + 1;
			i := i + 2;
		ELSE
			i := i + 1;
		END IF;
	END LOOP;
	RETURN i;
END
$$;

-- What E'' begun goes on in another line as it began: where the next quote is,
-- or null.
CREATE FUNCTION publish.string_again(c text[], p_i int4) RETURNS int4
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	i	int4 := p_i + 1;
	v_line	boolean := false;
BEGIN
	LOOP
		IF c[i] = '-' AND c[i + 1] = '-' THEN
			WHILE c[i] NOT IN (E'\n', E'\r') LOOP
				i := i + 1;
			END LOOP;
		ELSIF c[i] IN (E'\n', E'\r') THEN
			v_line := true;
		ELSIF c[i] IN (' ', E'\t', E'\f') THEN
			NULL;
		ELSE
			RETURN CASE WHEN v_line AND c[i] = '''' THEN i END;
		END IF;
		i := i + 1;
	END LOOP;
END
$$;

-- p_escapes: a backslash escapes, as in E'' alone.
CREATE FUNCTION publish.string_end(c text[], p_i int4, p_escapes boolean)
RETURNS int4 LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	n	int4 := cardinality(c);
	i	int4 := p_i + 1;
BEGIN
	WHILE i <= n LOOP
		IF c[i] = '''' AND c[i + 1] = '''' OR c[i] = '\' AND p_escapes THEN
			i := i + 1;
		ELSIF c[i] = '''' AND (NOT p_escapes
		    OR publish.string_again(c, i) IS NULL) THEN
			RETURN i + 1;
		ELSIF c[i] = '''' THEN
			i := publish.string_again(c, i);
		END IF;
		i := i + 1;
	END LOOP;
	RETURN i;
END
$$;

-- Numbers, and $1.  No dollar is part of them, as it is of an identifier.
CREATE FUNCTION publish.number_end(c text[], p_i int4) RETURNS int4
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	i	int4 := p_i + 1;
	v_point	boolean := c[p_i] ~ '[0-9]';
BEGIN
	LOOP
		IF c[i] = '.' THEN
			EXIT WHEN NOT v_point OR c[i + 1] = '.';
			v_point := false;
		ELSIF c[i] !~ '[0-9_]' THEN
			EXIT WHEN c[i] !~ '[A-Za-z]|[^\u0001-\u007f]';
			v_point := false;
		END IF;
		i := i + 1;
	END LOOP;
	RETURN i;
END
$$;

-- A dollar quote; p_i itself if none begins there.
CREATE FUNCTION publish.dollar_end(c text[], p_i int4) RETURNS int4
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	n	int4 := cardinality(c);
	i	int4 := p_i + 1;
	v_last	int4;		-- of the tag, from its first
	v_same	int4;
BEGIN
	WHILE c[i] ~ '[A-Za-z0-9_]|[^\u0001-\u007f]' LOOP
		i := i + 1;
	END LOOP;
	IF c[i] <> '$' OR c[p_i + 1] ~ '[0-9]' THEN
		RETURN p_i;
	END IF;
	v_last := i - p_i;
	i := i + 1;
	WHILE i <= n LOOP
		v_same := 0;
		WHILE v_same <= v_last AND c[i + v_same] = c[p_i + v_same] LOOP
			v_same := v_same + 1;
		END LOOP;
		IF v_same > v_last THEN
			RETURN i + v_same;
		END IF;
		i := i + 1;
	END LOOP;
	RETURN i;
END
$$;

-- SQL or plpgsql without comments and literals; what is in double quotes
-- stays, without them, as a word of its own.  In lower case.
CREATE FUNCTION publish.code_of(p_source text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	c	text[] := string_to_array(p_source || '   ', NULL);
	n	int4 := cardinality(c) - 3;
	i	int4 := 1;
	j	int4;
	v_out	text[] := '{}';
	v_escapes boolean := false;
BEGIN
	WHILE i <= n LOOP
		j := i + 1;
		IF c[i] = '-' AND c[j] = '-' THEN
			WHILE i <= n AND c[i] NOT IN (E'\n', E'\r') LOOP
				i := i + 1;
			END LOOP;
			CONTINUE;
		ELSIF c[i] = '/' AND c[j] = '*' THEN
			i := publish.comment_end(c, i);
			v_out := v_out || ' '::text;
			CONTINUE;
		ELSIF c[i] = '''' THEN
			i := publish.string_end(c, i, v_escapes);
			v_escapes := false;
			v_out := v_out || ' x '::text;
			CONTINUE;
		ELSIF c[i] = '"' THEN
			WHILE j <= n AND c[j] <> '"' LOOP
				j := j + 1;
			END LOOP;
			v_out := v_out || ' '::text;
			i := i + 1;
			WHILE i < j LOOP
				v_out := v_out || c[i];
				i := i + 1;
			END LOOP;
			v_out := v_out || ' '::text;
			i := j + 1;
			CONTINUE;
		ELSIF c[i] ~ '[A-Za-z_]|[^\u0001-\u007f]' THEN
			WHILE c[j] ~ '[A-Za-z0-9_$]|[^\u0001-\u007f]' LOOP
				j := j + 1;
			END LOOP;
			v_escapes := j = i + 1 AND c[i] IN ('e', 'E') AND c[j] = '''';
		ELSIF c[i] ~ '[0-9]' OR (c[i] IN ('.', '$') AND c[j] ~ '[0-9]') THEN
			j := publish.number_end(c, i);
		ELSIF c[i] = '.' AND c[j] = '.' THEN
			j := j + 1;
		ELSIF c[i] = '$' THEN
			j := publish.dollar_end(c, i);
			IF j > i THEN
				i := j;
				v_out := v_out || ' x '::text;
				CONTINUE;
			END IF;
			j := i + 1;
		END IF;
		WHILE i < j LOOP
			v_out := v_out || c[i];
			i := i + 1;
		END LOOP;
	END LOOP;
	RETURN lower(array_to_string(v_out, '') COLLATE "C");
END
$$;

-- What a body must not do, or null: statements that change the session, that
-- run text, or that change the database's objects, and functions that run what
-- a text, name or cursor says.  Functions that it calls are not looked at;
-- after each call the context is compared.
CREATE FUNCTION publish.forbidden(p_source text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v	text := publish.code_of(p_source);
	m	text[];
BEGIN
	m := regexp_match(v, '\m(execute|set_config|lo_import|lo_export|dblink\w*|'
	    '(?:query|cursor|table|schema|database)_to_xml(?:schema|_and_xmlschema)?|'
	    'ts_stat|ts_rewrite|crosstab\w*|connectby|xpath_table)\M');
	IF m IS NULL AND p_source ~* 'u&"' THEN
		m := ARRAY['U&""'];
	ELSIF m IS NULL AND strpos(p_source, E'\x0B') > 0 THEN
		m := ARRAY['a vertical tab'];	-- space since PostgreSQL 16
	END IF;
	IF m IS NULL THEN
		m := regexp_match(v, '(?:^|;|>>|\mbegin\M|\mthen\M|\melse\M|\mloop\M)\s*'
		    '(set|reset|discard|listen|unlisten|notify|copy|load|do|call|'
		    'prepare|deallocate|create|alter|drop|grant|revoke|reassign|'
		    'truncate|lock|commit|rollback|abort|savepoint|start)\M(?!\s*:?=)');
	END IF;
	RETURN upper(m[1]);
END
$$;
