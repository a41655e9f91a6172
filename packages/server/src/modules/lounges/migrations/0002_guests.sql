-- Guests who are in language rooms, and since when they were not seen to be connected. Their membership is temporary.
CREATE TABLE chat.lounge_guests (
  room_id    uuid NOT NULL REFERENCES chat.rooms (room_id) ON DELETE CASCADE,
  user_id    uuid NOT NULL,
  away_since timestamptz,
  PRIMARY KEY (room_id, user_id)
);
CREATE INDEX lounge_guests_by_user ON chat.lounge_guests (user_id);
