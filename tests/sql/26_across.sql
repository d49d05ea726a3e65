-- What pages say of people, organizations and clients of others: no more than
-- whoever let a client in may know.
SELECT * FROM no_plan();
INSERT INTO t.credential VALUES ('visitor', 5, 'visitor cookie', 0, NULL) ON CONFLICT DO NOTHING;
DELETE FROM core.throttle;
SELECT t.form('control', 'member.create', '{"body": {"email": "first@x26"}}', '{"new_password": "x"}') \g /dev/null
SELECT t.result('control', 'organization.create', format('{"body": {"name": "%s"}}', n)::jsonb) FROM unnest('{maker26,user26,third26}'::text[]) n \g /dev/null
SELECT t.form('control', 'member.create', format('{"body": {"email": "%s", "organization": "%s", "fullname": "Full %s", "role": "%s"}}', e, o, e, r)::jsonb, '{"new_password": "a password"}')
FROM (VALUES ('own@26', 'maker26', 'administrator'), ('use@26', 'user26', 'member'), ('adm@26', 'user26', 'administrator'), ('out@26', 'third26', 'administrator'),
    ('top@26', 'root', 'administrator')) v(e, o, r) \g /dev/null
SELECT t.form_code('visitor', 'session.create', jsonb_build_object('body', jsonb_build_object('email', e || '@26')), '{"password": "a password"}', e || '26')
FROM unnest('{own,use,adm,out,top}'::text[]) e \g /dev/null
SELECT t.form('own26', 'app.create', '{"body": {"name": "App", "redirect_uris": "https://app.example/cb", "scope": "orders:read"}}', '{}') #>> '{body,id}' AS app \gset
INSERT INTO oauth.connection (id, client, person, organization, scopes, audience)
SELECT gen_random_uuid(), :'app', p.id, m.organization, '{orders:read}', 1 FROM core.person p JOIN core.member m ON m.person = p.id WHERE p.email = 'use@26';
SELECT id AS own FROM core.person WHERE email = 'own@26' \gset
SELECT id AS maker FROM core.organization WHERE name = 'maker26' \gset
CREATE FUNCTION t.ask26(p_who text, p_call text) RETURNS text LANGUAGE sql AS $$
	SELECT t.read(p_who, 'page.frame', 'call', 'SELECT to_jsonb(x) FROM (SELECT ' || p_call || ') x', '{}')::text $$;
SELECT is(t.ask26(w, format('gate.person_ref(%L)->>''name'' AS n, gate.person_ref(%1$L)->>''email'' AS e', :'own'))::jsonb, e::jsonb, w || ' and the owner of the app')
FROM (VALUES ('own26', '{"n": "Full own@26", "e": "own@26"}'), ('use26', '{"n": "Full own@26", "e": null}'), ('adm26', '{"n": "Full own@26", "e": null}'),
    ('out26', '{"n": null, "e": null}'), ('top26', '{"n": "Full own@26", "e": "own@26"}')) v(w, e);
SELECT is(t.ask26(w, format('gate.organization_ref(%L)->>''name'' AS n', :'maker'))::jsonb, e::jsonb, w || ' and the organization of the app')
FROM (VALUES ('own26', '{"n": "maker26"}'), ('use26', '{"n": "maker26"}'), ('adm26', '{"n": "maker26"}'), ('out26', '{"n": null}'), ('top26', '{"n": "maker26"}')) v(w, e);
SELECT is(t.ask26(w, format('(gate.client_counts(%L)).people AS n', :'app'))::jsonb, e::jsonb, w || ' and who let it in')
FROM (VALUES ('own26', '{"n": 1}'), ('adm26', '{"n": 1}'), ('use26', '{"n": 1}'), ('top26', '{"n": 1}'), ('out26', '{"n": null}')) v(w, e);
SELECT is(t.ask26(w, format('gate.client_words(%L) IS NULL AS n', :'app'))::jsonb, e::jsonb, w || ' and what it is')
FROM (VALUES ('own26', '{"n": false}'), ('use26', '{"n": false}'), ('out26', '{"n": true}')) v(w, e);
SELECT is(t.call('use26', 'connection.list') #>> '{body,connections,items,0,client,owner,name}', 'Full own@26', 'whoever let it in is told whose it is');
SELECT is(t.call('adm26', 'client_admin.show', jsonb_build_object('path', jsonb_build_object('clientId', :'app'))) #>> p, v, 'the page of the client, ' || p::text)
FROM (VALUES ('{body,client,owner,email}'::text[], NULL), ('{body,client,owner,name}', 'Full own@26'), ('{body,client,may_edit}', 'false'), ('{body,client,may_delete}', 'false'), ('{body,client,may_revoke}', 'true')) x(p, v);
SELECT is(t.call('own26', 'client_admin.show', jsonb_build_object('path', jsonb_build_object('clientId', :'app'))) #>> p, v, 'in its organization, ' || p::text)
FROM (VALUES ('{body,client,may_edit}'::text[], 'true'), ('{body,client,may_delete}', 'true')) x(p, v);
SELECT * FROM finish();
