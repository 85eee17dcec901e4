-- Schema 9: facts stand behind the change that brought them first, and so are appended. By document they cost each
-- touched document a page of its own, a quarter of what a synchronisation writes; who asks for a document's facts goes
-- by way of its changes.
CREATE TABLE fact_9(
  change INTEGER NOT NULL,
  pos    INTEGER NOT NULL,
  id     BLOB NOT NULL,
  kind   TEXT NOT NULL,
  author INTEGER,                      -- NULL: imported
  n      INTEGER,
  at_ms  INTEGER,
  PRIMARY KEY (change, pos)
) WITHOUT ROWID;
-- Two rows at one place are damage of an index that `docket doctor --rebuild` makes anew.
INSERT OR IGNORE INTO fact_9 SELECT change, pos, id, kind, author, n, at_ms FROM fact ORDER BY change, pos;
DROP TABLE fact;
-- The views still read the old columns; whoever migrates makes them anew.
PRAGMA legacy_alter_table = ON;
ALTER TABLE fact_9 RENAME TO fact;
PRAGMA legacy_alter_table = OFF;
