CREATE INDEX notices_by_time ON safety.notices (created_at);
