-- grantd.lint() tells what is wrong with what an owner wrote, whatever that is;
-- it does not break on it, since it would be silent about everybody else's.
BEGIN;
SELECT * FROM no_plan();
SET LOCAL client_min_messages = warning;

CREATE ROLE p41_owner NOLOGIN;
GRANT grantd_publisher TO p41_owner;
SELECT format('GRANT CREATE ON DATABASE %I TO p41_owner', current_database()) \gexec
SET ROLE p41_owner;
CREATE SCHEMA p41;
CREATE TABLE p41.above (id int PRIMARY KEY, organization uuid NOT NULL);
CREATE TABLE p41.below (id int PRIMARY KEY, above int NOT NULL REFERENCES p41.above, person uuid);
CREATE INDEX ON p41.above (organization);
CREATE INDEX ON p41.below (above);
SELECT grantd.protect('p41.above', organization => 'organization'), grantd.protect('p41.below', parent => 'above') \g /dev/null

CREATE FUNCTION p41.found(p_object text) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(DISTINCT l.severity || ': ' || l.problem) FROM grantd.lint() l WHERE l.object = p_object
$$;
REVOKE EXECUTE ON FUNCTION p41.found(text) FROM PUBLIC;
SELECT is(p41.found('p41.above'), NULL, 'nothing is wrong');
SELECT is(p41.found('p41.below'), NULL, 'of both');

-- What was declared is a comment, and comments are written by hand, too.
CREATE FUNCTION p41.comment(p_comment text, p_policy text DEFAULT 'grantd_owner') RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('COMMENT ON POLICY %I ON p41.below IS %L', p_policy, p_comment);
	PERFORM FROM grantd.policies;
	RETURN p41.found('p41.below');
EXCEPTION WHEN OTHERS THEN
	RETURN ARRAY[SQLERRM];
END $$;
REVOKE EXECUTE ON FUNCTION p41.comment(text, text) FROM PUBLIC;
SELECT is(p41.comment(c), '{"error: the comment on its policy grantd_owner is no declaration: it cannot be told whose its rows are"}', coalesce(left(c, 60), 'none'))
FROM unnest(ARRAY['{bad', '{bad}', '{', '{}', '[]', '"x"', 'what I wanted to say', NULL, '{"parent": 1}', '{"parent": null}', '{"person": {"a": "b"}}',
    '{"person": "person", "write_scopes": "a:b"}', '{"open": "yes"}', '{"nothing": "that is known"}', '{"a": 1e999999}', '{"person": "\u0000"}', '{"person": "\ud800"}',
    '{"person": "person"}}', '{"a":' || repeat('[', 20000) || repeat(']', 20000) || '}']) c;
SELECT is(p41.comment('{"parent": "gone"}'), '{"error: its parent \"gone\" names 0 foreign keys: it cannot be told whose its rows are"}', 'a parent that is not there');
SELECT is(p41.comment('{"parent": "above", "membership": "no name; ((", "group": "above", "member": "x", "member_group": "y"}'), NULL, 'a membership that is none');
SELECT is(p41.comment('{"parent": "above"}'), NULL, 'what it had');
SELECT is(p41.comment(c, 'grantd_read'), '{"error: policy grantd_read is not as it was declared"}', coalesce(c, 'none') || ', of another policy')
FROM unnest(ARRAY['{bad', '{bad}', '[]', 'words', NULL, '{"digest": 1}', '{"words": {}}']) c;
SELECT is((SELECT count(*)::int FROM grantd.policies p WHERE p."table" = 'p41.below' AND p.policy = 'grantd_read'), 1, 'the review shows it');
SELECT lives_ok($$SELECT grantd.protect('p41.below', parent => 'above')$$, 'declaring it again');
SELECT is(p41.found('p41.below'), NULL, 'mends it');

-- What protects others is as well read when one is broken.
COMMENT ON POLICY grantd_owner ON p41.above IS '{bad';
SELECT throws_like($$SELECT grantd.protect('p41.below', parent => 'above')$$, '%is not protected', 'what nobody knows is not inherited');
ALTER TABLE p41.below DROP CONSTRAINT below_above_fkey CASCADE;
SELECT is(p41.found('p41.below'), '{"error: its parent \"above\" names 0 foreign keys: it cannot be told whose its rows are"}', 'a foreign key that is gone');
RESET ROLE;
SET ROLE grantd_broker;
SELECT lives_ok($$SELECT * FROM gate.lint()$$, 'the broker is told');
RESET ROLE;
SET ROLE grantd_auditor;
SELECT lives_ok($$SELECT * FROM grantd.policies$$, 'and the auditor');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
