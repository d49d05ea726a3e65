-- What is left of a token's scopes: found the short way, it is what the long
-- way finds, for every set of scopes and every kind of person.
SELECT * FROM no_plan();
\set o '00000000-0000-7000-8000-000000000201'
INSERT INTO core.organization (id, name, fullname) VALUES (:'o', 'stately', 'Stately');
INSERT INTO core.organization (id, name, fullname, organization_type) SELECT gen_random_uuid(), 'state-root', 'R', 'root' WHERE NOT EXISTS (SELECT FROM core.organization WHERE organization_type = 'root');
INSERT INTO core.scope (name, kind, level, description) VALUES ('state:read', 'user', 'app', 'r'), ('state:write', 'user', 'app', 'w'), ('state:other', 'user', 'app', 'o');
INSERT INTO core.scope (name, kind, level, description) VALUES ('state:boss', 'user', 'app', 'b');
INSERT INTO core.scope_implication (scope, implies) VALUES ('state:write', 'state:read'), ('state:boss', 'users:view');
UPDATE core.scope SET implies = '{users:view}' WHERE name = 'state:boss';
UPDATE core.scope SET implies = '{state:read}' WHERE name = 'state:write';

-- One of each kind: with all roles in one, in two, with one scope of two, with
-- what is implied only, without a role, no member, disabled, of the root.
CREATE TEMPORARY TABLE who (id uuid, name text, roles text[]);
INSERT INTO who SELECT ('00000000-0000-7000-8000-0000000002' || lpad(n::text, 2, '0'))::uuid, name, roles::text[]
FROM (VALUES (11, 'all in one', '{a}'), (12, 'in two', '{r,w}'), (13, 'one of two', '{w}'), (14, 'the implied one', '{r}'), (15, 'no role', '{}'), (16, 'no member', NULL), (17, 'disabled', '{a}'), (18, 'disabled member', '{a}'), (19, 'of the root', NULL), (20, 'administrator', '{u}'), (21, 'root and member', '{r}')) v(n, name, roles);
INSERT INTO core.person (id, email, fullname) SELECT id, replace(name, ' ', '-') || '@state', name FROM who;
INSERT INTO core.member (organization, person, status) SELECT :'o', id, CASE name WHEN 'disabled member' THEN 'disabled' ELSE 'enabled' END FROM who WHERE roles IS NOT NULL;
UPDATE core.person p SET status = 'disabled' FROM who w WHERE w.id = p.id AND w.name = 'disabled';
INSERT INTO core.role (organization, id, name, fullname, scopes) SELECT :'o', gen_random_uuid(), 'state-' || name, name, scopes::text[]
FROM (VALUES ('a', '{state:read,state:write,state:other,state:boss}'), ('r', '{state:read,state:other}'), ('w', '{state:write}'), ('u', '{state:read,users:view}')) v(name, scopes);
INSERT INTO core.member_role (organization, person, role) SELECT :'o', w.id, r.id FROM who w JOIN core.role r ON r.organization = :'o' AND r.name = ANY (SELECT 'state-' || x FROM unnest(w.roles) x);
INSERT INTO core.member (organization, person) SELECT o.id, w.id FROM who w, core.organization o WHERE w.name IN ('of the root', 'root and member') AND o.organization_type = 'root';
INSERT INTO core.role (organization, id, name, fullname, scopes) SELECT o.id, gen_random_uuid(), 'state-u', 'u', '{organizations:edit,users:view}' FROM core.organization o WHERE o.organization_type = 'root';
INSERT INTO core.member_role (organization, person, role) SELECT r.organization, w.id, r.id FROM who w, core.organization o JOIN core.role r ON r.organization = o.id AND r.name = 'state-u' WHERE w.name IN ('of the root', 'root and member') AND o.organization_type = 'root';

INSERT INTO oauth.client (id, organization, origin, auth_method, name, scopes) VALUES ('gc_statestatestatestaa', :'o', 'admin', 'none', 'all', '{openid,state:read,state:write,state:other,state:boss,state:gone,users:view}'), ('gc_statestatestatestab', :'o', 'admin', 'none', 'few', '{openid,state:write}');
INSERT INTO oauth.connection (id, person, client, organization, scopes, audience) SELECT gen_random_uuid(), w.id, c.id, :'o', c.scopes, 12 FROM who w, oauth.client c WHERE c.id LIKE 'gc_statestate%';
INSERT INTO oauth.connection (id, person, client, organization, scopes, audience, ended_at) SELECT gen_random_uuid(), w.id, 'gc_statestatestatestaa', :'o', '{state:read}', 12, now() FROM who w WHERE w.name = 'in two';

-- One that the first person registered, one of somebody who is no member.
INSERT INTO oauth.client (id, organization, origin, auth_method, name, scopes, owner) SELECT 'gc_statestatestatesta' || CASE name WHEN 'in two' THEN 'c' ELSE 'd' END, :'o', 'user', 'client_secret_basic', name, '{state:read,state:write,state:boss,users:view}', id FROM who WHERE name IN ('in two', 'no member');

-- Every set of seven scopes, one of which is gone, by everybody through every connection, and by the
-- clients on their own.
CREATE TEMPORARY TABLE sets AS
SELECT ARRAY(SELECT x.s FROM unnest('{openid,state:read,state:write,state:other,state:boss,state:gone,users:view}'::text[]) WITH ORDINALITY AS x(s, i) WHERE b & (1 << (i::int - 1)) <> 0) AS scopes FROM generate_series(0, 127) b
UNION ALL SELECT NULL;
CREATE TEMPORARY TABLE told AS
SELECT x.*, short.refusal AS short_refusal, ARRAY(SELECT e FROM unnest(short.scopes) e ORDER BY e) AS short_scopes, long.refusal AS long_refusal, ARRAY(SELECT e FROM unnest(long.scopes) e ORDER BY e) AS long_scopes, plain.plain AS plain, own.refusal AS own_refusal, ARRAY(SELECT e FROM unnest(own.scopes) e ORDER BY e) AS own_scopes
FROM (SELECT 'user' AS kind, w.name, w.id AS person, g.client, g.id AS connection, s.scopes FROM who w JOIN oauth.connection g ON g.person = w.id CROSS JOIN sets s
    UNION ALL SELECT 'client', NULL, NULL, c.id, NULL, s.scopes FROM oauth.client c CROSS JOIN sets s WHERE c.id LIKE 'gc_statestate%') x
CROSS JOIN LATERAL gate.plain_among(x.scopes) plain
CROSS JOIN LATERAL gate.oauth_state(x.kind, :'o', x.person, x.client, 1, x.connection, x.scopes, plain.plain, plain.identity) short
CROSS JOIN LATERAL gate.oauth_state(x.kind, :'o', x.person, x.client, 1, x.connection, x.scopes, '{}', '{}') long
CROSS JOIN LATERAL gate.plain_scopes() all_plain
CROSS JOIN LATERAL gate.oauth_state(x.kind, :'o', x.person, x.client, 1, x.connection, x.scopes, all_plain.plain, all_plain.identity) own;
SELECT is((SELECT count(*)::int FROM told), 129 * 27, 'so many were asked for');
SELECT is_empty($$SELECT * FROM told WHERE (short_refusal, short_scopes) IS DISTINCT FROM (long_refusal, long_scopes)$$, 'both ways find the same');
SELECT is_empty($$SELECT * FROM told WHERE (own_refusal, ARRAY(SELECT e FROM unnest(own_scopes) e WHERE e = ANY (scopes))) IS DISTINCT FROM (long_refusal, ARRAY(SELECT e FROM unnest(long_scopes) e WHERE e = ANY (scopes)))$$, 'and the way of those who ask for the scopes alone');
SELECT ok((SELECT count(*) > 100 FROM told WHERE scopes <@ plain AND scopes <> '{}' AND short_refusal IS NULL), 'and many go the short way');
SELECT is((SELECT short_scopes FROM told WHERE name = 'in two' AND client = 'gc_statestatestatestaa' AND short_refusal IS NULL AND scopes = '{state:read,state:write}'), '{state:read,state:write}'::text[], 'two roles give together what neither has alone');
SELECT is((SELECT short_scopes FROM told WHERE name = 'all in one' AND client = 'gc_statestatestatestab' AND scopes = '{state:write}'), '{state:read,state:write}'::text[], 'what a scope implies comes with it');
SELECT is((SELECT short_scopes FROM told WHERE name = 'one of two' AND client = 'gc_statestatestatestab' AND scopes = '{state:write}'), '{state:write}'::text[], 'as far as the person has it');
SELECT is((SELECT short_scopes FROM told WHERE name = 'the implied one' AND client = 'gc_statestatestatestaa' AND scopes = '{openid,state:read,state:write}'), '{openid,state:read}'::text[], 'what somebody is called needs no role');
SELECT is((SELECT string_agg(DISTINCT name, ', ' ORDER BY name) FROM told WHERE short_refusal IS NULL AND kind = 'user'), 'administrator, all in one, in two, no role, of the root, one of two, root and member, the implied one', 'who is gone or disabled has nothing');
SELECT is((SELECT string_agg(DISTINCT coalesce(short_refusal, short_scopes::text), ', ') FROM told JOIN oauth.connection g ON g.id = told.connection WHERE g.ended_at IS NOT NULL), 'token_revoked', 'nor what was ended');
SELECT is((SELECT string_agg(DISTINCT name, ', ' ORDER BY name) FROM told WHERE 'users:view' = ANY (short_scopes)), 'administrator, of the root, root and member', 'nobody administers by what another scope implies');
SELECT is((SELECT string_agg(x, ', ' ORDER BY x COLLATE "C") FROM (SELECT DISTINCT coalesce(short_refusal, short_scopes::text) AS x FROM told WHERE client IN ('gc_statestatestatestac', 'gc_statestatestatestad') AND scopes @> '{state:read,state:write,users:view}') d), 'token_revoked, {state:read,state:write}', 'a client does on its own what who registered it may');
UPDATE oauth.client SET status = 'suspended' WHERE id = 'gc_statestatestatestaa';
SELECT is((SELECT s.refusal FROM gate.oauth_state('client', :'o', NULL, 'gc_statestatestatestaa', 1, NULL, '{state:read}', '{state:read}', '{}') s), 'token_revoked', 'nothing is left to one that is suspended');
SELECT is((SELECT s.refusal FROM gate.oauth_state('client', :'o', NULL, 'gc_statestatestatestab', 2, NULL, '{state:write}', '{state:write}', '{}') s), 'token_revoked', 'nor of a former epoch');
SELECT * FROM finish();
