-- What the root suspended only the root resumes; so it is kept whose it was.

ALTER TABLE oauth.client
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN suspended_by uuid REFERENCES core.person,
    ADD COLUMN suspended_root boolean;
COMMENT ON COLUMN oauth.client.suspended_root IS
    'by an administrator of the root, who alone resumes it; null: not suspended, or in the database, which is the root''s, too';

-- The audit of former versions does not say whether the root acted.  The
-- client's organization gets only what somebody of its own, who never had to
-- do with the root, suspended there.
UPDATE oauth.client c SET suspended_at = e.at, suspended_by = e.person,
    suspended_root = e.organization IS DISTINCT FROM c.organization
	OR NOT EXISTS (SELECT FROM core.member m
	    WHERE m.organization = c.organization AND m.person = e.person)
	OR EXISTS (SELECT FROM core.member m
	    JOIN core.organization o ON o.id = m.organization
	    WHERE m.person = e.person AND o.organization_type = 'root')
	OR EXISTS (SELECT FROM audit.event a
	    JOIN core.organization o ON o.id = a.organization
	    WHERE a.person = e.person AND o.organization_type = 'root')
FROM oauth.client s CROSS JOIN LATERAL (
	SELECT a.at, a.organization, p.id AS person
	FROM audit.event a LEFT JOIN core.person p ON p.id = a.person
	WHERE a.target = s.id AND a.target_kind = 'client'
	AND a.operation = 'client_admin.suspend' AND a.outcome = 'success'
	ORDER BY a.seq DESC LIMIT 1
) e
WHERE s.id = c.id AND s.status = 'suspended';

-- Plans of the provider have been rows of their functions for long.
DROP TYPE gate.oauth_plan;
