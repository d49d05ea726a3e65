-- The gate: what it refuses and how it says so; what a unit leaves behind.
-- Units are transactions of their own here.
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "gate"}}') ->> 'id' AS org \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "gate"}}', 'g') ->> 'id' AS family \gset
SELECT t.result('g', 'account.create', '{"body": {"name": "a"}}') #>> '{account,id}' AS account \gset
SELECT t.result('g', 'integration.create', '{"path": {"accountId": "a"}, "body": {"name": "i",
    "provider_config": {"type": "ticketing_mock_ticketing"}}}', 'gi') #>> '{integration,id}' AS integration \gset

-- Refusals.
INSERT INTO t.credential
SELECT 'g.wrong_hint', 1, secret, expiry - 86400 * 2, NULL::uuid FROM t.credential WHERE name = 'g'
UNION ALL SELECT 'g.other', 1, secret || 'x', expiry, NULL FROM t.credential WHERE name = 'g'
-- the largest that does not share a partition with the right one by chance
UNION ALL SELECT 'g.huge', 1, secret, 9223372036854775807 - CASE
    WHEN token.slot(9223372036854775807) = token.slot(expiry)
    THEN core.slot_length() ELSE 0 END, NULL FROM t.credential WHERE name = 'g'
UNION ALL SELECT 'g.negative', 1, secret, -9223372036854775808, NULL FROM t.credential WHERE name = 'g'
UNION ALL SELECT 'g.refresh.nofamily', 2, secret, 0, gen_random_uuid() FROM t.credential WHERE name = 'g.refresh'
UNION ALL SELECT 'g.refresh.other', 2, secret || 'x', 0, family FROM t.credential WHERE name = 'g.refresh'
UNION ALL SELECT 'g.strange', 9, secret, expiry, family FROM t.credential WHERE name = 'g';
SELECT is(t.code('g', 'organization.get'), '200', 'a good token comes in');
SELECT is(t.code('none', 'organization.get'), '401 missing_token', 'no credential');
SELECT is(t.code('g.other', 'organization.get'), '401 invalid_token', 'a token that nobody made');
SELECT is(t.code('g.wrong_hint', 'organization.get'), '401 invalid_token', 'a wrong expiry finds nothing');
SELECT is(t.code('g.huge', 'organization.get'), '401 invalid_token', 'nor does the largest');
SELECT is(t.code('g.negative', 'organization.get'), '401 invalid_token', 'nor the smallest');
SELECT is(t.code('g.refresh.nofamily', 'token.refresh', jsonb_build_object('path', jsonb_build_object('refreshTokenId', :'family'))),
    '401 invalid_token', 'a refresh secret of another family');
SELECT is(t.code('g.refresh.other', 'token.refresh', jsonb_build_object('path', jsonb_build_object('refreshTokenId', :'family'))),
    '401 invalid_token', 'a wrong refresh secret');
SELECT is(t.code('g.strange', 'organization.get'), '401 missing_token', 'a kind of credential that does not exist');
SELECT is(t.code('gi', 'organization.get'), '403 wrong_token_kind', 'an integration token at the management API');
SELECT is(t.code('g', 'ticketing.ticket_list'), '403 wrong_token_kind', 'an organization token at the connector API');
SELECT is(t.code('g.refresh', 'organization.get'), '403 wrong_token_kind', 'a refresh secret as access token');
SELECT is(t.code('g', 'token.refresh', '{"path": {"refreshTokenId": "x"}}'), '403 wrong_token_kind', 'an access token to refresh');
SELECT is(t.code('control', 'account.list'), '403 wrong_token_kind', 'the control socket at the management API');
SELECT is(t.code('g', 'organization.create', '{"body": {"name": "x"}}'), '403 wrong_token_kind', 'a token at what is grantctl''s');
SELECT is(t.code('gi', 'storage.file_list'), '403 insufficient_scope', 'an integration token at another connector');
SELECT is(t.call('gi', 'storage.file_list') ->> 'scope', 'storage:use', 'which says what scope it wants');
SELECT is(t.call('none', 'organization.get') ->> 'sqlstate', 'OA401', 'gate refusals have their own SQLSTATE');
SELECT is(t.call('none', 'organization.get') ->> 'location', 'header', 'and say where');
SELECT isnt(t.call('g.other', 'organization.get') ->> 'hint', '', 'and what to do');
SELECT throws_ok(format($$SELECT gate.enter('\x00', 1, 0, NULL, 'no.such', 'call', NULL, 100, '', '', '',
    NULL, NULL, NULL, NULL, 0, NULL, NULL)$$),
    'OA404', NULL, 'an operation that does not exist');

-- Expired, revoked, disabled.
UPDATE token.access_token SET expires_at = now() WHERE hash = t.hash((SELECT secret FROM t.credential WHERE name = 'gi'));
SELECT is(t.code('gi', 'ticketing.ticket_list'), '401 token_expired', 'an expired token');
UPDATE token.access_token SET expires_at = now() + interval '1 hour' WHERE hash = t.hash((SELECT secret FROM t.credential WHERE name = 'gi'));
UPDATE token.family SET expires_at = now() WHERE integration = :'integration';
SELECT is(t.code('gi', 'ticketing.ticket_list'), '200', 'the end of the refresh secret does not end the access token');
SELECT is(t.code('gi.refresh', 'token.refresh', '{"path": {"refreshTokenId": "x"}}'), '401 token_expired', 'an expired refresh secret');
UPDATE token.family SET expires_at = now() + interval '1 day', epoch = epoch + 1 WHERE integration = :'integration';
SELECT is(t.code('gi', 'ticketing.ticket_list'), '401 token_revoked', 'a token of an earlier epoch');
UPDATE token.family SET epoch = epoch - 1, generation = generation + 1 WHERE integration = :'integration';
SELECT is(t.code('gi', 'ticketing.ticket_list'), '401 token_revoked', 'a token of a forgotten generation');
UPDATE token.family SET generation = generation - 1 WHERE integration = :'integration';
SELECT is(t.code('gi', 'ticketing.ticket_list'), '200', 'the right one is good again');
UPDATE core.organization SET status = 'disabled' WHERE name = 'gate';
SELECT is(t.code('gi', 'ticketing.ticket_list'), '402 organization_disabled', 'a disabled organization');
SELECT is(t.code('g.refresh', 'token.reset', '{"path": {"refreshTokenId": "x"}}'), '402 organization_disabled', 'its refresh secrets, too');
UPDATE core.organization SET status = 'active' WHERE name = 'gate';

-- A unit, and after it.
BEGIN;
SELECT t.enter('g', 'organization.get', 'call') \g /dev/null
SELECT current_setting('grantd.organization') AS ctx, current_setting('transaction_read_only') AS ro,
    current_setting('statement_timeout') AS st, current_setting('lock_timeout') AS lt,
    current_setting('timezone') AS tz, current_user AS cu,
    (core.this_unit()).family AS fam \gset
COMMIT;
SELECT is(:'ctx'::text, :'org', 'the organization is in the context');
SELECT is(:'fam'::text, :'family', 'and the family');
SELECT is(:'ro'::text, 'on', 'a read is read-only');
SELECT is(:'st'::text, '5s', 'the statement timeout is that of the request');
SELECT is(:'lt'::text, '2s', 'there is a lock timeout');
SELECT is(:'tz'::text, 'UTC', 'the time zone is UTC');
SELECT is(:'cu'::text, 'grantd_api', 'operations run as grantd_api');
SELECT is(current_setting('grantd.organization', true), '', 'after the unit the context is empty');
SELECT is(current_setting('grantd.unit', true), '', 'all of it');
SELECT isnt(current_user::text, 'grantd_api', 'and the role is the former one');
BEGIN;
SELECT t.enter('g', 'account.create', 'plan') \g /dev/null
SELECT current_setting('transaction_read_only') AS ro \gset
COMMIT;
SELECT is(:'ro'::text, 'on', 'a plan is read-only, whatever follows');
BEGIN;
SELECT t.enter('control', 'organization.list', 'call') \g /dev/null
SELECT concat_ws(',', current_setting('grantd.organization'), core.this_family(),
    core.this_kind()) AS ctx \gset
COMMIT;
SELECT is(:'ctx'::text, ',control', 'an empty setting is set, too');
BEGIN;
SELECT t.enter('g', 'account.create', 'call') \g /dev/null
SELECT current_setting('transaction_read_only') AS ro \gset
SET LOCAL search_path = public;
SELECT throws_ok(format($$SELECT gate.family_turn(%L, 'reset', 1, 1, gen_random_uuid(), sha256('x'), 1, sha256('x'), 'x', 1)$$,
    :'family'), '42501', NULL, 'an operation that mints nothing cannot turn a family');
ROLLBACK;
SELECT is(:'ro'::text, 'off', 'a write is not read-only');
SELECT is(gate.version(), (SELECT max(version) FROM core.schema_version), 'the version is that of the schema');
SELECT * FROM finish();
