-- All reports of one thing until it is decided.
CREATE TABLE safety.cases (
  case_id      uuid PRIMARY KEY,
  -- The message, person or room; with what else it takes to name it, as on the wire.
  target_id    uuid NOT NULL,
  target       jsonb NOT NULL,
  -- Whom it is about; null: a room without an owner.
  accused_id   uuid,
  -- Where it happened, and the room whose moderators decide as well: of a thread the one it hangs on.
  room_id      uuid,
  governing_id uuid,
  state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'assigned', 'closed')),
  assignee_id  uuid,
  outcome      text CHECK (outcome IN ('action_taken', 'no_action')),
  report_count integer NOT NULL DEFAULT 0,
  categories   text[] NOT NULL DEFAULT '{}',
  -- As on the wire; as it was when it was reported first.
  evidence     jsonb NOT NULL,
  opened_at    timestamptz NOT NULL,
  closed_at    timestamptz,
  version      integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX cases_undecided ON safety.cases (target_id) WHERE state <> 'closed';
CREATE INDEX cases_waiting ON safety.cases (state, report_count DESC, opened_at, case_id) WHERE state <> 'closed';
CREATE INDEX cases_closed ON safety.cases (closed_at, case_id) WHERE state = 'closed';
CREATE INDEX cases_by_accused ON safety.cases (accused_id) WHERE accused_id IS NOT NULL;
CREATE INDEX cases_by_room ON safety.cases (governing_id) WHERE governing_id IS NOT NULL;

CREATE TABLE safety.reports (
  report_id   uuid PRIMARY KEY,
  case_id     uuid NOT NULL REFERENCES safety.cases (case_id) ON DELETE CASCADE,
  reporter_id uuid NOT NULL,
  category    text NOT NULL,
  note        text NOT NULL,
  -- Whether it counts for hiding the message.
  hides       boolean NOT NULL,
  created_at  timestamptz NOT NULL,
  UNIQUE (case_id, reporter_id)
);
CREATE INDEX reports_by_reporter ON safety.reports (reporter_id, report_id);
CREATE INDEX reports_by_time ON safety.reports (created_at);

CREATE TABLE safety.case_notes (
  note_id    uuid PRIMARY KEY,
  case_id    uuid NOT NULL REFERENCES safety.cases (case_id) ON DELETE CASCADE,
  written_by uuid NOT NULL,
  body       text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX case_notes_by_case ON safety.case_notes (case_id, note_id);
