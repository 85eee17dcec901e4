//! What the disk itself promises: SQLite works on it with several connections, its faults reach SQLite, and a disk
//! under a directory takes only that directory.

#![allow(clippy::unwrap_used, reason = "a test")]

use docket_faultvfs::{Disk, Faults, Image, Replay, Rng};
use rusqlite::{Connection, ErrorCode, OpenFlags};

fn open(disk: &Disk) -> Connection {
    let db = Connection::open_with_flags_and_vfs("/d/a.db", OpenFlags::default(), disk.name()).unwrap();
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS t (x)").unwrap();
    db
}

fn count(db: &Connection) -> i64 {
    db.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
}

#[test]
fn two_connections_see_each_other_and_one_writes_at_a_time() {
    let disk = Disk::new();
    let (a, b) = (open(&disk), open(&disk));
    a.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").unwrap();
    assert_eq!(count(&b), 0, "a reader goes on beside a writer");
    b.busy_timeout(std::time::Duration::ZERO).unwrap();
    let busy = b.execute_batch("BEGIN IMMEDIATE").unwrap_err();
    assert_eq!(busy.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    a.execute_batch("COMMIT").unwrap();
    assert_eq!(count(&b), 1);
}

#[test]
fn threads_that_write_in_turn_lose_nothing() {
    let disk = Disk::new();
    let db = open(&disk);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let db = open(&disk);
                db.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
                for i in 0..50 {
                    db.execute("INSERT INTO t VALUES (?1)", [i]).unwrap();
                }
            });
        }
    });
    assert_eq!(count(&db), 200);
}

#[test]
fn a_full_disk_and_a_failing_sync_reach_sqlite() {
    let disk = Disk::new();
    let db = open(&disk);
    disk.set_faults(Faults { capacity: Some(0), ..Faults::default() });
    let full = db.execute("INSERT INTO t VALUES (zeroblob(9000))", []).unwrap_err();
    assert_eq!(full.sqlite_error_code(), Some(ErrorCode::DiskFull));
    disk.set_faults(Faults { fail_sync: true, ..Faults::default() });
    let failed = db.execute("INSERT INTO t VALUES (1)", []).unwrap_err();
    assert_eq!(failed.sqlite_error_code(), Some(ErrorCode::SystemIoFailure));
    disk.set_faults(Faults::default());
    db.execute("INSERT INTO t VALUES (1)", []).unwrap();
}

#[test]
fn a_disk_under_a_directory_takes_that_directory_only() {
    let (ours, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let disk = Disk::under(ours.path()).unwrap();
    for dir in [&ours, &other] {
        let db = Connection::open(dir.path().join("a.db")).unwrap();
        db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x)").unwrap();
    }
    assert!(!ours.path().join("a.db").exists() && other.path().join("a.db").exists());
    assert_eq!(disk.image().files.len(), 1);
    drop(disk);
    assert!(Connection::open(ours.path().join("a.db")).unwrap().execute_batch("SELECT * FROM t").is_err());
}

#[test]
fn what_was_synced_is_in_every_image_and_what_was_not_is_in_some() {
    let disk = Disk::new();
    let db = open(&disk);
    db.execute("INSERT INTO t VALUES ('synced')", []).unwrap();
    db.execute_batch("PRAGMA synchronous = OFF").unwrap();
    db.execute("INSERT INTO t VALUES ('loose')", []).unwrap();
    db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    drop(db);
    let log = disk.take_log();
    let mut replay = Replay::new(&log);
    replay.advance(log.ops.len());
    let mut rng = Rng::new(1);
    let counts: Vec<i64> = (0..64)
        .map(|_| {
            let image: Image = replay.image(&mut rng);
            disk.load(image, false);
            count(&open(&disk))
        })
        .collect();
    assert!(counts.iter().all(|&n| n == 1 || n == 2), "{counts:?}");
    assert!(counts.contains(&1) && counts.contains(&2), "{counts:?}");
}
