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

-- SQL or plpgsql without comments and literals; what is in double quotes
-- stays, without them.  In lower case.
CREATE FUNCTION publish.code_of(p_source text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	c	text[] := string_to_array(p_source || '   ', NULL);
	n	int4 := cardinality(c) - 3;
	i	int4 := 1;
	v_out	text[] := '{}';
	v_depth	int4;
	v_tag	text;
	j	int4;
BEGIN
	WHILE i <= n LOOP
		IF c[i] = '-' AND c[i + 1] = '-' THEN
			WHILE i <= n AND c[i] <> E'\n' LOOP
				i := i + 1;
			END LOOP;
		ELSIF c[i] = '/' AND c[i + 1] = '*' THEN
			v_depth := 1;
			i := i + 2;
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
			v_out := v_out || ' '::text;
		ELSIF c[i] = '''' THEN
			-- A backslash escapes in E'' alone.
			v_tag := CASE WHEN i > 1 AND c[i - 1] IN ('e', 'E')
			    AND (i = 2 OR c[i - 2] !~ '[A-Za-z0-9_$]') THEN 'e' END;
			i := i + 1;
			LOOP
				EXIT WHEN i > n;
				IF c[i] = '\' AND v_tag = 'e' THEN
					i := i + 2;
				ELSIF c[i] = '''' AND c[i + 1] = '''' THEN
					i := i + 2;
				ELSE
					EXIT WHEN c[i] = '''';
					i := i + 1;
				END IF;
			END LOOP;
			i := i + 1;
			v_out := v_out || ' x '::text;
		ELSIF c[i] = '"' THEN
			i := i + 1;
			WHILE i <= n AND c[i] <> '"' LOOP
				v_out := v_out || c[i];
				i := i + 1;
			END LOOP;
			i := i + 1;
		ELSIF c[i] = '$' AND (i = 1 OR c[i - 1] !~ '[A-Za-z0-9_]')
		    AND c[i + 1] ~ '[A-Za-z_$]' THEN
			j := i + 1;
			WHILE j <= n AND c[j] ~ '[A-Za-z0-9_]' LOOP
				j := j + 1;
			END LOOP;
			IF c[j] <> '$' THEN
				v_out := v_out || c[i];
				i := i + 1;
			ELSE
				v_tag := array_to_string(c[i:j], '');
				i := j + 1;
				j := length(v_tag);
				WHILE i <= n AND (c[i] <> '$' OR
				    array_to_string(c[i:i + j - 1], '') <> v_tag) LOOP
					i := i + 1;
				END LOOP;
				i := i + j;
				v_out := v_out || ' x '::text;
			END IF;
		ELSE
			v_out := v_out || c[i];
			i := i + 1;
		END IF;
	END LOOP;
	RETURN lower(array_to_string(v_out, ''));
END
$$;

-- What a body must not do, or null: statements that change the session, that
-- run text, or that change the database's objects.  Functions that it calls
-- are not looked at; after each call the context is compared.
CREATE FUNCTION publish.forbidden(p_source text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v	text := publish.code_of(p_source);
	m	text[];
BEGIN
	m := regexp_match(v, '\m(execute|set_config|lo_import|lo_export|dblink\w*)\M');
	IF m IS NULL AND p_source ~* 'u&"' THEN
		m := ARRAY['U&""'];
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
