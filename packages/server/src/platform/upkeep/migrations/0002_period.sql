-- What is overdue shows by it; null until a node that knows it has started.
ALTER TABLE upkeep.tasks ADD COLUMN every_ms bigint;
