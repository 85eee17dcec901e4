//! One durable checklist write against one raw SQLite insert at the same durability, in turn, in one directory.

use std::path::Path;
use std::time::Instant;

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

/// Steps in one visit, so that a job does not grow without end.
const VISIT: usize = 12;

/// Writes so many steps, and between them as many raw rows, under `dir`.
pub fn durable_writes(dir: &Path, count: usize) -> Result<WriteCost, String> {
    let at = |i: usize| Stamp { wall_ms: 1_767_225_600_000 + i as i64, boot: "B".to_owned(), up_ms: i as i64 };
    let person = "T-001".parse().map_err(text)?;
    let mut store = company::found(&dir.join("store"), "bench", &person, "Ada", &at(0)).map_err(text)?.store;
    let mut raw = raw(&dir.join("raw.db")).map_err(text)?;
    let (mut steps, mut rows, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut doc = DocId::new_v7(0, [0; 10]);
    for i in 0..count {
        if i % VISIT == 0 {
            doc = DocId::new_v7(
                at(i).wall_ms as u64,
                (i as u64).to_be_bytes().repeat(2).first_chunk().copied().unwrap_or_default(),
            );
            start(&mut store, doc, &at(i))?;
        }
        let draft = Draft::new("step", json!({"step": "B1", "v": true}));
        let started = Instant::now();
        store.write(doc, &[draft], &at(i)).map_err(text)?;
        let step = started.elapsed().as_secs_f64() * 1000.0;
        let started = Instant::now();
        insert(&mut raw, i).map_err(text)?;
        let row = started.elapsed().as_secs_f64() * 1000.0;
        steps.push(step);
        rows.push(row);
        ratios.push(step / row);
    }
    Ok(WriteCost { step_ms: middle(&mut steps), raw_ms: middle(&mut rows), ratio: middle(&mut ratios) })
}

fn start(store: &mut Store, doc: DocId, at: &Stamp) -> Result<(), String> {
    let regs = json!({"kind": "installation", "product": "water heater", "appliances": 1});
    let drafts = [Draft::new("created", json!({"dk": "job", "regs": regs})), Draft::new("arrived", json!({}))];
    store.write(doc, &drafts, at).map(|_| ()).map_err(text)
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

/// The middle value.
pub(super) fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn text(error: impl core::fmt::Display) -> String {
    error.to_string()
}
