-- Procedures that the tests of /mcp call.  Run by a superuser.

DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mt_owner') THEN
		CREATE ROLE mt_owner NOLOGIN;
	END IF;
	EXECUTE format('GRANT CREATE ON DATABASE %I TO mt_owner',
	    current_database());
END
$$;
GRANT grantd_publisher TO mt_owner;
SET ROLE mt_owner;
CREATE SCHEMA mt;
SELECT grantd.define_scope('mt:read', 'Read what tests have');
SELECT grantd.define_scope('mt:write', 'Write what tests have',
    implies => '{mt:read}');
SELECT grantd.define_scope('mt:admin', 'What few may');

CREATE TYPE mt.color AS ENUM ('red', 'green', 'blue');
CREATE TYPE mt.thing AS (id int8, name text, price numeric, born timestamptz,
    tags text[], color mt.color);

CREATE FUNCTION mt.echo(words text, n int4 DEFAULT 1) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT repeat(words, n)
$$;
COMMENT ON FUNCTION mt.echo IS
'Echo
Says what it was told.
@param words what to say
@param n how often';
CREATE FUNCTION mt.thing(color mt.color DEFAULT NULL) RETURNS mt.thing
LANGUAGE sql STABLE AS $$
	SELECT (9007199254740993, NULL, 1.50, '2026-01-02 03:04:05+00',
	    '{a,NULL,"b c"}', color)::mt.thing
$$;
CREATE FUNCTION mt.list() RETURNS TABLE (id int4, name text)
LANGUAGE sql STABLE AS $$
	SELECT i, 'row ' || i FROM generate_series(1, 25) i
$$;
CREATE FUNCTION mt.nothing() RETURNS void LANGUAGE sql VOLATILE AS $$
$$;
CREATE FUNCTION mt.open() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT 'open'
$$;
CREATE FUNCTION mt.guarded() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT 'guarded'
$$;
CREATE FUNCTION mt.veiled() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT 'veiled'
$$;
CREATE FUNCTION mt.who() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('person', grantd.person(), 'client',
	    grantd.client())
$$;
CREATE FUNCTION mt.markup() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT '<script>alert(1)</script>' || chr(27) || '[31m' || E'\n"\\'
$$;
CREATE FUNCTION mt.fails(how text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
	CASE how
	WHEN 'raise' THEN
		RAISE EXCEPTION 'There is no more of it';
	WHEN 'problem' THEN
		PERFORM grantd.problem(409, 'sold_out', 'It is sold out',
		    '{"left": 0}');
	WHEN 'divide' THEN
		PERFORM 1 / 0;
	WHEN 'inside' THEN
		PERFORM nowhere.nothing();
	END CASE;
	RETURN how;
END
$$;
CREATE FUNCTION mt.slow(seconds float8) RETURNS text LANGUAGE plpgsql STABLE
AS $$
BEGIN
	PERFORM pg_sleep(seconds);
	RETURN 'slow';
END
$$;
CREATE FUNCTION mt.steps(numbers float8[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n	float8;
BEGIN
	FOREACH n IN ARRAY numbers LOOP
		PERFORM grantd.progress(n, 10, 'step');
	END LOOP;
	PERFORM grantd.log('debug', '"fine"');
	PERFORM grantd.log('error', '{"bad": true}', 'mt');
	RETURN 'done';
END
$$;
CREATE FUNCTION mt.watch(seconds int4, silent int4 DEFAULT 0) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	FOR i IN 1 .. seconds LOOP
		PERFORM grantd.progress(i, seconds);
		PERFORM pg_sleep(1);
	END LOOP;
	PERFORM pg_sleep(silent);
	RETURN 'watched';
END
$$;
CREATE FUNCTION mt.numbers(n numeric, i int8 DEFAULT NULL,
    list numeric[] DEFAULT NULL) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT concat_ws(' ', n, i, list)
$$;
CREATE FUNCTION mt.number_pages(n numeric) RETURNS TABLE (id int4, n numeric)
LANGUAGE sql STABLE AS $$
	SELECT i, number_pages.n + i FROM generate_series(1, 5) i
$$;
CREATE FUNCTION mt.number_blocks(n numeric) RETURNS grantd.content
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_array(jsonb_build_object('type', 'text', 'text', 'n',
	    '_meta', jsonb_build_object('mt/n', n)))::grantd.content
$$;
CREATE FUNCTION mt.number_steps(n numeric) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM grantd.log('info', jsonb_build_object('n', n));
	RETURN 'done';
END
$$;
CREATE TABLE mt.store (id int4 PRIMARY KEY, name text, color mt.color,
    price numeric, r int4 DEFAULT 1, t int4 DEFAULT 2, n int4 DEFAULT 3);
INSERT INTO mt.store
SELECT i, 'store ' || i, 'red', 12345678901234567890.50
FROM generate_series(1, 30) i;
CREATE FUNCTION mt.store_sheet() RETURNS SETOF mt.store LANGUAGE sql STABLE
AS $$
	SELECT * FROM mt.store ORDER BY id DESC
$$;
CREATE FUNCTION mt.store_names() RETURNS SETOF text LANGUAGE sql STABLE AS $$
	SELECT name FROM mt.store ORDER BY id
$$;
CREATE TABLE mt.written (id int8 GENERATED ALWAYS AS IDENTITY, what text);
GRANT INSERT, SELECT, DELETE ON mt.written TO grantd_app;
-- What goes on until a test lets it: as long as that holds this lock.
CREATE FUNCTION mt.read_held() RETURNS text LANGUAGE plpgsql STABLE
SET lock_timeout = '50s' AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(7284);
	RETURN 'read';
END
$$;
CREATE FUNCTION mt.write_held(what text) RETURNS text LANGUAGE plpgsql
SET lock_timeout = '50s' AS $$
BEGIN
	PERFORM grantd.progress(1);
	PERFORM pg_advisory_xact_lock_shared(7284);
	INSERT INTO mt.written (what) VALUES (write_held.what);
	RETURN 'written';
END
$$;
CREATE FUNCTION mt.wipe(what text) RETURNS int8 LANGUAGE plpgsql AS $$
DECLARE
	n	int8;
BEGIN
	DELETE FROM mt.written w WHERE w.what = wipe.what;
	GET DIAGNOSTICS n = ROW_COUNT;
	INSERT INTO mt.written (what) VALUES ('wiped ' || wipe.what);
	RETURN n;
END
$$;
CREATE FUNCTION mt.page(id int4) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT 'page ' || id WHERE id < 100
$$;
CREATE FUNCTION mt.poem(topic text, color mt.color) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT format('Write of %s in %s.', topic, color)
$$;
COMMENT ON FUNCTION mt.poem IS
'A poem
@param topic of what
@complete topic rain, rainbow, Rhine, sea';
-- What the text of a prompt's argument can stand for.
CREATE FUNCTION mt.recipe(what text, steps text[] DEFAULT NULL,
    one mt.thing DEFAULT NULL, sure boolean DEFAULT NULL, n int4 DEFAULT 3,
    price numeric DEFAULT NULL, more jsonb DEFAULT NULL,
    days int4range DEFAULT NULL, counts int4[] DEFAULT NULL) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_array(what, steps, one.name, one.tags, sure, n, price,
	    more, days, counts)::text
$$;
COMMENT ON FUNCTION mt.recipe IS
'A recipe
@param steps what is done
@param one what it is done to';

SELECT grantd.publish('mt.' || n, 'mt:read')
FROM unnest('{echo,thing,nothing,who,markup,fails,slow,numbers,number_blocks,
	number_steps}'::text[]) n;
SELECT grantd.publish('mt.watch', 'mt:read', timeout => '60 s');
SELECT grantd.publish('mt.number_pages', 'mt:read', page_key => '{id}');
SELECT grantd.publish('mt.list', 'mt:read', page_key => '{id}',
    max_rows => 10);
SELECT grantd.publish('mt.open', 'public');
SELECT grantd.publish('mt.guarded', 'mt:admin');
SELECT grantd.publish('mt.veiled', 'mt:admin', hidden => true);
SELECT grantd.publish('mt.steps', 'mt:write');
SELECT grantd.publish('mt.read_held', 'mt:read', timeout => '60 s',
    trusted => true);
SELECT grantd.publish('mt.write_held', 'mt:write', timeout => '60 s',
    trusted => true);
SELECT grantd.publish('mt.wipe', 'mt:write', destructive => true,
    idempotent => true, confirm => 'Really wipe it?');
SELECT grantd.publish_resource('mt.page', 'mt:read', 'mt://pages/{id}',
    'text/plain');
SELECT grantd.publish_resource('mt.open', 'mt:read', 'mt://open',
    'text/plain', "group" => 'mtr');
SELECT grantd.publish_prompt('mt.poem', 'mt:read');
SELECT grantd.protect('mt.store', open => true);
SELECT grantd.publish_table('mt.store', 'mt:read', 'mt://stores', 10);
SELECT grantd.publish_table('mt.store', 'mt:read', 'mt://stores/{id}',
    "group" => 'mtone');
SELECT grantd.publish_table('mt.store', 'mt:read',
    'mt://stores/of/{color}/{name}', "group" => 'mtof');
SELECT grantd.publish_resource('mt.store_sheet', 'mt:read', 'mt://sheet',
    'application/json', max_rows => 30);
SELECT grantd.publish_resource('mt.store_names', 'mt:read', 'mt://names',
    'application/json', max_rows => 29);
SELECT grantd.publish_prompt('mt.recipe', 'mt:read');
RESET ROLE;
