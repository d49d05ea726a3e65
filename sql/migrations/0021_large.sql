-- Pages and revocation read few rows of large tables.

-- Lists of tokens: those of an organization itself are few among what people
-- and apps have there.
CREATE INDEX family_own ON token.family (organization, name)
    WHERE client IS NULL AND ended_at IS NULL;

-- Who lets a client in, counted on pages.
CREATE INDEX connection_people ON oauth.connection (client, organization, person)
    WHERE ended_at IS NULL;

-- Revoking a client that very many people let in is one row; what that ends is
-- marked afterwards, a little at a time.
ALTER TABLE oauth.client
    ADD COLUMN connected_after timestamptz NOT NULL DEFAULT '-infinity';
COMMENT ON COLUMN oauth.client.connected_after IS
    'connections made until then are over, also while they do not say so yet';
CREATE INDEX client_revoked ON oauth.client (id)
    WHERE connected_after > '-infinity';
