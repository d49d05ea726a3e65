-- Refused authorization requests of known clients, counted; the first ones of
-- each minute are events.  A stranger may send any number of them.

CREATE TABLE audit.refused_authorization (
	minute		timestamptz NOT NULL,
	client		text NOT NULL,
	person		uuid,
	count		int8 NOT NULL,
	UNIQUE NULLS NOT DISTINCT (minute, client, person)
);
COMMENT ON TABLE audit.refused_authorization IS
    'refused authorization requests by client and minute: of a person who was signed in, and of all others together';
GRANT SELECT, INSERT, UPDATE, DELETE ON audit.refused_authorization
    TO grantd_definer;
GRANT SELECT ON audit.refused_authorization TO grantd_auditor;

INSERT INTO core.setting (name, value, description) VALUES
    ('authorization_refusals', 20,
     'refused authorization requests of a client that are events in a minute: of one person who is signed in, and of all others together; more are only counted');
