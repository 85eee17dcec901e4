//! One durable checklist write against one raw SQLite insert at the same durability, in turn, in one directory.

use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use docket_device::app::{Session, policies};
use docket_device::bundle::{self, Export};
use docket_device::{Draft, Store, company};
use docket_format::DocId;
use docket_format::fact::Stamp;
use rusqlite::{Connection, TransactionBehavior};
use serde_json::json;

/// Milliseconds, half of the runs below.
#[derive(Debug, Clone, Copy)]
pub struct WriteCost {
    /// A `step` fact through the store.
    pub step_ms: f64,
    /// An insert of as many bytes.
    pub raw_ms: f64,
    /// Half of the pairs had a lower ratio.
    pub ratio: f64,
}

/// A visit's ticks in an order that the checklist allows: step, answer, unit of a reading.
const VISIT: [(&str, &str, Option<&str>); 10] = [
    ("N1", "yes", None),
    ("A1", "0.4", Some("ohm")),
    ("A2", "12", Some("megaohm")),
    ("A3", "correct", None),
    ("A4", "yes", None),
    ("1", "yes", None),
    ("B1", "yes", None),
    ("C1", "yes", None),
    ("D1", "none", None),
    ("E1", "yes", None),
];

/// Raw rows after which SQLite has written over its log from the beginning: twice the pages at which it writes it back.
const ROUND: usize = 2_000;

/// Writes so many steps, and between them as many raw rows, under `dir`: in new stores, and once more when both logs have
/// been written over, so that no commit makes a file longer.
pub fn durable_writes(dir: &Path, count: usize) -> Result<[WriteCost; 2], String> {
    let (mut store, jobs) = technician(dir, (2 * count).div_ceil(VISIT.len()), &at(0))?;
    let mut raw = raw(&dir.join("raw.db")).map_err(text)?;
    let first = pairs(&mut store, &mut raw, &jobs, 0..count)?;
    (0..ROUND).try_for_each(|i| insert(&mut raw, i)).map_err(text)?;
    let later = pairs(&mut store, &mut raw, &jobs, count..2 * count)?;
    unremarkable(&store)?;
    Ok([first, later])
}

fn at(i: usize) -> Stamp {
    Stamp { wall_ms: 1_767_225_600_000 + i as i64, boot: "B".to_owned(), up_ms: i as i64 }
}

fn pairs(store: &mut Store, raw: &mut Connection, jobs: &[DocId], range: Range<usize>) -> Result<WriteCost, String> {
    let (mut steps, mut rows, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for i in range {
        let (visit, place) = (i / VISIT.len(), i % VISIT.len());
        let doc = *jobs.get(visit).ok_or("too few jobs")?;
        if place == 0 {
            store.write(doc, &[Draft::new("arrived", json!({}))], &at(i)).map_err(text)?;
        }
        let (step, answer, unit) = VISIT.get(place).copied().unwrap_or(("N1", "yes", None));
        let draft = match unit {
            Some(unit) => Draft::new("reading", json!({"step": step, "v": answer, "unit": unit, "appliance": 1})),
            None if answer == "yes" => Draft::new("step", json!({"step": step, "v": true, "appliance": 1})),
            None => Draft::new("step", json!({"step": step, "v": answer, "appliance": 1})),
        };
        let started = Instant::now();
        store.write(doc, &[draft], &at(i)).map_err(text)?;
        let step = started.elapsed().as_secs_f64() * 1000.0;
        let started = Instant::now();
        insert(raw, i).map_err(text)?;
        let row = started.elapsed().as_secs_f64() * 1000.0;
        steps.push(step);
        rows.push(row);
        ratios.push(step / row);
    }
    Ok(WriteCost { step_ms: middle(&mut steps), raw_ms: middle(&mut rows), ratio: middle(&mut ratios) })
}

/// A technician's device in a company with the shipped policy, and jobs to work.
fn technician(dir: &Path, count: usize, at: &Stamp) -> Result<(Store, Vec<DocId>), String> {
    const DAY_MS: i64 = 24 * 3_600_000;
    let person = "A-001".parse().map_err(text)?;
    let founded = company::found(&dir.join("founder"), "bench", &person, "Ada", at).map_err(text)?;
    let mut office = Session::of(founded.store, None);
    let policy = policies::shipped("default").unwrap_or_default();
    policies::adopt(&mut office, policy, "default.toml").map_err(text)?;
    let (person, until) = ("T-001".parse().map_err(text)?, at.wall_ms + DAY_MS);
    let store = office.store_mut();
    let jobs: Vec<DocId> = (0..count as u64).map(|n| DocId::new_v7(at.wall_ms as u64 + n, [n as u8; 10])).collect();
    for job in &jobs {
        let regs = json!({"kind": "installation", "product": "water_heater", "appliances": 1, "crew": ["T-001"]});
        let created = Draft::new("created", json!({"dk": "job", "regs": regs}));
        store.write(*job, &[created], at).map_err(text)?;
    }
    let invited = company::invite(store, &person, "Tao", "technician", until, at).map_err(text)?;
    let all = bundle::export(store, &Export::default(), at).map_err(text)?;
    let joined = company::join(&dir.join("store"), &invited.code.to_string(), &all.bytes, at).map_err(text)?;
    Ok((joined.store, jobs))
}

fn raw(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB NOT NULL);",
    )?;
    Ok(db)
}

fn insert(db: &mut Connection, i: usize) -> rusqlite::Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.prepare_cached("INSERT INTO row (body) VALUES (?1)")?.execute([[i as u8; 300]])?;
    tx.commit()
}

/// Ticks that raise issues would measure those.
fn unremarkable(store: &Store) -> Result<(), String> {
    let query = "SELECT count(*), coalesce(min(kind || ': ' || summary), '') FROM v_inbox";
    let (issues, first): (i64, String) =
        store.conn().query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(text)?;
    if issues == 0 { Ok(()) } else { Err(format!("{issues} issues came of the measured ticks: {first}")) }
}

/// The middle value.
pub(super) fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn text(error: impl core::fmt::Display) -> String {
    error.to_string()
}
