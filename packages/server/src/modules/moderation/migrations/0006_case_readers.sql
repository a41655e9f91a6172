-- Who has read what is kept of a case: that is recorded once for each.
ALTER TABLE safety.cases ADD COLUMN read_by uuid[] NOT NULL DEFAULT '{}';
