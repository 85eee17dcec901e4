-- Schema 7: no index of hashes. Whoever writes to a document reads all of its changes anyway, to project it; the index
-- cost each change a page of its own.
CREATE TABLE change_7(
  id       INTEGER PRIMARY KEY,
  doc      INTEGER NOT NULL REFERENCES doc(id),
  carrier  INTEGER REFERENCES author(id), -- NULL: an import
  actor    BLOB NOT NULL,
  seq      INTEGER NOT NULL,
  start_op INTEGER NOT NULL,
  ops      INTEGER NOT NULL,           -- facts in `body`
  time     INTEGER NOT NULL,           -- seconds since 1970
  deps     BLOB,                       -- 32-byte hashes; NULL = genesis alone
  hash     BLOB NOT NULL,
  body     BLOB NOT NULL,              -- per fact: 16-byte key, 4-byte length (big-endian), canonical text
  UNIQUE (doc, actor, seq)
);
INSERT INTO change_7 SELECT id, doc, carrier, actor, seq, start_op, ops, time, deps, hash, body FROM change ORDER BY id;
DROP TABLE change;
ALTER TABLE change_7 RENAME TO change;
