-- What the place has told people.
CREATE TABLE safety.notices (
  notice_id   uuid PRIMARY KEY,
  user_id     uuid NOT NULL,
  type        text NOT NULL,
  room_id     uuid,
  room_name   text,
  sanction_id uuid,
  reason      text NOT NULL,
  until       timestamptz,
  created_at  timestamptz NOT NULL,
  seen_at     timestamptz
);
CREATE INDEX notices_by_user ON safety.notices (user_id, notice_id);
CREATE INDEX notices_unseen ON safety.notices (user_id) WHERE seen_at IS NULL;

CREATE TABLE safety.age_confirmations (
  user_id      uuid PRIMARY KEY,
  confirmed_at timestamptz NOT NULL
);

-- The audit trail of moderation. Each hash covers its row and the hash before it.
CREATE TABLE safety.log (
  seq        bigint PRIMARY KEY,
  at         timestamptz NOT NULL,
  action     text NOT NULL,
  -- null: automod, or time.
  actor_id   uuid,
  room_id    uuid,
  target_id  uuid,
  message_id uuid,
  reason     text,
  details    jsonb NOT NULL,
  hash       bytea NOT NULL
);
CREATE INDEX log_by_target ON safety.log (target_id, seq) WHERE target_id IS NOT NULL;
CREATE INDEX log_by_actor ON safety.log (actor_id, seq) WHERE actor_id IS NOT NULL;
CREATE INDEX log_by_room ON safety.log (room_id, seq) WHERE room_id IS NOT NULL;
CREATE INDEX log_by_action ON safety.log (action text_pattern_ops, seq);

CREATE FUNCTION safety.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'safety.log is append-only';
END
$$;
CREATE TRIGGER log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON safety.log
  FOR EACH STATEMENT EXECUTE FUNCTION safety.refuse_change();
