-- Accounts: names, repeats, lists, PUT, PATCH, deletion.
BEGIN;
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "acc"}}') ->> 'id' AS org \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "acc"}}', 'o') ->> 'id' AS family \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "acc", "name": "second"}}', 'o2') ->> 'id' AS family2 \gset

CREATE FUNCTION t.make(p_body jsonb, p_who text DEFAULT 'o') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.result(p_who, 'account.create', jsonb_build_object('body', p_body)) -> 'account' $$;
CREATE FUNCTION t.make_code(p_body jsonb, p_who text DEFAULT 'o') RETURNS text LANGUAGE sql AS $$
	SELECT t.code(p_who, 'account.create', jsonb_build_object('body', p_body)) $$;
CREATE FUNCTION t.names(p_query jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(e ->> 'name', ' ') FROM jsonb_array_elements(
	    t.result('o', 'account.list', jsonb_build_object('query', p_query))) e $$;
CREATE FUNCTION t.names_code(p_query jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT t.code('o', 'account.list', jsonb_build_object('query', p_query)) $$;

-- Names.
SELECT t.make('{"fullname": "Acme & Sons, Inc."}') AS a \gset
SELECT is(:'a'::jsonb ->> 'name', 'acme-sons-inc', 'a title makes a name');
SELECT is(t.make('{"name": "bolt"}') ->> 'fullname', 'bolt', 'a name makes a title');
SELECT t.make('{}') AS n \gset
SELECT is(:'n'::jsonb ->> 'name', :'n'::jsonb ->> 'id', 'neither: both are the id');
SELECT is(:'n'::jsonb ->> 'fullname', :'n'::jsonb ->> 'id', 'the title, too');
SELECT is(t.make('{"fullname": "日本"}') ->> 'fullname', '日本', 'a title of which no name can be made is kept');
SELECT is((:'a'::jsonb) - '{id,created_at,updated_at}'::text[], jsonb_build_object('name', 'acme-sons-inc',
    'fullname', 'Acme & Sons, Inc.', 'environment', 'prod', 'labels', '[]'::jsonb, 'organization_id', :'org'),
    'defaults are as documented');
SELECT matches(:'a'::jsonb ->> 'created_at', '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$', 'times are RFC 3339 in UTC');
SELECT is(t.make_code('{"name": "Acme"}'), '400 invalid_body', 'capitals are no name');
SELECT is(t.make_code('{"name": ""}'), '400 invalid_body', 'nothing is no name');
SELECT is(t.make_code(jsonb_build_object('name', repeat('x', 129))), '400 invalid_body', 'a long name');
SELECT is(t.make_code(jsonb_build_object('fullname', repeat('x', 257))), '400 invalid_body', 'a long title');
SELECT is(t.make_code(jsonb_build_object('name', gen_random_uuid())), '400 invalid_name', 'a name like an id');
SELECT is(t.make_code('{"name": 5}'), '400 invalid_body', 'a number as name');
SELECT is(t.make_code('{"name": "ok1", "colour": "red"}'), '400 invalid_body', 'an unknown member');
SELECT is(t.call('o', 'account.create', '{"body": {"name": "ok1", "colour": "red"}}') ->> 'parameter', '/colour',
    'which is named by its pointer');
SELECT is(t.make_code('{"name": "ok1", "environment": "dev"}'), '400 invalid_body', 'an unknown environment');
SELECT is(t.make_code('{"name": "ok1", "labels": ["a b"]}'), '400 invalid_body', 'a label with a space');
SELECT is(t.make_code('{"name": "ok1", "labels": "a"}'), '400 invalid_body', 'labels that are no array');
SELECT is(t.make_code('[]'), '400 invalid_body', 'a body that is no object');
SELECT is(t.make_code('{"fullname": "a\u0001b"}'), '400 invalid_body', 'a control character');
SELECT is(t.make('{"name": "nulls", "labels": null, "fullname": null}') ->> 'fullname', 'nulls', 'null is as good as absent');

-- Repeats.
SELECT is(t.make('{"name": "bolt"}') ->> 'id', t.make('{"name": "bolt"}') ->> 'id', 'a repeated create finds the first');
SELECT is(t.make_code('{"name": "bolt", "environment": "test"}'), '409 name_taken', 'another body is a clash');
SELECT is(t.make_code('{"name": "bolt"}', 'o2'), '409 name_taken', 'so is another token');
SELECT isnt(t.make('{}') ->> 'id', t.make('{}') ->> 'id', 'nameless creates are all new');
UPDATE core.account SET created_at = created_at - interval '11 minutes' WHERE name = 'bolt';
SELECT is(t.make_code('{"name": "bolt"}'), '409 name_taken', 'after ten minutes it is a clash');

-- Paths.
SELECT is(t.result('o', 'account.get', '{"path": {"accountId": "BOLT"}}') ->> 'name', 'bolt', 'names in paths have no case');
SELECT is(t.result('o', 'account.get', jsonb_build_object('path', jsonb_build_object('accountId', upper(:'a'::jsonb ->> 'id')))) ->> 'id',
    :'a'::jsonb ->> 'id', 'ids neither');
SELECT is(t.code('o', 'account.get', '{"path": {"accountId": "nobody"}}'), '404 account_not_found', 'an unknown name');
SELECT is(t.code('o', 'account.get', jsonb_build_object('path', jsonb_build_object('accountId', gen_random_uuid()))),
    '404 account_not_found', 'an unknown id');
SELECT is(t.code('o', 'account.get', '{"path": {"accountId": ""}}'), '404 account_not_found', 'an empty one');

-- Lists.
DELETE FROM core.account WHERE organization = :'org';
SELECT t.make(jsonb_build_object('name', n, 'fullname', f, 'environment', e, 'labels', l))
FROM (VALUES ('ant', 'Zebra', 'prod', '["x", "y"]'::jsonb), ('bee', 'Yak', 'test', '["y"]'), ('cat_1', 'Yak', 'prod', '[]'),
    ('catx1', 'Wolf', 'prod', '[]'), ('dog', '50%', 'test', '["z:1"]')) v(n, f, e, l) \g /dev/null
SELECT is(t.names('{}'), 'ant bee cat_1 catx1 dog', 'lists are in the order of names');
SELECT is(t.names('{"limit": 2}'), 'ant bee', 'limit');
SELECT is(t.names('{"limit": 2, "start_after": "bee"}'), 'cat_1 catx1', 'start_after');
SELECT is(t.names('{"start_after": "c"}'), 'cat_1 catx1 dog', 'start_after what is gone');
SELECT is(t.names('{"start_after": "dog"}'), NULL, 'the end');
SELECT is(t.names('{"order": [{"field": "fullname"}]}'), 'dog catx1 bee cat_1 ant', 'order, and name for what is equal');
SELECT is(t.names('{"order": [{"field": "fullname", "dir": "desc"}, {"field": "name", "dir": "desc"}]}'), 'ant cat_1 bee catx1 dog', 'orders downwards');
SELECT is(t.names('{"order": [{"field": "fullname"}], "start_after": "bee", "limit": 1}'), 'cat_1', 'pages in another order');
SELECT is(t.names('{"order": [{"field": "fullname", "dir": "desc"}], "start_after": "bee"}'), 'cat_1 catx1 dog', 'downwards, too');
SELECT is(t.names_code('{"order": [{"field": "fullname"}], "start_after": "nobody"}'), '400 invalid_start_after', 'a start that is gone, in another order');
SELECT is(t.names('{"filter": [{"field": "name", "op": "eq", "value": "bee"}]}'), 'bee', 'eq');
SELECT is(t.names('{"filter": [{"field": "name", "op": "ne", "value": "bee"}]}'), 'ant cat_1 catx1 dog', 'ne');
SELECT is(t.names('{"filter": [{"field": "name", "op": "in", "value": "bee, dog,nobody"}]}'), 'bee dog', 'in');
SELECT is(t.names('{"filter": [{"field": "name", "op": "like", "value": "*a*"}]}'), 'ant cat_1 catx1', 'like with a star');
SELECT is(t.names('{"filter": [{"field": "name", "op": "like", "value": "cat%"}]}'), 'cat_1 catx1', 'like with per cent');
SELECT is(t.names('{"filter": [{"field": "name", "op": "like", "value": "cat_*"}]}'), 'cat_1', 'an underscore in like is itself');
SELECT is(t.names('{"filter": [{"field": "name", "op": "gt", "value": "bee"}, {"field": "name", "op": "lte", "value": "catx1"}]}'), 'cat_1 catx1', 'gt, lte, and all must hold');
SELECT is(t.names('{"filter": [{"field": "name", "op": "gte", "value": "bee"}, {"field": "name", "op": "lt", "value": "catx1"}]}'), 'bee cat_1', 'gte, lt');
SELECT is(t.names('{"filter": [{"field": "labels", "op": "eq", "value": "y"}]}'), 'ant bee', 'a label');
SELECT is(t.names('{"filter": [{"field": "labels", "op": "in", "value": "x,z:1"}]}'), 'ant dog', 'any of labels');
SELECT is(t.names('{"filter": [{"field": "created_at", "op": "gt", "value": "2020-01-01T00:00:00Z"}]}'), 'ant bee cat_1 catx1 dog', 'times');
SELECT is(t.names_code('{"filter": [{"field": "created_at", "op": "gt", "value": "yesterday at noon"}]}'), '400 invalid_filter', 'a time that is none');
SELECT is(t.names_code('{"filter": [{"field": "created_at", "op": "like", "value": "2"}]}'), '400 invalid_filter', 'like of a time');
SELECT is(t.names_code('{"filter": [{"field": "created_by", "op": "eq", "value": "2"}]}'), '400 invalid_filter', 'a field that is not for filters');
SELECT is(t.names_code('{"filter": [{"field": "name", "op": "regex", "value": "2"}]}'), '400 invalid_filter', 'an unknown operator');
SELECT is(t.names_code('{"order": [{"field": "labels"}]}'), '400 invalid_order', 'a field that is not for order');
SELECT is(t.names('{"filter": [{"field": "name", "op": "eq", "value": "x'' OR true --"}]}'), NULL, 'a value is never SQL');
SELECT is(t.names_code('{"limit": 1001}'), '400 invalid_limit', 'a limit over 1000');
SELECT is(t.names_code('{"limit": 1e400}'), '400 invalid_limit', 'a huge limit');
SELECT is(t.call('o', 'account.list', '{"query": {"total": true, "limit": 1, "start_after": "bee", "filter": [{"field": "environment", "op": "eq", "value": "prod"}]}}')
    #> '{body,total}', '3', 'the total is that of the filter');

-- PUT and PATCH.
SELECT t.result('o', 'account.get', '{"path": {"accountId": "ant"}}') AS a \gset
SELECT is(t.result('o', 'account.update', jsonb_build_object('path', '{"accountId": "ant"}'::jsonb, 'body', :'a'::jsonb || '{"fullname": "New", "labels": null}')) ->> 'fullname', 'New', 'PUT of the whole object');
SELECT is(t.result('o', 'account.get', '{"path": {"accountId": "ant"}}') -> 'labels', '[]', 'labels that are missing go');
SELECT is(t.code('o', 'account.update', jsonb_build_object('path', '{"accountId": "ant"}'::jsonb, 'body', :'a'::jsonb || jsonb_build_object('id', gen_random_uuid()))), '400 read_only_field', 'the id cannot be changed');
SELECT is(t.code('o', 'account.update', '{"path": {"accountId": "ant"}, "body": {"name": "bee"}}'), '409 name_taken', 'nor a name be taken twice');
SELECT is(t.result('o', 'account.patch', '{"path": {"accountId": "ant"}, "body": [{"op": "test", "path": "/name", "value": "ant"},
    {"op": "replace", "path": "/environment", "value": "test"}, {"op": "add", "path": "/labels/-", "value": "q"}]}') - '{id,created_at,updated_at,organization_id}'::text[],
    '{"name": "ant", "fullname": "New", "environment": "test", "labels": ["q"]}', 'PATCH');
SELECT is(t.code('o', 'account.patch', '{"path": {"accountId": "ant"}, "body": [{"op": "test", "path": "/name", "value": "x"}]}'), '409 patch_test_failed', 'a test that fails');
SELECT is(t.code('o', 'account.patch', '{"path": {"accountId": "ant"}, "body": [{"op": "remove", "path": "/id"}]}'), '200', 'what only the server sets may be left out');
SELECT is(t.code('o', 'account.patch', '{"path": {"accountId": "ant"}, "body": {"op": "remove"}}'), '400 invalid_patch', 'a patch that is no array');

-- Deletion.
SELECT t.result('o', 'integration.create', '{"path": {"accountId": "ant"}, "body": {"name": "i", "provider_config": {"type": "sink_mock_sink"}}}', 'oi') IS NOT NULL AS made \gset
SELECT is(t.code('oi', 'sink.event_create', '{"body": []}'), '200', 'the token of an integration works');
SELECT is(t.code('o', 'account.delete', '{"path": {"accountId": "ant"}}'), '204', 'deletion');
SELECT is(t.code('oi', 'sink.event_create', '{"body": []}'), '401 token_revoked', 'ends the tokens of its integrations at once');
SELECT is(t.code('o', 'account.delete', '{"path": {"accountId": "ant"}}'), '404 account_not_found', 'a second time there is nothing');
SELECT is((SELECT count(*)::int FROM core.integration WHERE organization = :'org'), 0, 'its integrations are gone');
SELECT * FROM finish();
ROLLBACK;
