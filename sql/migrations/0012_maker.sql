-- The right to make wrappers, which grantd_app has only while one is made, is
-- that of a role now: lending a role leaves the plans of other sessions alone,
-- and a change of a schema's rights does not.

GRANT USAGE, CREATE ON SCHEMA published TO grantd_maker;
REVOKE GRANT OPTION FOR USAGE, CREATE ON SCHEMA published FROM grantd_definer;
