-- What a trusted procedure may have left in its session.

-- Runs as the login's role, in a unit of its own: settings, locks, cursors
-- and channels of a session outlive the transaction that made them.
CREATE FUNCTION gate.session_clean() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RESET ALL;
	UNLISTEN *;
	EXECUTE 'CLOSE ALL';	-- PL/pgSQL has a CLOSE of its own
	PERFORM pg_catalog.pg_advisory_unlock_all();
END
$$;
