//! The promise: a real file folds to the same views and the same findings for ever, byte for byte (`fixtures/golden`).

#![allow(clippy::unwrap_used, reason = "a test that fails should say where")]

use std::path::{Path, PathBuf};

use docket_device::Store;
use docket_device::app::Session;
use docket_device::app::import;
use docket_device::audit::{self, Format, Options, Pack};
use docket_device::store::read_only;
use docket_format::{DeviceId, TenantId};

/// 2020-06-01T00:00:00Z, in milliseconds since 1970.
const AS_OF_MS: i64 = 1_590_969_600_000;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// The extract in a new store of a company and device with fixed ids.
fn imported(dir: &Path) -> Session {
    let store = Store::create(dir, TenantId::of_root(&[7; 32]), DeviceId::from_bytes([7; 16])).unwrap();
    let mut session = Session::of(store, Some(AS_OF_MS));
    let map = std::fs::read_to_string(fixtures().join("import/myla311.toml")).unwrap();
    let map = import::map(&map, "myla311.toml").unwrap();
    let file = fixtures().join("import/myla311-extract.csv");
    let report = import::run(&mut session, &file, &map, &dir.join("rejects.csv"), |_| {}).unwrap();
    assert_eq!((report.new, report.rejects), (64, 0));
    session
}

/// `v_job` as CSV, in the order of the sources' numbers.
fn jobs(session: &Session) -> Vec<u8> {
    let mut statement = session.store().conn().prepare("SELECT * FROM v_job ORDER BY number").unwrap();
    // `job` and what comes after it are newer than the file; `job` is this store's own number.
    let names: Vec<String> = statement.column_names().take_while(|name| *name != "job").map(str::to_owned).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let cells = (0..names.len()).map(|at| match row.get_ref(at).unwrap() {
            rusqlite::types::ValueRef::Null => String::new(),
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            other => other.as_str().unwrap().to_owned(),
        });
        writer.write_record(cells.collect::<Vec<_>>()).unwrap();
    }
    writer.into_inner().unwrap()
}

#[track_caller]
fn golden(name: &str, now: &[u8]) {
    let path = fixtures().join("golden").join(name);
    if std::env::var_os("DOCKET_BLESS").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let then = std::fs::read(&path).unwrap_or_default();
    assert_eq!(String::from_utf8_lossy(&then), String::from_utf8_lossy(now), "{name} is not what it was");
}

#[test]
fn a_real_file_folds_to_the_same_views_and_findings_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let session = imported(dir.path());
    golden("jobs.csv", &jobs(&session));
    let rules = std::fs::read_to_string(fixtures().join("golden/rules.toml")).unwrap();
    let pack = Pack::parse(&rules, "rules.toml").unwrap();
    let audit = audit::run(&mut read_only(dir.path()).unwrap(), &pack, Options::as_of(AS_OF_MS)).unwrap();
    assert!(audit.rules.iter().all(|rule| rule.findings > 0), "{:?}", audit.rules);
    let mut csv = Vec::new();
    audit.write(Format::Csv, &mut csv).unwrap();
    golden("audit.csv", &csv);
    let mut json = Vec::new();
    audit.write(Format::Json, &mut json).unwrap();
    golden("audit.json", &json);
}
