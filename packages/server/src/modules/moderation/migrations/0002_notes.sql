-- What moderators of the instance note about somebody, for each other.
CREATE TABLE safety.user_notes (
  note_id    uuid PRIMARY KEY,
  user_id    uuid NOT NULL,
  written_by uuid NOT NULL,
  body       text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX user_notes_by_user ON safety.user_notes (user_id, note_id);
