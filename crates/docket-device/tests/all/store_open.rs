//! The promise: a store that is damaged, foreign, newer, restored or in a bad place is named as such, and nothing in it
//! is changed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

use std::path::Path;

use crate::common::{Fixture, draft, stamp, tenant};
use docket_device::store::{DATABASE, Notice};
use docket_device::{ErrorKind, Mode, Store, StoreError};
use rusqlite::Connection;
use serde_json::json;

fn open(dir: &Path) -> Result<Store, StoreError> {
    Store::open(dir, Mode::ReadWrite)
}

#[test]
fn what_is_no_store_is_named() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(open(dir.path()), Err(StoreError::NoStore { .. })));
    let path = dir.path().join(DATABASE);
    let cases: [(&str, &[u8]); 3] =
        [("empty", b""), ("text", b"hello, this is not a database at all"), ("short", b"x")];
    for (name, bytes) in cases {
        std::fs::write(&path, bytes).unwrap();
        let error = open(dir.path()).unwrap_err();
        assert!(matches!(error, StoreError::Foreign { .. }), "{name}: {error}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert!(error.hint().is_some());
        assert_eq!(error.kind(), ErrorKind::Environment);
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}: untouched");
    }
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE somebody_elses(x)").unwrap();
    assert!(matches!(open(dir.path()), Err(StoreError::Foreign { .. })));
}

#[test]
fn a_second_store_in_one_directory_is_refused() {
    let fix = Fixture::new();
    let again = Store::create(fix.dir.path(), tenant(), fix.key.public().device());
    assert!(matches!(again, Err(StoreError::Exists { .. })));
    let names: Vec<_> = std::fs::read_dir(fix.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains(".new")), "{names:?}");
}

#[cfg(unix)]
#[test]
fn a_store_is_for_its_owner_alone_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("store");
    let mut store = Store::create(&dir, tenant(), docket_format::DeviceId::from_bytes([1; 16])).unwrap();
    store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    store.blobs().put(b"a photo").unwrap();
    let mut folders = vec![dir];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                assert_eq!(mode(&entry.path()), 0o600, "{}", entry.path().display());
                files += 1;
            }
        }
    }
    assert!(files >= 5, "the database, its log and index, the counter, a photo: {files}");
}

#[test]
fn a_newer_store_opens_for_reading_and_says_why() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    fix.store.conn().pragma_update(None, "user_version", 99).unwrap();
    fix.reopen();
    assert!(matches!(fix.store.notices(), [Notice::NewerSchema { found: 99, .. }]));
    assert_eq!(fix.store.facts(doc).unwrap().len(), 1);
    let refused = fix.store.write(doc, &[draft("arrived", json!({}))], &stamp(2));
    assert!(matches!(refused, Err(StoreError::NewerSchema { found: 99, .. })));
}

/// Copies a store's database as a backup would.
fn copy(fix: &Fixture, to: &Path) {
    fix.store.conn().execute("VACUUM INTO ?1", [to.to_string_lossy()]).unwrap();
}

fn put_back(dir: &Path, from: &Path) {
    let path = dir.join(DATABASE);
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(dir.join(format!("{DATABASE}{end}")));
    }
    std::fs::copy(from, path).unwrap();
}

#[test]
fn a_restored_database_goes_on_in_a_new_life_however_often() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    let backup = fix.dir.path().join("backup");
    copy(&fix, &backup);
    let lost = fix.store.write(doc, &[draft("noted", json!({"text": "lost"}))], &stamp(2)).unwrap();
    let mut lives = vec![fix.store.author().incarnation];
    for round in 0..3 {
        let Fixture { dir, store, key } = fix;
        drop(store);
        put_back(dir.path(), &backup);
        fix = Fixture { store: open(dir.path()).unwrap(), dir, key };
        assert!(matches!(fix.store.notices(), [Notice::Restored { .. }]), "{round}: {:?}", fix.store.notices());
        let life = fix.store.author().incarnation;
        assert!(!lives.contains(&life), "{life} was used");
        lives.push(life);
        let ids = fix.store.write(doc, &[draft("noted", json!({"text": "again"}))], &stamp(3)).unwrap();
        assert_ne!(ids, lost);
        assert_eq!(fix.store.status().unwrap().lives.last().unwrap().0, life);
    }
    fix.reopen();
    assert_eq!(fix.store.notices(), [], "settled");
    assert_eq!(fix.store.author().incarnation, *lives.last().unwrap());
}

#[test]
fn a_lagging_or_lost_counter_is_tolerated() {
    let mut fix = Fixture::new();
    let counter = fix.dir.path().join("docket.counter");
    let early = std::fs::read(&counter).unwrap();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    fix.store.write(doc, &[draft("arrived", json!({}))], &stamp(2)).unwrap();
    let life = fix.store.author();
    std::fs::write(&counter, early).unwrap(); // a crash before the counter reached the disk
    fix.reopen();
    assert_eq!((fix.store.notices(), fix.store.author()), (&[][..], life));
    std::fs::remove_file(&counter).unwrap();
    fix.reopen();
    assert_eq!((fix.store.notices(), fix.store.author()), (&[Notice::CounterLost][..], life));
    fix.reopen();
    assert_eq!(fix.store.notices(), []);
}

#[test]
fn a_full_disk_is_named_and_nothing_is_half_written() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    let pages: i64 = fix.value("PRAGMA page_count");
    fix.store.conn().query_row("SELECT 1", [], |_| Ok(())).unwrap();
    fix.store.conn().pragma_update(None, "max_page_count", pages).unwrap();
    let mut written = 1;
    let error = loop {
        let text = "x".repeat(10_000);
        match fix.store.write(
            doc,
            &[draft("noted", json!({"text": text})), draft("noted", json!({"text": "b"}))],
            &stamp(2),
        ) {
            Ok(_) => written += 2,
            Err(error) => break error,
        }
        assert!(written < 100, "the limit was never reached");
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Environment);
    fix.store.conn().pragma_update(None, "max_page_count", 1_000_000).unwrap();
    assert_eq!(fix.store.facts(doc).unwrap().len(), written);
    fix.store.write(doc, &[draft("arrived", json!({}))], &stamp(3)).unwrap();
    assert!(docket_device::doctor::check(&mut fix.store).unwrap().is_sound());
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_is_named_and_can_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    let Fixture { dir, store, .. } = fix;
    drop(store);
    let locked = |mode| std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    locked(0o555);
    // Root writes everywhere: then there is nothing to test.
    if std::fs::write(dir.path().join("probe"), "").is_err() {
        assert!(matches!(open(dir.path()), Err(StoreError::Denied { .. })));
        let refused = Store::create(&dir.path().join("sub"), tenant(), docket_format::DeviceId::from_bytes([1; 16]));
        assert!(matches!(refused, Err(StoreError::Denied { .. })));
        assert_eq!(Store::open(dir.path(), Mode::ReadOnly).unwrap().facts(doc).unwrap().len(), 1);
    }
    locked(0o755);
}

#[test]
fn a_damaged_change_is_named_when_it_is_read() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    let (other, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    fix.store.conn().execute("UPDATE change SET body = replace(body, 'job', 'jab') WHERE id = 1", []).unwrap();
    let error = fix.store.facts(doc).unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains(&doc.to_string()), "{error}");
    assert_eq!(fix.store.facts(other).unwrap().len(), 1, "the others are read on");
    let report = docket_device::doctor::check(&mut fix.store).unwrap();
    assert!(!report.is_sound());
    assert!(report.findings.iter().any(|finding| finding.code == "change" && finding.doc == Some(doc)), "{report:?}");
}

#[test]
fn a_damaged_page_is_an_error_with_a_name_never_a_wrong_answer() {
    let mut fix = Fixture::new();
    let text = "y".repeat(9_000);
    let (doc, _) = fix
        .store
        .create_doc(&[draft("created", json!({"dk": "job"})), draft("noted", json!({"text": text}))], &stamp(1))
        .unwrap();
    let whole = fix.store.facts(doc).unwrap();
    let Fixture { dir, store, .. } = fix;
    drop(store);
    let path = dir.path().join(DATABASE);
    let sound = std::fs::read(&path).unwrap();
    for page in 0..sound.len() / 4096 {
        let mut bytes = sound.clone();
        for byte in &mut bytes[page * 4096 + 100..page * 4096 + 4000] {
            *byte = !*byte;
        }
        std::fs::write(&path, bytes).unwrap();
        // A writer would start a life or mend the counter; looking must do for this.
        match Store::open(dir.path(), Mode::ReadOnly).and_then(|store| store.facts(doc)) {
            Ok(facts) => assert!(facts == whole || facts.is_empty(), "page {page}: wrong facts"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Environment, "page {page}: {error}"),
        }
    }
}
