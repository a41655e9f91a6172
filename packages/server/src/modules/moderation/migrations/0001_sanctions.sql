CREATE TABLE safety.sanctions (
  sanction_id  uuid PRIMARY KEY,
  type         text NOT NULL CHECK (type IN ('warn', 'mute', 'kick', 'ban')),
  user_id      uuid NOT NULL,
  -- null: on the whole instance.
  room_id      uuid,
  reason       text NOT NULL,
  until        timestamptz,
  -- null: automod.
  imposed_by   uuid,
  created_at   timestamptz NOT NULL,
  lifted_at    timestamptz,
  appeal       text,
  appealed_at  timestamptz,
  appeal_state text CHECK (appeal_state IN ('open', 'granted', 'refused')),
  appeal_note  text
);
CREATE INDEX sanctions_by_user ON safety.sanctions (user_id, created_at DESC);
CREATE INDEX sanctions_appeals ON safety.sanctions (appealed_at) WHERE appeal_state = 'open';
