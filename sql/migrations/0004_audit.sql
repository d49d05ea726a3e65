-- Who did what, with which token, and how it ended.  Rows are added by the
-- gate, in the transaction of the change; nobody but the owner may change or
-- remove one.  Credentials that nobody knows are counted, not stored.

CREATE TABLE audit.event (
	seq		int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	xid		xid8 NOT NULL DEFAULT pg_current_xact_id(),
	at		timestamptz NOT NULL DEFAULT now(),
	organization	uuid,
	actor_kind	text NOT NULL,
	actor		uuid,
	family		uuid,
	peer		text,
	request_id	uuid,
	operation	text NOT NULL,
	target_kind	text,
	target		text,
	outcome		text NOT NULL CHECK (outcome IN ('success', 'refused')),
	status		int4 NOT NULL,
	code		text,
	detail		jsonb
);
COMMENT ON COLUMN audit.event.actor_kind IS
    'organization or integration token, refresh secret, control socket, or none';
COMMENT ON COLUMN audit.event.actor IS
    'organization or integration that the credential speaks for';
COMMENT ON COLUMN audit.event.family IS 'token family of the credential';
CREATE INDEX event_organization ON audit.event (organization, seq);
CREATE INDEX event_family ON audit.event (family, seq);
CREATE INDEX event_target ON audit.event (target, seq);
CREATE INDEX event_at ON audit.event USING brin (at);
CALL core.protect('audit.event', NULL);
GRANT SELECT, INSERT ON audit.event TO grantd_definer;
GRANT SELECT ON audit.event TO grantd_auditor;

CREATE TABLE audit.unknown_credential (
	minute		timestamptz NOT NULL,
	peer		text NOT NULL,
	code		text NOT NULL,
	count		int8 NOT NULL,
	PRIMARY KEY (minute, peer, code)
);
COMMENT ON TABLE audit.unknown_credential IS
    'requests without a credential, or with one that nobody knows, by address (IPv6: by /64)';
GRANT SELECT, INSERT, UPDATE, DELETE ON audit.unknown_credential
    TO grantd_definer;
GRANT SELECT ON audit.unknown_credential TO grantd_auditor;

-- What happened lately, newest first.
CREATE VIEW audit.recent WITH (security_invoker = true) AS
SELECT e.at, o.name AS organization, e.actor_kind, e.actor, e.family, e.peer,
    e.operation, e.target_kind, e.target, e.outcome, e.status, e.code,
    e.request_id, e.detail, e.seq
FROM (SELECT * FROM audit.event ORDER BY seq DESC LIMIT 1000) e
LEFT JOIN core.organization o ON o.id = e.organization
ORDER BY e.seq DESC;

-- The life of each token family: what was done to it and what with it.
CREATE VIEW audit.token_lineage WITH (security_invoker = true) AS
SELECT f.id AS family, f.name, f.kind, f.token_type, f.integration, f.parent,
    f.ended_at, f.ended_reason, e.relation, e.seq, e.at, e.operation,
    e.outcome, e.status, e.code, e.actor_kind, e.actor, e.by_family, e.peer,
    e.request_id, e.detail, f.organization
FROM token.family_info f
CROSS JOIN LATERAL (
	SELECT 'done to it' AS relation, t.seq, t.at, t.operation, t.outcome,
	    t.status, t.code, t.actor_kind, t.actor, t.family AS by_family,
	    t.peer, t.request_id, t.detail
	FROM audit.event t
	WHERE t.target = f.id::text AND t.target_kind = 'token'
	UNION ALL
	SELECT 'done with it', t.seq, t.at, t.operation, t.outcome, t.status,
	    t.code, t.actor_kind, t.actor, t.family, t.peer, t.request_id,
	    t.detail
	FROM audit.event t
	WHERE t.family = f.id AND (t.target IS DISTINCT FROM f.id::text
	    OR t.target_kind IS DISTINCT FROM 'token')
) e
ORDER BY f.id, e.seq;
GRANT SELECT ON audit.recent, audit.token_lineage TO grantd_auditor;
