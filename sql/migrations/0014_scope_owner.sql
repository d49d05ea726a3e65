-- Scopes and roles of applications belong to the role that defined them: nobody
-- else changes them, or makes scopes of his own imply them.

ALTER TABLE core.scope ADD COLUMN owner text;
COMMENT ON COLUMN core.scope.owner IS
    'database role that defined it; null: grantd itself, or before there were owners';
ALTER TABLE core.permission_set ADD COLUMN owner text;
COMMENT ON COLUMN core.permission_set.owner IS 'as of scopes';
