-- What large tables are read by: forgetting, lists and counts read few rows of
-- them, and what revokes a client that very many let in.
SELECT * FROM no_plan();
INSERT INTO t.credential VALUES ('visitor', 5, 'visitor cookie', 0, NULL) ON CONFLICT DO NOTHING;
DELETE FROM core.throttle;
SELECT t.result('control', 'organization.create', '{"body": {"name": "large44"}}') \g /dev/null
SELECT t.form('control', 'member.create', '{"body": {"email": "own@44", "organization": "large44", "fullname": "Own", "role": "administrator"}}', '{"new_password": "a password"}') \g /dev/null
SELECT t.form_code('visitor', 'session.create', '{"body": {"email": "own@44"}}', '{"password": "a password"}', 'own44') \g /dev/null
SELECT id AS org FROM core.organization WHERE name = 'large44' \gset
SELECT gate.maintain() IS NOT NULL AS done \gset
SELECT ok(:'done', 'what is over is forgotten first');

-- Tables of which a statement reads many rows, and how many.
CREATE FUNCTION t.many44(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb := (SELECT jsonb_object_agg(relid, seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables);
BEGIN
	EXECUTE p_sql;
	RETURN (SELECT coalesce(string_agg(relid::regclass || ' ' || seq_tup_read + coalesce(idx_tup_fetch, 0) - coalesce((v ->> relid::text)::int8, 0), ', ' ORDER BY relname), 'none') FROM pg_stat_xact_user_tables
	    WHERE seq_tup_read + coalesce(idx_tup_fetch, 0) - coalesce((v ->> relid::text)::int8, 0) > 2500);
END
$$;
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TEMP TABLE n ON COMMIT DROP AS SELECT i, gen_random_uuid() AS id, sha256(i::text::bytea) AS hash, now() + interval '1 day' AS later FROM generate_series(1, 5000) i;
INSERT INTO core.session (id, hash, person, idle_expires_at, expires_at, peer) SELECT id, hash, id, later, later, '' FROM n;
INSERT INTO core.link (id, hash, person, kind, in_organization, expires_at) SELECT id, hash, id, 'invite', id, later FROM n;
INSERT INTO core.throttle (key, level) SELECT hash, 1 FROM n;
INSERT INTO oauth.client (id, organization, origin, auth_method, name) VALUES ('gc_0123456789abcdef', :'org', 'admin', 'none', 'Large');
INSERT INTO oauth.connection (id, person, client, organization, audience, scopes, created_at) SELECT id, id, 'gc_0123456789abcdef', :'org', 1, '{openid}', now() - make_interval(secs => i) FROM n;
INSERT INTO oauth.code (hash, client, client_epoch, person, organization, connection, session, redirect_uri, redirect_sent, scopes, audience, auth_time, expires_at)
SELECT hash, 'gc_0123456789abcdef', 1, id, id, id, id, 'https://x.example/', true, '{}', 1, now(), later FROM n;
INSERT INTO oauth.assertion (client, jti, request, expires_at) SELECT 'gc_0123456789abcdef', hash, id, later FROM n;
INSERT INTO oauth.document (url, expires_at) SELECT 'https://x.example/' || i, later FROM n;
INSERT INTO oauth.client (id, origin, auth_method, name, used_at) SELECT 'gc_0123456789' || to_char(i, 'FM000000'), 'dynamic', 'none', 'x', now() FROM n;
INSERT INTO token.family (organization, id, kind, token_type, name, fullname, scopes, token_ttl, access_expires_at, expires_at, person, client, client_epoch, connection, audience)
SELECT :'org', id, 'user', 'logon', i::text, i::text, '{}', 3600, later, later, id, 'gc_0123456789abcdef', 1, id, 1 FROM n;
INSERT INTO audit.unknown_credential (minute, peer, code, count) SELECT date_trunc('minute', now()), i::text, 'x', 1 FROM n;
ANALYZE core.session, core.link, core.throttle, oauth.connection, oauth.code, oauth.assertion, oauth.document, oauth.client, token.family, audit.unknown_credential;
SET LOCAL session_replication_role = origin;
SELECT t.many44('SELECT gate.maintain()') AS forget, gate.maintain() AS forgot,
    t.many44($$SELECT t.page('own44', 'admin.token_list', '{}')$$) AS tokens,
    t.many44(format($$SELECT t.page('own44', 'admin.organization_show', '{"path": {"organizationId": "%s"}}')$$, :'org')) AS organization,
    t.many44($$SELECT t.page('own44', 'client_admin.show', '{"path": {"clientId": "gc_0123456789abcdef"}}')$$) AS show \gset
SELECT c ->> 'people' AS people, c ->> 'people_more' AS people_more, c ->> 'tokens' AS alive, c ->> 'tokens_more' AS alive_more
FROM (SELECT t.page('own44', 'client_admin.show', '{"path": {"clientId": "gc_0123456789abcdef"}}') -> 'client' AS c) x \gset
ROLLBACK;
SELECT is(n, 'none', 'tables of which many rows are read: ' || w)
FROM (VALUES (:'forget', 'forgetting'), (:'tokens', 'the tokens of an organization'), (:'organization', 'its page'), (:'show', 'the page of a client')) v(n, w);
SELECT is(:'forgot'::jsonb - '{published,slot}'::text[], '{"families": 0, "uses": 0, "counters": 0, "siem_events": 0, "sink_events": 0, "people": 0, "oauth": 0}'::jsonb, 'nothing of it was over');
SELECT is(ROW(:'people', :'people_more', :'alive', :'alive_more')::text, '(1000,true,1000,true)', 'counts end at a thousand, and say so');
DROP FUNCTION t.many44(text);
SELECT * FROM finish();
