-- Raids are seen by how many joined within a minute.
CREATE INDEX members_joined ON chat.members (room_id, joined_at) WHERE left_at IS NULL;
