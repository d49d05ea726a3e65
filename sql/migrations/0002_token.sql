-- Token families, and the ring of access tokens.
--
-- Access tokens are only ever inserted.  They lie in eight partitions by the
-- period of their expiry, so that a whole period is forgotten by truncating
-- one partition.  The longest life is six periods; the one that a truncation
-- meets is neither live nor next to be filled.

INSERT INTO core.setting (name, value, description) VALUES
    ('slot_length', 4 * 3600,
     'seconds of one slot of the ring of access tokens; change it only while the ring is empty');

-- The setting as a constant, which costs a lookup nothing.  The trigger below
-- rewrites it, and every session then plans anew.
CREATE FUNCTION core.slot_length() RETURNS int8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 14400::int8';

CREATE FUNCTION token.slot(p_expiry int8) RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    'SELECT ((p_expiry / core.slot_length()) % 8)::int4';

CREATE TABLE token.family (
	organization	uuid NOT NULL,
	organization_status text NOT NULL DEFAULT 'active',
	id		uuid NOT NULL,
	kind		text NOT NULL CHECK (kind IN ('organization', 'integration')),
	token_type	text NOT NULL DEFAULT 'default'
	    CHECK (token_type IN ('default', 'logon', 'adhoc')),
	integration	uuid,
	account		uuid,
	parent		uuid,
	name		text NOT NULL CHECK (name ~ '^[a-z0-9_-]{1,128}$'),
	fullname	text NOT NULL CHECK (length(fullname) BETWEEN 1 AND 256),
	permission_set	text REFERENCES core.permission_set,
	scopes		text[] NOT NULL DEFAULT '{}',
	resources	jsonb,
	token_ttl	int4 NOT NULL CHECK (token_ttl BETWEEN 1 AND 86400),
	epoch		int4 NOT NULL DEFAULT 1,
	generation	int4 NOT NULL DEFAULT 1,
	secondary_generation int4,
	seed_key	int4 NOT NULL,
	seed		bytea NOT NULL CHECK (length(seed) BETWEEN 1 AND 128),
	refresh_hash	bytea NOT NULL CHECK (length(refresh_hash) = 32),
	secondary_refresh_hash bytea CHECK (length(secondary_refresh_hash) = 32),
	access_expires_at timestamptz NOT NULL,
	secondary_access_expires_at timestamptz,
	expires_at	timestamptz NOT NULL,
	secondary_expires_at timestamptz,
	refreshed_at	timestamptz,
	ended_at	timestamptz,
	ended_reason	text,
	created_by	uuid,
	created_digest	bytea,
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization, id),
	CONSTRAINT family_id UNIQUE (id),
	CONSTRAINT family_organization FOREIGN KEY (organization, organization_status)
	    REFERENCES core.organization (id, status) ON UPDATE CASCADE,
	CHECK ((kind = 'integration') = (integration IS NOT NULL)),
	CHECK ((integration IS NULL) = (account IS NULL)),
	CHECK (num_nulls(secondary_generation, secondary_refresh_hash,
	    secondary_access_expires_at, secondary_expires_at) IN (0, 4))
) WITH (fillfactor = 70);
COMMENT ON COLUMN token.family.organization_status IS
    'follows that of the organization, so that a lookup need not ask for it';
COMMENT ON COLUMN token.family.scopes IS
    'all that it may do; the catalogue keeps those of permission sets up to date';
COMMENT ON COLUMN token.family.resources IS
    'restrictions of a narrowed token, all of which must allow; [{}]: none';
COMMENT ON COLUMN token.family.epoch IS
    'access tokens of another epoch are dead: reset raises it';
COMMENT ON COLUMN token.family.generation IS
    'of the primary pair; the former pair is the secondary one';
COMMENT ON COLUMN token.family.refreshed_at IS
    'when a refresh made the primary pair; null: birth, rotate or reset did';
COMMENT ON COLUMN token.family.seed IS
    'sealed by the signer; refresh secrets are derived from it';
CREATE UNIQUE INDEX family_name ON token.family (organization, name)
    WHERE ended_at IS NULL;
CREATE INDEX family_integration ON token.family (organization, integration)
    WHERE integration IS NOT NULL;
CREATE INDEX family_parent ON token.family (organization, parent)
    WHERE parent IS NOT NULL;
CREATE INDEX family_ended ON token.family (ended_at)
    WHERE ended_at IS NOT NULL;
CREATE INDEX family_expires ON token.family (expires_at)
    WHERE token_type <> 'default';
CALL core.protect('token.family',
    'organization = (SELECT core.this_organization())
     AND ((SELECT core.this_kind()) <> ''refresh''
	OR id = (SELECT core.this_family()))
     AND ((SELECT core.this_integration()) IS NULL
	OR integration = (SELECT core.this_integration()))
     AND ((SELECT core.this_resources()) IS NULL
	OR id = (SELECT core.this_family())
	OR parent = (SELECT core.this_family())
	OR EXISTS (SELECT FROM core.integration i
	    WHERE i.organization = family.organization
	    AND i.id = family.integration))');
GRANT SELECT, INSERT, UPDATE, DELETE ON token.family TO grantd_definer;
GRANT SELECT (organization, id, kind, token_type, integration, account, parent,
    name, fullname, permission_set, scopes, resources, token_ttl, epoch,
    generation, secondary_generation, access_expires_at,
    secondary_access_expires_at, expires_at, secondary_expires_at,
    refreshed_at, ended_at, ended_reason, created_by, created_at, updated_at)
    ON token.family TO grantd_api, grantd_auditor;

-- A family as its readers may see it.
CREATE VIEW token.family_info WITH (security_invoker = true) AS
SELECT organization, id, kind, token_type, integration, account, parent,
    name, fullname, permission_set, scopes, resources, token_ttl, epoch,
    generation, secondary_generation, access_expires_at,
    secondary_access_expires_at, expires_at, secondary_expires_at,
    refreshed_at, ended_at, ended_reason, created_by, created_at, updated_at
FROM token.family;
GRANT SELECT ON token.family_info TO grantd_api, grantd_auditor;

CREATE TABLE token.access_token (
	slot		int4 NOT NULL,
	hash		bytea NOT NULL CHECK (length(hash) = 32),
	expires_at	timestamptz NOT NULL,
	organization	uuid NOT NULL,
	family		uuid NOT NULL,
	epoch		int4 NOT NULL,
	generation	int4,
	jti		uuid NOT NULL,
	PRIMARY KEY (slot, hash)
) PARTITION BY LIST (slot);
COMMENT ON COLUMN token.access_token.generation IS
    'of the pair that it belongs to; null: a single token, which lives as long as the epoch';
CALL core.protect('token.access_token', NULL);

DO $$
BEGIN
	FOR s IN 0 .. 7 LOOP
		EXECUTE format('CREATE TABLE token.access_token_%s '
		    'PARTITION OF token.access_token FOR VALUES IN (%1$s) '
		    'WITH (autovacuum_vacuum_insert_threshold = 100000)', s);
		CALL core.protect(format('token.access_token_%s', s), NULL);
		EXECUTE format('GRANT SELECT, TRUNCATE ON token.access_token_%s '
		    'TO grantd_definer', s);
	END LOOP;
END
$$;
GRANT SELECT, INSERT ON token.access_token TO grantd_definer;
GRANT SELECT (slot, expires_at, organization, family, epoch, generation, jti)
    ON token.access_token TO grantd_auditor;

-- The successor of a refresh was used: the former secret no longer gets it.
-- Rows are only inserted, twice if two requests race, so that no request
-- waits for another; only those of the last minutes are looked at.
CREATE TABLE token.successor_use (
	organization	uuid NOT NULL,
	family		uuid NOT NULL,
	generation	int4 NOT NULL,
	at		timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX successor_use_family
    ON token.successor_use (organization, family, generation);
CREATE INDEX successor_use_at ON token.successor_use (at);
CALL core.protect('token.successor_use', NULL);
GRANT SELECT, INSERT, DELETE ON token.successor_use TO grantd_definer;

CREATE FUNCTION core.setting_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.name = 'slot_length' AND NEW.value IS DISTINCT FROM OLD.value THEN
		IF NEW.value < 1 THEN
			RAISE EXCEPTION 'slot_length must be at least one second';
		END IF;
		IF EXISTS (SELECT FROM token.access_token) THEN
			RAISE EXCEPTION 'slot_length cannot change while access tokens are stored'
			    USING HINT = 'Their slots were computed with the former length.';
		END IF;
		EXECUTE format('CREATE OR REPLACE FUNCTION core.slot_length() '
		    'RETURNS int8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
		    format('SELECT %s::int8', NEW.value));
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER setting_changed BEFORE UPDATE ON core.setting
    FOR EACH ROW EXECUTE FUNCTION core.setting_changed();

GRANT EXECUTE ON FUNCTION core.slot_length(), token.slot(int8)
    TO grantd_definer, grantd_api;

-- Whoever removes an integration, tokens of it end.
CREATE FUNCTION core.integration_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	UPDATE token.family f SET ended_at = now(),
	    ended_reason = 'integration was deleted', updated_at = now()
	WHERE f.organization = OLD.organization AND f.integration = OLD.id
	AND f.ended_at IS NULL;
	RETURN NULL;
END
$$;
CREATE TRIGGER integration_deleted AFTER DELETE ON core.integration
    FOR EACH ROW EXECUTE FUNCTION core.integration_deleted();
