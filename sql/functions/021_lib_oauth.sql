-- Addresses, keys and words of OAuth, as pure functions.

-- RFC 3986 2.3: all but the unreserved is percent-encoded.
CREATE FUNCTION lib.url_encode(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(string_agg(CASE WHEN c ~ '^[A-Za-z0-9._~-]$' THEN c
	    ELSE (SELECT string_agg('%' || upper(substr(h, i, 2)), '' ORDER BY i)
		FROM encode(convert_to(c, 'UTF8'), 'hex') h,
		    generate_series(1, length(h), 2) i) END, '' ORDER BY n), '')
	FROM regexp_split_to_table(p_text, '') WITH ORDINALITY AS u(c, n)
$$;

-- What is wrong with a redirect URI that somebody wants to register; null if
-- nothing (RFC 9700 2.1, RFC 8252 7).  Schemes of programs have a dot, as RFC
-- 8252 7.1 wants it, but for some of programs that are widely used.
CREATE FUNCTION lib.redirect_error(p_uri text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE
	    WHEN p_uri IS NULL OR p_uri = '' THEN 'is empty'
	    WHEN length(p_uri) > 1000 THEN 'is longer than 1000 characters'
	    WHEN p_uri !~ '^[!-~]+$' THEN
		'has blanks or characters that are not ASCII (write them percent-encoded, host names as xn--)'
	    WHEN strpos(p_uri, '#') > 0 THEN 'has a fragment (#)'
	    WHEN strpos(p_uri, '*') > 0 THEN 'has a wildcard (*)'
	    WHEN p_uri ~ '[\\"<>^`{|}]' THEN
		'has a character that does not belong into a URI'
	    WHEN p_uri ~ '%($|[^0-9A-Fa-f]|[0-9A-Fa-f]($|[^0-9A-Fa-f]))' THEN
		'has a % that encodes nothing'
	    WHEN p_uri ~ '^https?:' AND p_uri ~ '^[a-z]+://[^/?]*@' THEN
		'has a user name (@)'
	    WHEN substring(p_uri
		FROM '^https?://(?:\[[^]/?]*\]|[^]/?:]*):([0-9]+)(?:[/?]|$)')::numeric
		NOT BETWEEN 1 AND 65535 THEN
		'has a port that is none (they go from 1 to 65535)'
	    WHEN p_uri ~* '/(\.|%2e){1,2}(/|\?|$)' THEN
		'has a path with . or ..'
	    WHEN p_uri ~ '^https:' THEN CASE
		WHEN p_uri !~ '^https://([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?([/?]|$)'
		    THEN 'has no proper host (in lower case) after https://' END
	    WHEN p_uri ~ '^http:' THEN CASE
		WHEN p_uri !~ '^http://(127\.0\.0\.1|\[::1\]|localhost)(:[1-9][0-9]{0,4})?([/?]|$)'
		    THEN 'must begin with https:// (http:// is for 127.0.0.1, [::1] and localhost)' END
	    WHEN p_uri ~ '^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/?[^/].*$'
		OR p_uri ~ '^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/{0,3}$'
		OR p_uri ~ '^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+://[a-z0-9._~/?&=%-]*$'
		OR p_uri ~ '^(cursor|vscode|vscode-insiders)://[a-z0-9._~/?&=%-]+$'
		THEN NULL
	    ELSE 'must begin with https://, with http:// and a loopback address, or with a scheme of its own that has a dot (com.example.app:/)'
	    END
$$;

CREATE FUNCTION lib.redirect_is_loopback(p_uri text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT p_uri ~ '^http://(127\.0\.0\.1|\[::1\]|localhost)([:/?]|$)'
$$;

-- RFC 8252 7.3: on loopback the port is free; all else must be the same.
CREATE FUNCTION lib.redirect_matches(p_uri text, p_registered text[])
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT p_uri = ANY (p_registered)
	    OR (lib.redirect_is_loopback(p_uri)
		AND lib.redirect_error(p_uri) IS NULL
		AND EXISTS (SELECT FROM unnest(p_registered) r
		    WHERE lib.redirect_is_loopback(r)
		    AND regexp_replace(r, '^(http://[^/?]*?):[0-9]+([/?]|$)', '\1\2')
			= regexp_replace(p_uri, '^(http://[^/?]*?):[0-9]+([/?]|$)', '\1\2')))
$$;

-- Where the person goes, for showing: host and port, or the scheme.
CREATE FUNCTION lib.redirect_host(p_uri text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(substring(p_uri FROM '^https?://([^/?#]+)'),
	    substring(p_uri FROM '^[^:]+:'))
$$;

-- The same as a source of a Content-Security-Policy.
CREATE FUNCTION lib.redirect_origin(p_uri text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(substring(p_uri FROM '^https?://[^/?#]+'),
	    substring(p_uri FROM '^[^:]+:'))
$$;

-- An address to show as a link: https alone.
CREATE FUNCTION lib.link_error(p_uri text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_uri !~ '^https://' THEN 'must begin with https://'
	    ELSE lib.redirect_error(p_uri) END
$$;

-- Words of a scope parameter (RFC 6749 3.3); null if it is none.  Many clients
-- leave a blank at an end.
CREATE FUNCTION lib.scope_words(p_scope text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_scope ~ '^ *[!#-\[\]-~]+( +[!#-\[\]-~]+)* *$'
	    AND length(p_scope) <= 2000
	    THEN regexp_split_to_array(btrim(p_scope), ' +') END
$$;

-- Array arithmetic; the first array's order is kept.
CREATE FUNCTION lib.both(p_a text[], p_b text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(array_agg(DISTINCT e ORDER BY e), '{}')
	FROM unnest(p_a) e WHERE e = ANY (p_b)
$$;

CREATE FUNCTION lib.minus(p_a text[], p_b text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(array_agg(DISTINCT e ORDER BY e), '{}')
	FROM unnest(p_a) e WHERE NOT e = ANY (p_b)
$$;

CREATE FUNCTION lib.sum(p_a text[], p_b text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(array_agg(DISTINCT e ORDER BY e), '{}')
	FROM unnest(p_a || p_b) e
$$;

-- DER (X.690) of a value: tag, length, content.
CREATE FUNCTION lib.der(p_tag text, p_content bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT decode(p_tag || CASE
	    WHEN length(p_content) < 128 THEN lpad(to_hex(length(p_content)), 2, '0')
	    WHEN length(p_content) < 256 THEN '81' || lpad(to_hex(length(p_content)), 2, '0')
	    ELSE '82' || lpad(to_hex(length(p_content)), 4, '0') END, 'hex')
	    || p_content
$$;

CREATE FUNCTION lib.der_integer(p_value bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT lib.der('02', CASE WHEN get_byte(v, 0) >= 128 THEN '\x00'::bytea || v
	    ELSE v END)
	FROM (SELECT CASE WHEN ltrim(p_value, '\x00'::bytea) = '' THEN '\x00'::bytea
	    ELSE ltrim(p_value, '\x00'::bytea) END AS v) t
$$;

-- The algorithm that a public key is for; null if it is none that is known
-- here, is private, or is too small.
CREATE FUNCTION lib.jwk_alg(p_key jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_key ?| '{d,p,q,dp,dq,qi,k,oth}'
	    OR coalesce(p_key ->> 'use', 'sig') <> 'sig'
	    OR replace(coalesce(p_key ->> 'alg', a.alg), 'Ed25519', 'EdDSA')
		<> a.alg THEN NULL
	    ELSE a.alg END
	FROM (SELECT CASE
	    WHEN p_key ->> 'kty' = 'EC' AND p_key ->> 'crv' = 'P-256'
		AND length(lib.from_base64url(p_key ->> 'x')) = 32
		AND length(lib.from_base64url(p_key ->> 'y')) = 32 THEN 'ES256'
	    WHEN p_key ->> 'kty' = 'OKP' AND p_key ->> 'crv' = 'Ed25519'
		AND length(lib.from_base64url(p_key ->> 'x')) = 32 THEN 'EdDSA'
	    WHEN p_key ->> 'kty' = 'RSA'
		AND length(ltrim(lib.from_base64url(p_key ->> 'n'), '\x00'::bytea))
		    BETWEEN 256 AND 512
		AND length(lib.from_base64url(p_key ->> 'e')) BETWEEN 1 AND 8
		THEN 'RS256' END AS alg) a
$$;

-- A public key as X.509 has it (RFC 5280 4.1.2.7; RFC 5480, 8410, 3279).
CREATE FUNCTION lib.jwk_spki(p_key jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_key ->> 'kty'
	    WHEN 'EC' THEN decode('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex')
		|| lib.from_base64url(p_key ->> 'x')
		|| lib.from_base64url(p_key ->> 'y')
	    WHEN 'OKP' THEN decode('302a300506032b6570032100', 'hex')
		|| lib.from_base64url(p_key ->> 'x')
	    WHEN 'RSA' THEN lib.der('30',
		decode('300d06092a864886f70d0101010500', 'hex')
		|| lib.der('03', '\x00'::bytea || lib.der('30',
		    lib.der_integer(lib.from_base64url(p_key ->> 'n'))
		    || lib.der_integer(lib.from_base64url(p_key ->> 'e')))))
	    END
$$;

-- What is wrong with a JWK Set that a client registers; null if nothing.
CREATE FUNCTION lib.jwks_error(p_jwks jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE
	    WHEN p_jwks IS NULL THEN 'is missing'
	    WHEN jsonb_typeof(p_jwks -> 'keys') IS DISTINCT FROM 'array'
		THEN 'has no array "keys"'
	    WHEN jsonb_array_length(p_jwks -> 'keys') NOT BETWEEN 1 AND 10
		THEN 'must have 1 to 10 keys'
	    WHEN EXISTS (SELECT FROM jsonb_array_elements(p_jwks -> 'keys') k
		WHERE k ?| '{d,p,q,dp,dq,qi,k,oth}')
		THEN 'has a private key: send the public one alone'
	    WHEN NOT EXISTS (SELECT FROM jsonb_array_elements(p_jwks -> 'keys') k
		WHERE lib.jwk_alg(k) IS NOT NULL)
		THEN 'has no key for ES256, RS256 (2048 to 4096 bits) or EdDSA (Ed25519)'
	    END
$$;
