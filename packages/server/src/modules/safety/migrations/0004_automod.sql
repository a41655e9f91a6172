CREATE TABLE safety.automod_rules (
  rule_id    uuid PRIMARY KEY,
  -- null: wherever people come by themselves.
  room_id    uuid,
  name       text NOT NULL,
  trigger    jsonb NOT NULL,
  actions    jsonb NOT NULL,
  -- For whoever wrote the message.
  reason     text NOT NULL,
  enabled    boolean NOT NULL,
  created_by uuid NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX automod_rules_by_room ON safety.automod_rules (room_id, rule_id);

-- Who has posted a link in a room that has a rule about the first one.
CREATE TABLE safety.link_posters (
  room_id uuid NOT NULL,
  user_id uuid NOT NULL,
  PRIMARY KEY (room_id, user_id)
);
CREATE INDEX link_posters_by_user ON safety.link_posters (user_id);
