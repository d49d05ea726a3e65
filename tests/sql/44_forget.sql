-- What is over is found by an index: forgetting reads few rows of large tables.
SELECT * FROM no_plan();
SELECT gate.maintain() IS NOT NULL AS done \gset
SELECT ok(:'done', 'what is over is forgotten first');
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TEMP TABLE n ON COMMIT DROP AS SELECT i, gen_random_uuid() AS id, sha256(i::text::bytea) AS hash, now() + interval '1 day' AS later FROM generate_series(1, 5000) i;
INSERT INTO core.session (id, hash, person, idle_expires_at, expires_at, peer) SELECT id, hash, id, later, later, '' FROM n;
INSERT INTO core.link (id, hash, person, kind, in_organization, expires_at) SELECT id, hash, id, 'invite', id, later FROM n;
INSERT INTO core.throttle (key, level) SELECT hash, 1 FROM n;
INSERT INTO oauth.connection (id, person, client, organization, audience) SELECT id, id, 'gc_0123456789abcdef', id, 1 FROM n;
INSERT INTO oauth.code (hash, client, client_epoch, person, organization, connection, session, redirect_uri, redirect_sent, scopes, audience, auth_time, expires_at)
SELECT hash, 'gc_0123456789abcdef', 1, id, id, id, id, 'https://x.example/', true, '{}', 1, now(), later FROM n;
INSERT INTO oauth.assertion (client, jti, request, expires_at) SELECT 'gc_0123456789abcdef', hash, id, later FROM n;
INSERT INTO oauth.document (url, expires_at) SELECT 'https://x.example/' || i, later FROM n;
INSERT INTO oauth.client (id, origin, auth_method, name, used_at) SELECT 'gc_0123456789' || to_char(i, 'FM000000'), 'dynamic', 'none', 'x', now() FROM n;
INSERT INTO token.family (organization, id, kind, token_type, name, fullname, scopes, token_ttl, access_expires_at, expires_at, person, client, client_epoch, connection, audience)
SELECT id, id, 'user', 'logon', i::text, i::text, '{}', 3600, later, later, id, 'gc_0123456789abcdef', 1, id, 1 FROM n;
INSERT INTO audit.unknown_credential (minute, peer, code, count) SELECT date_trunc('minute', now()), i::text, 'x', 1 FROM n;
ANALYZE core.session, core.link, core.throttle, oauth.connection, oauth.code, oauth.assertion, oauth.document, oauth.client, token.family, audit.unknown_credential;
CREATE TEMP TABLE seen ON COMMIT DROP AS SELECT relid, seq_tup_read + coalesce(idx_tup_fetch, 0) AS n FROM pg_stat_xact_user_tables;
SELECT gate.maintain() AS did \gset
SELECT coalesce(string_agg(format('%s: %s', x.relid::regclass, x.seq_tup_read + coalesce(x.idx_tup_fetch, 0) - s.n), ', ' ORDER BY x.relname), 'none') AS many
FROM pg_stat_xact_user_tables x JOIN seen s USING (relid) WHERE x.seq_tup_read + coalesce(x.idx_tup_fetch, 0) - s.n > 100 \gset
ROLLBACK;
SELECT is(:'many'::text, 'none', 'tables of which it reads more than a hundred rows');
SELECT is(:'did'::jsonb - '{published,slot}'::text[], '{"families": 0, "uses": 0, "counters": 0, "siem_events": 0, "sink_events": 0, "people": 0, "oauth": 0}'::jsonb, 'and nothing of it was over');
SELECT * FROM finish();
