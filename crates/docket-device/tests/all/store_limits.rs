//! The guarantee: what a store takes from outside is bounded, and the bound holds exactly: one below and the limit itself
//! pass, one above does not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

use crate::common::{Fixture, SENDER, arrivals, draft, stamp};
use docket_device::store::Outcome;
use docket_device::{ErrorKind, StoreError};
use docket_format::limits;
use serde_json::json;

#[test]
fn blob_bytes() {
    let fix = Fixture::new();
    for (extra, good) in [(-1i64, true), (0, true), (1, false)] {
        let bytes = vec![7; (limits::BLOB_BYTES as i64 + extra) as usize];
        match fix.store.blobs().put(&bytes) {
            Ok(digest) => assert!(good && fix.store.blobs().has(digest)),
            Err(error) => {
                assert!(!good && matches!(error, StoreError::BadBlob { .. }), "{error}");
                assert_eq!(error.kind(), ErrorKind::Usage);
            }
        }
    }
}

#[test]
fn parked_changes() {
    let mut from = Fixture::new();
    let (doc, _) = from.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    for second in 2..6 {
        from.store.write(doc, &[draft("noted", json!({"text": second.to_string()}))], &stamp(second)).unwrap();
    }
    let changes = arrivals(&from.store, doc);
    let mut to = Fixture::new();
    // All but two places are taken by changes of other documents that wait for ever.
    to.store
        .conn()
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
             INSERT INTO parked(doc, hash, carrier, bytes, sender, received_ms)
             SELECT randomblob(16), randomblob(32), NULL, x'00', 'test', 0 FROM n",
            [limits::PARKED_CHANGES as i64 - 2],
        )
        .unwrap();
    let mut tx = to.store.begin().unwrap();
    for (turn, change) in changes[2..].iter().enumerate() {
        assert!(matches!(tx.ingest(&SENDER, change.clone()).unwrap(), Outcome::Parked(_)));
        let waiting = tx.parked().unwrap();
        assert_eq!(waiting, (limits::PARKED_CHANGES as u64 - 1 + turn as u64).min(limits::PARKED_CHANGES as u64));
    }
    tx.commit().unwrap();
    let full = "SELECT count(*) FROM quarantine WHERE code = 'parked-full'";
    assert_eq!(to.value::<i64>(full), 1, "the one that found no place is kept as evidence");
}
