-- Closed without a decision, as there is nothing left to decide.
ALTER TABLE safety.sanctions DROP CONSTRAINT sanctions_appeal_state_check;
ALTER TABLE safety.sanctions ADD CONSTRAINT sanctions_appeal_state_check
  CHECK (appeal_state IN ('open', 'granted', 'refused', 'moot'));
