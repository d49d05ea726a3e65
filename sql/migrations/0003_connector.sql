-- What the built-in providers keep.  Each row belongs to one integration and
-- is seen by that integration's tokens alone.

CREATE TABLE connector.project (
	provider	text NOT NULL,
	id		text NOT NULL,
	name		text NOT NULL,
	PRIMARY KEY (provider, id)
);
COMMENT ON TABLE connector.project IS
    'projects that every integration of the provider offers';
GRANT SELECT ON connector.project TO grantd_api;

CREATE TABLE connector.ticket (
	organization	uuid NOT NULL,
	integration	uuid NOT NULL,
	id		uuid NOT NULL,
	name		text NOT NULL,
	data		jsonb NOT NULL,
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization, integration, id),
	FOREIGN KEY (organization, integration) REFERENCES core.integration
	    ON DELETE CASCADE
);

CREATE TABLE connector.notification (
	organization	uuid NOT NULL,
	integration	uuid NOT NULL,
	id		uuid NOT NULL,
	data		jsonb NOT NULL,
	cleared_at	timestamptz,
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization, integration, id),
	FOREIGN KEY (organization, integration) REFERENCES core.integration
	    ON DELETE CASCADE
);

CREATE TABLE connector.siem_event (
	organization	uuid NOT NULL,
	integration	uuid NOT NULL,
	id		uuid NOT NULL,
	data		jsonb NOT NULL,
	created_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization, integration, id),
	FOREIGN KEY (organization, integration) REFERENCES core.integration
	    ON DELETE CASCADE
);
CREATE INDEX siem_event_created ON connector.siem_event (created_at);

CREATE TABLE connector.sink_event (LIKE connector.siem_event INCLUDING DEFAULTS,
	PRIMARY KEY (organization, integration, id),
	FOREIGN KEY (organization, integration) REFERENCES core.integration
	    ON DELETE CASCADE
);
CREATE INDEX sink_event_created ON connector.sink_event (created_at);

CREATE TABLE connector.file (
	organization	uuid NOT NULL,
	integration	uuid NOT NULL,
	path		text COLLATE "C" NOT NULL CHECK (length(path) BETWEEN 1 AND 1024),
	content		bytea NOT NULL CHECK (length(content) <= 524288),
	content_type	text NOT NULL CHECK (length(content_type) <= 255),
	created_at	timestamptz NOT NULL DEFAULT now(),
	updated_at	timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (organization, integration, path),
	FOREIGN KEY (organization, integration) REFERENCES core.integration
	    ON DELETE CASCADE
);

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['ticket', 'notification', 'siem_event',
	    'sink_event', 'file'] LOOP
		CALL core.protect(format('connector.%s', t)::regclass,
		    'organization = (SELECT core.this_organization())
		     AND integration = (SELECT core.this_integration())');
	END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON connector.ticket, connector.notification
    TO grantd_api;
GRANT SELECT, INSERT ON connector.siem_event, connector.sink_event
    TO grantd_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON connector.file TO grantd_api;
GRANT SELECT, DELETE ON connector.siem_event, connector.sink_event
    TO grantd_definer;
