-- What the gate knows as rows: operations, texts of refusals, lists and
-- their fields, shapes of bodies.  Their content comes with the functions.

CREATE TABLE gate.operation (
	name		text PRIMARY KEY,
	kinds		text[] NOT NULL,
	scope		text REFERENCES core.scope,
	class		text NOT NULL CHECK (class IN ('read', 'write', 'mint', 'mintbatch')),
	timeout_ms	int4 NOT NULL CHECK (timeout_ms > 0),
	description	text NOT NULL
);
COMMENT ON COLUMN gate.operation.kinds IS
    'credentials that may call it: organization, integration, refresh, control';
COMMENT ON COLUMN gate.operation.scope IS
    'that an access token needs; refresh secrets and the control socket need none';

CREATE TABLE gate.refusal (
	code		text PRIMARY KEY,
	status		int4 NOT NULL CHECK (status IN (401, 403, 404)),
	message		text NOT NULL,
	detail		text NOT NULL,
	remediation	text NOT NULL
);

CREATE TABLE gate.shape (
	name		text PRIMARY KEY,
	schema		jsonb NOT NULL
);
COMMENT ON TABLE gate.shape IS 'JSON Schema of request bodies';

CREATE TABLE gate.list (
	name		text PRIMARY KEY,
	source		text NOT NULL,
	body		text NOT NULL,
	tie		text NOT NULL,
	default_order	text NOT NULL,
	pages		text NOT NULL CHECK (pages IN ('name', 'cursor'))
);
COMMENT ON COLUMN gate.list.source IS 'FROM clause, alias r';
COMMENT ON COLUMN gate.list.body IS 'expression of one item, json';
COMMENT ON COLUMN gate.list.tie IS
    'the field that orders what the asked order leaves equal';
COMMENT ON COLUMN gate.list.pages IS
    'name: start_after is the tie field of the last item; cursor: opaque';

CREATE TABLE gate.list_field (
	list		text NOT NULL REFERENCES gate.list ON DELETE CASCADE,
	field		text NOT NULL,
	expression	text NOT NULL,
	type		text NOT NULL CHECK (type IN ('text', 'time', 'number', 'labels')),
	sortable	boolean NOT NULL DEFAULT true,
	PRIMARY KEY (list, field)
);
COMMENT ON TABLE gate.list_field IS
    'what a list may be filtered by and, if sortable, ordered by (then never null)';

GRANT SELECT ON gate.operation, gate.refusal TO grantd_definer;
GRANT SELECT ON gate.operation, gate.shape, gate.list, gate.list_field
    TO grantd_api;

-- What operations give back: the answer; or, for a mint, what the signer is
-- to make and what the commit must be told.

CREATE TYPE api.reply AS (status int4, body text);
CREATE TYPE api.mint_plan AS (
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
	carry		jsonb
);
