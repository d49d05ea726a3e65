-- Clients made and changed by people on pages: an own app, or a client of an
-- organization by who runs these.  Both take one path; the operation says which.

-- Whether a client is changed by who runs an organization's clients, and not
-- by its owner.  Only inside of the operations named.
CREATE FUNCTION gate.client_side(p_operations text[]) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM gate.require_operation(p_operations, 'call');
	RETURN starts_with((core.this_unit()).operation, 'client_admin.');
END
$$;

CREATE FUNCTION gate.client_create(args jsonb, fresh bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_admin	boolean := gate.client_side(
	    '{app.create,client_admin.create}');
	c	oauth.client;
	v_shown	boolean;
BEGIN
	IF v_admin THEN
		PERFORM gate.act_in(args);
	ELSIF core.this_organization() IS NULL THEN
		PERFORM lib.fail(404, 'no_organization',
		    'You are not a member of any organization', '', '', '',
		    'Ask an administrator to add you.');
	ELSIF (SELECT count(*) FROM oauth.client t
	    WHERE t.owner = core.this_person() AND t.status <> 'deleted') >= 100 THEN
		PERFORM lib.fail(409, 'too_many_apps', 'You have 100 apps already',
		    '', '', '', 'Delete those that you do not need.');
	END IF;
	c.id := gate.client_new_id();
	c.organization := core.this_organization();
	c.owner := CASE WHEN NOT v_admin THEN core.this_person() END;
	c.origin := CASE WHEN v_admin THEN 'admin' ELSE 'user' END;
	c := gate.client_form(args, c, v_admin);
	v_shown := gate.client_insert(c, fresh);
	PERFORM gate.client_audit(c, jsonb_build_object('scopes', c.scopes,
	    'redirect_uris', c.redirect_uris, 'grant_types', c.grant_types,
	    'first_party', nullif(c.first_party, false)));
	RETURN (200, json_strip_nulls(json_build_object('id', c.id,
	    'secret', CASE WHEN v_shown THEN chr(1) || '3' END,
	    'confidential', c.auth_method <> 'none'))::text);
END
$$;

CREATE FUNCTION gate.client_update(args jsonb)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_admin	boolean := gate.client_side(
	    '{app.update,client_admin.update}');
	c	oauth.client := gate.client_find(args, v_admin);
BEGIN
	IF c.origin = 'document' THEN
		PERFORM lib.fail(409, 'document_client',
		    'The client is what its metadata document says', '', '', '',
		    'Suspend it if it must not come in.');
	END IF;
	PERFORM gate.client_require(c);
	c := gate.client_form(args, c, v_admin);
	PERFORM gate.client_store(c);
	-- What is taken from a client it must not give itself again.
	UPDATE oauth.registration r SET held_at = now()
	WHERE r.client = c.id AND v_admin AND r.held_at IS NULL;
	PERFORM gate.client_audit(c, jsonb_build_object('scopes', c.scopes,
	    'redirect_uris', c.redirect_uris, 'pkce', c.pkce_required));
	RETURN (200, json_build_object('id', c.id)::text);
END
$$;

CREATE FUNCTION gate.client_secret_new(args jsonb, fresh bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_admin	boolean := gate.client_side(
	    '{app.secret_new,client_admin.secret_new}');
	c	oauth.client := gate.client_find(args, v_admin);
	v_text	text := coalesce(lib.form_text(args, 'overlap'), '0');
	v_end	timestamptz;
BEGIN
	PERFORM gate.client_require(c);
	IF c.auth_method NOT LIKE 'client\_secret%' THEN
		PERFORM lib.fail(409, 'no_secret', 'This client has no secret', '',
		    '', CASE c.auth_method WHEN 'none' THEN 'It is public.'
		    ELSE 'It proves itself with a key.' END);
	ELSIF v_text !~ '^[0-9]{1,6}$' OR v_text::int4 > 604800 THEN
		PERFORM gate.fail_field('overlap',
		    'The former secret can work for seven days at most');
	ELSIF v_text <> '0' AND (SELECT count(*) FROM oauth.secret s
	    WHERE s.client = c.id AND s.ended_at IS NULL
	    AND (s.expires_at IS NULL OR s.expires_at > now())) >= 5 THEN
		PERFORM lib.fail(409, 'too_many_secrets',
		    'The client has five secrets that work', '', '', '',
		    'End those that are not in use.');
	END IF;
	v_end := now() + make_interval(secs => v_text::int4);
	UPDATE oauth.secret s SET
	    expires_at = least(s.expires_at, v_end),
	    ended_at = CASE WHEN v_text::int4 = 0 THEN now() END
	WHERE s.client = c.id AND s.ended_at IS NULL;
	INSERT INTO oauth.secret (client, id, hash, created_by)
	VALUES (c.id, lib.uuid7(), fresh, core.this_person());
	PERFORM gate.client_audit(c, jsonb_build_object(
	    'overlap', v_text::int4));
	RETURN (200, json_build_object('id', c.id, 'secret', chr(1) || '3',
	    'former_expires', CASE WHEN v_text::int4 > 0
		THEN lib.time_words(v_end) END)::text);
END
$$;

CREATE FUNCTION gate.client_secret_end(args jsonb)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_admin	boolean := gate.client_side(
	    '{app.secret_end,client_admin.secret_end}');
	c	oauth.client := gate.client_find(args, v_admin);
	v_id	uuid := lib.to_uuid(args #>> '{path,secretId}');
BEGIN
	UPDATE oauth.secret s SET ended_at = now()
	WHERE s.client = c.id AND s.id = v_id AND s.ended_at IS NULL;
	IF NOT FOUND THEN
		PERFORM lib.fail(404, 'secret_not_found', 'There is no such secret',
		    'secretId', 'path', 'It may have ended already.');
	END IF;
	PERFORM gate.client_audit(c, jsonb_build_object('secret', v_id));
	RETURN (200, json_build_object('id', c.id)::text);
END
$$;

CREATE FUNCTION gate.client_end(args jsonb)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_admin	boolean := gate.client_side('{app.revoke_tokens,
	    app.delete,client_admin.revoke,client_admin.delete}');
	v_delete boolean := (core.this_unit()).operation LIKE '%.delete';
	c	oauth.client := gate.client_find(args, v_admin, NOT v_delete);
	v_org	uuid;
	v_n	int4;
BEGIN
	IF v_admin AND NOT core.this_root()
	    AND c.organization IS DISTINCT FROM core.this_organization() THEN
		v_org := core.this_organization();
	END IF;
	IF v_org IS NOT NULL THEN
		v_n := gate.client_revoke_in(c.id, v_org, 'client was revoked');
	ELSIF v_delete THEN
		v_n := gate.client_revoke(c.id, 'deleted', 'client was deleted');
	ELSE
		v_n := gate.client_revoke(c.id, NULL, 'client was revoked');
	END IF;
	IF v_delete THEN
		UPDATE oauth.secret s SET ended_at = now()
		WHERE s.client = c.id AND s.ended_at IS NULL;
		DELETE FROM oauth.registration r WHERE r.client = c.id;
	END IF;
	PERFORM gate.client_audit(c, jsonb_build_object('ended', v_n,
	    'all', v_org IS NULL));
	RETURN (200, json_build_object('id', c.id, 'ended', v_n)::text);
END
$$;

CREATE FUNCTION gate.client_status(args jsonb)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_admin	boolean := gate.client_side(
	    '{client_admin.suspend,client_admin.resume}');
	c	oauth.client := gate.client_find(args, v_admin);
	v_suspend boolean := (core.this_unit()).operation = 'client_admin.suspend';
BEGIN
	IF NOT core.this_root() AND c.status = 'suspended'
	    AND c.suspended_root IS DISTINCT FROM false THEN
		IF NOT v_suspend THEN
			PERFORM lib.fail(403, 'root_required',
			    'An administrator of the root organization suspended this client',
			    '', '', 'Only they let it work again.',
			    'Ask the operator of this server.');
		END IF;
	ELSE
		UPDATE oauth.client t SET updated_at = now(),
		    status = CASE WHEN v_suspend THEN 'suspended' ELSE 'active' END,
		    suspended_at = CASE WHEN v_suspend THEN now() END,
		    suspended_by = CASE WHEN v_suspend THEN core.this_person() END,
		    suspended_root = CASE WHEN v_suspend THEN core.this_root() END
		WHERE t.id = c.id RETURNING t.* INTO c;
	END IF;
	PERFORM gate.client_audit(c, jsonb_build_object('status', c.status,
	    'root', nullif(coalesce(c.suspended_root, c.status = 'suspended'),
		false)));
	RETURN (200, json_build_object('id', c.id)::text);
END
$$;

CREATE FUNCTION gate.connection_revoke(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	g	oauth.connection;
BEGIN
	PERFORM gate.require_operation('{connection.revoke}', 'call');
	UPDATE oauth.connection t SET ended_at = now(),
	    ended_reason = 'ended by its person', updated_at = now()
	WHERE t.id = lib.to_uuid(args #>> '{path,connectionId}')
	AND t.person = core.this_person() AND t.ended_at IS NULL
	RETURNING t.* INTO g;
	IF NOT FOUND THEN
		PERFORM lib.fail(404, 'connection_not_found',
		    'There is no such connection', 'connectionId', 'path',
		    'It may have ended already.');
	END IF;
	PERFORM set_config('grantd.organization', g.organization::text, true);
	PERFORM gate.audit('connection', g.id::text,
	    jsonb_build_object('client', g.client, 'scopes', g.scopes));
	RETURN (200, json_build_object('id', g.id, 'client', g.client)::text);
END
$$;
