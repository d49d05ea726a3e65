-- Organizations: the caller's own, and what grantctl does.

CREATE FUNCTION api.organization_json(o core.organization) RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT json_build_object('id', o.id, 'name', o.name,
	    'fullname', o.fullname,
	    'organization_type', o.organization_type,
	    'state', CASE o.status WHEN 'active' THEN 'enabled' ELSE o.status END,
	    'refresh_token_id', coalesce(o.refresh_token::text, ''),
	    'created_at', lib.rfc3339(o.created_at),
	    'updated_at', lib.rfc3339(o.updated_at))
$$;

-- Inlined into the statement that calls it: the most frequent read.
CREATE FUNCTION api.organization_get(args jsonb)
RETURNS TABLE (status int4, body text) LANGUAGE sql STABLE AS $$
	SELECT 200, '{"result":' || api.organization_json(o)::text || '}'
	FROM core.organization o WHERE o.id = core.this_organization()
$$;

CREATE FUNCTION api.organization_create(args jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	v_body	jsonb := api.body(args, 'organization.create');
	v_id	uuid := lib.uuid7();
	v_names	record;
	v_org	core.organization;
BEGIN
	v_names := api.names(v_body, v_id);
	v_org := gate.control_create(v_id, v_names.name, v_names.fullname);
	IF v_org.id IS NULL THEN
		PERFORM api.fail_name_taken('an organization', v_names.name);
	END IF;
	INSERT INTO core.role (organization, id, name, fullname, description,
	    permission_set, scopes)
	SELECT v_id, lib.uuid7(), p.name, initcap(p.name), p.description,
	    p.name, p.person_scopes
	FROM core.permission_set p
	WHERE p.name IN ('administrator', 'viewer', 'member') OR p.application;
	PERFORM gate.audit('organization', v_id::text,
	    jsonb_build_object('name', v_org.name));
	RETURN (200, json_build_object('result',
	    api.organization_json(v_org))::text);
END
$$;

CREATE FUNCTION api.organization_list(args jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (200, api.list_body('organization', args));
END
$$;

-- The body of organization.token_create, and the organization it names,
-- which becomes that of the context.
CREATE FUNCTION api.organization_token_prepare(p_args jsonb, p_id uuid,
    OUT org core.organization, OUT name text, OUT fullname text)
LANGUAGE plpgsql AS $$
DECLARE
	v_body	jsonb := api.body(p_args, 'organization.token_create');
	v_id	uuid := gate.control_organization(v_body ->> 'organization');
	v_names	record;
BEGIN
	IF v_id IS NULL THEN
		PERFORM api.fail_missing('organization', 'organization');
	END IF;
	SELECT * INTO org FROM core.organization o WHERE o.id = v_id;
	IF org.status <> 'active' THEN
		PERFORM gate.refuse('organization_disabled', NULL);
	END IF;
	v_names := api.names(v_body, p_id);
	name := v_names.name;
	fullname := v_names.fullname;
	IF EXISTS (SELECT FROM token.family_info f
	    WHERE f.organization = v_id AND f.name = v_names.name
	    AND f.ended_at IS NULL AND f.expires_at > now()) THEN
		PERFORM api.fail_name_taken('a token', v_names.name);
	END IF;
END
$$;

CREATE FUNCTION api.organization_token_create_plan(args jsonb)
RETURNS api.mint_plan LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := lib.uuid7();
	v	record;
BEGIN
	v := api.organization_token_prepare(args, v_id);
	RETURN (1, 1, 1, gate.access_lifetime(), (v.org).id, v_id, 1,
	    (v.org).id::text, 'grantd-management',
	    (SELECT array_to_string(s.scopes, ' ') FROM core.permission_set s
	     WHERE s.name = 'administrator'), NULL::int4, NULL::bytea,
	    jsonb_build_object('family', v_id))::api.mint_plan;
END
$$;

CREATE FUNCTION api.organization_token_create_commit(args jsonb, carry jsonb,
    jti uuid, access_hash bytea, iat int8, exp int8, refresh_hash bytea,
    seed bytea, seed_key int4)
RETURNS api.reply LANGUAGE plpgsql AS $$
DECLARE
	v_id	uuid := (carry ->> 'family')::uuid;
	v	record;
BEGIN
	v := api.organization_token_prepare(args, v_id);
	PERFORM gate.family_birth(v_id, 'organization', 'default', NULL, NULL,
	    NULL, v.name, v.fullname, 'administrator', NULL, NULL,
	    gate.access_lifetime(), NULL, jti, access_hash, exp, refresh_hash,
	    seed, seed_key);
	UPDATE core.organization o SET refresh_token = v_id
	WHERE o.id = (v.org).id AND o.refresh_token IS NULL;
	PERFORM gate.audit('token', v_id::text, jsonb_build_object(
	    'jti', jti, 'name', v.name, 'permission_set', 'administrator'));
	RETURN (200, api.refresh_token_body(v_id, true));
END
$$;
