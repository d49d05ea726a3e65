-- 402 is what clients of the management API know of an organization that is
-- disabled.

ALTER TABLE gate.refusal DROP CONSTRAINT refusal_status_check;
ALTER TABLE gate.refusal ADD CONSTRAINT refusal_status_check
    CHECK (status IN (401, 402, 403, 404));
