-- Up to which number messages were erased for their age.
ALTER TABLE chat.rooms ADD COLUMN erased_n bigint NOT NULL DEFAULT 0;
CREATE INDEX rooms_closed ON chat.rooms (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX held_undecided ON chat.held (created_at) WHERE status = 'pending';
