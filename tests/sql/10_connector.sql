-- The connectors of the built-in providers.
BEGIN;
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "con"}}') ->> 'id' AS org \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "con"}}', 'o') ->> 'id' AS family \gset
SELECT t.result('o', 'account.create', '{"body": {"name": "a"}}') #>> '{account,id}' AS a \gset
SELECT t.result('o', 'integration.create', format('{"path": {"accountId": "a"}, "body": {"name": "%s", "provider_config": %s}}', n, p)::jsonb, n)
FROM (VALUES ('tix', '{"type": "ticketing_mock_ticketing"}'), ('note', '{"type": "notifications_mock_notifications", "channel": "c"}'),
    ('siem', '{"type": "siem_mock_siem"}'), ('sink', '{"type": "sink_mock_sink"}'), ('store', '{"type": "storage_mock_storage", "bucket": "b"}')) v(n, p) \g /dev/null

-- Ticketing.
SELECT is(t.result('tix', 'ticketing.project_list'), '[{"id": "demo", "name": "Demo"}, {"id": "support", "name": "Support"}]', 'projects');
SELECT t.result('tix', 'ticketing.ticket_create', jsonb_build_object('body', jsonb_build_object('name', 'n' || i, 'summary', 's' || i % 3, 'priority', 'High',
    'tags', '["x"]'::jsonb, 'custom_fields', '{"k": [1, {}]}'::jsonb))) ->> 'id' FROM generate_series(1, 7) i \g /dev/null
SELECT t.call('tix', 'ticketing.ticket_list', '{"query": {"limit": 3}}') -> 'body' AS p1 \gset
SELECT is(jsonb_array_length(:'p1'::jsonb -> 'result'), 3, 'a page of tickets');
SELECT isnt(:'p1'::jsonb ->> 'cursor', '', 'with a cursor');
SELECT t.call('tix', 'ticketing.ticket_list', jsonb_build_object('query', jsonb_build_object('limit', 3, 'cursor', :'p1'::jsonb ->> 'cursor'))) -> 'body' AS p2 \gset
SELECT t.call('tix', 'ticketing.ticket_list', jsonb_build_object('query', jsonb_build_object('limit', 3, 'cursor', :'p2'::jsonb ->> 'cursor'))) -> 'body' AS p3 \gset
SELECT is(:'p3'::jsonb ->> 'cursor', '', 'which is empty at the end');
SELECT is((SELECT count(DISTINCT e ->> 'id')::int FROM jsonb_array_elements((:'p1'::jsonb -> 'result') || (:'p2'::jsonb -> 'result') || (:'p3'::jsonb -> 'result')) e), 7, 'pages hold everything once');
SELECT is(t.code('tix', 'ticketing.ticket_list', jsonb_build_object('query', jsonb_build_object('cursor', :'p1'::jsonb ->> 'cursor', 'order', '[{"field": "name"}]'::jsonb))), '400 invalid_cursor', 'a cursor of another order');
SELECT is(t.code('tix', 'ticketing.ticket_list', jsonb_build_object('query', jsonb_build_object('cursor', c))), '400 invalid_cursor', 'a cursor that is none: ' || c)
FROM unnest(ARRAY['x', '%%%', 'AAAA', 'bnVsbA', 'eyJvIjpbXSwiayI6W119', 'W10', repeat('A', 4000), '____']) c;
SELECT is((SELECT string_agg(e ->> 'name', ' ') FROM jsonb_array_elements(t.result('tix', 'ticketing.ticket_list',
    '{"query": {"order": [{"field": "summary", "dir": "desc"}, {"field": "name"}], "filter": [{"field": "priority", "op": "eq", "value": "High"}]}}')) e),
    'n2 n5 n1 n4 n7 n3 n6', 'order and filter of tickets');
SELECT :'p1'::jsonb #>> '{result,0,id}' AS ticket \gset
SELECT is(t.result('tix', 'ticketing.ticket_get', jsonb_build_object('path', jsonb_build_object('ticketId', :'ticket'))), :'p1'::jsonb #> '{result,0}', 'one ticket');
SELECT is(t.code('tix', 'ticketing.ticket_patch', jsonb_build_object('path', jsonb_build_object('ticketId', :'ticket'), 'body',
    '[{"op": "replace", "path": "/status", "value": "Done"}]'::jsonb)), '400 patch_path', 'replace of what is not there');
SELECT is(t.result('tix', 'ticketing.ticket_patch', jsonb_build_object('path', jsonb_build_object('ticketId', :'ticket'), 'body',
    '[{"op": "add", "path": "/status", "value": "Done"}, {"op": "add", "path": "/custom_fields/k/0", "value": null}]'::jsonb)) -> 'status', '"Done"', 'a patch');
SELECT is(t.code('tix', 'ticketing.ticket_patch', jsonb_build_object('path', jsonb_build_object('ticketId', :'ticket'), 'body',
    '[{"op": "remove", "path": "/name"}]'::jsonb)), '400 invalid_body', 'a ticket keeps its name');
SELECT is(t.code('tix', 'ticketing.ticket_patch', jsonb_build_object('path', jsonb_build_object('ticketId', :'ticket'), 'body',
    '[{"op": "replace", "path": "/id", "value": "x"}]'::jsonb)), '400 read_only_field', 'and its id');
SELECT is(t.code('tix', 'ticketing.ticket_create', '{"body": {}}'), '400 invalid_body', 'a ticket without a name');
SELECT is(t.code('tix', 'ticketing.ticket_create', '{"body": {"name": "x", "due_date": "tomorrow"}}'), '400 invalid_body', 'a time that is none');
SELECT is(t.code('tix', 'ticketing.ticket_get', '{"path": {"ticketId": "1"}}'), '404 ticket_not_found', 'an id that is none');

-- Notifications.
SELECT t.result('note', 'notifications.create', '{"body": {"summary": "s", "priority": "Low"}}') AS n \gset
SELECT is(:'n'::jsonb - '{id,created_at,updated_at}'::text[], jsonb_build_object('summary', 's', 'priority', 'Low', 'status', 'open', 'name', :'n'::jsonb ->> 'id'), 'a notification');
SELECT is(t.code('note', 'notifications.clear', jsonb_build_object('path', jsonb_build_object('id', :'n'::jsonb ->> 'id'))), '204', 'cleared');
SELECT is(t.result('note', 'notifications.get', jsonb_build_object('path', jsonb_build_object('id', :'n'::jsonb ->> 'id'))) ->> 'status', 'cleared', 'and seen so');
SELECT is(t.code('note', 'notifications.clear', '{"path": {"id": "x"}}'), '404 notification_not_found', 'an unknown one');
SELECT is(t.code('note', 'notifications.create', '{"body": {"name": "x"}}'), '400 invalid_body', 'without a summary');

-- SIEM and sink.
SELECT is(t.result('siem', 'siem.event_create', '{"body": [{"message": "a", "class_uid": 3002, "time": 5}, {"message": "b", "class_uid": "odd", "time": 3}]}') #>> '{1,message}', 'b', 'events come back');
SELECT is((t.call('siem', 'siem.event_list') -> 'body') - 'result', '{"cursor": "", "status": "COMPLETE"}', 'a list with its status');
SELECT is((SELECT string_agg(e ->> 'message', '') FROM jsonb_array_elements(t.result('siem', 'siem.event_list', '{"query": {"order": [{"field": "time"}]}}')) e), 'ba', 'in the order of their time');
SELECT is((SELECT string_agg(e ->> 'message', '') FROM jsonb_array_elements(t.result('siem', 'siem.event_list', '{"query": {"filter": [{"field": "class_uid", "op": "gte", "value": "3000"}]}}')) e), 'a', 'filtered by number, whatever others hold');
SELECT is(t.code('siem', 'siem.event_create', '{"body": {}}'), '400 invalid_body', 'events are an array');
SELECT is(t.code('siem', 'siem.event_create', '{"body": [{}, 5]}'), '400 invalid_body', 'of objects');
SELECT is(t.code('siem', 'siem.event_create', jsonb_build_object('body', jsonb_build_array((SELECT jsonb_object_agg(n, '1e300'::jsonb) FROM generate_series(1, 20000) n)))), '413 body_too_large', 'numbers that grow');
SELECT is(t.result('sink', 'sink.event_create', '{"body": []}'), '[]', 'an empty array is fine');
SELECT is(t.result('sink', 'sink.event_create', '{"body": [{"a": null}]}'), '[{"a": null}]', 'events are kept as they are');
SELECT is((SELECT count(*)::int FROM connector.sink_event WHERE organization = :'org'), 1, 'and stored');

-- Storage.
CREATE FUNCTION t.put(p_path text, p_text text) RETURNS text LANGUAGE sql AS $$
	SELECT t.code('store', 'storage.file_put', jsonb_build_object('path', jsonb_build_object('path', p_path), 'body',
	    jsonb_build_object('content', encode(convert_to(p_text, 'UTF8'), 'base64'), 'content_type', 'text/plain'))) $$;
CREATE FUNCTION t.ls(p_query jsonb, p_path text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.call('store', 'storage.file_list', jsonb_strip_nulls(jsonb_build_object('path', jsonb_build_object('path', p_path), 'query', p_query))) -> 'body' $$;
SELECT is(t.put('a/b/one.txt', 'hello') || t.put('a/two.txt', 'x') || t.put('three', '') || t.put('/a/b/four/', 'y'), '200200200200', 'files are written');
SELECT is((SELECT string_agg(concat_ws(':', e ->> 'name', e ->> 'type', e ->> 'size'), ' ') FROM jsonb_array_elements(t.ls('{}') -> 'result') e), 'a:folder three:file:0', 'the root');
SELECT is((SELECT string_agg(concat_ws(':', e ->> 'path', e ->> 'type', e ->> 'size'), ' ') FROM jsonb_array_elements(t.ls('{}', 'a') -> 'result') e), 'a/b:folder a/two.txt:file:1', 'a folder');
SELECT is((SELECT string_agg(e ->> 'name', ' ') FROM jsonb_array_elements(t.ls(jsonb_build_object('cursor', t.ls('{"limit": 1}', 'a') ->> 'cursor'), 'a') -> 'result') e), 'two.txt', 'the next page of it');
SELECT is(t.call('store', 'storage.file_get', '{"path": {"path": "a/b/one.txt"}}') -> 'body', '{"content": "aGVsbG8=", "content_type": "text/plain", "name": "one.txt"}', 'a file is read');
SELECT is(t.code('store', 'storage.file_delete', '{"path": {"path": "a/b/one.txt"}}'), '204', 'and deleted');
SELECT is(t.code('store', 'storage.file_get', '{"path": {"path": "a/b/one.txt"}}'), '404 file_not_found', 'and gone');
SELECT is(t.put(p, 'x'), '400 invalid_path', 'a path that is none: ' || left(replace(p, E'\n', ' '), 20)) FROM unnest(ARRAY['', '/', '..', 'a/../b', './a', 'a//b', E'a\nb', repeat('x', 1025)]) p;
SELECT is(t.code('store', 'storage.file_put', '{"path": {"path": "x"}, "body": {"content": "%%%"}}'), '400 invalid_body', 'content that is no base64');
SELECT is(t.put('big', repeat('x', 524289)), '413 file_too_large', 'a file too large');
SELECT * FROM finish();
ROLLBACK;
