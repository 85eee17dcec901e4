-- Schema 2: where this device stands with its relay (`docs/architecture.md`). At most one relay is in use.
CREATE TABLE relay(
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  url         TEXT NOT NULL,
  key         BLOB,                    -- the relay's public key: pinned at the first session
  epoch       BLOB,                    -- 16 bytes: which log the anchor and the cursor are of
  pos         INTEGER,                 -- the anchor: the log's highest place that any reply showed …
  digest      BLOB,                    -- … and the chain digest there
  view        INTEGER,                 -- the view that the cursor belongs to
  eff         INTEGER,                 -- the cursor: effective position …
  at          INTEGER,                 -- … and position
  lease       INTEGER NOT NULL DEFAULT 0,
  nonce       BLOB,                    -- 16 bytes: a push under this lease may be on its way
  pushed      INTEGER NOT NULL DEFAULT 0, -- every change up to this row is at the relay …
  seals       INTEGER NOT NULL DEFAULT 0, -- … and every seal up to this row
  token       TEXT,
  offset_ms   INTEGER,                 -- the relay's clock less this device's, at the last exchange that wrote
  beacon      BLOB,                    -- the relay's newest signed time
  receipt_ms  INTEGER,                 -- the last receipt: when, by the relay's clock …
  receipt_pos INTEGER,                 -- … and up to which place of the log
  seen        INTEGER NOT NULL DEFAULT 0, -- up to which place some supervisor's device has pulled
  checked_ms  INTEGER,                 -- the last comparison of the two records, by this device's clock
  healed      INTEGER NOT NULL DEFAULT 0 -- documents that comparisons ever had to repair
);

-- Changes above `relay.pushed` that the relay is known to hold: runs of rows.
CREATE TABLE relay_skip(
  first INTEGER PRIMARY KEY,
  last  INTEGER NOT NULL
);

-- All that the relay holds of the changes up to a row lies at or below a place of its log.
CREATE TABLE relay_mark(
  change INTEGER PRIMARY KEY,
  pos    INTEGER NOT NULL
);

-- Facts that were carried again because the relay refused their change: a second refusal is final.
CREATE TABLE relay_refused(
  doc  INTEGER NOT NULL,
  fact BLOB NOT NULL,
  PRIMARY KEY (doc, fact)
) WITHOUT ROWID;

-- Nodes of a seal's tree that came with a page's proof: with the leaves here they prove each of them on.
CREATE TABLE seal_node(
  seal  INTEGER NOT NULL,
  first INTEGER NOT NULL,
  len   INTEGER NOT NULL,
  node  BLOB NOT NULL,
  PRIMARY KEY (seal, first, len)
) WITHOUT ROWID;
