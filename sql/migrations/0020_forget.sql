-- What is forgotten every half minute is found by an index: without one, all
-- connections, sessions and links were read for it.

CREATE INDEX connection_ended ON oauth.connection (ended_at)
    WHERE ended_at IS NOT NULL;
CREATE INDEX session_ended ON core.session (ended_at)
    WHERE ended_at IS NOT NULL;
CREATE INDEX link_expires ON core.link (expires_at);
