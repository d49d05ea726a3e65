-- Questions, states, idempotency keys: whose they are, and how often they count.
SELECT * FROM no_plan();
\ir publish.psql
SELECT is(concat(t.owner($$CREATE TABLE w.log (organization uuid NOT NULL DEFAULT grantd.organization(), at int4 GENERATED ALWAYS AS IDENTITY, what text)$$),
    t.owner($$GRANT SELECT, INSERT ON w.log TO grantd_app$$),
    t.owner($$CREATE FUNCTION w.add(what text) RETURNS int4 LANGUAGE sql BEGIN ATOMIC INSERT INTO w.log (what) VALUES (add.what) RETURNING at; END$$),
    t.owner($$CREATE FUNCTION w.fail(what text) RETURNS int4 LANGUAGE plpgsql AS $f$BEGIN INSERT INTO w.log (what) VALUES ('failed'); PERFORM grantd.problem(409, 'no_way', 'Not so.', '{"why": 1}'); END$f$ $$),
    t.owner($$CREATE FUNCTION w.asks(what text) RETURNS jsonb LANGUAGE plpgsql AS $f$DECLARE a jsonb; b jsonb; BEGIN
	INSERT INTO w.log (what) VALUES ('asked'); a := grantd.ask('name', 'Your name?', '{"type": "object"}'); b := grantd.ask_for('roots', 'roots/list', NULL); RETURN a || b; END$f$ $$),
    t.owner($$CREATE FUNCTION w.reads() RETURNS jsonb LANGUAGE plpgsql STABLE AS $f$BEGIN RETURN grantd.ask_all('{"a": {"method": "roots/list"}, "b": {"method": "sampling/createMessage", "params": {}}}'); END$f$ $$),
    t.owner($$CREATE FUNCTION w.remove(id int4) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO w.log (what) VALUES ('removed'); END$$),
    t.owner($$SELECT grantd.publish('w.' || f, 'thing:write') FROM unnest('{add,fail,asks,reads}'::text[]) f$$),
    t.owner($$SELECT grantd.publish('w.remove', 'thing:write', confirm => 'Really remove it?')$$)), '', 'functions that ask');
CREATE OR REPLACE FUNCTION t.rows(p_what text) RETURNS int4 LANGUAGE sql AS $$ SELECT count(*)::int4 FROM w.log WHERE what = p_what $$;

-- Keys.
SELECT is(t.got('ann', 'w.add', '{"what": "k1"}', '{"idempotency_key": "one"}') ~ '^{"result": \d+}$', true, 'a call with a key');
SELECT is(t.got('ann', 'w.add', '{"what": "k1"}', '{"idempotency_key": "one"}'), (SELECT format('{"result": %s}', at) FROM w.log WHERE what = 'k1'), 'again: the same answer');
SELECT is(t.rows('k1'), 1, 'done once');
SELECT is(t.got('ann', 'w.add', '{"what": "k1"}', '{"idempotency_key": "one", "minimal": true}'), '204', 'or less of it');
SELECT is(t.got('ann', 'w.add', '{"what": "other"}', '{"idempotency_key": "one"}'), 'HT422 idempotency_mismatch Idempotency-Key', 'other arguments');
SELECT is(t.got('bob', 'w.add', '{"what": "k1"}', '{"idempotency_key": "one"}') ~ 'result', true, 'the same key of another');
SELECT is(t.rows('k1'), 2, 'is another call');
SELECT is(t.got('only_api', 'w.add', '{"what": "k1"}', '{"idempotency_key": "one"}') ~ 'result', true, 'as is that of the same person with another client');
SELECT is(t.got('page', 'w.add', '{"what": "k1"}', '{"idempotency_key": "one"}') ~ 'result', true, 'or without one');
SELECT is(t.rows('k1'), 4, 'each done');
SELECT is(t.got('ann', 'w.fail', '{"what": "x"}', '{"idempotency_key": "two"}'), 'HT409 no_way', 'a refusal');
SELECT is((SELECT count(*)::int FROM publish.answer), 4, 'is not kept');
SELECT is(t.rows('failed'), 0, 'nor is what it wrote');
SELECT is(t.got('ann', 'w.add', '{"what": "x"}', format('{"idempotency_key": "%s"}', repeat('x', 256))), 'HT400 invalid_idempotency_key Idempotency-Key', 'a key that is too long');
SELECT is(t.got('ann', 'w.add', '{"what": "x"}', '{"idempotency_key": ""}'), 'HT400 invalid_idempotency_key Idempotency-Key', 'and none');
UPDATE publish.answer SET expires_at = now();
SELECT is(t.got('ann', 'w.add', '{"what": "k1"}', '{"idempotency_key": "one"}') ~ 'result', true, 'after a day it is a new call');
SELECT is(t.rows('k1'), 5, 'which is done');
SELECT gate.maintain() IS NOT NULL AS done \gset
SELECT is((SELECT count(*)::int FROM publish.answer), 1, 'the others are forgotten');

-- Questions, one after the other.
CREATE OR REPLACE FUNCTION t.asked(p_credential text, p_name text, p_arguments text, p_more text DEFAULT '{}', p_door text DEFAULT 'mcp') RETURNS jsonb LANGUAGE sql AS $$
	SELECT (c ->> 'detail')::jsonb || jsonb_build_object('sqlstate', c ->> 'sqlstate') FROM t.proc(p_credential, p_name, p_arguments, p_more, p_door) c $$;
SELECT t.asked('ann', 'w.asks', '{"what": "x"}') AS asked \gset
SELECT is(:'asked'::jsonb ->> 'sqlstate', 'GA001', 'a question');
SELECT is(:'asked'::jsonb #>> '{inputRequests,name,method}', 'elicitation/create', 'in a form');
SELECT is(:'asked'::jsonb #>> '{inputRequests,name,params,message}', 'Your name?', 'with its words');
SELECT is(t.rows('asked'), 0, 'nothing is done meanwhile');
SELECT :'asked'::jsonb ->> 'requestState' AS state \gset
SELECT t.asked('ann', 'w.asks', '{"what": "x"}', jsonb_build_object('state', :'state'::text, 'answers', '{"name": {"action": "accept", "content": {"n": 1}}, "roots": {"r": 9}, "evil": 1}'::jsonb)::text) AS more \gset
SELECT is((SELECT string_agg(k, ',') FROM jsonb_object_keys(:'more'::jsonb -> 'inputRequests') k), 'roots', 'the next one: what was not asked was not answered');
SELECT :'more'::jsonb ->> 'requestState' AS state2 \gset
CREATE OR REPLACE FUNCTION t.with_state(p_credential text, p_name text, p_arguments text, p_state text, p_answers text, p_door text DEFAULT 'mcp') RETURNS text LANGUAGE sql AS $$
	SELECT t.got(p_credential, p_name, p_arguments, jsonb_build_object('state', p_state, 'answers', p_answers::jsonb)::text, p_door) $$;
-- What belongs to another call.
SELECT is(t.with_state(c, n, a, s, '{"roots": {"r": 2}}', d), 'HT400 invalid_state /state', 'a state that is not: ' || why) FROM (VALUES
    ('bob', 'w.asks', '{"what": "x"}', :'state2'::text, 'mcp', 'his'), ('only_mcp', 'w.asks', '{"what": "x"}', :'state2'::text, 'mcp', 'of this client'),
    ('ann', 'w.asks', '{"what": "y"}', :'state2'::text, 'mcp', 'for these arguments'), ('ann', 'w.add', '{"what": "x"}', :'state2'::text, 'mcp', 'for this procedure'),
    ('ann', 'w.asks', '{"what": "x"}', :'state2'::text, 'api', 'for this door'), ('ann', 'w.asks', '{"what": "x"}', '', 'mcp', 'there'), ('ann', 'w.asks', '{"what": "x"}', 'x.y', 'mcp', 'one'),
    ('ann', 'w.asks', '{"what": "x"}', left(:'state2'::text, -1), 'mcp', 'whole'), ('ann', 'w.asks', '{"what": "x"}', split_part(:'state2'::text, '.', 1) || '.', 'mcp', 'sealed'),
    ('ann', 'w.asks', '{"what": "x"}', lib.base64url(replace(convert_from(lib.from_base64url(split_part(:'state2'::text, '.', 1)), 'UTF8'), '"n": 1', '"n": 2')::bytea) || '.' || split_part(:'state2'::text, '.', 2), 'mcp', 'as it was'),
    ('ann', 'w.asks', '{"what": "x"}', split_part(:'state'::text, '.', 1) || '.' || split_part(:'state2'::text, '.', 2), 'mcp', 'of one piece')) v(c, n, a, s, d, why);
SELECT is(t.got('ann', 'w.asks', '{"what": "x"}', '{"answers": {"name": {}, "roots": {}}}', 'mcp'), 'HT400 invalid_state /state', 'answers without a state');
SELECT is(t.got('ann', 'w.reads', '{}', '{"answers": {"a": 1, "b": 2}}', 'mcp'), '{"result": {"a": 1, "b": 2}}', 'where it is read they may come first');
SELECT is(t.got('ann', 'w.remove', '{"id": 9}', '{"answers": {"confirmation": {"action": "accept", "content": {"confirm": true}}}}', 'mcp'), 'HT400 invalid_state /state', 'and nothing is confirmed before it was asked');
SELECT is(t.with_state('ann', 'w.asks', '{"what": "x"}', :'state2', '[]'), 'HT400 invalid_answers /answers', 'answers are an object');
SELECT is(t.with_state('ann', 'w.asks', '{"what": "x"}', :'state2', '{"roots": {"r": 2}}'), '{"result": {"r": 2, "action": "accept", "content": {"n": 1}}}', 'both answers');
SELECT is(t.rows('asked'), 1, 'done');
SELECT is(t.with_state('ann', 'w.asks', '{"what": "x"}', :'state2', '{"roots": {"r": 2}}'), 'HT409 state_used /state', 'once');
SELECT is(t.with_state('ann', 'w.asks', '{"what": "x"}', :'state', '{"name": {}}'), 'HT409 state_used /state', 'and not by the state before either');
SELECT t.asked('ann', 'w.reads', '{}') ->> 'requestState' AS state3 \gset
SELECT is(t.with_state('ann', 'w.reads', '{}', :'state3', '{"a": 1, "b": {"c": 2}}'), '{"result": {"a": 1, "b": {"c": 2}}}', 'several at once');
SELECT is(t.with_state('ann', 'w.reads', '{}', :'state3', '{"a": 1, "b": 3}'), '{"result": {"a": 1, "b": 3}}', 'what reads may be read again');
UPDATE core.setting SET value = -1 WHERE name = 'state_lifetime';
SELECT t.asked('ann', 'w.reads', '{}') ->> 'requestState' AS state4 \gset
SELECT is(t.with_state('ann', 'w.reads', '{}', :'state4', '{"a": 1, "b": 3}'), 'HT400 state_expired /state', 'but not for ever');
UPDATE core.setting SET value = 600 WHERE name = 'state_lifetime';

-- Confirmation.
SELECT t.asked('ann', 'w.remove', '{"id": 1}') AS confirm \gset
SELECT is(:'confirm'::jsonb #>> '{inputRequests,confirmation,params,message}', 'Really remove it?', 'asked before');
SELECT is(t.rows('removed'), 0, 'not yet done');
SELECT is(t.with_state('ann', 'w.remove', '{"id": 1}', :'confirm'::jsonb ->> 'requestState', a), 'HT409 not_confirmed', 'not confirmed: ' || a)
FROM unnest(ARRAY['{"confirmation": {"action": "decline"}}', '{"confirmation": {"action": "accept"}}', '{"confirmation": {"action": "accept", "content": {"confirm": "true"}}}', '{"confirmation": {"action": "cancel", "content": {"confirm": true}}}', '{"confirmation": null}']) a;
SELECT is(t.with_state('ann', 'w.remove', '{"id": 2}', :'confirm'::jsonb ->> 'requestState', '{"confirmation": {"action": "accept", "content": {"confirm": true}}}'), 'HT400 invalid_state /state', 'what was confirmed is not something else');
SELECT is(t.with_state('ann', 'w.remove', '{"id": 1}', :'confirm'::jsonb ->> 'requestState', '{"confirmation": {"action": "accept", "content": {"confirm": true}}}'), '204', 'confirmed');
SELECT is(t.rows('removed'), 1, 'done');
SELECT is(t.got('ann', 'w.remove', '{"id": 3}'), '204', 'programs at /api are not asked');

SELECT is(concat(t.owner($$CREATE FUNCTION w.by_hand(detail text) RETURNS int4 LANGUAGE plpgsql STABLE AS $f$BEGIN RAISE EXCEPTION USING ERRCODE = 'GA001', MESSAGE = 'x', DETAIL = detail; END$f$ $$),
    t.owner($$SELECT grantd.publish('w.by_hand', 'thing:read')$$)), '', 'a function that asks by hand');
SELECT is(t.got('ann', 'w.by_hand', jsonb_build_object('detail', d)::text), 'GX001', 'is at fault itself: ' || d)
FROM unnest(ARRAY['', 'x', '1', '[]', '{}', '{"inputRequests": []}', '{"inputRequests": {}}', '{"inputRequests": null}']) d;
SELECT is(t.owner($$SELECT grantd.unpublish('w.by_hand')$$), NULL, 'and goes');

-- RFC 4231, test case 2, and one of 32 bytes.
SELECT is(gate.hmac('Jefe', 'what do ya want for nothing?'), '\x5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'::bytea, 'HMAC-SHA-256');

-- What is visible to whom.  Others may have published, too.
CREATE OR REPLACE FUNCTION t.own(p_names jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT coalesce(jsonb_agg(e ORDER BY e), '[]') FROM jsonb_array_elements(p_names) e WHERE e #>> '{}' LIKE 'w.%' $$;
SELECT is(t.page('nobody', 'api.visible') ->> 'anonymous', 'true', 'nobody sees what there is');
SELECT is(t.own(t.page('nobody', 'api.visible') -> 'names'), '["w.add", "w.asks", "w.fail", "w.reads", "w.remove"]', 'all of it');
SELECT is(t.own(t.page('reader', 'api.visible') -> 'names'), '[]', 'somebody what he may call');
SELECT is(t.own(t.page('ann', 'mcp.visible') -> 'names'), '["w.add", "w.asks", "w.fail", "w.reads", "w.remove"]', 'here as there');
SELECT is(t.page('ann', 'api.visible') -> 'scopes', '["thing:read", "thing:write"]', 'with the scopes');
SELECT is(t.code('nobody', 'mcp.visible'), '401 missing_token', 'nobody at /mcp');
SELECT is((SELECT (c.generation = (c.body::jsonb ->> 'generation')::int8 AND c.generation = gate.catalogue_generation()) FROM gate.catalogue() c WHERE c.body IS NOT NULL), true, 'one generation');
SELECT is((SELECT (c.writes, c.timeout_ms, c.trusted)::text FROM gate.catalogue() c WHERE c.name = 'api:w.add'), '(t,10000,f)', 'routes for the broker');
SELECT ok((SELECT bool_and(c.n = 1 OR c.body IS NULL AND (c.n = 2 OR c.name COLLATE "C" > c.before)) FROM (SELECT *, lag(name) OVER (ORDER BY n) AS before FROM gate.catalogue() WITH ORDINALITY AS k(generation, body, name, writes, timeout_ms, trusted, n)) c), 'behind the text, in order');
SELECT is((SELECT e -> 'arguments' FROM gate.catalogue() c, jsonb_array_elements(c.body::jsonb -> 'procedures') e WHERE e ->> 'name' = 'w.add'),
    '{"type": "object", "required": ["what"], "properties": {"what": {"type": ["string", "null"]}}, "additionalProperties": false}', 'schemas for frontends');
SELECT * FROM finish();
