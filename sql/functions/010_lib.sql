-- Small pure helpers, and the one way to refuse.

-- RFC 9562: 48 bits of milliseconds, then random.
CREATE FUNCTION lib.uuid7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
	SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
	    PLACING substring(int8send(
		(extract(epoch FROM clock_timestamp()) * 1000)::int8) FROM 3)
	    FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- Null if it is none.  No regular expression: it would be three times slower.
CREATE FUNCTION lib.to_uuid(p_text text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_text LIKE '________-____-____-____-____________'
	    AND p_text !~ '[^0-9a-fA-F-]'
	    AND length(replace(p_text, '-', '')) = 32
	    THEN p_text::uuid END
$$;

-- RFC 3339 in UTC.
CREATE FUNCTION lib.rfc3339(p_time timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT to_char(p_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- A time for people: the exact one, and in words from now.
CREATE FUNCTION lib.time_words(p_time timestamptz) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_time IS NOT NULL THEN json_build_object(
	    'at', lib.rfc3339(p_time), 'text', CASE
		WHEN abs(a.s) < 60 THEN CASE WHEN a.s > 0 THEN 'in a moment'
		    ELSE 'just now' END
		WHEN a.s > 0 THEN 'in ' || a.words
		ELSE a.words || ' ago' END) END
	FROM (
		SELECT x.s, u.n || ' ' || u.unit
		    || CASE u.n WHEN 1 THEN '' ELSE 's' END AS words
		FROM (SELECT extract(epoch FROM p_time - now()) AS s) x
		CROSS JOIN LATERAL (
			SELECT floor(abs(x.s) / v.size)::int8 AS n, v.unit
			FROM (VALUES (31557600, 'year'), (2629800, 'month'),
			    (86400, 'day'), (3600, 'hour'), (60, 'minute'),
			    (1, 'second')) v(size, unit)
			WHERE abs(x.s) >= v.size OR v.size = 1
			ORDER BY v.size DESC LIMIT 1
		) u
	) a
$$;

-- Seconds of "24h", "1h30m", "90s", "24h0m0s"; null if it is no duration.
CREATE FUNCTION lib.duration(p_text text) RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_text ~ '^(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?$'
	    AND p_text <> '' THEN
		coalesce(substring(p_text FROM '(\d+)h')::int8, 0) * 3600
		+ coalesce(substring(p_text FROM '(\d+)m')::int8, 0) * 60
		+ coalesce(substring(p_text FROM '(\d+)s')::int8, 0)
	    END
$$;

-- The form that Go prints.
CREATE FUNCTION lib.duration_text(p_seconds int8) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_seconds >= 3600 THEN
		format('%sh%sm%ss', p_seconds / 3600, p_seconds % 3600 / 60,
		    p_seconds % 60)
	    WHEN p_seconds >= 60 THEN
		format('%sm%ss', p_seconds / 60, p_seconds % 60)
	    ELSE format('%ss', p_seconds) END
$$;

-- For LIKE: "*" and "%" stand for anything, all else for itself.
CREATE FUNCTION lib.like_pattern(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT replace(replace(replace(p_text, '\', '\\'), '_', '\_'), '*', '%')
$$;

-- For LIKE: all of it stands for itself.
CREATE FUNCTION lib.like_escape(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT replace(replace(replace(p_text, '\', '\\'), '_', '\_'), '%', '\%')
$$;

-- An address as the counters keep it: IPv6 by its /64.
CREATE FUNCTION lib.peer_net(p_peer text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	IF p_peer ~ '^[0-9a-fA-F:.]+$' AND p_peer LIKE '%:%:%' THEN
		RETURN network(set_masklen(p_peer::inet, 64))::text;
	END IF;
	RETURN left(coalesce(p_peer, ''), 63);
EXCEPTION WHEN data_exception THEN
	RETURN left(p_peer, 63);
END
$$;

-- The /48 of an IPv6 address; null of anything else.
CREATE FUNCTION lib.peer_site(p_peer text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	IF p_peer ~ '^[0-9a-fA-F:.]+$' AND p_peer LIKE '%:%:%' THEN
		RETURN network(set_masklen(p_peer::inet, 48))::text;
	END IF;
	RETURN NULL;
EXCEPTION WHEN data_exception THEN
	RETURN NULL;
END
$$;

CREATE FUNCTION lib.base64url(p_data bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT rtrim(translate(encode(p_data, 'base64'), E'+/\n', '-_'), '=')
$$;

-- Null if it is none.
CREATE FUNCTION lib.from_base64url(p_text text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_text ~ '^[A-Za-z0-9_-]*$' AND length(p_text) % 4 <> 1
	    THEN decode(translate(p_text, '-_', '+/')
		|| repeat('=', (4 - length(p_text) % 4) % 4), 'base64') END
$$;

-- Whether a value holds control characters other than tab and line ends.
-- The broker's marks for secrets are such characters.
CREATE FUNCTION lib.has_control(p_value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT replace(p_value::text, '\\', '')
	    ~ '\\(u00(0[0-8b-f]|1[0-9a-f]|7f)|b|f)|\x7f'
$$;

-- For showing it: cut, and without control characters; never null.
CREATE FUNCTION lib.printable(p_text text, p_length int4) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT left(regexp_replace(coalesce(p_text, ''), '[[:cntrl:]]', '', 'g'),
	    p_length)
$$;

-- A form's field: trimmed; null if it is empty or absent.
CREATE FUNCTION lib.form_text(p_args jsonb, p_field text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT nullif(btrim(p_args #>> ARRAY['body', p_field]), '')
$$;

-- One that may be repeated: an array, or one text.
CREATE FUNCTION lib.form_list(p_args jsonb, p_field text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE jsonb_typeof(p_args #> ARRAY['body', p_field])
	    WHEN 'array' THEN coalesce((SELECT array_agg(DISTINCT btrim(e))
		FROM jsonb_array_elements_text(p_args #> ARRAY['body', p_field]) e
		WHERE btrim(e) <> ''), '{}')
	    WHEN 'string' THEN array_remove(ARRAY[lib.form_text(p_args, p_field)], NULL)
	    ELSE '{}' END
$$;

-- Refuses: the status and texts become the answer.
CREATE FUNCTION lib.fail(p_status int4, p_code text, p_message text,
    p_parameter text DEFAULT '', p_location text DEFAULT '',
    p_detail text DEFAULT '', p_remediation text DEFAULT '',
    p_scope text DEFAULT '')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'HT' || p_status, MESSAGE = p_message,
	    DETAIL = p_detail, HINT = p_remediation, CONSTRAINT = p_code,
	    COLUMN = p_parameter, TABLE = p_location, DATATYPE = p_scope;
END
$$;

-- A name from a title: "Acme & Söhne" gives "acme-s-hne"; null if nothing
-- usable is left.
CREATE FUNCTION lib.name_from(p_title text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT nullif(rtrim(left(trim(BOTH '-' FROM regexp_replace(
	    lower(p_title), '[^a-z0-9_]+', '-', 'g')), 128), '-'), '')
$$;

CREATE FUNCTION lib.digest(p_value jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT sha256(convert_to(p_value::text, 'UTF8'))
$$;
