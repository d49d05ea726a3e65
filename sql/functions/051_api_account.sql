-- Accounts: an organization's own customers.

CREATE FUNCTION api.account_json(a core.account) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT json_build_object('id', a.id, 'name', a.name,
	    'fullname', a.fullname, 'organization_id', a.organization,
	    'environment', a.environment, 'labels', a.labels,
	    'created_at', lib.rfc3339(a.created_at),
	    'updated_at', lib.rfc3339(a.updated_at))
$$;

-- By id or name; refuses when there is none to see.
CREATE FUNCTION api.account_find(p_ref text, p_lock boolean DEFAULT false)
RETURNS core.account LANGUAGE plpgsql AS $$
DECLARE
	v_account core.account;
BEGIN
	SELECT * INTO v_account FROM core.account a
	WHERE a.organization = core.this_organization()
	AND a.id = lib.to_uuid(p_ref);
	IF NOT FOUND THEN
		SELECT * INTO v_account FROM core.account a
		WHERE a.organization = core.this_organization()
		AND a.name = lower(p_ref);
	END IF;
	IF NOT FOUND THEN
		PERFORM api.fail_missing('account', 'accountId');
	END IF;
	IF p_lock THEN
		SELECT * INTO v_account FROM core.account a
		WHERE a.organization = v_account.organization
		AND a.id = v_account.id FOR UPDATE;
		IF NOT FOUND THEN
			PERFORM api.fail_missing('account', 'accountId');
		END IF;
	END IF;
	RETURN v_account;
END
$$;

CREATE FUNCTION api.account_reply(a core.account) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT 200, json_build_object('result', api.account_json(a))::text
$$;

CREATE FUNCTION api.account_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (200, api.list_body('account', args));
END
$$;

CREATE FUNCTION api.account_get(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	RETURN api.account_reply(api.account_find(args #>> '{path,accountId}'));
END
$$;

-- In the order given, each once.
CREATE FUNCTION api.labels(p_body jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce((SELECT array_agg(u.l ORDER BY u.n) FROM (
		SELECT e.l, min(e.n) AS n
		FROM jsonb_array_elements_text(p_body -> 'labels')
		    WITH ORDINALITY AS e(l, n)
		GROUP BY e.l) u), '{}')
$$;

-- A narrowed token makes and keeps only what it may see.
CREATE FUNCTION api.account_check(p_id uuid, p_labels text[], p_environment text)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF NOT core.resources_allow_account(core.this_resources(), p_id,
	    p_labels, p_environment) THEN
		PERFORM lib.fail(403, 'restricted_token',
		    'This token may not have such an account', '', 'body',
		    'The token is narrowed to certain accounts, labels or environments.',
		    'Use a token that is not narrowed.');
	END IF;
END
$$;

-- A create that was sent again because its answer got lost finds what the
-- first one made.
CREATE FUNCTION api.is_repeat(p_by uuid, p_digest bytea, p_at timestamptz,
    p_wanted bytea)
RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT coalesce(p_by = core.this_family() AND p_digest = p_wanted
	    AND p_at > now() - interval '10 minutes', false)
$$;

CREATE FUNCTION api.account_create(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_body	jsonb := api.body(args, 'account.create');
	v_digest bytea := lib.digest(v_body);
	v_id	uuid := lib.uuid7();
	v_names	record;
	v_account core.account;
	v_env	text := coalesce(v_body ->> 'environment', 'prod');
	v_repeat boolean := false;
BEGIN
	v_names := api.names(v_body, v_id);
	PERFORM api.account_check(v_id, api.labels(v_body), v_env);
	FOR try IN 1 .. 2 LOOP
		INSERT INTO core.account (organization, id, name, fullname,
		    environment, labels, created_by, created_digest)
		VALUES (core.this_organization(), v_id, v_names.name,
		    v_names.fullname, v_env, api.labels(v_body),
		    core.this_family(), v_digest)
		ON CONFLICT ON CONSTRAINT account_name DO NOTHING
		RETURNING * INTO v_account;
		EXIT WHEN FOUND OR v_body ? 'name';
		v_names.name := api.other_name(v_names.name, v_id);
	END LOOP;
	IF v_account.id IS NULL THEN
		SELECT * INTO v_account FROM core.account a
		WHERE a.organization = core.this_organization()
		AND a.name = v_names.name;
	END IF;
	IF v_account.id IS DISTINCT FROM v_id THEN
		v_repeat := api.is_repeat(v_account.created_by,
		    v_account.created_digest, v_account.created_at, v_digest);
		IF NOT v_repeat THEN
			PERFORM api.fail_name_taken('an account', v_names.name);
		END IF;
	END IF;
	PERFORM gate.audit('account', v_account.id::text, jsonb_strip_nulls(
	    jsonb_build_object('name', v_account.name,
		'repeat', nullif(v_repeat, false))));
	RETURN (200, json_build_object('result', json_build_object('account',
	    api.account_json(v_account)))::text);
END
$$;

-- Takes the whole object: what is missing of name, fullname and environment
-- stays, missing labels go.
CREATE FUNCTION api.account_write(a core.account, p_doc jsonb)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	v_doc	jsonb := api.body(jsonb_build_object('body', p_doc), 'account.update');
	v_names	record;
	v_new	core.account;
	v_env	text := coalesce(v_doc ->> 'environment', a.environment);
BEGIN
	PERFORM api.check_readonly(v_doc, api.account_json(a)::jsonb,
	    '{id,organization_id,created_at,updated_at}');
	v_names := api.names(jsonb_build_object('name', a.name,
	    'fullname', a.fullname) || v_doc, a.id);
	PERFORM api.account_check(a.id, api.labels(v_doc), v_env);
	BEGIN
		UPDATE core.account SET name = v_names.name,
		    fullname = v_names.fullname, environment = v_env,
		    labels = api.labels(v_doc), updated_at = now()
		WHERE organization = a.organization AND id = a.id
		RETURNING * INTO v_new;
	EXCEPTION WHEN unique_violation THEN
		PERFORM api.fail_name_taken('an account', v_names.name);
	END;
	PERFORM gate.audit('account', a.id::text, (
		SELECT jsonb_build_object('changed', coalesce(jsonb_object_agg(
		    o.key, jsonb_build_array(o.value, n.value)), '{}'))
		FROM jsonb_each(api.account_json(a)::jsonb) o
		JOIN jsonb_each(api.account_json(v_new)::jsonb) n USING (key)
		WHERE o.value <> n.value AND key <> 'updated_at'));
	RETURN api.account_reply(v_new);
END
$$;

CREATE FUNCTION api.account_update(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	RETURN api.account_write(
	    api.account_find(args #>> '{path,accountId}', true),
	    coalesce(args -> 'body', '{}'));
END
$$;

CREATE FUNCTION api.account_patch(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_account core.account :=
		    api.account_find(args #>> '{path,accountId}', true);
BEGIN
	RETURN api.account_write(v_account, lib.json_patch(
	    api.account_json(v_account)::jsonb, args -> 'body'));
END
$$;

-- With it go its integrations and what the connectors keep of them; their
-- tokens are dead when this returns.
CREATE FUNCTION api.account_delete(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_account core.account :=
		    api.account_find(args #>> '{path,accountId}', true);
	v_ended	int4 := gate.account_end(v_account.id);
BEGIN
	DELETE FROM core.account a
	WHERE a.organization = v_account.organization AND a.id = v_account.id;
	PERFORM gate.audit('account', v_account.id::text, jsonb_build_object(
	    'name', v_account.name, 'families_ended', v_ended), 204);
	RETURN (204, ''::text);
END
$$;
