-- Operations around published procedures.  Those that call one are made when it
-- is published (publish.open_doors).

INSERT INTO gate.operation (name, kinds, scope, class, timeout_ms, description,
    door) VALUES
    ('api.visible', '{user,client,session,visitor,none}', NULL, 'read', 10000,
     'List what may be called at /api', 4),
    ('mcp.visible', '{user,client}', NULL, 'read', 10000,
     'List what may be called at /mcp', 8);
