-- Who may say that a resource changed, and who hears of it.
SELECT * FROM no_plan();
\ir publish.psql
SELECT is(concat(t.owner($$CREATE FUNCTION w.book(id text) RETURNS text LANGUAGE sql STABLE AS 'SELECT id'$$),
    t.owner($$CREATE FUNCTION w.shelf() RETURNS text LANGUAGE sql STABLE AS 'SELECT 1::text'$$),
    t.owner($$SELECT grantd.publish_resource('w.book', 'thing:read', 'w://books.new/{id}')$$),
    t.owner($$SELECT grantd.publish_resource('w.shelf', 'thing:write', 'w://shelf')$$)), '', 'resources');

-- What a URI is of.
SELECT is(publish.is_uri_of(u, p), b, format('%s %s of %s', u, CASE WHEN b THEN 'is' ELSE 'is not' END, p))
FROM (VALUES ('a://b', 'a://b', true), ('a://b', 'a://{x}', true), ('a://b/c', 'a://{x}', false), ('a://', 'a://{x}', false), ('a://bxc', 'a://b.c', false), ('a://b.c/1', 'a://b.c/{x}', true), ('a://bxc/1', 'a://b.c/{x}', false), ('a://b+*[]()^$|\!~`c/1', 'a://b+*[]()^$|\!~`c/{x}', true), ('a://1/2', 'a://{x}/{y}', true), ('a://1/2?q', 'a://{x}/{y}', false), (E'a://1\n', 'a://{x}/', false), (E'x\na://1', 'a://{x}', false), ('', 'a://{x}', false)) v(u, p, b);

-- Who says so.
SELECT is(t.owner($$DO $d$ BEGIN ASSERT grantd.changed('w://books.new/1'); ASSERT grantd.changed('w://books.new/1'); ASSERT NOT grantd.changed('w://nothing'); ASSERT NOT grantd.changed('w://books.new/' || repeat('x', 1024)); ASSERT NOT grantd.changed(NULL); END $d$ $$), NULL, 'the owner');
SELECT is((SELECT string_agg(uri, ' ') FROM publish.change), 'w://books.new/1', 'said twice in a transaction, kept once');
CREATE ROLE changed_other;
GRANT grantd_publisher TO changed_other;
SET SESSION AUTHORIZATION changed_other;
SELECT is(grantd.changed('w://books.new/2'), false, 'another owner says nothing');
SELECT throws_ok($$INSERT INTO publish.change (uri) VALUES ('w://shelf')$$, '42501', NULL, 'nor by another way');
RESET SESSION AUTHORIZATION;
REVOKE grantd_publisher FROM changed_other;
SET SESSION AUTHORIZATION changed_other;
SELECT throws_ok($$SELECT grantd.changed('w://shelf')$$, '42501', NULL, 'who is none may not even try');
RESET SESSION AUTHORIZATION;
DROP ROLE changed_other;
SELECT is((SELECT count(*)::int FROM publish.change), 1, 'nothing more is kept');
UPDATE publish.change SET at = now() - interval '11 minutes';
SELECT gate.maintain() IS NOT NULL AS done \gset
SELECT is((SELECT count(*)::int FROM publish.change), 0, 'and that for some minutes');
SELECT * FROM finish();
