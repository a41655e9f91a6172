-- What the picture of a lounge leads to. Nothing ever served what stood there before.
CREATE TABLE chat.lounge_pictures (
  lounge_id  uuid PRIMARY KEY REFERENCES chat.lounges (lounge_id) ON DELETE CASCADE,
  hash       text NOT NULL,
  image      bytea NOT NULL,
  created_at timestamptz NOT NULL
);
UPDATE chat.lounges SET picture = NULL WHERE picture IS NOT NULL;
