-- What clients were refused, by minute: so that one that hammers does not fill
-- the trail.  And no scopes of people in tokens of clients themselves.

CREATE TABLE audit.refused_client (
	minute		timestamptz NOT NULL,
	client		text NOT NULL,
	code		text NOT NULL,
	count		int8 NOT NULL,
	PRIMARY KEY (minute, client, code)
);
COMMENT ON TABLE audit.refused_client IS
    'refused requests of clients that proved themselves: all of them; the first of each minute are events, too (setting client_refusals)';
GRANT SELECT, INSERT, UPDATE, DELETE ON audit.refused_client TO grantd_definer;
GRANT SELECT ON audit.refused_client TO grantd_auditor;

INSERT INTO core.setting (name, value, description) VALUES
    ('client_refusals', 20,
     'refusals of one client with one code that leave an event in a minute; all are counted');

-- A client's own tokens tell of nobody who he is.
UPDATE token.family f SET scopes = ARRAY(SELECT s FROM unnest(f.scopes) s
    WHERE s NOT IN (SELECT i.name FROM core.scope i WHERE i.level = 'identity'))
WHERE f.kind = 'client';
