-- Schemas, the context that the gate sets, tenants, people, the catalogue of
-- scopes and providers, accounts and integrations.

CREATE SCHEMA token;
CREATE SCHEMA connector;
CREATE SCHEMA audit;
CREATE SCHEMA gate;
CREATE SCHEMA api;
CREATE SCHEMA lib;

COMMENT ON SCHEMA core IS 'organizations, people, catalogue, accounts, integrations';
COMMENT ON SCHEMA token IS 'token families and access tokens';
COMMENT ON SCHEMA connector IS 'what the built-in providers keep';
COMMENT ON SCHEMA audit IS 'who did what; append-only';
COMMENT ON SCHEMA gate IS 'the way in: everything that runs with definer rights';
COMMENT ON SCHEMA api IS 'operations, run as grantd_api under row-level security';
COMMENT ON SCHEMA lib IS 'pure helpers';

GRANT USAGE ON SCHEMA core, token, connector, audit, gate, lib TO grantd_definer;
GRANT CREATE ON SCHEMA gate TO grantd_definer;
GRANT USAGE ON SCHEMA core, token, connector, gate, api, lib TO grantd_api;
GRANT USAGE ON SCHEMA gate TO grantd_broker;
GRANT USAGE ON SCHEMA core, token, audit TO grantd_auditor;

-- The context.  gate.enter sets all of it for each unit; an empty setting is
-- null, and null sees nothing.  What policies ask of every row is a setting of
-- its own; the rest is one setting, since each costs its share of a request.

CREATE TYPE core.unit AS (
	account		uuid,
	family		uuid,	-- token family of the credential
	epoch		int4,	-- of that family
	generation	int4,	-- of the credential
	operation	text,
	class		text,
	phase		text,
	request		uuid,
	peer		text,
	method		text,
	path		text
);

CREATE FUNCTION core.this_organization() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT nullif(current_setting('grantd.organization', true), '')::uuid
$$;

CREATE FUNCTION core.this_integration() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT nullif(current_setting('grantd.integration', true), '')::uuid
$$;

-- organization, integration, refresh or control
CREATE FUNCTION core.this_kind() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT nullif(current_setting('grantd.kind', true), '')
$$;

-- Restrictions of a narrowed token, an array of which each element must
-- allow; null: none.
CREATE FUNCTION core.this_resources() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT nullif(current_setting('grantd.resources', true), '')::jsonb
$$;

CREATE FUNCTION core.this_unit() RETURNS core.unit
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT nullif(current_setting('grantd.unit', true), '')::core.unit
$$;

CREATE FUNCTION core.this_account() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT (nullif(current_setting('grantd.unit', true), '')::core.unit).account
$$;

CREATE FUNCTION core.this_family() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT (nullif(current_setting('grantd.unit', true), '')::core.unit).family
$$;

-- What one element of this_resources() allows.  An absent part allows all.
CREATE FUNCTION core.resources_allow_account(r jsonb, p_id uuid,
    p_labels text[], p_environment text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	RETURN r IS NULL OR NOT EXISTS (
		SELECT FROM jsonb_array_elements(r) e
		WHERE e -> 'accounts' IS NOT NULL
		AND NOT ((coalesce(e #> '{accounts,ids}' ?| ARRAY['*', p_id::text], false)
			OR coalesce(e #> '{accounts,labels}' ?| p_labels, false)
			OR (e #> '{accounts,ids}' IS NULL AND e #> '{accounts,labels}' IS NULL))
		    AND (e #> '{accounts,environments}' IS NULL
			OR e #> '{accounts,environments}' ?| ARRAY['*', p_environment])));
END
$$;

CREATE FUNCTION core.resources_allow_category(r jsonb, p_category text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	RETURN r IS NULL OR NOT EXISTS (
		SELECT FROM jsonb_array_elements(r) e
		WHERE e #> '{integrations,categories}' IS NOT NULL
		AND NOT (e #> '{integrations,categories}' ?| ARRAY['*', p_category]));
END
$$;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA core TO grantd_api, grantd_definer;

-- Row-level security, the same way for every table of tenants: forced, open
-- to owner and definer (or their statements would silently see nothing), to
-- the auditor for reading as far as columns are granted, and to grantd_api
-- by the given condition.  Null: grantd_api has no policy and sees nothing.
CREATE PROCEDURE core.protect(p_table regclass, p_condition text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_table);
	EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', p_table);
	EXECUTE format('CREATE POLICY owner ON %s TO grantd_owner '
	    'USING (true) WITH CHECK (true)', p_table);
	EXECUTE format('CREATE POLICY definer ON %s TO grantd_definer '
	    'USING (true) WITH CHECK (true)', p_table);
	EXECUTE format('CREATE POLICY auditor ON %s FOR SELECT '
	    'TO grantd_auditor USING (true)', p_table);
	IF p_condition IS NOT NULL THEN
		EXECUTE format('CREATE POLICY api ON %s TO grantd_api '
		    'USING (%s) WITH CHECK (%2$s)', p_table, p_condition);
	END IF;
END
$$;

CREATE TABLE core.setting (
	name		text PRIMARY KEY,
	value		int8 NOT NULL,
	description	text NOT NULL
);
INSERT INTO core.setting (name, value, description) VALUES
    ('family_retention', 30 * 86400,
     'seconds that an ended or expired token family is kept'),
    ('counter_retention', 90 * 86400,
     'seconds that counters of unknown credentials are kept'),
    ('connector_retention', 30 * 86400,
     'seconds that events of the built-in siem and sink are kept');

-- Tenants and people.

CREATE TABLE core.organization (
	id		uuid PRIMARY KEY,
	name		text NOT NULL CHECK (name ~ '^[a-z0-9_-]{1,128}$'),
	fullname	text NOT NULL,
	organization_type text NOT NULL DEFAULT 'standard'
	    CHECK (organization_type IN ('root', 'standard')),
	status		text NOT NULL DEFAULT 'active'
	    CHECK (status IN ('active', 'disabled')),
	refresh_token	uuid,
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT organization_name UNIQUE (name),
	CONSTRAINT organization_status UNIQUE (id, status)
);
COMMENT ON COLUMN core.organization.refresh_token IS
    'the token family that belongs to the organization itself';
CALL core.protect('core.organization',
    'id = (SELECT core.this_organization())');
GRANT SELECT ON core.organization TO grantd_api;
GRANT UPDATE (refresh_token) ON core.organization TO grantd_api;
GRANT SELECT, INSERT ON core.organization TO grantd_definer;
GRANT SELECT ON core.organization TO grantd_auditor;

CREATE TABLE core.person (
	id		uuid PRIMARY KEY,
	email		text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
	fullname	text NOT NULL,
	password_hash	text CHECK (length(password_hash) <= 127),
	status		text NOT NULL DEFAULT 'enabled' CHECK (status IN
	    ('enabled', 'disabled', 'forgotten', 'invited', 'locked')),
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX person_email ON core.person (lower(email));
CALL core.protect('core.person', NULL);
GRANT SELECT (id, email, fullname, status, created_at, updated_at)
    ON core.person TO grantd_auditor;

-- Scopes are resource:action; a broader one implies narrower ones.

CREATE TABLE core.scope (
	name		text PRIMARY KEY CHECK (name ~ '^[a-z][a-z-]*:[a-z][a-z_-]*$'),
	kind		text NOT NULL
	    CHECK (kind IN ('organization', 'integration', 'user')),
	description	text NOT NULL
);
CREATE TABLE core.scope_implication (
	scope		text NOT NULL REFERENCES core.scope ON DELETE CASCADE,
	implies		text NOT NULL REFERENCES core.scope ON DELETE CASCADE,
	PRIMARY KEY (scope, implies)
);
CREATE TABLE core.permission_set (
	name		text PRIMARY KEY CHECK (name ~ '^[a-z0-9_-]{1,128}$'),
	description	text NOT NULL,
	scopes		text[] NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN core.permission_set.scopes IS
    'its rows in permission_set_scope with all that they imply, for the gate';
CREATE TABLE core.permission_set_scope (
	permission_set	text NOT NULL REFERENCES core.permission_set ON DELETE CASCADE,
	scope		text NOT NULL REFERENCES core.scope ON DELETE CASCADE,
	PRIMARY KEY (permission_set, scope)
);
GRANT SELECT ON core.scope, core.scope_implication, core.permission_set,
    core.permission_set_scope TO grantd_api, grantd_definer, grantd_auditor;

CREATE TABLE core.role (
	organization	uuid NOT NULL REFERENCES core.organization,
	id		uuid NOT NULL,
	name		text NOT NULL CHECK (name ~ '^[a-z0-9_-]{1,128}$'),
	fullname	text NOT NULL,
	description	text,
	permission_set	text NOT NULL REFERENCES core.permission_set,
	resources	jsonb,
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization, id),
	CONSTRAINT role_name UNIQUE (organization, name)
);
CALL core.protect('core.role',
    'organization = (SELECT core.this_organization())
     AND (SELECT core.this_resources()) IS NULL
     AND (SELECT core.this_integration()) IS NULL');
GRANT SELECT, INSERT ON core.role TO grantd_api;
GRANT SELECT ON core.role TO grantd_auditor;

CREATE TABLE core.member (
	organization	uuid NOT NULL REFERENCES core.organization,
	person		uuid NOT NULL REFERENCES core.person,
	role		uuid NOT NULL,
	status		text NOT NULL DEFAULT 'enabled'
	    CHECK (status IN ('enabled', 'disabled')),
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization, person),
	FOREIGN KEY (organization, role) REFERENCES core.role
);
CREATE INDEX member_person ON core.member (person);
CALL core.protect('core.member',
    'organization = (SELECT core.this_organization())
     AND (SELECT core.this_resources()) IS NULL
     AND (SELECT core.this_integration()) IS NULL');
GRANT SELECT ON core.member TO grantd_auditor;

-- What an integration can be an instance of.

CREATE TABLE core.provider (
	type		text PRIMARY KEY CHECK (type ~ '^[a-z][a-z0-9_]{1,127}$'),
	category	text NOT NULL,
	fullname	text NOT NULL,
	config_schema	jsonb NOT NULL,
	enabled		boolean NOT NULL DEFAULT true
);
GRANT SELECT ON core.provider TO grantd_api, grantd_definer, grantd_auditor;

CREATE TABLE core.account (
	organization	uuid NOT NULL REFERENCES core.organization,
	id		uuid NOT NULL,
	name		text NOT NULL CHECK (name ~ '^[a-z0-9_-]{1,128}$'),
	fullname	text NOT NULL CHECK (length(fullname) BETWEEN 1 AND 256),
	environment	text NOT NULL DEFAULT 'prod'
	    CHECK (environment IN ('prod', 'test')),
	labels		text[] NOT NULL DEFAULT '{}',
	created_by	uuid,
	created_digest	bytea,
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization, id),
	CONSTRAINT account_name UNIQUE (organization, name)
);
COMMENT ON COLUMN core.account.created_digest IS
    'of the request that made it: a repeat is recognized by it';
CALL core.protect('core.account',
    'organization = (SELECT core.this_organization())
     AND ((SELECT core.this_integration()) IS NULL
	OR id = (SELECT core.this_account()))
     AND ((SELECT core.this_resources()) IS NULL
	OR core.resources_allow_account((SELECT core.this_resources()),
	    id, labels, environment))');
GRANT SELECT, INSERT, UPDATE, DELETE ON core.account TO grantd_api;
GRANT SELECT ON core.account TO grantd_definer;
GRANT SELECT (organization, id, name, fullname, environment, labels,
    created_by, created_at, updated_at) ON core.account TO grantd_auditor;

CREATE TABLE core.integration (
	organization	uuid NOT NULL REFERENCES core.organization,
	id		uuid NOT NULL,
	account		uuid NOT NULL,
	name		text NOT NULL CHECK (name ~ '^[a-z0-9_-]{1,128}$'),
	fullname	text NOT NULL CHECK (length(fullname) BETWEEN 1 AND 256),
	provider	text NOT NULL REFERENCES core.provider,
	category	text NOT NULL,
	provider_config	jsonb NOT NULL,
	refresh_token	uuid NOT NULL,
	created_by	uuid,
	created_digest	bytea,
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization, id),
	FOREIGN KEY (organization, account) REFERENCES core.account
	    ON DELETE CASCADE,
	CONSTRAINT integration_name UNIQUE (organization, account, name)
);
CREATE INDEX integration_all ON core.integration (organization, name);
CALL core.protect('core.integration',
    'organization = (SELECT core.this_organization())
     AND ((SELECT core.this_integration()) IS NULL
	OR id = (SELECT core.this_integration()))
     AND ((SELECT core.this_resources()) IS NULL
	OR (core.resources_allow_category((SELECT core.this_resources()), category)
	    AND EXISTS (SELECT FROM core.account a
		WHERE a.organization = integration.organization
		AND a.id = integration.account)))');
GRANT SELECT, INSERT, UPDATE, DELETE ON core.integration TO grantd_api;
GRANT SELECT ON core.integration TO grantd_definer;
GRANT SELECT (organization, id, account, name, fullname, provider, category,
    refresh_token, created_by, created_at, updated_at)
    ON core.integration TO grantd_auditor;

-- This host's and the other hosts' public keys; the signers check the MAC.

CREATE TABLE core.signing_key (
	kid		text PRIMARY KEY CHECK (length(kid) BETWEEN 1 AND 63),
	alg		text NOT NULL CHECK (length(alg) BETWEEN 1 AND 15),
	jwk		text NOT NULL CHECK (length(jwk) BETWEEN 2 AND 4095),
	mac		bytea NOT NULL CHECK (length(mac) = 32),
	created_at	timestamptz NOT NULL DEFAULT now(),
	published_at	timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON core.signing_key TO grantd_definer;
GRANT SELECT ON core.signing_key TO grantd_auditor;
GRANT SELECT ON core.setting TO grantd_definer, grantd_auditor;
GRANT SELECT ON core.schema_version TO grantd_definer, grantd_auditor;
