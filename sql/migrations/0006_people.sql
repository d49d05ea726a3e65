-- People: what their roles allow, sessions, one-time links, and what the
-- sign-in remembers of failures.  And what the gate knows of them.

-- Scopes of people.  identity: who a person is, which everybody may tell;
-- app: data of the application; admin: the running of organizations;
-- connector: integrations.

ALTER TABLE core.scope DROP CONSTRAINT scope_name_check;
ALTER TABLE core.scope ADD CONSTRAINT scope_name_check
    CHECK (name ~ '^[a-z][a-z_-]*(:[a-z][a-z_-]*)?$');
ALTER TABLE core.scope
    ADD COLUMN level text NOT NULL DEFAULT 'admin'
	CHECK (level IN ('identity', 'app', 'admin', 'connector')),
    ADD COLUMN sensitive boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN core.scope.sensitive IS
    'changes much or shows secrets: pages mark it';
ALTER TABLE core.permission_set
    ADD COLUMN person_scopes text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN core.permission_set.scopes IS
    'its rows of kind organization in permission_set_scope with all that they imply: what a token may do';
COMMENT ON COLUMN core.permission_set.person_scopes IS
    'all its rows with all that they imply: what a person with the role may do';

-- Roles are built in, with the scopes of a permission set, or an
-- organization's own.  A member has any number of them.

ALTER TABLE core.role ALTER COLUMN permission_set DROP NOT NULL;
ALTER TABLE core.role ADD COLUMN scopes text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN core.role.permission_set IS
    'of a role that is built in; null: the organization''s own';
COMMENT ON COLUMN core.role.scopes IS
    'all that it allows, what is implied, too; the catalogue keeps those of permission sets up to date';
GRANT UPDATE, DELETE ON core.role TO grantd_api;
GRANT SELECT, INSERT ON core.role TO grantd_definer;

CREATE TABLE core.member_role (
	organization	uuid NOT NULL,
	person		uuid NOT NULL,
	role		uuid NOT NULL,
	PRIMARY KEY (organization, person, role),
	FOREIGN KEY (organization, person) REFERENCES core.member
	    ON DELETE CASCADE,
	FOREIGN KEY (organization, role) REFERENCES core.role
);
CREATE INDEX member_role_role ON core.member_role (organization, role);
INSERT INTO core.member_role (organization, person, role)
SELECT organization, person, role FROM core.member;
ALTER TABLE core.member DROP COLUMN role;
CALL core.protect('core.member_role',
    'organization = (SELECT core.this_organization())
     AND (SELECT core.this_resources()) IS NULL
     AND (SELECT core.this_integration()) IS NULL');
GRANT SELECT, INSERT, DELETE ON core.member_role TO grantd_api;
GRANT SELECT, INSERT ON core.member_role TO grantd_definer;
GRANT SELECT ON core.member_role TO grantd_auditor;
GRANT SELECT, INSERT, DELETE ON core.member TO grantd_api;
GRANT UPDATE (status, updated_at) ON core.member TO grantd_api;
GRANT SELECT, INSERT ON core.member TO grantd_definer;

-- Who they are.  The hash is the definer's alone.

ALTER TABLE core.person
    ADD COLUMN home uuid REFERENCES core.organization,
    ADD COLUMN password_changed_at timestamptz,
    ADD COLUMN signed_in_at timestamptz;
COMMENT ON COLUMN core.person.home IS
    'the organization that made the person; only its members may make a link that sets the password';
GRANT SELECT, INSERT, UPDATE ON core.person TO grantd_definer;
GRANT SELECT (id, email, fullname, status, home, created_at, updated_at,
    password_changed_at, signed_in_at) ON core.person TO grantd_api;
GRANT SELECT (home, password_changed_at, signed_in_at)
    ON core.person TO grantd_auditor;

-- What the gate knows of a person's unit.

ALTER TYPE core.unit
    ADD ATTRIBUTE session uuid,		-- the page session
    ADD ATTRIBUTE auth_time timestamptz, -- when the password was last typed
    ADD ATTRIBUTE scopes text[],	-- of the person in the organization
    ADD ATTRIBUTE root boolean;		-- administrator of the root organization

CREATE FUNCTION core.this_person() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT nullif(current_setting('grantd.person', true), '')::uuid
$$;

CREATE FUNCTION core.this_client() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT nullif(current_setting('grantd.client', true), '')
$$;

CREATE FUNCTION core.this_session() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT (nullif(current_setting('grantd.unit', true), '')::core.unit).session
$$;

CREATE FUNCTION core.this_auth_time() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT (nullif(current_setting('grantd.unit', true), '')::core.unit).auth_time
$$;

-- What the person of the session may do in the organization of the context.
CREATE FUNCTION core.this_scopes() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT coalesce((nullif(current_setting('grantd.unit', true), '')::core.unit).scopes, '{}')
$$;

CREATE FUNCTION core.this_root() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT coalesce((nullif(current_setting('grantd.unit', true), '')::core.unit).root, false)
$$;
GRANT EXECUTE ON FUNCTION core.this_person(), core.this_client(),
    core.this_session(), core.this_auth_time(), core.this_scopes(),
    core.this_root() TO grantd_api, grantd_definer;

GRANT UPDATE (fullname, status, updated_at) ON core.organization TO grantd_api;
CREATE UNIQUE INDEX organization_root ON core.organization (organization_type)
    WHERE organization_type = 'root';

-- People are seen where they are members.
CREATE POLICY api ON core.person TO grantd_api USING (
    id = (SELECT core.this_person())
    OR EXISTS (SELECT FROM core.member m
	WHERE m.organization = (SELECT core.this_organization())
	AND m.person = person.id));

-- Sessions, links and counters belong to no organization: only the gate
-- reads and writes them.

CREATE TABLE core.session (
	id		uuid PRIMARY KEY,
	hash		bytea NOT NULL CHECK (length(hash) = 32),
	person		uuid NOT NULL REFERENCES core.person,
	in_organization	uuid,
	auth_time	timestamptz NOT NULL DEFAULT now(),
	created_at	timestamptz NOT NULL DEFAULT now(),
	seen_at		timestamptz NOT NULL DEFAULT now(),
	idle_expires_at	timestamptz NOT NULL,
	expires_at	timestamptz NOT NULL,
	peer		text NOT NULL,
	user_agent	text NOT NULL DEFAULT '',
	ended_at	timestamptz,
	ended_reason	text,
	CONSTRAINT session_hash UNIQUE (hash)
) WITH (fillfactor = 80);
COMMENT ON COLUMN core.session.in_organization IS
    'where the person works at present; counts only while the person is a member there';
CREATE INDEX session_person ON core.session (person, created_at);
CREATE INDEX session_expires ON core.session (expires_at);
CALL core.protect('core.session', NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON core.session TO grantd_definer;
GRANT SELECT (id, person, in_organization, auth_time, created_at, seen_at,
    idle_expires_at, expires_at, peer, user_agent, ended_at, ended_reason)
    ON core.session TO grantd_auditor;

CREATE TABLE core.link (
	id		uuid PRIMARY KEY,
	hash		bytea NOT NULL CHECK (length(hash) = 32),
	person		uuid NOT NULL REFERENCES core.person,
	kind		text NOT NULL CHECK (kind IN ('invite', 'password')),
	in_organization	uuid NOT NULL REFERENCES core.organization,
	created_by	uuid REFERENCES core.person,
	created_at	timestamptz NOT NULL DEFAULT now(),
	expires_at	timestamptz NOT NULL,
	used_at		timestamptz,
	ended_at	timestamptz,
	CONSTRAINT link_hash UNIQUE (hash)
);
COMMENT ON TABLE core.link IS
    'one-time links: whoever has one sets the password of its person, once';
COMMENT ON COLUMN core.link.created_by IS 'null: the control socket';
CREATE INDEX link_person ON core.link (person);
CALL core.protect('core.link', NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON core.link TO grantd_definer;
GRANT SELECT (id, person, kind, in_organization, created_by, created_at,
    expires_at, used_at, ended_at) ON core.link TO grantd_auditor;

CREATE TABLE core.throttle (
	key		bytea PRIMARY KEY CHECK (length(key) = 32),
	level		float8 NOT NULL,
	at		timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
COMMENT ON TABLE core.throttle IS
    'failures of signing in, by name with address and by address; the level falls with time';
CREATE INDEX throttle_at ON core.throttle (at);
CALL core.protect('core.throttle', NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON core.throttle TO grantd_definer;

INSERT INTO core.setting (name, value, description) VALUES
    ('session_idle', 12 * 3600,
     'seconds without a request after which a page session ends'),
    ('session_lifetime', 7 * 86400,
     'seconds after which a page session ends in any case'),
    ('session_retention', 30 * 86400,
     'seconds that ended sessions and used links are kept'),
    ('reauthentication', 300,
     'seconds after which the password is asked again for what makes tokens, secrets, clients or members'),
    ('link_lifetime', 72 * 3600, 'seconds that a one-time link can be used'),
    ('sign_in_burst', 5,
     'wrong passwords in a row for one name from one address'),
    ('sign_in_refill', 60,
     'seconds after which one more is allowed'),
    ('sign_in_address_burst', 60,
     'wrong passwords in a row from one address, for all names together'),
    ('sign_in_address_refill', 5,
     'seconds after which one more is allowed');

-- The audit names people and clients.

ALTER TABLE audit.event
    ADD COLUMN person uuid,
    ADD COLUMN client text,
    ADD COLUMN session uuid;
COMMENT ON COLUMN audit.event.actor_kind IS
    'organization, integration, user or client token, refresh secret, session, visitor, control socket, or none';
COMMENT ON COLUMN audit.event.actor IS
    'person, integration or organization that the credential speaks for';
CREATE INDEX event_person ON audit.event (person, seq) WHERE person IS NOT NULL;
CREATE INDEX event_client ON audit.event (client, seq) WHERE client IS NOT NULL;
CREATE POLICY api ON audit.event FOR SELECT TO grantd_api USING (
    (SELECT core.this_kind()) = 'session'
    AND (organization = (SELECT core.this_organization())
	OR (organization IS NULL AND (SELECT core.this_root()))));
GRANT USAGE ON SCHEMA audit TO grantd_api, grantd_definer;
GRANT SELECT ON audit.event TO grantd_api;

-- Public halves alone.
GRANT SELECT (kid, alg, jwk, created_at, published_at)
    ON core.signing_key TO grantd_api;

-- Operations of people.

ALTER TABLE gate.operation DROP CONSTRAINT operation_class_check;
ALTER TABLE gate.operation ADD CONSTRAINT operation_class_check
    CHECK (class IN ('read', 'write', 'mint', 'mintbatch', 'password'));
ALTER TABLE gate.operation
    ADD COLUMN fresh boolean NOT NULL DEFAULT false,
    ADD COLUMN csrf boolean NOT NULL DEFAULT true,
    ADD COLUMN named boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN gate.operation.kinds IS
    'credentials that may call it: organization, integration, user, client, refresh, control, session, visitor, none';
COMMENT ON COLUMN gate.operation.scope IS
    'that an access token or a session needs; refresh secrets and the control socket need none';
COMMENT ON COLUMN gate.operation.fresh IS
    'a session must have given its password within the last minutes';
COMMENT ON COLUMN gate.operation.csrf IS
    'a session or visitor must send its CSRF token, unless the class is read';
COMMENT ON COLUMN gate.operation.named IS
    'the arguments name the organization: a session has none until gate.act_in() has checked its scope there';

-- What the plan of a class password operation gives back.
CREATE TYPE gate.password_plan AS (password_hash text, carry jsonb);
