-- Clients out of forms: what a person may write there, and what it means.

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
CREATE FUNCTION gate.may_first_party(p_organization uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT core.this_root() OR NOT EXISTS (SELECT FROM core.organization o
	    WHERE o.id = p_organization AND o.organization_type = 'root')
$$;

CREATE FUNCTION gate.form_first_party(args jsonb, c oauth.client)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF lib.form_text(args, 'first_party') IS NULL THEN
		RETURN false;
	ELSIF NOT gate.may_first_party(c.organization) THEN
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
		IF lib.jwks_error(c.jwks) IS NOT NULL THEN
			PERFORM gate.fail_field('jwks',
			    'The JWK Set ' || lib.jwks_error(c.jwks));
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
	c.required_scopes := lib.form_list(args, 'required_scope');
	IF NOT c.required_scopes <@ c.scopes THEN
		PERFORM gate.fail_field('scope', format(
		    '%s is ticked as always needed, but not as what it may ask for',
		    lib.printable((lib.minus(c.required_scopes, c.scopes))[1], 64)));
	END IF;
	c.required_scopes := lib.both(c.required_scopes, c.scopes);
	c.pkce_required := c.auth_method = 'none'
	    OR lib.form_text(args, 'pkce_shown') IS NULL
	    OR lib.form_text(args, 'pkce') IS NOT NULL;
	RETURN c;
END
$$;
