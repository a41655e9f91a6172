-- Who met whom, so that they do not meet again soon; `low` is the lesser of the two ids.
CREATE TABLE chat.meetings (
  low     uuid NOT NULL,
  high    uuid NOT NULL,
  room_id uuid NOT NULL,
  met_at  timestamptz NOT NULL,
  PRIMARY KEY (low, high)
);
CREATE INDEX meetings_by_high ON chat.meetings (high, met_at);
CREATE INDEX meetings_by_low ON chat.meetings (low, met_at);
