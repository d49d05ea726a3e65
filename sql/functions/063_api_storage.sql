-- The built-in storage: small files by path.

-- The path without slashes at its ends, or a refusal.
CREATE FUNCTION api.storage_path(p_args jsonb, p_empty boolean) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_path	text := trim(BOTH '/' FROM coalesce(p_args #>> '{path,path}', ''));
BEGIN
	IF (v_path = '' AND NOT p_empty) OR length(v_path) > 1024
	    OR v_path ~ '(^|/)\.{0,2}(/|$)' AND v_path <> ''
	    OR v_path ~ '[\x01-\x1f\x7f]' THEN
		PERFORM lib.fail(400, 'invalid_path',
		    'This is no path of a file', 'path', 'path',
		    'A path has 1 to 1024 characters, no empty parts, no "." or "..", and no control characters.');
	END IF;
	RETURN v_path;
END
$$;

-- What lies directly in a folder, by name.
CREATE FUNCTION api.storage_file_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_path	text := api.storage_path(args, true);
	v_base	text := CASE WHEN v_path = '' THEN '' ELSE v_path || '/' END;
	v_limit	int4 := api.list_limit(coalesce(args -> 'query', '{}'));
	v_after	text[] := api.list_cursor(args #>> '{query,cursor}',
		    ARRAY[v_path], ARRAY['ASC']);
	v_items	text[];
	v_names	text[];
	v_cursor text := '';
BEGIN
	SELECT array_agg(x.item), array_agg(x.name) INTO v_items, v_names
	FROM (
		SELECT d.name, json_strip_nulls(json_build_object('name', d.name,
		    'path', v_base || d.name,
		    'type', CASE WHEN d.folder THEN 'folder' ELSE 'file' END,
		    'size', CASE WHEN NOT d.folder THEN max(d.size) END,
		    'content_type', CASE WHEN NOT d.folder
			THEN max(d.content_type) END,
		    'created_at', lib.rfc3339(min(d.created_at)),
		    'updated_at', lib.rfc3339(max(d.updated_at))))::text AS item
		FROM (
			SELECT split_part(substr(r.path, length(v_base) + 1), '/', 1)
				COLLATE "C" AS name,
			    strpos(substr(r.path, length(v_base) + 1), '/') > 0 AS folder,
			    length(r.content) AS size, r.content_type,
			    r.created_at, r.updated_at
			FROM connector.file r
			WHERE r.organization = core.this_organization()
			AND r.integration = core.this_integration()
			AND starts_with(r.path, v_base)
		) d
		WHERE v_after IS NULL OR d.name > v_after[1]
		GROUP BY d.name, d.folder ORDER BY d.name, d.folder
		FETCH FIRST (v_limit + 1) ROWS ONLY
	) x;
	IF cardinality(v_items) > v_limit THEN
		v_cursor := api.list_next(jsonb_build_array(v_names[v_limit])::text,
		    ARRAY[v_path], ARRAY['ASC']);
	END IF;
	RETURN (200, '{"result":['
	    || coalesce(array_to_string(v_items[:v_limit], ','), '')
	    || '],"cursor":' || to_json(v_cursor) || '}');
END
$$;

CREATE FUNCTION api.storage_file_get(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	f	connector.file;
BEGIN
	SELECT * INTO f FROM connector.file r
	WHERE r.organization = core.this_organization()
	AND r.integration = core.this_integration()
	AND r.path = api.storage_path(args, false);
	IF NOT FOUND THEN
		PERFORM api.fail_missing('file', 'path');
	END IF;
	RETURN (200, json_build_object(
	    'content', translate(encode(f.content, 'base64'), E'\n', ''),
	    'content_type', f.content_type,
	    'name', regexp_replace(f.path, '^.*/', ''))::text);
END
$$;

CREATE FUNCTION api.storage_file_put(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_path	text := api.storage_path(args, false);
	v_type	text := coalesce(args #>> '{body,content_type}',
		    'application/octet-stream');
	v_data	bytea;
	f	connector.file;
BEGIN
	BEGIN
		v_data := decode(coalesce(args #>> '{body,content}', ''), 'base64');
	EXCEPTION WHEN data_exception THEN
		PERFORM lib.fail(400, 'invalid_body',
		    'The content is no base64', '/content', 'body');
	END;
	IF length(v_data) > 524288 THEN
		PERFORM lib.fail(413, 'file_too_large',
		    'The file is larger than 512 KiB', '/content', 'body',
		    'The built-in storage keeps small files only.');
	ELSIF length(v_type) > 255 OR v_type ~ '[\x01-\x1f\x7f]' THEN
		PERFORM lib.fail(400, 'invalid_content_type',
		    'This is no content type', 'content-type', 'header');
	END IF;
	INSERT INTO connector.file (organization, integration, path, content,
	    content_type)
	VALUES (core.this_organization(), core.this_integration(), v_path,
	    v_data, v_type)
	ON CONFLICT (organization, integration, path) DO UPDATE
	    SET content = excluded.content, content_type = excluded.content_type,
		updated_at = now()
	RETURNING * INTO f;
	PERFORM gate.audit('file', v_path,
	    jsonb_build_object('size', length(v_data)));
	RETURN (200, json_build_object('result', json_build_object(
	    'name', regexp_replace(v_path, '^.*/', ''), 'path', v_path,
	    'type', 'file', 'size', length(v_data), 'content_type', v_type,
	    'created_at', lib.rfc3339(f.created_at),
	    'updated_at', lib.rfc3339(f.updated_at)))::text);
END
$$;

CREATE FUNCTION api.storage_file_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_path	text := api.storage_path(args, false);
BEGIN
	DELETE FROM connector.file r
	WHERE r.organization = core.this_organization()
	AND r.integration = core.this_integration() AND r.path = v_path;
	IF NOT FOUND THEN
		PERFORM api.fail_missing('file', 'path');
	END IF;
	PERFORM gate.audit('file', v_path, NULL, 204);
	RETURN (204, ''::text);
END
$$;
