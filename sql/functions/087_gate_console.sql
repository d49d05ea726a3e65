-- The client of the console at /api/docs: an ordinary public one of the root
-- organization, made when it is first asked for.  It follows the issuer and
-- the scopes of applications; one that was suspended or deleted stays so.

CREATE FUNCTION gate.console_client(p_client text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF p_client IS DISTINCT FROM 'gc_grantd-api-console' THEN
		RETURN;
	END IF;
	INSERT INTO oauth.client AS t (id, organization, origin, auth_method,
	    name, description, redirect_uris, scopes)
	SELECT p_client, o.id, 'admin', 'none', 'API console',
	    'The documentation of this server: what you call there, you call with your own rights.',
	    ARRAY[gate.issuer() || '/api/docs/oauth2-redirect'],
	    coalesce((SELECT array_agg(s.name ORDER BY s.name)
		FROM core.scope s WHERE s.level = 'app'), '{}')
	FROM core.organization o WHERE o.organization_type = 'root'
	ON CONFLICT (id) DO UPDATE SET redirect_uris = excluded.redirect_uris,
	    scopes = excluded.scopes, updated_at = now()
	WHERE (t.redirect_uris, t.scopes)
	    IS DISTINCT FROM (excluded.redirect_uris, excluded.scopes);
END
$$;
