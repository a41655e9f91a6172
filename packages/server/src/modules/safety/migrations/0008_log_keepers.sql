-- Whoever switches the triggers of the trail off and on again leaves what keeps it as it was, but for the transaction that
-- wrote their rows of the catalogue last. What that was is noted with the first entry; and anew where the tables are others
-- (restored from a dump) or the whole catalogue is (another major version of PostgreSQL).
SELECT pg_advisory_xact_lock(hashtextextended('safety.log', 0));
ALTER TABLE safety.log_length ADD COLUMN place text, ADD COLUMN keepers text;

CREATE FUNCTION safety.log_place() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT 'safety.log_arrivals'::regclass::oid || '/' || 'safety.log'::regclass::oid || '/'
    || current_setting('server_version_num')::int / 10000
$$;
CREATE FUNCTION safety.log_keepers() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT string_agg(tgname || ':' || oid || ':' || xmin::text, ' ' ORDER BY tgname) FROM pg_catalog.pg_trigger
  WHERE tgrelid IN ('safety.log'::regclass, 'safety.log_arrivals'::regclass) AND NOT tgisinternal
$$;

CREATE OR REPLACE FUNCTION safety.chain_arrival() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last safety.log;
  next bigint;
  here text := safety.log_place();
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('safety.log', 0));
  SELECT * INTO last FROM safety.log ORDER BY seq DESC LIMIT 1;
  next := coalesce(last.seq, 0) + 1;
  INSERT INTO safety.log (seq, at, action, actor_id, room_id, target_id, message_id, reason, details, hash)
  VALUES (next, NEW.at, NEW.action, NEW.actor_id, NEW.room_id, NEW.target_id, NEW.message_id, NEW.reason, NEW.details,
          sha256(coalesce(last.hash, decode(repeat('00', 32), 'hex')) || int8send(next) || NEW.digest));
  UPDATE safety.log_length SET length = length + 1, place = here,
    keepers = CASE WHEN place = here THEN keepers ELSE safety.log_keepers() END;
  DELETE FROM safety.log_arrivals WHERE arrival = NEW.arrival;
  RETURN NULL;
END
$$;
