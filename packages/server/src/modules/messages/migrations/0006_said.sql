-- When a message that was held was approved; created_at is when it was written.
ALTER TABLE chat.messages ADD COLUMN said_at timestamptz;
