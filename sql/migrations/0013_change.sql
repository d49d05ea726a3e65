-- What was said to have changed: streams of MCP that watch a resource look for
-- it.  A row is seen once its transaction is; a stream remembers the snapshot
-- of its last look, so that none is missed and none told twice.

CREATE TABLE publish.change (
	uri		text NOT NULL CHECK (length(uri) <= 1024),
	xid		xid8 NOT NULL DEFAULT pg_current_xact_id(),
	at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (uri, xid)
);
COMMENT ON TABLE publish.change IS
    'resources that grantd.changed() named, kept for some minutes';
CREATE INDEX change_at ON publish.change (at);
GRANT SELECT, INSERT, DELETE ON publish.change TO grantd_definer;
GRANT SELECT ON publish.change TO grantd_api, grantd_auditor;
