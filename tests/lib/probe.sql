-- Procedures that show every type, every error and every limit; for the tests
-- of /api.  Loaded by a superuser.

CREATE SCHEMA probe;
GRANT USAGE ON SCHEMA probe TO grantd_app;
CREATE TYPE probe.colour AS ENUM ('red', 'green', 'blue');
CREATE DOMAIN probe.short AS text CHECK (char_length(VALUE) BETWEEN 2 AND 5);
CREATE DOMAIN probe.percent AS int4 CHECK (VALUE >= 0 AND VALUE <= 100);
CREATE TYPE probe.point AS (x int4, y numeric, label text);
CREATE TYPE probe.everything AS (b boolean, i2 int2, i4 int4, i8 int8,
    n numeric, f8 float8, t text, v varchar(5), u uuid, d date,
    ts timestamptz, tm time, iv interval, by bytea, j jsonb, e probe.colour,
    s probe.short, p probe.percent, c probe.point, a int4[],
    cs probe.point[], r int4range);
CREATE TABLE probe.counter (n int8 NOT NULL);
CREATE TABLE probe.parent (id int4 PRIMARY KEY, word text NOT NULL UNIQUE
    CHECK (word <> 'bad'));
INSERT INTO probe.counter VALUES (0);
INSERT INTO probe.parent VALUES (1, 'one');
GRANT SELECT, UPDATE ON probe.counter TO grantd_app;
GRANT SELECT, INSERT ON probe.parent TO grantd_app;

CREATE FUNCTION probe.types(b boolean DEFAULT NULL, i2 int2 DEFAULT NULL,
    i4 int4 DEFAULT 7, i8 int8 DEFAULT NULL, n numeric DEFAULT NULL,
    f8 float8 DEFAULT NULL, t text DEFAULT 'a "text"', v varchar(5) DEFAULT NULL,
    u uuid DEFAULT NULL, d date DEFAULT NULL, ts timestamptz DEFAULT NULL,
    tm time DEFAULT NULL, iv interval DEFAULT NULL, by bytea DEFAULT NULL,
    j jsonb DEFAULT NULL, e probe.colour DEFAULT 'green',
    s probe.short DEFAULT NULL, p probe.percent DEFAULT NULL,
    c probe.point DEFAULT NULL, a int4[] DEFAULT '{}',
    cs probe.point[] DEFAULT NULL, r int4range DEFAULT NULL)
RETURNS probe.everything LANGUAGE sql STABLE AS $$
	SELECT ROW(b, i2, i4, i8, n, f8, t, v, u, d, ts, tm, iv, by, j, e, s, p,
	    c, a, cs, r)::probe.everything
$$;
COMMENT ON FUNCTION probe.types IS
'Every type
What is given comes back.
@param t a text';

CREATE FUNCTION probe.exact(i8 int8, n numeric DEFAULT NULL)
RETURNS TABLE (i8 int8, n numeric) LANGUAGE sql STABLE AS
    'SELECT i8, n';
CREATE FUNCTION probe.big(n numeric) RETURNS numeric LANGUAGE sql STABLE AS
    'SELECT n';
CREATE FUNCTION probe.list(a int4[] DEFAULT '{}', w text[] DEFAULT '{}',
    page_size text DEFAULT NULL)
RETURNS text LANGUAGE sql STABLE AS
    'SELECT concat_ws('';'', a::text, w::text, page_size)';
CREATE FUNCTION probe.span(r int4range DEFAULT NULL,
    "from" timestamp DEFAULT NULL, d date DEFAULT NULL)
RETURNS text LANGUAGE sql STABLE AS
    'SELECT concat_ws('';'', r::text, "from"::text, d::text)';
CREATE FUNCTION probe.numbers(up_to int4 DEFAULT 10)
RETURNS TABLE (n int4, half numeric) LANGUAGE sql STABLE AS
    'SELECT g, g / 2.0 FROM generate_series(1, up_to) g';
CREATE FUNCTION probe.many(up_to int4 DEFAULT 10) RETURNS SETOF int4
LANGUAGE sql STABLE AS 'SELECT g FROM generate_series(1, up_to) g';
CREATE FUNCTION probe.nothing() RETURNS void LANGUAGE sql STABLE AS 'SELECT';
CREATE FUNCTION probe.nobody() RETURNS probe.point LANGUAGE sql STABLE AS
    'SELECT NULL::probe.point';
CREATE FUNCTION probe.who() RETURNS TABLE (person uuid, client text,
    organization uuid, scopes text[]) LANGUAGE sql STABLE AS
    'SELECT grantd.person(), grantd.client(), grantd.organization(), grantd.scopes()';
CREATE FUNCTION probe.count_up(by int8 DEFAULT 1) RETURNS int8
LANGUAGE sql VOLATILE AS
    'UPDATE probe.counter SET n = n + by RETURNING n';
CREATE FUNCTION probe.slow(seconds float8) RETURNS text
LANGUAGE sql STABLE AS 'SELECT pg_sleep(seconds)::text';
-- Goes on until a test lets it.
CREATE FUNCTION probe.write_held(by int8 DEFAULT 1) RETURNS int8
LANGUAGE plpgsql SET lock_timeout = '50s' AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(7284);
	RETURN probe.count_up(by);
END
$$;
CREATE FUNCTION probe.lie() RETURNS int8 LANGUAGE plpgsql STABLE AS
    'BEGIN RETURN (SELECT probe.count_up()); END';
CREATE FUNCTION probe.fail(state text, words text DEFAULT 'some words')
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = state, MESSAGE = words;
END
$$;
CREATE FUNCTION probe.refuse(status int4, data jsonb DEFAULT NULL)
RETURNS void LANGUAGE sql STABLE AS
    'SELECT grantd.problem(status, ''sold_out'', ''There is none left'', data)';
CREATE FUNCTION probe.add(id int4, word text) RETURNS void
LANGUAGE sql VOLATILE AS 'INSERT INTO probe.parent VALUES (id, word)';
CREATE FUNCTION probe.hidden() RETURNS int4 LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION probe.open(word text DEFAULT 'hello') RETURNS text
LANGUAGE sql STABLE AS 'SELECT word';
CREATE FUNCTION probe.drop_it(id int4) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	IF grantd.ask('sure', 'Drop it?', '{"type":"object","properties":
	    {"yes":{"type":"boolean"}}}') #> '{content,yes}'
	    IS DISTINCT FROM 'true' THEN
		PERFORM grantd.problem(409, 'not_sure', 'It stays');
	END IF;
	RETURN 'dropped ' || id;
END
$$;

SELECT grantd.publish('probe.' || p, 'products:read', mcp => false)
FROM unnest('{types,big,list,span,many,nothing,nobody,who,count_up,lie,fail,refuse,add}'::text[]) p;
SELECT grantd.publish('probe.exact', 'products:read', mcp => false,
    exact_text => true);
SELECT grantd.publish('probe.numbers', 'products:read', mcp => false,
    page_key => '{n}', max_rows => 50);
SELECT grantd.publish('probe.slow', 'products:read', mcp => false,
    timeout => '4 seconds');
SELECT grantd.publish('probe.write_held', 'products:read', mcp => false,
    timeout => '1 min', trusted => true);
SELECT grantd.publish('probe.hidden', 'products:read', mcp => false,
    hidden => true);
SELECT grantd.publish('probe.open', 'public', mcp => false);
SELECT grantd.publish('probe.drop_it', 'products:read', mcp => false,
    destructive => true);
