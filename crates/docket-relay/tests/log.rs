//! The guarantee: the log on disk does what every relay log must do, keeps what was committed and nothing else, and
//! says so when it is damaged.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

use docket_format::change::Stored;
use docket_format::merkle::{Node, Span};
use docket_format::{ActorId, ChangeHash, DeviceId, DocId, TenantId};
use docket_relay::log::{Birth, LogError, SqliteLog};
use docket_sync::relay::{Log as _, NewEntry, View, admit, read_page};
use docket_sync::testkit::{Company, conformance};
use docket_sync::wire::Cursor;

const BIRTH: Birth = Birth { epoch: [7; 16], seed: [8; 32], secret: [9; 32], now_ms: 1_790_000_000_000 };

fn tenant() -> TenantId {
    Company::new(1).tenant
}

fn blank() -> SqliteLog {
    SqliteLog::in_memory(tenant(), &BIRTH).unwrap()
}

fn doc(n: u8) -> DocId {
    DocId::new_v7(u64::from(n), [n; 10])
}

fn append(log: &mut SqliteLog, n: u8) -> u64 {
    let row = log.row(doc(n)).unwrap();
    log.append(&NewEntry { row, body: &[n; 10], authors: &[], leaves: &[] }).unwrap()
}

#[test]
fn it_conforms() {
    conformance::run(|tenant| SqliteLog::in_memory(tenant, &BIRTH).unwrap());
}

#[test]
fn it_conforms_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let mut n = 0;
    conformance::run(|tenant| {
        n += 1;
        SqliteLog::open(&dir.path().join(format!("{n}.db")), tenant, &BIRTH).unwrap()
    });
}

#[test]
fn a_part_that_fails_leaves_nothing_and_takes_nothing_else_along() {
    let mut log = blank();
    log.begin().unwrap();
    log.part(|log| Ok(append(log, 1))).unwrap();
    let failed: Result<(), _> = log.part(|log| {
        append(log, 2);
        Err(LogError::NoRandomness)
    });
    assert!(failed.is_err());
    log.part(|log| Ok(append(log, 3))).unwrap();
    log.commit().unwrap();
    assert_eq!(log.head().unwrap().pos, 2);
    assert!(log.doc(doc(2)).unwrap().is_none());
    log.begin().unwrap();
    append(&mut log, 4);
    log.roll_back();
    assert_eq!(log.head().unwrap().pos, 2);
}

#[test]
fn an_entry_that_fits_no_page_is_refused() {
    let mut log = blank();
    let row = log.row(doc(1)).unwrap();
    let body = vec![0; docket_format::limits::CHUNK_BYTES];
    let refused = log.append(&NewEntry { row, body: &body, authors: &[], leaves: &[] });
    assert!(matches!(refused, Err(LogError::EntryTooLong(_))));
}

#[test]
fn leaves_are_held_however_far_apart_and_their_nodes_come_back() {
    let mut company = Company::new(1);
    let mut pen = company.device(2, "A-1", "admin");
    let change = pen.write(doc(1), "created", serde_json::json!({"dk": "job"})).1;
    let page = pen.page(vec![change]);
    let seal = page.seals[0].seal.clone().verify(company.tenant, &pen.key.public()).unwrap();
    let mut log = blank();
    let number = log.put_seal(&seal).unwrap();
    assert_eq!(log.put_seal(&seal).unwrap(), number);
    let node = |n: u8| -> Node { [n; 32] };
    let leaves = [(0, node(1)), (2_047, node(2)), (2_048, node(3)), (999_999, node(4))];
    let span = Span { first: 1, len: 1 };
    let places = leaves.map(|(place, _)| place);
    assert_eq!(log.held(number, &places).unwrap(), [false; 4]);
    log.put_nodes(number, &leaves[..3], &[(span, node(9))]).unwrap();
    assert_eq!(log.held(number, &places).unwrap(), [true, true, true, false]);
    assert_eq!(log.held(number, &[1, 2_046, 2_049]).unwrap(), [false; 3], "nodes are no leaves");
    log.put_nodes(number, &leaves[3..], &[]).unwrap();
    assert_eq!(log.held(number, &places).unwrap(), [true; 4]);
    let mut known = log.nodes(number, 3).unwrap();
    assert!(known.prove(&[1]).is_none(), "the leaf at 2 is not known");
    assert_eq!(log.nodes(number, 2).unwrap().prove(&[0]), Some(vec![node(9)]));
    assert_eq!(log.seal(number).unwrap().as_ref(), Some(seal.raw()));
}

/// Nobody who waits for a commit waits for what came before to be written back.
#[test]
fn a_commit_writes_nothing_back_and_a_long_log_is_written_back_when_asked() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.db");
    let mut log = SqliteLog::open(&path, tenant(), &BIRTH).unwrap();
    let row = log.row(doc(1)).unwrap();
    let size = || std::fs::metadata(&path).unwrap().len();
    let before = size();
    let body = vec![7; 3 << 20];
    for n in 0..4 {
        log.begin().unwrap();
        log.append(&NewEntry { row, body: &body, authors: &[], leaves: &[] }).unwrap();
        log.commit().unwrap();
        assert_eq!(size(), before, "commit {n}");
        if n == 0 {
            log.fold_back().unwrap();
            assert_eq!(size(), before, "it is not worth it yet");
        }
    }
    log.fold_back().unwrap();
    assert!(size() > before + (12 << 20));
}

/// Before schema 3 no document's row held any of its changes.
#[test]
fn a_log_of_schema_2_knows_its_changes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.db");
    let mut company = Company::new(1);
    let mut pen = company.device(2, "A-1", "admin");
    let roster = company.roster();
    let mut changes: Vec<_> = (0..3).map(|n| pen.write(doc(1), "noted", serde_json::json!({"text": n})).1).collect();
    let mut push = |log: &mut SqliteLog, changes: Vec<_>| {
        let page = pen.page(changes);
        admit(log, &roster, pen.author.device, read_page(page, &roster)).unwrap()
    };
    let mut log = SqliteLog::open(&path, company.tenant, &BIRTH).unwrap();
    assert_eq!(push(&mut log, changes.clone()).new, 3);
    let (row, known) = log.doc(doc(1)).unwrap().unwrap();
    assert_eq!((known.changes, known.newest.len()), (3, 3));
    for (hash, stored) in known.newest {
        log.put_change(row, hash, stored).unwrap();
    }
    drop(log);
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch("ALTER TABLE doc DROP COLUMN newest; PRAGMA user_version = 2").unwrap();
    drop(old);
    let mut log = SqliteLog::open(&path, company.tenant, &BIRTH).unwrap();
    let again = push(&mut log, changes.clone());
    assert_eq!((again.new, again.accepted.len()), (0, 3));
    changes.push(pen.write(doc(1), "noted", serde_json::json!({"text": "later"})).1);
    let page = pen.page(vec![changes.pop().unwrap()]);
    assert_eq!(admit(&mut log, &roster, pen.author.device, read_page(page, &roster)).unwrap().new, 1);
}

#[test]
fn quarantine_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.db");
    let mut log = SqliteLog::open(&path, tenant(), &BIRTH).unwrap();
    log.begin().unwrap();
    for n in 0..2_005_u32 {
        log.quarantine(DeviceId::from_bytes([1; 16]), doc(1), "unsealed", &n.to_be_bytes()).unwrap();
    }
    log.commit().unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    let rows: i64 = other.query_row("SELECT count(*) FROM quarantine", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 2_000);
}

#[test]
fn damaged_rows_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.db");
    let mut log = SqliteLog::open(&path, tenant(), &BIRTH).unwrap();
    append(&mut log, 1);
    let row = log.row(doc(1)).unwrap();
    let hash = ChangeHash::from_bytes([5; 32]);
    log.put_change(row, hash, Stored { actor: ActorId::from_bytes([6; 16]), max_op: 3 }).unwrap();
    assert!(log.change(row, hash).unwrap().is_some());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("UPDATE entry SET leaves = x'00'; UPDATE doc SET heads = x'0102'").unwrap();
    assert!(matches!(log.entries(&View::All, Cursor::default(), 10), Err(LogError::Corrupt(_))));
    assert!(matches!(log.entries_of(row), Err(LogError::Corrupt(_))));
    assert!(matches!(log.doc(doc(1)), Err(LogError::Corrupt(_))));
}
