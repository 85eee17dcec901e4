-- Schema 3: a document's newest changes stand in its own row: (hash, actor, last operation), 56 bytes each. `change` has
-- those before them; a job of a few changes needs no page there.
ALTER TABLE doc ADD COLUMN newest BLOB NOT NULL DEFAULT x'';
