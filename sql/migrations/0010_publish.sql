-- Procedures of applications: what is published, and how it is called.
--
-- grantd     what owners and their functions call
-- publish    the registry, and what makes wrappers and schemas of it
-- published  the wrappers: the only way from grantd_api to grantd_app
-- wrapper    what the wrappers call

CREATE SCHEMA grantd;
CREATE SCHEMA publish;
CREATE SCHEMA published;
CREATE SCHEMA wrapper;
COMMENT ON SCHEMA grantd IS 'what owners of applications and their functions call';
COMMENT ON SCHEMA publish IS 'what is published, and what makes wrappers of it';
COMMENT ON SCHEMA published IS 'wrappers of published functions, run as grantd_app';
COMMENT ON SCHEMA wrapper IS 'what the wrappers call';
GRANT USAGE ON SCHEMA grantd TO grantd_app, grantd_publisher, grantd_definer,
    grantd_api;
GRANT USAGE ON SCHEMA publish TO grantd_definer, grantd_api, grantd_auditor;
-- Not to grantd_app, who owns what is in there: a procedure could change it.
GRANT USAGE ON SCHEMA published TO grantd_api;
GRANT USAGE ON SCHEMA wrapper, lib TO grantd_app;
GRANT USAGE, CREATE ON SCHEMA published TO grantd_definer WITH GRANT OPTION;
GRANT CREATE ON SCHEMA grantd, publish TO grantd_definer;

-- Scopes and permission sets of applications are theirs, not the catalogue's.

ALTER TABLE core.scope ADD COLUMN application boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN core.scope.application IS
    'made by grantd.define_scope(), not by the catalogue';
-- The catalogue had some of an example; who has them keeps them.
UPDATE core.scope SET application = true WHERE level = 'app';
ALTER TABLE core.permission_set
    ADD COLUMN application boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN core.permission_set.application IS
    'made by grantd.define_role(), not by the catalogue';
GRANT INSERT, UPDATE, DELETE ON core.scope, core.scope_implication,
    core.permission_set, core.permission_set_scope TO grantd_definer;
GRANT UPDATE (scopes, description) ON core.role TO grantd_definer;

-- What is published.  A row lives on when its function does not any more;
-- then problem says so and nobody can call it.

CREATE SEQUENCE publish.number AS int4;

CREATE TABLE publish.procedure (
	name		text PRIMARY KEY CHECK (name ~ '^[A-Za-z0-9_-]{1,63}\.[A-Za-z0-9_-]{1,63}$'),
	number		int4 NOT NULL UNIQUE,
	kind		text NOT NULL CHECK (kind IN ('procedure', 'resource', 'prompt')),
	schema		text NOT NULL,
	object		text NOT NULL,
	is_table	boolean NOT NULL,
	scope		text REFERENCES core.scope,
	kinds		text[] NOT NULL CHECK (kinds <@ '{user,client,session,visitor,none}'),
	tool		text NOT NULL CHECK (tool ~ '^[A-Za-z0-9_-]{1,64}$'),
	destructive	boolean NOT NULL,
	idempotent	boolean NOT NULL,
	open_world	boolean NOT NULL,
	timeout_ms	int4 NOT NULL CHECK (timeout_ms BETWEEN 1 AND 3600000),
	max_rows	int4 NOT NULL CHECK (max_rows BETWEEN 1 AND 1000),
	page_key	text[],
	confirm		text CHECK (length(confirm) BETWEEN 1 AND 1000),
	http		boolean NOT NULL,
	mcp		boolean NOT NULL,
	hidden		boolean NOT NULL,
	trusted		boolean NOT NULL,
	exact_text	boolean NOT NULL,
	uri		text,
	mime		text,
	class		text NOT NULL CHECK (class IN ('read', 'write')),
	wrapper		text NOT NULL,
	entry		json,
	made_of		text NOT NULL,
	problem		text,
	published_by	text NOT NULL,
	published_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN publish.procedure.number IS 'of its wrapper, published.p_<number>';
COMMENT ON COLUMN publish.procedure.scope IS 'null: public, said as such';
COMMENT ON COLUMN publish.procedure.wrapper IS 'the text that the wrapper was made of';
COMMENT ON COLUMN publish.procedure.entry IS 'its part of the catalogue';
COMMENT ON COLUMN publish.procedure.made_of IS
    'digest of the definition at that time: lint() sees what changed since';
COMMENT ON COLUMN publish.procedure.problem IS
    'why it cannot be called at present';
CREATE UNIQUE INDEX procedure_tool ON publish.procedure (tool)
    WHERE mcp AND kind = 'procedure';
CREATE UNIQUE INDEX procedure_prompt ON publish.procedure (tool)
    WHERE kind = 'prompt';
CREATE UNIQUE INDEX procedure_uri ON publish.procedure (uri)
    WHERE uri IS NOT NULL;

CREATE TABLE publish.state (
	one		boolean PRIMARY KEY DEFAULT true CHECK (one),
	generation	int8 NOT NULL DEFAULT 1,
	title		text NOT NULL DEFAULT 'API' CHECK (length(title) BETWEEN 1 AND 200),
	version		text NOT NULL DEFAULT '1' CHECK (length(version) BETWEEN 1 AND 64)
);
COMMENT ON COLUMN publish.state.generation IS
    'rises with each change of what is published';
INSERT INTO publish.state DEFAULT VALUES;

-- Seals what a call hands to the client between question and answer.  Nobody
-- but the definer reads it; it is no key of tokens.
CREATE TABLE publish.seal (
	key		bytea NOT NULL CHECK (length(key) = 32),
	made_at		timestamptz NOT NULL DEFAULT now()
);
INSERT INTO publish.seal (key) VALUES (sha256(uuid_send(gen_random_uuid())
    || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

-- Sealed states that were used up by a call that writes.
CREATE TABLE publish.used_state (
	nonce		uuid PRIMARY KEY,
	expires_at	timestamptz NOT NULL
);
CREATE INDEX used_state_expires ON publish.used_state (expires_at);

-- Answers of calls that came with a key.
CREATE TABLE publish.answer (
	key		bytea PRIMARY KEY CHECK (length(key) = 32),
	digest		bytea NOT NULL CHECK (length(digest) = 32),
	status		int4 NOT NULL,
	body		text NOT NULL,
	expires_at	timestamptz NOT NULL
);
COMMENT ON COLUMN publish.answer.key IS
    'SHA-256 of whose call, of what, and of the key: nobody meets another''s';
COMMENT ON COLUMN publish.answer.digest IS 'of the arguments';
CREATE INDEX answer_expires ON publish.answer (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON publish.procedure, publish.answer,
    publish.used_state TO grantd_definer;
GRANT SELECT, UPDATE ON publish.state TO grantd_definer;
GRANT SELECT ON publish.seal TO grantd_definer;
GRANT USAGE ON SEQUENCE publish.number TO grantd_definer;
GRANT SELECT ON publish.procedure, publish.state TO grantd_api, grantd_auditor;

-- The doors of a published procedure are operations like any other.
ALTER TABLE gate.operation
    ADD COLUMN number int4 REFERENCES publish.procedure (number) ON DELETE CASCADE,
    ADD COLUMN confirm text;
COMMENT ON COLUMN gate.operation.number IS
    'of the wrapper, of a published procedure; null: one of grantd''s own';
COMMENT ON COLUMN gate.operation.confirm IS 'question asked before it runs';
CREATE INDEX operation_number ON gate.operation (number)
    WHERE number IS NOT NULL;
GRANT INSERT, UPDATE, DELETE ON gate.operation TO grantd_definer;

INSERT INTO core.setting (name, value, description) VALUES
    ('answer_retention', 86400,
     'seconds that the answer of a call with an idempotency key is kept'),
    ('state_lifetime', 600,
     'seconds in which a question of a procedure can be answered');

-- The context of a call, for functions and policies of applications.  Those
-- depend on these, so they are made once and stay.

CREATE DOMAIN grantd.content AS jsonb;
COMMENT ON DOMAIN grantd.content IS
    'one content block of MCP (text, image, audio, resource, resource_link), or an array of them';
CREATE DOMAIN grantd.messages AS jsonb;
COMMENT ON DOMAIN grantd.messages IS 'messages of a prompt: array of {role, content}';

CREATE FUNCTION grantd.person() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('grantd.person', true), '')::uuid;

CREATE FUNCTION grantd.organization() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('grantd.organization', true), '')::uuid;

CREATE FUNCTION grantd.client() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('grantd.client', true), '');

CREATE FUNCTION grantd.scopes() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce((nullif(current_setting('grantd.unit', true), '')::core.unit).scopes, '{}');

CREATE FUNCTION grantd.has_scope(scope text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(scope = ANY ((nullif(current_setting('grantd.unit', true),
    '')::core.unit).scopes), false);

COMMENT ON FUNCTION grantd.person() IS 'who calls; null: a client itself, or nobody';
COMMENT ON FUNCTION grantd.organization() IS 'in which organization';
COMMENT ON FUNCTION grantd.client() IS 'with which OAuth client; null: with a page session, or nobody';
COMMENT ON FUNCTION grantd.scopes() IS 'what the call may do, with all that is implied';
COMMENT ON FUNCTION grantd.has_scope(text) IS 'whether the call has a scope';
GRANT EXECUTE ON FUNCTION grantd.person(), grantd.organization(),
    grantd.client(), grantd.scopes(), grantd.has_scope(text)
    TO grantd_app, grantd_publisher, grantd_definer, grantd_api;
