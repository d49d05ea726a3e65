-- What the lists of clients and connections are made of.

INSERT INTO gate.list (name, source, body, tie, default_order, pages) VALUES
    ('app', 'oauth.client r', 'api.client_json(r)', 'id', 'created_at', 'cursor'),
    ('connection', 'oauth.connection r JOIN oauth.client c ON c.id = r.client',
     'api.connection_json(r)', 'id', 'created_at', 'cursor');

INSERT INTO gate.list_field (list, field, expression, type) VALUES
    ('app', 'id', 'r.id COLLATE "C"', 'text'),
    ('app', 'created_at', 'r.created_at', 'time'),
    ('connection', 'id', 'r.id::text COLLATE "C"', 'text'),
    ('connection', 'created_at', 'r.created_at', 'time');
