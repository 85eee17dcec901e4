-- Schema 1. The truth is `change` (append only); `doc`, `fact`, `chain` index it and every `p_` table is a
-- projection: both can be made anew from `change` (`docket doctor --rebuild`).

-- One row: what this store is. The write generation is in step with DIR/docket.counter (restore detection).
CREATE TABLE meta(
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  tenant      BLOB NOT NULL,           -- 32 bytes
  device      BLOB NOT NULL,           -- 16 bytes
  incarnation INTEGER NOT NULL,        -- this life of the device
  generation  INTEGER NOT NULL,        -- write transactions so far
  nonce       BLOB NOT NULL,           -- 16 random bytes, new with every incarnation
  projection  INTEGER NOT NULL,        -- version of the code that filled the p_ tables
  created_ms  INTEGER NOT NULL
);

-- Why a new incarnation was started, newest last.
CREATE TABLE incarnation(
  incarnation INTEGER PRIMARY KEY,
  began_ms    INTEGER NOT NULL,
  reason      TEXT NOT NULL
);

CREATE TABLE author(
  id          INTEGER PRIMARY KEY,
  device      BLOB NOT NULL,
  incarnation INTEGER NOT NULL,
  UNIQUE (device, incarnation)
);

CREATE TABLE doc(
  id      INTEGER PRIMARY KEY,
  doc     BLOB NOT NULL UNIQUE,        -- 16 bytes
  code    TEXT NOT NULL,               -- first 12 characters of the short code
  kind    TEXT,                        -- 'job', 'customer' …; NULL until a fact says so
  number  TEXT,                        -- the source's number, for an imported document
  source  TEXT,
  max_op  INTEGER NOT NULL,
  changes INTEGER NOT NULL,            -- admitted changes, genesis not counted
  heads   BLOB NOT NULL                -- 32-byte hashes, sorted; empty = only genesis
);
CREATE INDEX doc_code ON doc(code);
CREATE INDEX doc_number ON doc(number) WHERE number IS NOT NULL;
CREATE INDEX doc_kind ON doc(kind) WHERE kind NOT IN ('job', 'customer');

-- Append only. The change's own bytes are rebuilt from the row and their hash compared with `hash` at read.
CREATE TABLE change(
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
  UNIQUE (doc, actor, seq),
  UNIQUE (doc, hash)
);

-- One row per fact, however many changes carry it; `change` and `pos` name the first that did.
CREATE TABLE fact(
  doc    INTEGER NOT NULL,
  id     BLOB NOT NULL,
  change INTEGER NOT NULL,
  pos    INTEGER NOT NULL,
  kind   TEXT NOT NULL,
  author INTEGER,                      -- NULL: imported
  n      INTEGER,
  at_ms  INTEGER,
  PRIMARY KEY (doc, id)
) WITHOUT ROWID;

-- Strings that are no facts: kept, without effect, a finding.
CREATE TABLE malformed(
  doc    INTEGER NOT NULL,
  change INTEGER NOT NULL,
  pos    INTEGER NOT NULL,
  key    BLOB NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (doc, change, pos)
) WITHOUT ROWID;

-- The newest fact of each author in each document, and how far a seal reaches.
CREATE TABLE chain(
  doc      INTEGER NOT NULL,
  author   INTEGER NOT NULL,
  n        INTEGER NOT NULL,
  tip      BLOB NOT NULL,
  sealed_n INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (doc, author)
) WITHOUT ROWID;
CREATE INDEX chain_unsealed ON chain(author, doc) WHERE n > sealed_n;

-- Imported facts that this device put into the record and has not vouched for with a seal yet.
CREATE TABLE unvouched(
  doc  INTEGER NOT NULL,
  fact BLOB NOT NULL,
  PRIMARY KEY (doc, fact)
) WITHOUT ROWID;

-- Changes whose dependencies have not arrived.
CREATE TABLE parked(
  id          INTEGER PRIMARY KEY,
  doc         BLOB NOT NULL,
  hash        BLOB NOT NULL,
  carrier     INTEGER REFERENCES author(id),
  bytes       BLOB NOT NULL,
  sender      TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  UNIQUE (doc, hash)
);
CREATE TABLE parked_dep(
  dep    BLOB NOT NULL,
  parked INTEGER NOT NULL REFERENCES parked(id) ON DELETE CASCADE,
  PRIMARY KEY (dep, parked)
) WITHOUT ROWID;
CREATE INDEX parked_dep_of ON parked_dep(parked);

-- Refused bytes, kept as evidence.
CREATE TABLE quarantine(
  id          INTEGER PRIMARY KEY,
  doc         BLOB,
  digest      BLOB NOT NULL UNIQUE,    -- SHA-256 of the bytes
  code        TEXT NOT NULL,           -- the refusal's stable code
  detail      TEXT NOT NULL,
  sender      TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  bytes       BLOB NOT NULL
);

CREATE TABLE seal(
  id      INTEGER PRIMARY KEY,
  author  INTEGER NOT NULL REFERENCES author(id),
  count   INTEGER NOT NULL,            -- 1, 2, 3 … for each author
  wall_ms INTEGER NOT NULL,
  leaves  INTEGER NOT NULL,
  bytes   BLOB NOT NULL,               -- the signed seal as it travels
  UNIQUE (author, count, bytes)        -- two of one count are an equivocation: both are kept as evidence
);
CREATE TABLE seal_leaf(
  seal INTEGER NOT NULL,
  pos  INTEGER NOT NULL,
  doc  INTEGER NOT NULL REFERENCES doc(id),
  n    INTEGER NOT NULL,               -- 0: an imported fact
  fact BLOB NOT NULL,
  proof BLOB,                          -- 32-byte nodes, leaf upwards; NULL = other leaves and seal_node prove it
  PRIMARY KEY (seal, pos)
) WITHOUT ROWID;
CREATE INDEX seal_leaf_doc ON seal_leaf(doc);

-- What another device said it holds: every leaf of the seals of `author` counted from `first` to `last`.
CREATE TABLE peer(
  device BLOB NOT NULL,
  author INTEGER NOT NULL REFERENCES author(id),
  first  INTEGER NOT NULL,
  last   INTEGER NOT NULL,
  PRIMARY KEY (device, author, first)
) WITHOUT ROWID;
