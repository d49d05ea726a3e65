-- The gate's part of a call: what a client holds between question and answer,
-- what was answered to a call with a key, and what was published.

-- RFC 2104 with SHA-256, for a key of 32 bytes.
CREATE FUNCTION gate.hmac(p_key bytea, p_data bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v_inner	bytea := decode(repeat('36', 64), 'hex');
	v_outer	bytea := decode(repeat('5c', 64), 'hex');
BEGIN
	FOR i IN 0 .. length(p_key) - 1 LOOP
		v_inner := set_byte(v_inner, i, get_byte(p_key, i) # 54);
		v_outer := set_byte(v_outer, i, get_byte(p_key, i) # 92);
	END LOOP;
	RETURN sha256(v_outer || sha256(v_inner || p_data));
END
$$;

-- Whose call it is: a state or an answer of one is nobody else's.
CREATE FUNCTION gate.holder() RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT concat_ws(' ', core.this_kind(), core.this_organization(),
	    core.this_person(), core.this_client(), u.family, u.session)
	FROM core.this_unit() u
$$;

-- Seals what the client is to bring back: what was asked, what was answered so
-- far, and for which call.  p_nonce: of the state that this one follows.
CREATE FUNCTION gate.state_seal(p_digest bytea, p_questions jsonb,
    p_answers jsonb, p_nonce uuid)
RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_data	bytea;
BEGIN
	v_data := convert_to(jsonb_build_object('holder', gate.holder(),
	    'operation', (core.this_unit()).operation,
	    'digest', encode(p_digest, 'hex'),
	    'until', floor(extract(epoch FROM now() + gate.setting_interval(
		'state_lifetime'))),
	    'asked', (SELECT jsonb_agg(k) FROM jsonb_object_keys(p_questions) k),
	    'answers', p_answers, 'nonce', coalesce(p_nonce, gen_random_uuid())
	    )::text, 'UTF8');
	RETURN lib.base64url(v_data) || '.' || lib.base64url(gate.hmac(
	    (SELECT s.key FROM publish.seal s), v_data));
END
$$;

-- Opens one: with the answers that came, those that procedures may see now.  A
-- call that writes uses the state up, if it comes to its end.
CREATE FUNCTION gate.state_open(p_state text, p_digest bytea, p_answers jsonb,
    OUT answers jsonb, OUT nonce uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_key	bytea := (SELECT s.key FROM publish.seal s);
	v_parts	text[] := string_to_array(p_state, '.');
	v_data	bytea;
	v	jsonb;
BEGIN
	IF p_state IS NULL AND (core.this_unit()).class = 'read'
	    AND jsonb_typeof(p_answers) = 'object' THEN
		-- Nothing is changed: answers may come before they are asked for.
		answers := p_answers - 'confirmation';
		PERFORM set_config('grantd.answers', answers::text, true);
		RETURN;
	END IF;
	IF cardinality(v_parts) = 2 AND length(p_state) <= 131072 THEN
		v_data := lib.from_base64url(v_parts[1]);
		-- Of hashes, so that the time tells nothing.
		IF sha256(gate.hmac(v_key, v_data)) = sha256(
		    coalesce(lib.from_base64url(v_parts[2]), '')) THEN
			v := convert_from(v_data, 'UTF8')::jsonb;
		END IF;
	END IF;
	IF v IS NULL OR v ->> 'holder' <> gate.holder()
	    OR v ->> 'operation' <> (core.this_unit()).operation
	    OR v ->> 'digest' <> encode(p_digest, 'hex') THEN
		PERFORM lib.fail(400, 'invalid_state',
		    'The state does not belong to this call', '/state', 'body',
		    'It was made for another call, other arguments or another caller, or was changed on the way.',
		    'Call again without state and answers.');
	ELSIF (v ->> 'until')::numeric < extract(epoch FROM clock_timestamp()) THEN
		PERFORM lib.fail(400, 'state_expired',
		    'The questions were asked too long ago', '/state', 'body', '',
		    'Call again without state and answers.');
	ELSIF jsonb_typeof(coalesce(p_answers, '{}')) <> 'object' THEN
		PERFORM lib.fail(400, 'invalid_answers',
		    'Answers are an object', '/answers', 'body');
	END IF;
	nonce := v ->> 'nonce';
	SELECT v -> 'answers' || coalesce(jsonb_object_agg(a.key, a.value), '{}')
	INTO answers FROM jsonb_each(coalesce(p_answers, '{}')) a
	WHERE v -> 'asked' ? a.key;
	IF (core.this_unit()).class = 'write' THEN
		INSERT INTO publish.used_state (nonce, expires_at)
		VALUES (state_open.nonce, to_timestamp((v ->> 'until')::float8)
		    + gate.setting_interval('state_lifetime'))
		ON CONFLICT DO NOTHING;
		IF NOT FOUND THEN
			PERFORM lib.fail(409, 'state_used',
			    'The questions were answered already', '/state', 'body',
			    'What was asked for is done.',
			    'Call again without state and answers to do it once more.');
		END IF;
	END IF;
	PERFORM set_config('grantd.answers', answers::text, true);
EXCEPTION WHEN data_exception THEN
	PERFORM lib.fail(400, 'invalid_state', 'The state is none', '/state', 'body');
END
$$;

-- The row of an idempotency key, of this caller and operation.
CREATE FUNCTION gate.answer_key(p_key text) RETURNS bytea
LANGUAGE sql STABLE AS $$
	SELECT lib.digest(jsonb_build_array(core.this_organization(),
	    core.this_person(), core.this_client(),
	    CASE WHEN core.this_client() IS NULL THEN core.this_kind() END,
	    (core.this_unit()).operation, p_key))
$$;

-- What was answered to that key; null: nothing yet, and nobody else may begin
-- until this unit ends.
CREATE FUNCTION gate.answer_find(p_key text, p_digest bytea)
RETURNS api.reply LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_key	bytea := gate.answer_key(p_key);
	a	publish.answer;
BEGIN
	IF core.this_person() IS NULL AND core.this_client() IS NULL THEN
		PERFORM lib.fail(400, 'idempotency_anonymous',
		    'An idempotency key needs a credential', 'Idempotency-Key',
		    'header', 'Keys of callers whom nobody knows could meet.');
	ELSIF length(p_key) NOT BETWEEN 1 AND 255 THEN
		PERFORM lib.fail(400, 'invalid_idempotency_key',
		    'An idempotency key has 1 to 255 characters',
		    'Idempotency-Key', 'header');
	ELSIF NOT pg_try_advisory_xact_lock(
	    ('x' || encode(substr(v_key, 1, 8), 'hex'))::bit(64)::int8) THEN
		PERFORM lib.fail(409, 'idempotency_running',
		    'A call with that key is still running', 'Idempotency-Key',
		    'header', '', 'Wait a moment and send it again.');
	END IF;
	SELECT * INTO a FROM publish.answer t
	WHERE t.key = v_key AND t.expires_at > now();
	IF NOT FOUND THEN
		RETURN NULL;
	ELSIF a.digest <> p_digest THEN
		PERFORM lib.fail(422, 'idempotency_mismatch',
		    'That key came with other arguments before', 'Idempotency-Key',
		    'header', '', 'Use a new key for each new call.');
	END IF;
	RETURN (a.status, a.body);
END
$$;

CREATE FUNCTION gate.answer_keep(p_key text, p_digest bytea, p_status int4,
    p_body text)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO publish.answer (key, digest, status, body, expires_at)
	VALUES (gate.answer_key(p_key), p_digest, p_status, p_body,
	    now() + gate.setting_interval('answer_retention'))
	ON CONFLICT (key) DO UPDATE SET digest = excluded.digest,
	    status = excluded.status, body = excluded.body,
	    expires_at = excluded.expires_at
$$;

CREATE FUNCTION gate.maintain_publish() RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
	v_answers int8;
	v_states int8;
BEGIN
	DELETE FROM publish.answer a USING (
		SELECT key FROM publish.answer WHERE expires_at < now()
		ORDER BY expires_at LIMIT 20000 FOR UPDATE SKIP LOCKED) d
	WHERE a.key = d.key;
	GET DIAGNOSTICS v_answers = ROW_COUNT;
	DELETE FROM publish.used_state u USING (
		SELECT nonce FROM publish.used_state WHERE expires_at < now()
		ORDER BY expires_at LIMIT 20000 FOR UPDATE SKIP LOCKED) d
	WHERE u.nonce = d.nonce;
	GET DIAGNOSTICS v_states = ROW_COUNT;
	DELETE FROM publish.change c WHERE c.at < now() - interval '10 minutes';
	RETURN json_build_object('answers', v_answers, 'states', v_states);
END
$$;

-- For the broker: what is published, for itself and for its frontend.
CREATE FUNCTION gate.catalogue_generation() RETURNS int8
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT s.generation FROM publish.state s
$$;

-- A digest of the versions of all rows of the system's tables that what is
-- published is made of: cheap, and another one after each change of them.
CREATE FUNCTION publish.versions() RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (WITH o(class, oid, xmin, types) AS MATERIALIZED (
		SELECT 'pg_proc'::regclass::oid, f.oid, f.xmin,
		    f.prorettype || coalesce(f.proallargtypes, f.proargtypes::oid[])
		FROM publish.procedure p
		JOIN pg_namespace n ON n.nspname = p.schema
		JOIN pg_proc f ON f.pronamespace = n.oid AND f.proname = p.object
		WHERE NOT p.is_table
		UNION ALL
		SELECT 'pg_class'::regclass, c.oid, c.xmin, ARRAY[c.reltype]
		FROM publish.procedure p
		JOIN pg_namespace n ON n.nspname = p.schema
		JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.object
		WHERE p.is_table
	), t AS MATERIALIZED (
		SELECT t.oid, t.typrelid, t.xmin
		FROM publish.types_below(ARRAY(SELECT DISTINCT u
		    FROM o, unnest(o.types) u)) r(oid)
		JOIN pg_type t ON t.oid = r.oid
	), v(class, oid, n, xmin) AS (
		SELECT o.class, o.oid, 0, o.xmin FROM o
		UNION ALL
		SELECT 'pg_type'::regclass, t.oid, 0, t.xmin FROM t
		UNION ALL
		SELECT 'pg_enum'::regclass, e.oid, 0, e.xmin
		FROM t JOIN pg_enum e ON e.enumtypid = t.oid
		UNION ALL
		SELECT 'pg_constraint'::regclass, c.oid, 0, c.xmin
		FROM t JOIN pg_constraint c ON c.contypid = t.oid
		UNION ALL
		SELECT 'pg_attribute'::regclass, a.attrelid, a.attnum, a.xmin
		FROM t JOIN pg_attribute a ON a.attrelid = t.typrelid
		UNION ALL
		SELECT d.classoid, d.objoid, d.objsubid, d.xmin
		FROM (SELECT o.class, o.oid FROM o
		    UNION ALL SELECT 'pg_type'::regclass, t.oid FROM t
		    UNION ALL SELECT 'pg_class'::regclass, t.typrelid FROM t)
		    x(class, oid)
		JOIN pg_description d ON d.objoid = x.oid AND d.classoid = x.class
	) SELECT concat_ws(' ', count(*), sum(hashtextextended(
	    concat_ws(' ', v.class, v.oid, v.n, v.xmin), 0))) FROM v);
END
$$;

-- The server's look at what changed below: functions, tables, types, comments.
-- p_versions: what the look before gave; it says where nothing is to be done.
-- Who publishes, or holds a lock that is needed, is not waited for: versions
-- stay what they were, and there is another look soon.
CREATE FUNCTION gate.catalogue_follow(p_versions text, OUT changed int4,
    OUT versions text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
	v_now	text := publish.versions();
BEGIN
	changed := 0;
	versions := p_versions;
	IF versions = v_now
	    OR NOT pg_try_advisory_xact_lock(hashtext('grantd publish')) THEN
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM publish.procedure p
	    WHERE p.made_of <> publish.made_now(p)) THEN
		changed := publish.refresh(false);
		PERFORM publish.audit('publish.follow', 'catalogue', '',
		    jsonb_build_object('changed', changed));
	END IF;
	versions := v_now;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
	changed := 0;
END
$$;

-- The first row has the text for frontends, the others an operation each, in
-- the order of their names.
CREATE FUNCTION gate.catalogue()
RETURNS TABLE (generation int8, body text, name text, writes boolean,
    timeout_ms int4, trusted boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_served int4[];
BEGIN
	SELECT s.generation INTO generation FROM publish.state s;
	SELECT publish.catalogue_head() || coalesce(string_agg(p.entry::text, ','
	    ORDER BY p.name COLLATE "C"), '') || ']}',
	    coalesce(array_agg(p.number), '{}')
	INTO body, v_served
	FROM publish.served() s JOIN publish.procedure p ON p.number = s.number
	WHERE s.served;
	RETURN NEXT;
	RETURN QUERY SELECT catalogue.generation, NULL::text, o.name,
	    o.class IS DISTINCT FROM 'read', o.timeout_ms,
	    coalesce(p.trusted, false)
	FROM gate.operation o JOIN publish.procedure p ON p.number = o.number
	WHERE o.number = ANY (v_served)
	ORDER BY o.name COLLATE "C";
END
$$;
