-- Schema 8: changes are found by their document alone, in their order. That an author's numbers stand once is asked
-- before a change is taken in, and by `docket doctor`; the index that said so too was a quarter of a change's pages and
-- in no order that is read.
CREATE TABLE change_8(
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
  body     BLOB NOT NULL               -- per fact: 16-byte key, 4-byte length (big-endian), canonical text
);
CREATE INDEX change_doc ON change_8(doc);
INSERT INTO change_8 SELECT id, doc, carrier, actor, seq, start_op, ops, time, deps, hash, body FROM change ORDER BY id;
DROP TABLE change;
ALTER TABLE change_8 RENAME TO change;
