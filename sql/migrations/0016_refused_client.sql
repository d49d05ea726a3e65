-- What clients were refused, by minute: so that one that hammers, or a stranger
-- who sends authorization requests in its name, does not fill the trail.  And
-- no scopes of people in tokens of clients themselves.

CREATE TABLE audit.refused_client (
	minute		timestamptz NOT NULL,
	client		text NOT NULL,
	person		uuid,
	operation	text NOT NULL,
	code		text NOT NULL,
	count		int8 NOT NULL,
	UNIQUE NULLS NOT DISTINCT (minute, client, person, operation, code)
);
COMMENT ON TABLE audit.refused_client IS
    'refused requests of clients that proved themselves, and authorization requests in the name of known ones: all of them; the first of each minute are events, too (setting client_refusals)';
COMMENT ON COLUMN audit.refused_client.person IS
    'who was signed in when authorization was refused; null: nobody, and at all other endpoints';
GRANT SELECT, INSERT, UPDATE, DELETE ON audit.refused_client TO grantd_definer;
GRANT SELECT ON audit.refused_client TO grantd_auditor;

INSERT INTO core.setting (name, value, description) VALUES
    ('client_refusals', 20,
     'refusals of one client at one endpoint with one code, of one person or without, that leave an event in a minute; all are counted');

-- A client's own tokens tell of nobody who he is.
UPDATE token.family f SET scopes = ARRAY(SELECT s FROM unnest(f.scopes) s
    WHERE s NOT IN (SELECT i.name FROM core.scope i WHERE i.level = 'identity'))
WHERE f.kind = 'client';
