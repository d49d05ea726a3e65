-- The database roles of grantd, and what PUBLIC loses.  Run once by a
-- superuser in grantd's database, before sql/migrate, and again after an
-- upgrade; repeating it changes nothing.
--
--	createdb --template=template0 --encoding=UTF8 --lc-collate=C grantd
--	psql -d grantd -f sql/roles.sql
--	sql/migrate -d grantd
--
-- With any other order than that of bytes (C) all works as well, but each
-- look-up of a text in an index costs more.
--
-- grantd_owner    owns schemas and tables; migrations run as it
-- grantd_definer  owns the SECURITY DEFINER functions of the gate
-- grantd_broker   the daemon's login: may run the gate's entry functions
--                 and switch to grantd_api, and has no right on any table
-- grantd_api      runs operations, under row-level security
-- grantd_app      runs the procedures of applications, entered by grantd_api
--                 through generated functions alone; under row-level security
-- grantd_maker    lent to grantd_app while a generated function is made
-- grantd_publisher group for owners of applications: may define scopes and
--                 publish their functions (docs/PUBLISHING.md)
-- grantd_auditor  group for people who read: no hashes, no seeds, no writes
-- grantd_backup   pg_dump; sees all rows

\set ON_ERROR_STOP on
SET client_min_messages = warning;

DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['grantd_owner', 'grantd_definer',
	    'grantd_broker', 'grantd_api', 'grantd_app', 'grantd_maker',
	    'grantd_publisher', 'grantd_auditor', 'grantd_backup']
	LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
			EXECUTE format('CREATE ROLE %I', r);
		END IF;
	END LOOP;
	EXECUTE format('GRANT CREATE, CONNECT ON DATABASE %I TO grantd_owner',
	    current_database());
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO grantd_broker, '
	    'grantd_auditor, grantd_backup', current_database());
	EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC',
	    current_database());
END
$$;

ALTER ROLE grantd_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
    NOREPLICATION NOBYPASSRLS INHERIT;
ALTER ROLE grantd_definer NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
    NOREPLICATION NOBYPASSRLS INHERIT;
ALTER ROLE grantd_broker LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
    NOREPLICATION NOBYPASSRLS NOINHERIT;
ALTER ROLE grantd_api NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
    NOREPLICATION NOBYPASSRLS NOINHERIT;
ALTER ROLE grantd_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
    NOREPLICATION NOBYPASSRLS INHERIT;
ALTER ROLE grantd_maker NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
    NOREPLICATION NOBYPASSRLS NOINHERIT;
ALTER ROLE grantd_publisher NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
    NOREPLICATION NOBYPASSRLS INHERIT;
ALTER ROLE grantd_auditor NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
    NOREPLICATION NOBYPASSRLS INHERIT;
ALTER ROLE grantd_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
    NOREPLICATION BYPASSRLS INHERIT;

GRANT grantd_definer, grantd_app TO grantd_owner;
GRANT grantd_api TO grantd_broker;
GRANT grantd_maker TO grantd_definer WITH ADMIN OPTION;
GRANT pg_read_all_data TO grantd_backup;

-- The same path as gate_enter sets, so that no plan is made twice.  Plans are
-- made once and kept while tables grow, so they must not be those of small
-- tables: by index, row by row.
ALTER ROLE grantd_broker SET search_path = pg_catalog, pg_temp;
ALTER ROLE grantd_broker SET timezone = 'UTC';
ALTER ROLE grantd_broker SET plan_cache_mode = force_generic_plan;
ALTER ROLE grantd_broker SET enable_seqscan = off;
ALTER ROLE grantd_broker SET enable_hashjoin = off;
ALTER ROLE grantd_broker SET enable_mergejoin = off;
ALTER ROLE grantd_broker SET jit = off;
ALTER ROLE grantd_broker SET intervalstyle = 'iso_8601';
ALTER ROLE grantd_broker SET statement_timeout = '60s';
ALTER ROLE grantd_broker SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE grantd_backup SET default_transaction_read_only = on;

-- Functions that run as grantd_api cannot call set_config().  That alone does
-- not keep the context from them: the statement SET cannot be revoked, and
-- SET LOCAL writes grantd.organization as well, or takes the role of the login
-- back.  No SQL but ours may run as grantd_api (docs/PRIVSEP.md).
REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean)
    TO grantd_owner, grantd_definer, grantd_broker, grantd_backup;

-- The statements of a session have names that foreign SQL cannot guess, and
-- shall not look up.
REVOKE SELECT ON pg_catalog.pg_prepared_statements FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_prepared_statement() FROM PUBLIC;

-- Locks that outlive a unit would stay on a connection that others use next.
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_advisory_lock(int8),
    pg_catalog.pg_advisory_lock(int4, int4),
    pg_catalog.pg_advisory_lock_shared(int8),
    pg_catalog.pg_advisory_lock_shared(int4, int4),
    pg_catalog.pg_try_advisory_lock(int8),
    pg_catalog.pg_try_advisory_lock(int4, int4),
    pg_catalog.pg_try_advisory_lock_shared(int8),
    pg_catalog.pg_try_advisory_lock_shared(int4, int4)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_advisory_lock(int8)
    TO grantd_owner;

ALTER DEFAULT PRIVILEGES FOR ROLE grantd_owner
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE grantd_definer
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE grantd_app
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
