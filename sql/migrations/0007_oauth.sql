-- The OAuth provider: clients and their secrets, what people let them do,
-- codes, and families of tokens for people and clients.

CREATE SCHEMA oauth;
COMMENT ON SCHEMA oauth IS 'clients, their secrets, and what people let them do';
GRANT USAGE ON SCHEMA oauth TO grantd_definer, grantd_api, grantd_auditor;

-- Audiences are a mask, the signer's: 4 is <issuer>/api, 8 is <issuer>/mcp.

CREATE TABLE oauth.client (
	id		text PRIMARY KEY
	    CHECK (id ~ '^gc_[A-Za-z0-9_-]{16,64}$' OR (id ~ '^https://[!-~]+$' AND length(id) <= 1000)),
	organization	uuid REFERENCES core.organization,
	owner		uuid REFERENCES core.person,
	origin		text NOT NULL
	    CHECK (origin IN ('admin', 'user', 'dynamic', 'document')),
	auth_method	text NOT NULL CHECK (auth_method IN ('none',
	    'client_secret_basic', 'client_secret_post', 'private_key_jwt')),
	name		text NOT NULL CHECK (length(name) BETWEEN 1 AND 256),
	description	text NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
	uri		text NOT NULL DEFAULT '' CHECK (length(uri) <= 1000),
	redirect_uris	text[] NOT NULL DEFAULT '{}',
	logout_uris	text[] NOT NULL DEFAULT '{}',
	scopes		text[] NOT NULL DEFAULT '{}',
	required_scopes	text[] NOT NULL DEFAULT '{}',
	grant_types	text[] NOT NULL DEFAULT '{authorization_code,refresh_token}'
	    CHECK (grant_types <@ '{authorization_code,refresh_token,client_credentials}'::text[]),
	pkce_required	boolean NOT NULL DEFAULT true,
	first_party	boolean NOT NULL DEFAULT false,
	jwks		jsonb,
	metadata	jsonb,
	status		text NOT NULL DEFAULT 'active'
	    CHECK (status IN ('active', 'suspended', 'deleted')),
	epoch		int4 NOT NULL DEFAULT 1,
	family		uuid,
	created_by	uuid REFERENCES core.person,
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	used_at		timestamptz,
	CHECK (auth_method <> 'none' OR pkce_required),
	CHECK (auth_method <> 'none' OR NOT 'client_credentials' = ANY (grant_types)),
	CHECK (organization IS NOT NULL OR (owner IS NULL AND NOT first_party
	    AND NOT 'client_credentials' = ANY (grant_types)))
) WITH (fillfactor = 80);
COMMENT ON COLUMN oauth.client.id IS
    'gc_ and random, or the URL of its metadata document';
COMMENT ON COLUMN oauth.client.organization IS
    'whose client it is; null: nobody''s, it registered itself';
COMMENT ON COLUMN oauth.client.owner IS
    'the person who registered it, and on whose behalf its own tokens act; null: the organization''s';
COMMENT ON COLUMN oauth.client.auth_method IS 'none: a public client';
COMMENT ON COLUMN oauth.client.scopes IS 'all that it may ever ask for';
COMMENT ON COLUMN oauth.client.required_scopes IS
    'what it cannot live without: no box on the consent page';
COMMENT ON COLUMN oauth.client.first_party IS
    'no consent page: for people of its organization, of all if that is the root';
COMMENT ON COLUMN oauth.client.metadata IS
    'as it was registered, what is not used here, too';
COMMENT ON COLUMN oauth.client.epoch IS
    'families of another epoch are dead: revoking all raises it';
COMMENT ON COLUMN oauth.client.family IS
    'token family of its own tokens (client credentials)';
COMMENT ON COLUMN oauth.client.used_at IS 'about: at most once an hour';
CREATE INDEX client_organization ON oauth.client (organization, created_at);
CREATE INDEX client_owner ON oauth.client (owner) WHERE owner IS NOT NULL;
CREATE INDEX client_unused ON oauth.client (created_at)
    WHERE origin IN ('dynamic', 'document') AND used_at IS NULL;

CREATE TABLE oauth.secret (
	client		text NOT NULL REFERENCES oauth.client ON DELETE CASCADE,
	id		uuid NOT NULL,
	hash		bytea NOT NULL CHECK (length(hash) = 32),
	created_by	uuid,
	created_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz,
	used_at		timestamptz,
	ended_at	timestamptz,
	PRIMARY KEY (client, id),
	CONSTRAINT secret_hash UNIQUE (client, hash)
) WITH (fillfactor = 80);
COMMENT ON COLUMN oauth.secret.expires_at IS
    'end of the overlap with a newer one; null: until it is ended';
COMMENT ON COLUMN oauth.secret.used_at IS 'about: at most once an hour';

-- RFC 7592: what a client that registered itself manages itself with.
CREATE TABLE oauth.registration (
	client		text PRIMARY KEY REFERENCES oauth.client ON DELETE CASCADE,
	hash		bytea NOT NULL CHECK (length(hash) = 32),
	net		text NOT NULL,
	initial		uuid,
	created_at	timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN oauth.registration.net IS
    'address that it came from (IPv6: its /64)';
CREATE INDEX registration_net ON oauth.registration (net, created_at);

CREATE TABLE oauth.initial_token (
	id		uuid PRIMARY KEY,
	hash		bytea NOT NULL CHECK (length(hash) = 32),
	organization	uuid NOT NULL REFERENCES core.organization,
	name		text NOT NULL,
	uses_left	int4 NOT NULL CHECK (uses_left >= 0),
	created_by	uuid REFERENCES core.person,
	created_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz NOT NULL,
	used_at		timestamptz,
	ended_at	timestamptz,
	CONSTRAINT initial_token_hash UNIQUE (hash)
);

-- Metadata documents of clients: when to fetch again, and what went wrong.
CREATE TABLE oauth.document (
	url		text PRIMARY KEY CHECK (length(url) <= 1023),
	fetched_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz NOT NULL,
	error		text
);
CREATE INDEX document_expires ON oauth.document (expires_at);

-- What a person let a client do in an organization.
CREATE TABLE oauth.connection (
	id		uuid PRIMARY KEY,
	person		uuid NOT NULL REFERENCES core.person,
	client		text NOT NULL REFERENCES oauth.client ON DELETE CASCADE,
	organization	uuid NOT NULL REFERENCES core.organization,
	scopes		text[] NOT NULL DEFAULT '{}',
	declined	text[] NOT NULL DEFAULT '{}',
	audience	int4 NOT NULL CHECK (audience BETWEEN 0 AND 255),
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	used_at		timestamptz,
	ended_at	timestamptz,
	ended_reason	text
) WITH (fillfactor = 80);
COMMENT ON COLUMN oauth.connection.scopes IS
    'all that was ever allowed: what the consent page need not ask again';
COMMENT ON COLUMN oauth.connection.declined IS
    'asked for and unticked: not asked again either, until the page is asked for';
CREATE UNIQUE INDEX connection_live
    ON oauth.connection (person, client, organization) WHERE ended_at IS NULL;
CREATE INDEX connection_client ON oauth.connection (client, created_at);
CREATE INDEX connection_organization ON oauth.connection (organization)
    WHERE ended_at IS NULL;

CREATE TABLE oauth.code (
	hash		bytea PRIMARY KEY CHECK (length(hash) = 32),
	client		text NOT NULL,
	client_epoch	int4 NOT NULL,
	person		uuid NOT NULL,
	organization	uuid NOT NULL,
	connection	uuid NOT NULL,
	session		uuid NOT NULL,
	redirect_uri	text NOT NULL,
	redirect_sent	boolean NOT NULL,
	challenge	text,
	scopes		text[] NOT NULL,
	audience	int4 NOT NULL,
	nonce		text,
	auth_time	timestamptz NOT NULL,
	created_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz NOT NULL,
	used_at		timestamptz,
	family		uuid
) WITH (fillfactor = 80);
COMMENT ON COLUMN oauth.code.challenge IS
    'S256 of the verifier; null: the client''s owner does without';
COMMENT ON COLUMN oauth.code.family IS
    'what the one redemption gave; a second try ends it';
CREATE INDEX code_expires ON oauth.code (expires_at);

-- Assertions of clients, each good for one request.
CREATE TABLE oauth.assertion (
	client		text NOT NULL,
	jti		bytea NOT NULL CHECK (length(jti) = 32),
	request		uuid NOT NULL,
	expires_at	timestamptz NOT NULL,
	PRIMARY KEY (client, jti)
);
COMMENT ON COLUMN oauth.assertion.jti IS 'SHA-256 of it';
CREATE INDEX assertion_expires ON oauth.assertion (expires_at);

CALL core.protect('oauth.client', NULL);
CALL core.protect('oauth.secret', NULL);
CALL core.protect('oauth.registration', NULL);
CALL core.protect('oauth.initial_token', NULL);
CALL core.protect('oauth.document', NULL);
CALL core.protect('oauth.connection', NULL);
CALL core.protect('oauth.code', NULL);
CALL core.protect('oauth.assertion', NULL);

GRANT SELECT, INSERT, UPDATE, DELETE ON oauth.client, oauth.secret,
    oauth.registration, oauth.initial_token, oauth.document, oauth.connection,
    oauth.code, oauth.assertion TO grantd_definer;
GRANT SELECT ON oauth.client, oauth.connection, oauth.document
    TO grantd_auditor;
GRANT SELECT (client, id, created_by, created_at, expires_at, used_at, ended_at)
    ON oauth.secret TO grantd_auditor, grantd_api;
GRANT SELECT (client, net, initial, created_at)
    ON oauth.registration TO grantd_auditor;
GRANT SELECT (id, organization, name, uses_left, created_by, created_at,
    expires_at, used_at, ended_at)
    ON oauth.initial_token TO grantd_auditor, grantd_api;
GRANT SELECT ON oauth.client, oauth.connection TO grantd_api;

-- People see their own clients and connections; who may see an
-- organization's clients sees those of it and those let into it; the root's
-- administrators see all.
CREATE POLICY api ON oauth.connection FOR SELECT TO grantd_api USING (
    (SELECT core.this_kind()) = 'session'
    AND (person = (SELECT core.this_person())
	OR (organization = (SELECT core.this_organization())
	    AND (SELECT 'oauth-clients:view' = ANY (core.this_scopes())))
	OR (SELECT core.this_root())));
CREATE POLICY api ON oauth.client FOR SELECT TO grantd_api USING (
    (SELECT core.this_kind()) = 'session' AND status <> 'deleted'
    AND (owner = (SELECT core.this_person())
	OR (organization = (SELECT core.this_organization())
	    AND (SELECT 'oauth-clients:view' = ANY (core.this_scopes())))
	OR (SELECT core.this_root())
	OR EXISTS (SELECT FROM oauth.connection g
	    WHERE g.client = client.id AND g.ended_at IS NULL)));
CREATE POLICY api ON oauth.secret FOR SELECT TO grantd_api USING (
    EXISTS (SELECT FROM oauth.client c WHERE c.id = secret.client
	AND (c.owner = (SELECT core.this_person())
	    OR c.organization = (SELECT core.this_organization())
	    OR (SELECT core.this_root()))));
CREATE POLICY api ON oauth.initial_token FOR SELECT TO grantd_api USING (
    organization = (SELECT core.this_organization())
    AND (SELECT 'oauth-clients:view' = ANY (core.this_scopes())));

-- Families of people, and one for each client that has tokens of its own.
-- Nobody but the gate sees them.

ALTER TABLE token.family DROP CONSTRAINT family_kind_check;
ALTER TABLE token.family
    ADD COLUMN person uuid REFERENCES core.person,
    ADD COLUMN client text REFERENCES oauth.client,
    ADD COLUMN client_epoch int4,
    ADD COLUMN connection uuid,
    ADD COLUMN audience int4,
    ALTER COLUMN seed_key DROP NOT NULL,
    ALTER COLUMN seed DROP NOT NULL,
    ALTER COLUMN refresh_hash DROP NOT NULL,
    ADD CONSTRAINT family_kind_check
	CHECK (kind IN ('organization', 'integration', 'user', 'client')),
    ADD CONSTRAINT family_refresh_check
	CHECK (num_nulls(seed_key, seed, refresh_hash)
	    = CASE kind WHEN 'client' THEN 3 ELSE 0 END
	    OR (kind = 'user' AND num_nulls(seed_key, seed, refresh_hash) = 3)),
    ADD CONSTRAINT family_person_check
	CHECK ((kind = 'user') = (person IS NOT NULL)
	    AND (kind = 'user') = (connection IS NOT NULL)),
    ADD CONSTRAINT family_client_check
	CHECK ((kind IN ('user', 'client')) = (client IS NOT NULL)
	    AND num_nulls(client, client_epoch, audience) IN (0, 3));
COMMENT ON COLUMN token.family.client_epoch IS
    'of the client when the family was born';
COMMENT ON COLUMN token.family.connection IS
    'what the person allowed: when it ends, the family is dead';
CREATE INDEX family_client ON token.family (client) WHERE client IS NOT NULL;
CREATE INDEX family_connection ON token.family (connection)
    WHERE connection IS NOT NULL;
GRANT SELECT (person, client, client_epoch, connection, audience)
    ON token.family TO grantd_auditor;
DROP POLICY api ON token.family;
CREATE POLICY api ON token.family TO grantd_api USING (
    organization = (SELECT core.this_organization())
    AND client IS NULL
    AND ((SELECT core.this_kind()) <> 'refresh'
	OR id = (SELECT core.this_family()))
    AND ((SELECT core.this_integration()) IS NULL
	OR integration = (SELECT core.this_integration()))
    AND ((SELECT core.this_resources()) IS NULL
	OR id = (SELECT core.this_family())
	OR parent = (SELECT core.this_family())
	OR EXISTS (SELECT FROM core.integration i
	    WHERE i.organization = family.organization
	    AND i.id = family.integration)));
GRANT SELECT (client) ON token.family TO grantd_api;

ALTER TABLE token.access_token
    ADD COLUMN scopes text[],
    ADD COLUMN audience int4,
    ADD COLUMN revoked_at timestamptz;
COMMENT ON COLUMN token.access_token.scopes IS
    'of a token that has less than its family; null: all';
COMMENT ON COLUMN token.access_token.audience IS 'as scopes';
COMMENT ON COLUMN token.access_token.revoked_at IS
    'of one that was ended alone (RFC 7009)';
GRANT UPDATE (revoked_at) ON token.access_token TO grantd_definer;
GRANT SELECT (scopes, audience, revoked_at)
    ON token.access_token TO grantd_auditor;

-- A scope with all that it implies, kept by the catalogue.
ALTER TABLE core.scope ADD COLUMN implies text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN core.scope.implies IS
    'narrower scopes that come with it, at any distance';

-- Doors of the gate.
ALTER TABLE gate.operation ADD COLUMN door int4;
COMMENT ON COLUMN gate.operation.door IS
    'audience (a mask) that a token of a person or a client must name; null: any';
COMMENT ON COLUMN gate.operation.kinds IS
    'credentials that may call it: organization, integration, user, client (access tokens), refresh, control, session, visitor, confidential, public (clients themselves), registration, none';

CREATE TYPE gate.oauth_plan AS (
	kind		int4,
	audience	int4,
	refresh		int4,
	ttl		int4,
	organization	uuid,
	family		uuid,
	generation	int4,
	subject		text,
	client_id	text,
	scope		text,
	seed_key	int4,
	seed		bytea,
	carry		jsonb,
	id_token	int4,
	auth_time	int4,
	nonce		text
);

INSERT INTO core.setting (name, value, description) VALUES
    ('registration', 1,
     'who may register a client (RFC 7591): 0 nobody, 1 who has an initial access token, 2 anybody'),
    ('registration_unused', 86400,
     'seconds that a client which registered itself is kept when nobody lets it in'),
    ('registration_address', 60,
     'unused registrations that one address (IPv6: /64) may have'),
    ('registration_total', 10000,
     'unused registrations that all may have together'),
    ('client_documents', 1, 'clients known by their metadata document: 0 no, 1 yes'),
    ('document_address_burst', 20,
     'metadata documents of unknown clients fetched at once for one address (IPv6: /64)'),
    ('document_address_refill', 30, 'seconds until it may have one more'),
    ('document_burst', 300,
     'metadata documents of unknown clients fetched at once for all together'),
    ('document_refill', 1, 'seconds until they may have one more'),
    ('oauth_access_lifetime', 3600,
     'seconds that access tokens of people and clients live'),
    ('oauth_code_lifetime', 60, 'seconds that an authorization code lives'),
    ('refresh_race', 30,
     'seconds after a refresh in which the former secret still gives the same successor although that is in use');

-- Tokens of people and clients are of an organization, too, but neither its
-- members nor its accounts are theirs; roles and members are changed by those
-- who may.
CREATE POLICY kind ON core.member AS RESTRICTIVE TO grantd_api
    USING ((SELECT core.this_kind()) IN ('session', 'control'));
CREATE POLICY kind ON core.member_role AS RESTRICTIVE TO grantd_api
    USING ((SELECT core.this_kind()) IN ('session', 'control'));
CREATE POLICY kind ON core.role AS RESTRICTIVE TO grantd_api
    USING ((SELECT core.this_kind()) IN ('session', 'control'));
CREATE POLICY kind ON core.account AS RESTRICTIVE TO grantd_api
    USING ((SELECT core.this_kind()) NOT IN ('user', 'client', 'public',
	'confidential', 'registration', 'visitor'));
CREATE POLICY kind ON core.integration AS RESTRICTIVE TO grantd_api
    USING ((SELECT core.this_kind()) NOT IN ('user', 'client', 'public',
	'confidential', 'registration', 'visitor'));
DO $$
DECLARE
	v	record;
BEGIN
	FOR v IN SELECT * FROM (VALUES ('core.member', 'users:edit'),
	    ('core.member_role', 'users:edit'), ('core.role', 'roles:edit'))
	    t(name, scope) LOOP
		EXECUTE format('CREATE POLICY add ON %s AS RESTRICTIVE FOR INSERT '
		    'TO grantd_api WITH CHECK ((SELECT core.this_kind()) = '
		    '''control'' OR (SELECT %L = ANY (core.this_scopes())))',
		    v.name, v.scope);
		EXECUTE format('CREATE POLICY change ON %s AS RESTRICTIVE FOR UPDATE '
		    'TO grantd_api USING (true) WITH CHECK ((SELECT core.this_kind()) = '
		    '''control'' OR (SELECT %L = ANY (core.this_scopes())))',
		    v.name, v.scope);
		EXECUTE format('CREATE POLICY remove ON %s AS RESTRICTIVE FOR DELETE '
		    'TO grantd_api USING ((SELECT core.this_kind()) = '
		    '''control'' OR (SELECT %L = ANY (core.this_scopes())))',
		    v.name, v.scope);
	END LOOP;
END
$$;
