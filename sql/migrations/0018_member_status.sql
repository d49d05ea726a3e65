-- Whether a person may do anything is known where the membership is, so that
-- a lookup of rights need not ask for the person.

ALTER TABLE core.person ADD CONSTRAINT person_status UNIQUE (id, status);
ALTER TABLE core.member ADD COLUMN person_status text NOT NULL
    DEFAULT 'enabled';
COMMENT ON COLUMN core.member.person_status IS
    'follows that of the person, so that a lookup need not ask for it';
UPDATE core.member m SET person_status = p.status
FROM core.person p WHERE p.id = m.person AND p.status <> 'enabled';
ALTER TABLE core.member DROP CONSTRAINT member_person_fkey,
    ADD CONSTRAINT member_person FOREIGN KEY (person, person_status)
    REFERENCES core.person (id, status) ON UPDATE CASCADE;
