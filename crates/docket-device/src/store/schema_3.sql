-- Schema 3: the relay's receipts for what this device pushed, kept whole: evidence for others that records were there by a
-- time that no device can claim.
CREATE TABLE receipt(
  id        INTEGER PRIMARY KEY,
  relay     BLOB NOT NULL,             -- the key that signed
  epoch     BLOB NOT NULL,             -- which log
  pos       INTEGER NOT NULL,          -- its head after the exchange …
  digest    BLOB NOT NULL,             -- … and that head's digest
  relay_ms  INTEGER NOT NULL,          -- the relay's time, milliseconds since 1970
  accepted  BLOB NOT NULL,             -- hashes of the changes taken, sorted, 32 bytes each
  signature BLOB NOT NULL
);
