-- Schema 6: how many facts a document has, so that `status` need not walk them all.
ALTER TABLE doc ADD COLUMN facts INTEGER NOT NULL DEFAULT 0;
UPDATE doc SET facts = (SELECT count(*) FROM fact WHERE fact.doc = doc.id);
