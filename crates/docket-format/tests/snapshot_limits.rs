//! The guarantee: the limits of snapshots hold exactly: one below and the limit itself pass, one above does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

use docket_format::change::{Carrier, NewChange, Parsed, Refused, build, genesis};
use docket_format::{Author, ChangeHash, DeviceId, DocId, FactId, Incarnation, limits, snapshot};

/// One chain of changes with one short fact each.
fn chain(doc: DocId, count: usize) -> Vec<Parsed> {
    let author = Author { device: DeviceId::from_bytes([1; 16]), incarnation: Incarnation(1) };
    let carrier = Carrier::Device(author);
    let mut deps: Vec<ChangeHash> = vec![genesis(doc).hash];
    let mut changes = Vec::with_capacity(count);
    for seq in 1..=count as u64 {
        let text = seq.to_string();
        let facts = [(FactId::of(doc, text.as_bytes()), text.as_str())];
        let new = NewChange { doc, carrier, seq, start_op: seq + 2, deps: &deps, time: 0, facts: &facts };
        let hash = build(&new).unwrap().hash;
        changes.push(Parsed::of_built(&new, hash));
        deps = vec![hash];
    }
    changes
}

#[test]
fn snapshot_changes() {
    let doc = DocId::new_v7(1, [1; 10]);
    // Genesis is one of them.
    let changes = chain(doc, limits::SNAPSHOT_CHANGES);
    for (extra, good) in [(-1i64, true), (0, true), (1, false)] {
        let count = (limits::SNAPSHOT_CHANGES as i64 + extra) as usize;
        match snapshot::build(doc, &changes[..count - 1]) {
            Ok(bytes) => {
                assert!(good, "{count}");
                assert_eq!(snapshot::preflight(doc, &bytes).unwrap().changes, count);
            }
            Err(error) => {
                assert!(!good, "{count}: {error}");
                assert_eq!(error, Refused::TooManyChanges { changes: count as u64 });
            }
        }
    }
}

#[test]
fn snapshot_bytes() {
    let doc = DocId::new_v7(1, [1; 10]);
    for (extra, too_large) in [(-1i64, false), (0, false), (1, true)] {
        let bytes = vec![0; (limits::SNAPSHOT_BYTES as i64 + extra) as usize];
        let error = snapshot::preflight(doc, &bytes).unwrap_err();
        // What is not too large is looked at, and is no snapshot.
        assert_eq!(matches!(error, Refused::TooLarge { .. }), too_large, "{extra}: {error}");
    }
}
