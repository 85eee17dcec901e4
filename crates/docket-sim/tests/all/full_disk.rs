//! The promise: a disk that is full at any moment is named as such, loses nothing that was acknowledged, leaves no half
//! of a record, and the store goes on as soon as there is room.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails should say where")]

use std::collections::BTreeMap;

use docket_device::store::DATABASE;
use docket_device::{Draft, Mode, Store, StoreError, doctor};
use docket_faultvfs::{Disk, Faults, Image};
use docket_format::fact::Stamp;
use docket_format::{DeviceId, DocId, TenantId};
use serde_json::json;

/// Three facts that must come together.
fn record(n: usize) -> Vec<Draft> {
    let note = |part: &str| Draft::new("noted", json!({"text": format!("{n}{part}{}", "x".repeat(n * 331 % 3_000))}));
    vec![note("a"), note("b"), note("c")]
}

fn stamp(n: usize) -> Stamp {
    let up_ms = n as i64 * 1_000;
    Stamp { wall_ms: 1_767_225_600_000 + up_ms, boot: "B".to_owned(), up_ms }
}

#[test]
fn a_disk_that_fills_at_any_moment_is_named_and_nothing_is_half_written() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::create(dir.path(), TenantId::of_root(&[1; 32]), DeviceId::from_bytes([2; 16])).unwrap());
    let path = dir.path().canonicalize().unwrap().join(DATABASE);
    let empty = std::fs::read(&path).unwrap();
    let counter = std::fs::read(dir.path().join("docket.counter")).unwrap();
    let disk = Disk::under(dir.path()).unwrap();
    let doc = DocId::new_v7(1, [1; 10]);
    let mut full = 0;
    // Room for a little more each time: the disk fills in the log, in the database, or between them.
    for room in (0..200_000).step_by(2_500) {
        std::fs::write(dir.path().join("docket.counter"), &counter).unwrap();
        disk.load(Image { files: BTreeMap::from([(path.display().to_string().into(), empty.clone().into())]) }, false);
        disk.set_faults(Faults { capacity: Some(empty.len() + room), ..Faults::default() });
        let mut acknowledged = 0;
        if let Ok(mut store) = Store::open(dir.path(), Mode::ReadWrite) {
            store.conn().execute_batch("PRAGMA wal_autocheckpoint = 8").unwrap();
            for n in 0..12 {
                match store.write(doc, &record(n), &stamp(n)) {
                    Ok(facts) => acknowledged += facts.len(),
                    Err(error) => {
                        let named = matches!(&error, StoreError::Full { .. } | StoreError::CommitUnknown { .. });
                        assert!(named, "room {room}, record {n}: {error:?}");
                        full += 1;
                        break;
                    }
                }
            }
        }
        disk.set_faults(Faults::default());
        let mut store = Store::open(dir.path(), Mode::ReadWrite).unwrap();
        let held = store.facts(doc).unwrap().len();
        assert!(held >= acknowledged && held.is_multiple_of(3), "room {room}: {held} of {acknowledged}");
        store.write(doc, &record(99), &stamp(99)).unwrap();
        assert_eq!(store.facts(doc).unwrap().len(), held + 3);
        let report = doctor::check(&mut store).unwrap();
        assert!(report.is_sound(), "room {room}: {report:?}");
    }
    assert!(full > 10, "the disk was hardly ever full: {full}");
}
