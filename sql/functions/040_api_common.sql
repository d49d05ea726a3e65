-- What the operations share.  They run as grantd_api with the search path
-- that gate_enter sets, so every name here is qualified.

-- The body without nulls, checked against its shape.
CREATE FUNCTION api.body(p_args jsonb, p_shape text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_body	jsonb := lib.strip_nulls(coalesce(p_args -> 'body', '{}'));
BEGIN
	PERFORM lib.check_schema(s.schema, v_body)
	FROM gate.shape s WHERE s.name = p_shape;
	RETURN v_body;
END
$$;

-- Members that clients know and this server does not support.
CREATE FUNCTION api.refuse_unsupported(p_body jsonb, p_fields text[],
    p_pointer text DEFAULT '')
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_field	text;
BEGIN
	IF jsonb_typeof(p_body) <> 'object' THEN
		RETURN;
	END IF;
	SELECT f INTO v_field FROM unnest(p_fields) f
	WHERE p_body ? f AND p_body -> f <> 'null' LIMIT 1;
	IF FOUND THEN
		PERFORM lib.fail(400, 'unsupported_field',
		    format('%s is not supported by this server', v_field),
		    p_pointer || '/' || v_field, 'body',
		    'The member is known, but nothing here would act on it.',
		    'Leave it out or send null.');
	END IF;
END
$$;

-- Members that only the server sets may come back, if they come back as they
-- are.  Times may have lost a fraction on the way.
CREATE FUNCTION api.check_readonly(p_doc jsonb, p_now jsonb, p_fields text[])
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_field	text;
	v_time	text := '^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)?$';
BEGIN
	FOREACH v_field IN ARRAY p_fields LOOP
		CONTINUE WHEN coalesce(p_doc -> v_field, 'null') = 'null'
		    OR p_doc -> v_field = p_now -> v_field;
		IF v_field LIKE '%\_at' AND p_doc ->> v_field ~ v_time THEN
			CONTINUE WHEN abs(extract(epoch FROM
			    (p_doc ->> v_field)::timestamptz
			    - (p_now ->> v_field)::timestamptz)) < 1;
		END IF;
		PERFORM lib.fail(400, 'read_only_field',
		    format('%s cannot be changed', v_field), '/' || v_field,
		    'body', format('It is %s.', p_now -> v_field),
		    'Send it as it is, or leave it out.');
	END LOOP;
END
$$;

-- Name and title of a new object: each makes the other, neither makes the id.
CREATE FUNCTION api.names(p_body jsonb, p_id uuid, OUT name text, OUT fullname text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	name := coalesce(p_body ->> 'name',
	    lib.name_from(p_body ->> 'fullname'), p_id::text);
	fullname := coalesce(p_body ->> 'fullname', name);
	IF lib.to_uuid(name) IS NOT NULL AND name <> p_id::text THEN
		IF p_body ? 'name' THEN
			PERFORM lib.fail(400, 'invalid_name',
			    'A name must not look like an id', '/name', 'body',
			    'Paths take names and ids, so that one could be taken for the other.',
			    'Choose another name.');
		END IF;
		name := p_id::text;
	END IF;
END
$$;

CREATE FUNCTION api.fail_name_taken(p_what text, p_name text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(409, 'name_taken',
	    format('There is already %s named %s', p_what, p_name), '/name',
	    'body', 'Names are unique, without regard to case.',
	    'Choose another name, or use the one that exists.');
END
$$;

CREATE FUNCTION api.fail_missing(p_what text, p_parameter text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(404, p_what || '_not_found',
	    format('There is no such %s', p_what), p_parameter, 'path',
	    'Neither an id nor a name fits, among those that this token may see.',
	    'Check the id or the name.');
END
$$;

-- A commit finds that the same request, repeated, was faster: the broker asks
-- for a plan again, which then knows what to repeat.
CREATE FUNCTION api.plan_again() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the same request was faster' USING ERRCODE = '40001';
END
$$;

-- A name that was made from a title, when that is taken: with an end of its
-- own.
CREATE FUNCTION api.other_name(p_name text, p_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT left(p_name, 119) || '-' || right(p_id::text, 8)
$$;

CREATE FUNCTION api.fail_changed() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM lib.fail(409, 'token_changed',
	    'The token pair was changed by another request at the same time', '',
	    '', 'Nothing of this request was done.',
	    'Look at the pair (GET /v1/tokens/{refreshTokenId}/info) and try again.');
END
$$;

-- A life of an access token; null if none was given.
CREATE FUNCTION api.token_ttl(p_body jsonb) RETURNS int4
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_ttl	int8 := lib.duration(p_body ->> 'token_ttl');
BEGIN
	IF NOT p_body ? 'token_ttl' THEN
		RETURN NULL;
	ELSIF v_ttl IS NULL OR v_ttl < 1 OR v_ttl > 86400 THEN
		PERFORM lib.fail(400, 'invalid_token_ttl',
		    CASE WHEN v_ttl > 86400 THEN 'token_ttl must be at most 24h'
		    WHEN v_ttl < 1 THEN 'token_ttl must be at least 1s'
		    ELSE 'token_ttl is no duration' END, '/token_ttl', 'body',
		    'Durations are written as 10m, 1h30m or 24h0m0s.',
		    'Send a duration of at most 24h.');
	END IF;
	RETURN v_ttl;
END
$$;

-- A token pair; the secrets are the broker's marks, or masked.
CREATE FUNCTION api.pair_json(f token.family_info, p_access timestamptz,
    p_refresh timestamptz, p_show boolean)
RETURNS json LANGUAGE sql STABLE AS $$
	SELECT json_build_object(
	    'access', gate.token_json(CASE WHEN p_show THEN chr(1) || '0'
		ELSE '********' END, p_access, f.organization, f.integration,
		f.account, f.id, f.permission_set, f.resources),
	    'refresh', gate.token_json(CASE WHEN p_show THEN chr(1) || '1'
		ELSE '********' END, p_refresh, f.organization, f.integration,
		f.account, f.id, f.permission_set, f.resources))
$$;

CREATE FUNCTION api.refresh_token_json(f token.family_info, p_show boolean)
RETURNS json LANGUAGE sql STABLE AS $$
	SELECT json_strip_nulls(json_build_object(
	    'id', f.id, 'name', f.name, 'fullname', f.fullname,
	    'owner_id', coalesce(f.integration, f.organization),
	    'owner_type', f.kind,
	    'token_type', f.token_type,
	    'token_ttl', lib.duration_text(f.token_ttl),
	    'expires', lib.rfc3339(f.expires_at),
	    'created_at', lib.rfc3339(f.created_at),
	    'updated_at', lib.rfc3339(f.updated_at),
	    'primary', api.pair_json(f, f.access_expires_at, f.expires_at, p_show),
	    'secondary', CASE WHEN f.secondary_generation IS NOT NULL
		AND greatest(f.secondary_access_expires_at,
		    f.secondary_expires_at) > now()
		THEN api.pair_json(f, f.secondary_access_expires_at,
		    f.secondary_expires_at, false) END))
$$;

CREATE FUNCTION api.refresh_token_body(p_family uuid, p_show boolean)
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT json_build_object('result',
	    api.refresh_token_json(f, p_show))::text
	FROM token.family_info f WHERE f.id = p_family
$$;
