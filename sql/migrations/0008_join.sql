-- Invitations: who has an account of another organization becomes a member
-- only by saying so, in a session of that very account.  Until then the
-- organization knows no more than what it typed.

ALTER TABLE core.member DROP CONSTRAINT member_status_check;
ALTER TABLE core.member
    ADD CONSTRAINT member_status_check
	CHECK (status IN ('enabled', 'disabled', 'invited')),
    ADD COLUMN invitation uuid,
    ADD COLUMN invited_email text,
    ADD COLUMN invited_name text,
    ADD CONSTRAINT member_invited CHECK ((status = 'invited') =
	(invitation IS NOT NULL AND invited_email IS NOT NULL
	    AND invited_name IS NOT NULL));
COMMENT ON COLUMN core.member.invitation IS
    'stands for the person while invited: the id of a person tells how old the account is';
COMMENT ON COLUMN core.member.invited_email IS
    'as it was typed, and the name; all that the organization sees before the person has joined';
CREATE UNIQUE INDEX member_invitation ON core.member (invitation)
    WHERE invitation IS NOT NULL;
GRANT UPDATE, DELETE ON core.member TO grantd_definer;

ALTER TABLE core.link DROP CONSTRAINT link_kind_check;
ALTER TABLE core.link ADD CONSTRAINT link_kind_check
    CHECK (kind IN ('invite', 'password', 'join'));
COMMENT ON TABLE core.link IS
    'one-time links: whoever has one sets the password of its person, once; of kind join it counts only in a session of the person, who becomes a member';

-- People are seen where they are members, not where they are asked to be.
ALTER POLICY api ON core.person USING (
    id = (SELECT core.this_person())
    OR EXISTS (SELECT FROM core.member m
	WHERE m.organization = (SELECT core.this_organization())
	AND m.person = person.id AND m.status <> 'invited'));
