-- A client that registered itself does not take back what an administrator
-- took from it.

ALTER TABLE oauth.registration ADD COLUMN held_at timestamptz;
COMMENT ON COLUMN oauth.registration.held_at IS
    'an administrator changed the client then; it changes itself no more';
GRANT SELECT (held_at) ON oauth.registration TO grantd_auditor;

UPDATE oauth.registration r SET held_at = e.at
FROM (SELECT target, min(at) AS at FROM audit.event
    WHERE operation = 'client_admin.update' AND outcome = 'success'
    AND target_kind = 'client' GROUP BY target) e
WHERE e.target = r.client;
