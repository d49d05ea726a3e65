-- Who owns the shop: a role without rights in grantd's own schemas, but for
-- what publishes.  Run by a superuser.

DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop_owner') THEN
		CREATE ROLE shop_owner NOLOGIN;
	END IF;
	EXECUTE format('GRANT CREATE ON DATABASE %I TO shop_owner',
	    current_database());
END
$$;
GRANT grantd_publisher TO shop_owner;

-- Functions are nobody's but who is given them.
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
