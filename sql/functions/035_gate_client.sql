-- The gate for clients: secrets (6), assertions (7), registration tokens (8).

CREATE FUNCTION gate.enter_client(p_hash bytea, p_kind int4, p_operation text,
    p_phase text, p_request uuid, p_timeout_ms int4, p_peer text,
    p_method text, p_path text, p_client text, p_assertion text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gate.refuse('missing_token', NULL);
END
$$;

-- Keys that a client signs its assertions with, for the header of one.
CREATE FUNCTION gate.assertion_key(p_client text, p_header text)
RETURNS TABLE (alg text, spki bytea) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT NULL::text, NULL::bytea WHERE false
$$;
