-- Reported by many: shown to nobody until moderators have decided.
ALTER TABLE chat.messages ADD COLUMN hidden_at timestamptz;
