-- Of a reported message what its author was in the room when it was reported first; null: nothing, or it is about none.
ALTER TABLE safety.cases ADD COLUMN accused_role text;
