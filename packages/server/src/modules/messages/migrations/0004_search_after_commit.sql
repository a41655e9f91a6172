-- Messages that are yet to be made findable: one row for each statement that stored some, written with them, and deleted
-- together with their rows in chat.search being written. The only key in chat that does not begin with room_id: it is a
-- queue, of what was committed together.
CREATE TABLE chat.unindexed (
  unindexed_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Side by side, the keys of the messages.
  room_ids     uuid[] NOT NULL,
  ns           bigint[] NOT NULL
);
