-- Resources that change: who says so, and who hears of it.

-- Whether a URI is one of a resource's, which may have variables.
CREATE FUNCTION publish.is_uri_of(p_uri text, p_template text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT p_uri = p_template OR (strpos(p_template, '{') > 0 AND p_uri ~ ('^'
	    || regexp_replace(regexp_replace(p_template, '[!-/:-@[-^`|~]', '\\\&',
		'g'), '\{[A-Za-z_][A-Za-z0-9_]*\}', '[^/?#]+', 'g') || '$'))
$$;

-- Says that a resource is not what it was: clients of /mcp that watch it are
-- told when this transaction is over.  False, and nobody is told, if nothing is
-- published at that URI or it belongs to somebody else: a trigger that says so
-- stops no change.  Calls of procedures may say it of every resource.
CREATE OR REPLACE FUNCTION grantd.changed(uri text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF length($1) > 1024 OR NOT EXISTS (SELECT FROM publish.procedure p
	    WHERE p.kind = 'resource' AND p.mcp AND p.problem IS NULL
	    AND publish.is_uri_of($1, p.uri)
	    AND (session_user = 'grantd_broker' OR EXISTS (
		SELECT FROM pg_namespace n
		LEFT JOIN pg_class c ON p.is_table AND c.relnamespace = n.oid
		    AND c.relname = p.object
		LEFT JOIN pg_proc f ON NOT p.is_table AND f.pronamespace = n.oid
		    AND f.proname = p.object
		WHERE n.nspname = p.schema AND pg_has_role(session_user,
		    coalesce(c.relowner, f.proowner), 'MEMBER')))) THEN
		RETURN false;
	END IF;
	INSERT INTO publish.change (uri) VALUES ($1) ON CONFLICT DO NOTHING;
	RETURN true;
END
$$;

-- What of these a caller may read, and what of that changed since a snapshot:
-- members of the answer to mcp.visible.
CREATE FUNCTION api.watched(p_resources jsonb, p_since text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_kind	text := core.this_kind();
	v_scopes text[] := core.this_scopes();
	v_now	pg_snapshot := pg_current_snapshot();
	v_since	pg_snapshot := p_since::pg_snapshot;
	v_there	text[];
	v_changed text[] := '{}';
BEGIN
	SELECT coalesce(array_agg(DISTINCT u), '{}') INTO v_there
	FROM jsonb_array_elements_text(p_resources) u
	WHERE EXISTS (SELECT FROM publish.procedure p
	    JOIN gate.operation o ON o.number = p.number
	    WHERE p.kind = 'resource' AND starts_with(o.name, 'mcp:')
	    AND publish.is_uri_of(u, p.uri) AND v_kind = ANY (o.kinds)
	    AND (o.scope IS NULL OR o.scope = ANY (v_scopes)));
	IF pg_snapshot_xmax(v_since) > pg_snapshot_xmax(v_now) THEN
		-- another database than it was: whatever it had may differ
		v_changed := v_there;
	ELSIF v_since IS NOT NULL THEN
		SELECT coalesce(array_agg(DISTINCT c.uri), '{}') INTO v_changed
		FROM publish.change c
		WHERE c.uri = ANY (v_there) AND c.xid >= pg_snapshot_xmin(v_since)
		AND NOT pg_visible_in_snapshot(c.xid, v_since);
	END IF;
	RETURN jsonb_build_object('resources', v_there, 'changed', v_changed,
	    'snapshot', v_now::text);
END
$$;

CREATE FUNCTION api.mcp_visible(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	r	api.reply := api.visible('mcp:');
BEGIN
	IF jsonb_typeof(args -> 'resources') = 'array' THEN
		r.body := rtrim(r.body, '}') || ',' || ltrim(api.watched(
		    args -> 'resources', args ->> 'since')::text, '{');
	END IF;
	RETURN r;
END
$$;
