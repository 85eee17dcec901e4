-- One company's log. Everything but `pulled`, `lease` and `quarantine` is derived from what devices pushed, in the
-- order in which it was committed.

CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    tenant BLOB NOT NULL CHECK (length(tenant) = 32),
    epoch BLOB NOT NULL CHECK (length(epoch) = 16),
    -- The relay's signing key for this company, and what its tokens are authenticated with.
    seed BLOB NOT NULL CHECK (length(seed) = 32),
    secret BLOB NOT NULL CHECK (length(secret) = 32),
    created_ms INTEGER NOT NULL
) STRICT;

-- Numbers stand in entries' bodies: they are never used twice. 0 is an import.
CREATE TABLE author (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    device BLOB NOT NULL CHECK (length(device) = 16),
    incarnation INTEGER NOT NULL,
    UNIQUE (device, incarnation)
) STRICT;

CREATE TABLE seal (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    author INTEGER NOT NULL REFERENCES author (number),
    count INTEGER NOT NULL,
    body BLOB NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64)
) STRICT;

-- Which leaves of a seal entries hold: one bit each, in blocks, so that a seal of many leaves of which few come
-- costs little.
CREATE TABLE seal_shown (
    seal INTEGER NOT NULL,
    block INTEGER NOT NULL,
    bits BLOB NOT NULL,
    PRIMARY KEY (seal, block)
) STRICT, WITHOUT ROWID;

-- What is known of a seal's tree: (first leaf, leaves, node), 40 bytes each, as many as came together in one row.
CREATE TABLE seal_part (
    id INTEGER PRIMARY KEY,
    seal INTEGER NOT NULL,
    nodes BLOB NOT NULL
) STRICT;
CREATE INDEX seal_part_by_seal ON seal_part (seal);

CREATE TABLE doc (
    row INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind TEXT,
    heads BLOB NOT NULL,
    max_op INTEGER NOT NULL,
    -- (actor, its last sequence number, its last operation), 32 bytes each.
    actors BLOB NOT NULL,
    sum INTEGER NOT NULL,
    changes INTEGER NOT NULL
) STRICT;

CREATE TABLE change (
    doc INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    actor BLOB NOT NULL CHECK (length(actor) = 16),
    max_op INTEGER NOT NULL,
    PRIMARY KEY (doc, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
    pos INTEGER PRIMARY KEY,
    doc INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    at_ms INTEGER NOT NULL,
    -- Author numbers, 4 bytes each; leaves as (seal, place), 8 bytes each.
    authors BLOB NOT NULL,
    leaves BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX entry_by_doc ON entry (doc, pos);

-- Scopes: observed-remove sets of documents. Scope 0 is what everybody sees; the others are scope documents' rows.
CREATE TABLE tag (
    scope INTEGER NOT NULL,
    tag BLOB NOT NULL CHECK (length(tag) = 16),
    -- Document rows, 8 bytes each; empty once the tag has ended, which may be before it came.
    docs BLOB NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (scope, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
    scope INTEGER NOT NULL,
    doc INTEGER NOT NULL,
    -- Since which position it has been in sight without a break.
    entered_at INTEGER NOT NULL,
    -- max(entered_at, the document's newest entry).
    newest INTEGER NOT NULL,
    -- How many tags hold it in.
    held INTEGER NOT NULL,
    PRIMARY KEY (scope, doc)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_by_newest ON member (scope, newest);
CREATE INDEX member_by_doc ON member (doc);

CREATE TABLE lease (
    device BLOB NOT NULL CHECK (length(device) = 16),
    incarnation INTEGER NOT NULL,
    next INTEGER NOT NULL,
    nonce BLOB NOT NULL CHECK (length(nonce) = 16),
    PRIMARY KEY (device, incarnation)
) STRICT, WITHOUT ROWID;

-- How far devices said that they have pulled. `office` = 1: one of those whose sight counts as "seen".
CREATE TABLE pulled (
    device BLOB PRIMARY KEY CHECK (length(device) = 16),
    eff INTEGER NOT NULL,
    pos INTEGER NOT NULL,
    office INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device BLOB NOT NULL CHECK (length(device) = 16),
    doc BLOB NOT NULL CHECK (length(doc) = 16),
    code TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
