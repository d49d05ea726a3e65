-- Clients: made and changed by people on pages, by themselves (RFC 7591,
-- 7592) and by their metadata documents.

CREATE FUNCTION gate.fail_field(p_field text, p_message text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(400, 'invalid_field', p_message, '/' || p_field, 'body',
	    '', 'Correct the field and send the form again.');
END
$$;

-- What is wrong with a name that people are to trust: it may not hold what
-- turns or hides letters.  Null if nothing.
CREATE FUNCTION lib.title_error(p_text text, p_max int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN length(p_text) > p_max THEN
		format('must have at most %s characters', p_max)
	    WHEN p_text ~ U&'[\0001-\001f\007f-\009f\061c\200b-\200f\202a-\202e\2060-\2069\feff]'
		THEN 'holds a character that cannot be seen' END
$$;

-- Own scopes with what they imply, in order.
CREATE FUNCTION gate.scope_closure(p_scopes text[]) RETURNS text[]
LANGUAGE sql STABLE AS $$
	SELECT coalesce(array_agg(DISTINCT e ORDER BY e), '{}')
	FROM core.scope s CROSS JOIN LATERAL unnest(s.implies || s.name) e
	WHERE s.name = ANY (p_scopes)
$$;

CREATE FUNCTION gate.identity_scopes() RETURNS text[]
LANGUAGE sql STABLE AS $$
	SELECT array_agg(s.name ORDER BY s.name) FROM core.scope s
	WHERE s.level = 'identity'
$$;

-- Addresses of a form: lines, or several fields.
CREATE FUNCTION gate.form_uris(p_args jsonb, p_field text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	text[];
	v_one	text;
BEGIN
	SELECT coalesce(array_agg(DISTINCT e), '{}') INTO v
	FROM unnest(lib.form_list(p_args, p_field)) f,
	    regexp_split_to_table(f, '[[:space:]]+') e WHERE e <> '';
	IF cardinality(v) > 20 THEN
		PERFORM gate.fail_field(p_field, 'There can be 20 addresses at most');
	END IF;
	FOREACH v_one IN ARRAY v LOOP
		IF lib.redirect_error(v_one) IS NOT NULL THEN
			PERFORM gate.fail_field(p_field, format('"%s" %s',
			    lib.printable(v_one, 100), lib.redirect_error(v_one)));
		END IF;
	END LOOP;
	RETURN v;
END
$$;

-- The scopes of a form: data of applications for anybody's app, since people
-- decide; what runs organizations only from somebody who has it; and for a
-- client that acts for itself all of it.
CREATE FUNCTION gate.form_scopes(p_args jsonb, p_all_own boolean)
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	text[] := lib.form_list(p_args, 'scope');
	v_bad	text;
BEGIN
	SELECT e INTO v_bad FROM unnest(v) e
	WHERE NOT EXISTS (SELECT FROM core.scope s WHERE s.name = e
	    AND s.level <> 'connector') LIMIT 1;
	IF FOUND THEN
		PERFORM gate.fail_field('scope', format('There is no scope "%s"',
		    lib.printable(v_bad, 64)));
	END IF;
	v := gate.scope_closure(v);
	IF NOT core.this_root() THEN
		SELECT string_agg(s.name, ' ' ORDER BY s.name) INTO v_bad
		FROM core.scope s WHERE s.name = ANY (v)
		AND (s.level = 'admin' OR (p_all_own AND s.level = 'app'))
		AND NOT s.name = ANY (core.this_scopes());
		IF v_bad IS NOT NULL THEN
			PERFORM lib.fail(403, 'insufficient_scope',
			    'The client would have more rights than you have', '',
			    '', 'Nobody hands out what he does not have.',
			    'Choose other scopes, or ask somebody who has these.',
			    v_bad);
		END IF;
	END IF;
	RETURN lib.sum(v, gate.identity_scopes());
END
$$;

-- A client of the house asks nobody: its makers have all that it may ask for;
-- one of the root asks people of all organizations.
CREATE FUNCTION gate.form_first_party(args jsonb, c oauth.client)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF lib.form_text(args, 'first_party') IS NULL THEN
		RETURN false;
	ELSIF NOT core.this_root() AND EXISTS (SELECT FROM core.organization o
	    WHERE o.id = c.organization AND o.organization_type = 'root') THEN
		PERFORM lib.fail(403, 'root_required',
		    'Only administrators of the root organization do that', '', '',
		    'People of all organizations would not be asked.',
		    'Ask the operator of this server.');
	END IF;
	RETURN true;
END
$$;

-- A client out of a form; c is the one that it changes, or a new one.
CREATE FUNCTION gate.client_form(args jsonb, c oauth.client, p_admin boolean)
RETURNS oauth.client LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_text	text;
	v_service boolean := lib.form_text(args, 'service') IS NOT NULL;
BEGIN
	c.name := lib.form_text(args, 'name');
	c.description := coalesce(lib.form_text(args, 'description'), '');
	c.uri := coalesce(lib.form_text(args, 'uri'), '');
	IF c.name IS NULL THEN
		PERFORM gate.fail_field('name', 'The name must not be empty');
	ELSIF lib.title_error(c.name, 128) IS NOT NULL THEN
		PERFORM gate.fail_field('name', 'The name '
		    || lib.title_error(c.name, 128));
	ELSIF length(c.description) > 2000 THEN
		PERFORM gate.fail_field('description',
		    'The description must have at most 2000 characters');
	ELSIF lib.title_error(regexp_replace(c.description, '[\t\r\n]', '', 'g'),
	    2000) IS NOT NULL THEN
		PERFORM gate.fail_field('description', 'The description '
		    || lib.title_error(regexp_replace(c.description,
			'[\t\r\n]', '', 'g'), 2000));
	ELSIF c.uri <> '' AND lib.link_error(c.uri) IS NOT NULL THEN
		PERFORM gate.fail_field('uri', 'The address ' || lib.link_error(c.uri));
	END IF;
	c.redirect_uris := gate.form_uris(args, 'redirect_uris');
	c.logout_uris := gate.form_uris(args, 'logout_uris');
	IF c.auth_method IS NULL THEN
		v_text := coalesce(lib.form_text(args, 'auth_method'),
		    CASE lib.form_text(args, 'kind') WHEN 'public' THEN 'none' END,
		    'client_secret_basic');
		IF v_text NOT IN ('none', 'client_secret_basic',
		    'client_secret_post', 'private_key_jwt') THEN
			PERFORM gate.fail_field('auth_method',
			    'The client can be public, or prove itself by secret or key');
		END IF;
		c.auth_method := v_text;
	END IF;
	IF c.auth_method = 'private_key_jwt' THEN
		BEGIN
			c.jwks := coalesce(lib.form_text(args, 'jwks')::jsonb, c.jwks);
		EXCEPTION WHEN data_exception THEN
			PERFORM gate.fail_field('jwks', 'The keys are no JSON');
		END;
		IF c.jwks IS NULL OR lib.jwks_error(c.jwks) IS NOT NULL THEN
			PERFORM gate.fail_field('jwks', 'The JWK Set '
			    || coalesce(lib.jwks_error(c.jwks), 'is missing'));
		END IF;
	END IF;
	IF v_service AND c.auth_method = 'none' THEN
		PERFORM gate.fail_field('service',
		    'A public client cannot have tokens of its own');
	ELSIF c.redirect_uris = '{}' AND NOT v_service THEN
		PERFORM gate.fail_field('redirect_uris',
		    'At least one redirect URI is needed');
	END IF;
	c.grant_types := CASE WHEN c.redirect_uris <> '{}'
		THEN '{authorization_code,refresh_token}'::text[] ELSE '{}' END
	    || CASE WHEN v_service THEN '{client_credentials}'::text[] ELSE '{}' END;
	c.first_party := p_admin AND gate.form_first_party(args, c);
	c.scopes := gate.form_scopes(args, c.first_party
	    OR (v_service AND c.owner IS NULL));
	c.required_scopes := lib.both(lib.form_list(args, 'required_scope'),
	    c.scopes);
	c.pkce_required := c.auth_method = 'none'
	    OR lib.form_text(args, 'pkce_shown') IS NULL
	    OR lib.form_text(args, 'pkce') IS NOT NULL;
	RETURN c;
END
$$;

CREATE FUNCTION gate.client_new_id() RETURNS text
LANGUAGE sql VOLATILE AS $$
	SELECT 'gc_' || lib.base64url(substr(uuid_send(gen_random_uuid()), 1, 6)
	    || substr(uuid_send(gen_random_uuid()), 10, 6)
	    || substr(uuid_send(gen_random_uuid()), 1, 6))
$$;

-- A client with tokens of its own has a family that they belong to.
CREATE FUNCTION gate.client_family(c oauth.client) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := coalesce(c.family, lib.uuid7());
BEGIN
	IF NOT 'client_credentials' = ANY (c.grant_types)
	    OR c.organization IS NULL THEN
		UPDATE token.family f SET epoch = f.epoch + 1, updated_at = now()
		WHERE f.id = c.family;
		RETURN c.family;
	END IF;
	INSERT INTO token.family (organization, id, kind, token_type, name,
	    fullname, scopes, token_ttl, access_expires_at, expires_at, client,
	    client_epoch, audience)
	VALUES (c.organization, v_id, 'client', 'default', v_id::text,
	    v_id::text, c.scopes, 3600, 'infinity', 'infinity', c.id, c.epoch, 12)
	ON CONFLICT (organization, id) DO UPDATE SET scopes = excluded.scopes,
	    updated_at = now();
	UPDATE oauth.client t SET family = v_id
	WHERE t.id = c.id AND t.family IS NULL;
	RETURN v_id;
END
$$;

CREATE FUNCTION gate.client_insert(c oauth.client, p_secret bytea)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO oauth.client (id, organization, owner, origin, auth_method,
	    name, description, uri, redirect_uris, logout_uris, scopes,
	    required_scopes, grant_types, pkce_required, first_party, jwks,
	    metadata, created_by)
	VALUES (c.id, c.organization, c.owner, c.origin, c.auth_method, c.name,
	    c.description, c.uri, c.redirect_uris, c.logout_uris, c.scopes,
	    coalesce(c.required_scopes, '{}'), c.grant_types,
	    coalesce(c.pkce_required, true), coalesce(c.first_party, false),
	    c.jwks, c.metadata, core.this_person());
	c.epoch := 1;
	PERFORM gate.client_family(c);
	IF c.auth_method NOT LIKE 'client\_secret%' THEN
		RETURN false;
	END IF;
	INSERT INTO oauth.secret (client, id, hash, created_by)
	VALUES (c.id, lib.uuid7(), p_secret, core.this_person());
	RETURN true;
END
$$;

CREATE FUNCTION gate.client_store(c oauth.client) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE oauth.client t SET name = c.name, description = c.description,
	    uri = c.uri, redirect_uris = c.redirect_uris,
	    logout_uris = c.logout_uris, scopes = c.scopes,
	    required_scopes = c.required_scopes, grant_types = c.grant_types,
	    pkce_required = c.pkce_required, first_party = c.first_party,
	    jwks = c.jwks, metadata = c.metadata, updated_at = now()
	WHERE t.id = c.id;
	PERFORM gate.client_family(c);
END
$$;

CREATE FUNCTION gate.client_audit(c oauth.client, p_detail jsonb)
RETURNS void LANGUAGE sql VOLATILE AS $$
	SELECT gate.audit('client', c.id, jsonb_strip_nulls(jsonb_build_object(
	    'name', c.name, 'origin', c.origin) || p_detail))
$$;

-- Ends all that a client was given, at once: a new epoch, in one statement.
CREATE FUNCTION gate.client_revoke(p_client text, p_organization uuid,
    p_status text, p_reason text)
RETURNS int4 LANGUAGE sql VOLATILE AS $$
	WITH turned AS (
		UPDATE oauth.client c SET epoch = c.epoch + 1, updated_at = now(),
		    status = coalesce(p_status, c.status)
		WHERE c.id = p_client AND p_organization IS NULL
		RETURNING c.id, c.epoch
	), own AS (
		UPDATE token.family f SET epoch = f.epoch + 1,
		    client_epoch = t.epoch, updated_at = now()
		FROM turned t WHERE f.client = t.id AND f.kind = 'client'
	), ended AS (
		UPDATE oauth.connection g SET ended_at = now(),
		    ended_reason = p_reason, updated_at = now()
		WHERE g.client = p_client AND g.ended_at IS NULL
		AND (p_organization IS NULL OR g.organization = p_organization)
		RETURNING g.id
	)
	SELECT count(*)::int4 FROM ended
$$;

CREATE FUNCTION gate.fail_client() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(404, 'client_not_found', 'There is no such app',
	    'clientId', 'path', 'It was deleted, or it is not yours.');
END
$$;

-- The client that a page is about, locked: an own app; or, for who runs an
-- organization's clients, one of the organization (p_foreign: or one that
-- its people let in).
CREATE FUNCTION gate.client_find(args jsonb, p_admin boolean,
    p_foreign boolean DEFAULT false)
RETURNS oauth.client LANGUAGE plpgsql AS $$
DECLARE
	c	oauth.client;
	v_here	boolean;
BEGIN
	IF p_admin THEN
		PERFORM gate.act_in(args);
	END IF;
	SELECT t.* INTO c FROM oauth.client t
	WHERE t.id = args #>> '{path,clientId}' AND t.status <> 'deleted'
	FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM gate.fail_client();
	ELSIF NOT p_admin THEN
		IF c.owner IS DISTINCT FROM core.this_person() THEN
			PERFORM gate.fail_client();
		END IF;
		RETURN c;
	END IF;
	v_here := coalesce(c.organization = core.this_organization(), false)
	    OR core.this_root();
	IF NOT v_here THEN
		IF NOT EXISTS (SELECT FROM oauth.connection g
		    WHERE g.client = c.id AND g.ended_at IS NULL
		    AND g.organization = core.this_organization()) THEN
			PERFORM gate.fail_client();
		ELSIF NOT p_foreign THEN
			PERFORM lib.fail(403, 'foreign_client',
			    'The client does not belong to this organization', '',
			    '', 'It was let in by people of the organization.',
			    'Revoke its connections here instead.');
		END IF;
	END IF;
	RETURN c;
END
$$;

-- Whoever has a client's secret, or says where it sends people, has what it
-- has: what its owner gave it, or, if it asks nobody, all of its own.
CREATE FUNCTION gate.client_require(c oauth.client) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_lack	text;
BEGIN
	IF core.this_root() OR c.owner = core.this_person() THEN
		RETURN;
	ELSIF c.owner IS NOT NULL THEN
		PERFORM lib.fail(403, 'foreign_client',
		    'The app belongs to a person', '', '',
		    'Whoever changes it, or has its secret, acts for its owner.',
		    'Suspend or delete it, or ask its owner.');
	END IF;
	SELECT string_agg(s.name, ' ' ORDER BY s.name) INTO v_lack
	FROM core.scope s WHERE s.name = ANY (c.scopes)
	AND s.level <> 'identity' AND NOT s.name = ANY (core.this_scopes())
	AND (c.first_party OR 'client_credentials' = ANY (c.grant_types));
	IF v_lack IS NOT NULL THEN
		PERFORM lib.fail(403, 'insufficient_scope',
		    'The client has more rights than you have yourself', '', '',
		    'Nobody gives, changes or takes what he does not have.',
		    'Ask somebody who has these scopes.', v_lack);
	END IF;
END
$$;

CREATE FUNCTION gate.client_create(args jsonb, p_secret bytea, p_admin boolean)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	c	oauth.client;
	v_shown	boolean;
BEGIN
	IF p_admin THEN
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
	c.owner := CASE WHEN NOT p_admin THEN core.this_person() END;
	c.origin := CASE WHEN p_admin THEN 'admin' ELSE 'user' END;
	c := gate.client_form(args, c, p_admin);
	v_shown := gate.client_insert(c, p_secret);
	PERFORM gate.client_audit(c, jsonb_build_object('scopes', c.scopes,
	    'redirect_uris', c.redirect_uris, 'grant_types', c.grant_types,
	    'first_party', nullif(c.first_party, false)));
	RETURN (200, json_strip_nulls(json_build_object('id', c.id,
	    'secret', CASE WHEN v_shown THEN chr(1) || '3' END,
	    'confidential', c.auth_method <> 'none'))::text);
END
$$;

CREATE FUNCTION gate.client_change(args jsonb, p_admin boolean)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	c	oauth.client := gate.client_find(args, p_admin);
BEGIN
	IF c.origin = 'document' THEN
		PERFORM lib.fail(409, 'document_client',
		    'The client is what its metadata document says', '', '', '',
		    'Suspend it if it must not come in.');
	END IF;
	PERFORM gate.client_require(c);
	c := gate.client_form(args, c, p_admin);
	PERFORM gate.client_store(c);
	PERFORM gate.client_audit(c, jsonb_build_object('scopes', c.scopes,
	    'redirect_uris', c.redirect_uris, 'pkce', c.pkce_required));
	RETURN (200, json_build_object('id', c.id)::text);
END
$$;

CREATE FUNCTION gate.client_secret_new(args jsonb, p_secret bytea,
    p_admin boolean)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	c	oauth.client := gate.client_find(args, p_admin);
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
	VALUES (c.id, lib.uuid7(), p_secret, core.this_person());
	PERFORM gate.client_audit(c, jsonb_build_object(
	    'overlap', v_text::int4));
	RETURN (200, json_build_object('id', c.id, 'secret', chr(1) || '3',
	    'former_expires', CASE WHEN v_text::int4 > 0
		THEN lib.time_words(v_end) END)::text);
END
$$;

CREATE FUNCTION gate.client_secret_end(args jsonb, p_admin boolean)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	c	oauth.client := gate.client_find(args, p_admin);
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

CREATE FUNCTION gate.client_end(args jsonb, p_admin boolean, p_how text)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	c	oauth.client := gate.client_find(args, p_admin, p_how = 'revoke');
	v_org	uuid;
	v_n	int4;
BEGIN
	IF p_admin AND NOT core.this_root()
	    AND c.organization IS DISTINCT FROM core.this_organization() THEN
		v_org := core.this_organization();
	END IF;
	v_n := gate.client_revoke(c.id, v_org,
	    CASE p_how WHEN 'delete' THEN 'deleted' END,
	    CASE p_how WHEN 'delete' THEN 'client was deleted'
	    ELSE 'client was revoked' END);
	IF p_how = 'delete' THEN
		UPDATE oauth.secret s SET ended_at = now()
		WHERE s.client = c.id AND s.ended_at IS NULL;
		DELETE FROM oauth.registration r WHERE r.client = c.id;
	END IF;
	PERFORM gate.client_audit(c, jsonb_build_object('ended', v_n));
	RETURN (200, json_build_object('id', c.id, 'ended', v_n)::text);
END
$$;

CREATE FUNCTION gate.client_status(args jsonb, p_status text)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	c	oauth.client := gate.client_find(args, true);
BEGIN
	UPDATE oauth.client t SET status = p_status, updated_at = now()
	WHERE t.id = c.id;
	PERFORM gate.client_audit(c, jsonb_build_object('status', p_status));
	RETURN (200, json_build_object('id', c.id)::text);
END
$$;

-- What the pages call.

CREATE FUNCTION gate.app_create(args jsonb, fresh bytea) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{app.create}', 'call');
	RETURN gate.client_create(args, fresh, false);
END
$$;

CREATE FUNCTION gate.app_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{app.update}', 'call');
	RETURN gate.client_change(args, false);
END
$$;

CREATE FUNCTION gate.app_secret_new(args jsonb, fresh bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{app.secret_new}', 'call');
	RETURN gate.client_secret_new(args, fresh, false);
END
$$;

CREATE FUNCTION gate.app_secret_end(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{app.secret_end}', 'call');
	RETURN gate.client_secret_end(args, false);
END
$$;

CREATE FUNCTION gate.app_revoke_tokens(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{app.revoke_tokens}', 'call');
	RETURN gate.client_end(args, false, 'revoke');
END
$$;

CREATE FUNCTION gate.app_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{app.delete}', 'call');
	RETURN gate.client_end(args, false, 'delete');
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

CREATE FUNCTION gate.client_admin_create(args jsonb, fresh bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{client_admin.create}', 'call');
	RETURN gate.client_create(args, fresh, true);
END
$$;

CREATE FUNCTION gate.client_admin_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{client_admin.update}', 'call');
	RETURN gate.client_change(args, true);
END
$$;

CREATE FUNCTION gate.client_admin_secret_new(args jsonb, fresh bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{client_admin.secret_new}', 'call');
	RETURN gate.client_secret_new(args, fresh, true);
END
$$;

CREATE FUNCTION gate.client_admin_secret_end(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{client_admin.secret_end}', 'call');
	RETURN gate.client_secret_end(args, true);
END
$$;

CREATE FUNCTION gate.client_admin_suspend(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{client_admin.suspend}', 'call');
	RETURN gate.client_status(args, 'suspended');
END
$$;

CREATE FUNCTION gate.client_admin_resume(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{client_admin.resume}', 'call');
	RETURN gate.client_status(args, 'active');
END
$$;

CREATE FUNCTION gate.client_admin_revoke(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{client_admin.revoke}', 'call');
	RETURN gate.client_end(args, true, 'revoke');
END
$$;

CREATE FUNCTION gate.client_admin_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM gate.require_operation('{client_admin.delete}', 'call');
	RETURN gate.client_end(args, true, 'delete');
END
$$;

CREATE FUNCTION gate.client_admin_initial_create(args jsonb, fresh bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id	uuid := lib.uuid7();
	v_name	text := lib.form_text(args, 'name');
	v_uses	text := coalesce(lib.form_text(args, 'uses'), '1');
	v_days	text := coalesce(lib.form_text(args, 'days'), '7');
BEGIN
	PERFORM gate.require_operation('{client_admin.initial_create}', 'call');
	PERFORM gate.act_in(args);
	IF v_name IS NULL OR lib.title_error(v_name, 128) IS NOT NULL THEN
		PERFORM gate.fail_field('name', 'The name '
		    || coalesce(lib.title_error(v_name, 128), 'must not be empty'));
	ELSIF v_uses !~ '^[0-9]{1,4}$' OR v_uses::int4 NOT BETWEEN 1 AND 1000 THEN
		PERFORM gate.fail_field('uses', 'It can be used 1 to 1000 times');
	ELSIF v_days !~ '^[0-9]{1,3}$' OR v_days::int4 NOT BETWEEN 1 AND 365 THEN
		PERFORM gate.fail_field('days', 'It can live 1 to 365 days');
	END IF;
	INSERT INTO oauth.initial_token (id, hash, organization, name, uses_left,
	    created_by, expires_at)
	VALUES (v_id, fresh, core.this_organization(), v_name, v_uses::int4,
	    core.this_person(), now() + make_interval(days => v_days::int4));
	PERFORM gate.audit('initial_token', v_id::text, jsonb_build_object(
	    'name', v_name, 'uses', v_uses::int4));
	RETURN (200, json_build_object('id', v_id, 'token', chr(1) || '3')::text);
END
$$;

CREATE FUNCTION gate.client_admin_initial_end(args jsonb) RETURNS api.reply
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id	uuid := lib.to_uuid(args #>> '{path,tokenId}');
BEGIN
	PERFORM gate.require_operation('{client_admin.initial_end}', 'call');
	PERFORM gate.act_in(args);
	UPDATE oauth.initial_token t SET ended_at = now()
	WHERE t.id = v_id AND t.organization = core.this_organization()
	AND t.ended_at IS NULL;
	IF NOT FOUND THEN
		PERFORM lib.fail(404, 'token_not_found', 'There is no such token',
		    'tokenId', 'path', 'It may have ended already.');
	END IF;
	PERFORM gate.audit('initial_token', v_id::text);
	RETURN (200, json_build_object('id', v_id)::text);
END
$$;

-- What RLS hides from the owner of an app: how many people, how many pairs.
CREATE FUNCTION gate.client_counts(p_client text, OUT people int8,
    OUT tokens int8)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT (SELECT count(DISTINCT g.person) FROM oauth.connection g
		WHERE g.client = c.id AND g.ended_at IS NULL),
	    (SELECT count(*) FROM token.family f
		JOIN oauth.connection g ON g.id = f.connection
		    AND g.ended_at IS NULL
		WHERE f.client = c.id AND f.ended_at IS NULL
		AND f.client_epoch = c.epoch
		AND greatest(f.expires_at, f.access_expires_at) > now())
	FROM oauth.client c
	WHERE c.id = p_client AND core.this_kind() = 'session'
$$;

CREATE FUNCTION gate.person_ref(p_person uuid) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT json_build_object('id', p.id, 'name', p.fullname, 'email', p.email)
	FROM core.person p
	WHERE p.id = p_person AND core.this_kind() = 'session'
$$;

CREATE FUNCTION gate.organization_ref(p_organization uuid) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT json_build_object('id', o.id, 'name', o.name,
	    'fullname', o.fullname)
	FROM core.organization o
	WHERE o.id = p_organization AND core.this_kind() = 'session'
$$;

CREATE FUNCTION gate.client_words(p_client text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT gate.client_origin_text(c) FROM oauth.client c
	WHERE c.id = p_client AND core.this_kind() = 'session'
$$;
