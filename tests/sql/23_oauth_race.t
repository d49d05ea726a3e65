#!/bin/sh
#
# Many at once, in backends of their own: a code is redeemed once, and its
# replay ends what that gave; a refresh token has one successor; an assertion
# is good for one request.

. ./tap.sh
db=grantd_test_race
many=25
new_database $db
"$GRANTD_SQL/migrate" -d $db >/dev/null || { echo "Bail out! migrate failed"; exit 1; }
sed "s/ALTER DATABASE grantd_test /ALTER DATABASE $db /" oauth.psql >"$GRANTD_TEST_WORK/race.psql"
psql -X -q -d $db -f lib.sql -f "$GRANTD_TEST_WORK/statements.psql" \
    -f "$GRANTD_TEST_WORK/race.psql"
patient $db

# SQL twice in each of many backends.
twice() {
	together $db $many "$1" "$1"
}

# A person of an organization, a public client, what was allowed, and a code.
q $db "
INSERT INTO core.organization (id, name, fullname) VALUES ('00000000-0000-7000-8000-000000000001', 'o', 'O');
INSERT INTO core.role (organization, id, name, fullname, scopes) VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', 'r', 'R', '{orders:read}');
INSERT INTO core.person (id, email, fullname) VALUES ('00000000-0000-7000-8000-000000000003', 'a@b', 'A');
INSERT INTO core.member (organization, person) VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000003');
INSERT INTO core.member_role VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000002');
INSERT INTO oauth.client (id, organization, origin, auth_method, name, scopes) VALUES ('gc_racerracerracerrace', '00000000-0000-7000-8000-000000000001', 'admin', 'none', 'Racer', '{openid,orders:read}');
INSERT INTO oauth.connection (id, person, client, organization, scopes, audience) VALUES ('00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000003', 'gc_racerracerracerrace', '00000000-0000-7000-8000-000000000001', '{openid,orders:read}', 12);
CREATE FUNCTION t.code_for(p_code text) RETURNS void LANGUAGE sql AS \$\$
INSERT INTO oauth.code (hash, client, client_epoch, person, organization, connection, session, redirect_uri, redirect_sent, challenge, scopes, audience, auth_time, expires_at)
VALUES (t.hash(p_code), 'gc_racerracerracerrace', 1, '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000004', gen_random_uuid(), 'https://x.example/', false,
    lib.base64url(t.hash(repeat('v', 43))), '{openid,orders:read}', 12, now(), now() + interval '1 hour') \$\$;
CREATE FUNCTION t.redeem(p_code text) RETURNS jsonb LANGUAGE sql AS \$\$
SELECT t.oa(jsonb_build_object('kind', 6, 'client', 'gc_racerracerracerrace', 'operation', 'token.redeem', 'secret', p_code, 'args', jsonb_build_object('body', jsonb_build_object('code_verifier', repeat('v', 43))))) \$\$;
CREATE FUNCTION t.renew(p_secret text) RETURNS jsonb LANGUAGE sql AS \$\$
SELECT t.oa(jsonb_build_object('kind', 6, 'client', 'gc_racerracerracerrace', 'operation', 'token.oauth_refresh', 'secret', p_secret)) \$\$;
SELECT t.code_for('code')" >/dev/null

got=$(twice "SELECT t.say(t.redeem('code'))")
is "$got" " 1 200 $((many * 2 - 1)) 400 invalid_grant " "$((many * 2)) redemptions of one code: one"
is "$(q $db "SELECT count(*) FROM token.family")" 1 "one family was born"
is "$(q $db "SELECT count(*) FROM token.family WHERE ended_at IS NULL")" 0 "and the replays ended it"
is "$(q $db "SELECT count(*) FROM audit.event WHERE operation = 'token.redeem' AND outcome = 'success'")" 1 "one success"
is "$(q $db "SELECT count(*) FROM audit.event WHERE operation = 'token.redeem' AND outcome = 'refused' AND target IS NOT NULL")" 1 "and one end of the family are in the audit"

q $db "SELECT t.code_for('next'); CREATE TABLE t.got AS SELECT t.redeem('next') ->> 'refresh' AS refresh" >/dev/null
got=$(twice "SELECT r ->> 'status', (r ->> 'refresh') IS DISTINCT FROM (SELECT refresh FROM t.got) FROM (SELECT t.renew((SELECT refresh FROM t.got)) AS r) x")
is "$got" " $((many * 2)) 200|t " "$((many * 2)) refreshes at once all succeed"
is "$(q $db "SELECT generation FROM token.family WHERE ended_at IS NULL")" 2 "with one successor"
is "$(q $db "SELECT count(DISTINCT a.epoch) || ' ' || count(*) FROM token.access_token a JOIN token.family f ON f.id = a.family WHERE f.ended_at IS NULL AND a.generation = 2")" "1 $((many * 2))" "and an access token for each"

q $db "UPDATE oauth.client SET auth_method = 'private_key_jwt', grant_types = '{client_credentials}' WHERE id = 'gc_racerracerracerrace';
INSERT INTO token.family (organization, id, kind, name, fullname, scopes, token_ttl, access_expires_at, expires_at, client, client_epoch, audience)
VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000009', 'client', 'c', 'c', '{orders:read}', 3600, 'infinity', 'infinity', 'gc_racerracerracerrace', 1, 12);
UPDATE oauth.client SET family = '00000000-0000-7000-8000-000000000009';
CREATE TABLE t.jwt AS SELECT lib.base64url(convert_to(jsonb_build_object('iss', c, 'sub', c, 'aud', 'https://auth.example', 'jti', 'once', 'exp', floor(extract(epoch FROM now())) + 300)::text, 'UTF8')) AS payload FROM (SELECT 'gc_racerracerracerrace' AS c) x" >/dev/null
got=$(twice "SELECT t.say(t.oa(jsonb_build_object('kind', 7, 'client', 'gc_racerracerracerrace', 'credential', 'x', 'operation', 'token.client_credentials', 'assertion', (SELECT payload FROM t.jwt))))")
is "$got" " 1 200 $((many * 2 - 1)) 401 invalid_client " "$((many * 2)) requests with one assertion: one"

psql -X -q -d postgres -c "DROP DATABASE $db WITH (FORCE)"
done_testing
