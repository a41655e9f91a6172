-- How many messages of somebody wait in a room and its threads.
CREATE INDEX held_by_sender ON chat.held (sender_id) WHERE status = 'pending';
