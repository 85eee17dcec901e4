-- Schema 4: fewer pages for a tick.

-- Chains with facts that no seal reaches. A tick on a chain that is in here already writes no page of it, which an index
-- over the count could not do.
CREATE TABLE unsealed(
  author INTEGER NOT NULL,
  doc    INTEGER NOT NULL,
  PRIMARY KEY (author, doc)
) WITHOUT ROWID;
INSERT INTO unsealed SELECT author, doc FROM chain WHERE n > sealed_n;
DROP INDEX chain_unsealed;
CREATE TRIGGER chain_begun AFTER INSERT ON chain WHEN new.n > new.sealed_n BEGIN
  INSERT OR IGNORE INTO unsealed VALUES (new.author, new.doc);
END;
CREATE TRIGGER chain_grown AFTER UPDATE OF n, sealed_n ON chain
  WHEN new.n > new.sealed_n AND old.n <= old.sealed_n BEGIN
  INSERT OR IGNORE INTO unsealed VALUES (new.author, new.doc);
END;
CREATE TRIGGER chain_sealed AFTER UPDATE OF n, sealed_n ON chain
  WHEN new.n <= new.sealed_n AND old.n > old.sealed_n BEGIN
  DELETE FROM unsealed WHERE author = new.author AND doc = new.doc;
END;
CREATE TRIGGER chain_ended AFTER DELETE ON chain BEGIN
  DELETE FROM unsealed WHERE author = old.author AND doc = old.doc;
END;

-- From here on a store's write generation is `meta.generation` + the highest row of `change`: a transaction that adds a
-- change need not touch `meta`. The sum stays what it was, so a copy put back is noticed as before.
UPDATE meta SET generation = generation - (SELECT coalesce(max(id), 0) FROM change);
