//! Changes from outside: admitted in causal order, parked when something is missing, quarantined when refused.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use docket_format::change::{Admission, Carrier, Parsed, Refused, admit};
use docket_format::fact::Stamp;
use docket_format::{Author, ChangeHash, DocId, FactId, digest, limits};
use docket_sync::Arrival;
use rusqlite::{OptionalExtension as _, params};

use super::docs::Admitted;
use super::{Store, Tx};
use crate::error::StoreError;

/// Most changes in one transaction.
const BATCH_CHANGES: usize = 1_000;
/// Longest that one transaction keeps other processes waiting.
const BATCH_TIME: Duration = Duration::from_millis(200);
/// Refused items kept as evidence; more are counted only.
const QUARANTINE_ITEMS: i64 = 2_000;

/// Who hands changes in, and when.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// For people: a file's name, a device.
    pub name: &'a str,
    /// Milliseconds since 1970.
    pub now_ms: i64,
    /// This device makes these imported facts part of the record itself and will vouch for them with a seal.
    pub vouch: bool,
}

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is part of the record now.
    New,
    /// It already was.
    Known,
    /// It waits for these.
    Parked(Vec<ChangeHash>),
    /// It was quarantined.
    Refused(Refused),
}

/// What became of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Taken in, parked ones whose dependencies came included.
    pub new: u64,
    /// Already here.
    pub known: u64,
    /// Waiting.
    pub parked: u64,
    /// Quarantined.
    pub refused: u64,
}

impl Counts {
    /// Counts one outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::New => &mut self.new,
            Outcome::Known => &mut self.known,
            Outcome::Parked(_) => &mut self.parked,
            Outcome::Refused(_) => &mut self.refused,
        } += 1;
    }
}

pub(super) fn batched(
    store: &mut Store,
    sender: &Sender<'_>,
    arrivals: impl IntoIterator<Item = Arrival>,
    mut progress: impl FnMut(&Counts),
) -> Result<Counts, StoreError> {
    let dir = store.dir().to_path_buf();
    let mut arrivals = arrivals.into_iter().peekable();
    let mut counts = Counts::default();
    let mut run = || {
        while arrivals.peek().is_some() {
            let started = Instant::now();
            let mut tx = store.begin()?;
            for arrival in arrivals.by_ref().take(BATCH_CHANGES) {
                counts.add(&tx.ingest(sender, arrival)?);
                if started.elapsed() > BATCH_TIME / 2 {
                    break; // the projection of what was taken in needs the other half
                }
            }
            counts.new += tx.unparked();
            tx.commit()?;
            progress(&counts);
        }
        Ok(())
    };
    run().map_err(|error: StoreError| error.in_dir(&dir))?;
    Ok(counts)
}

impl Tx<'_> {
    /// Judges one change and takes it in, parks or quarantines it.
    pub fn ingest(&mut self, sender: &Sender<'_>, arrival: Arrival) -> Result<Outcome, StoreError> {
        self.ingest_or_return(sender, arrival).map(|(outcome, _)| outcome)
    }

    /// As [`Tx::ingest`]; hands a change that was not taken in back to the caller.
    pub(crate) fn ingest_or_return(
        &mut self,
        sender: &Sender<'_>,
        arrival: Arrival,
    ) -> Result<(Outcome, Option<Arrival>), StoreError> {
        let hash = arrival.change.hash;
        let (outcome, back) = self.ingest_one(sender, arrival)?;
        if outcome == Outcome::New && self.any_parked()? {
            self.unpark(sender, hash)?;
        }
        Ok((outcome, back))
    }

    fn ingest_one(&mut self, sender: &Sender<'_>, arrival: Arrival) -> Result<(Outcome, Option<Arrival>), StoreError> {
        let (doc, vouch) = (arrival.change.doc, sender.vouch);
        let change = &arrival.change;
        self.prefetch(doc, change.actor, Some(change.hash), &change.deps)?;
        let (admission, back) = self.with_doc(doc, |_, work| {
            let admission = admit(&arrival.change, work);
            if admission == Ok(Admission::New) {
                work.push_of_others(Admitted { arrival, vouch });
                return Ok((admission, None));
            }
            Ok((admission, Some(arrival)))
        })?;
        let outcome = match (admission, &back) {
            (Ok(Admission::Missing(missing)), Some(Arrival { carrier, change, .. })) => {
                self.park(sender, *carrier, change, &missing)?;
                Outcome::Parked(missing)
            }
            (Err(refused), Some(Arrival { carrier, change, .. })) => {
                let bytes = bytes_of(*carrier, change)?;
                self.quarantine(sender, Some(doc), &bytes, refused.code(), &refused.to_string())?;
                Outcome::Refused(refused)
            }
            (_, Some(_)) => Outcome::Known,
            (_, None) => Outcome::New,
        };
        Ok((outcome, back))
    }

    /// Keeps refused bytes as evidence, once, up to a bound.
    pub fn quarantine(
        &mut self,
        sender: &Sender<'_>,
        doc: Option<DocId>,
        bytes: &[u8],
        code: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let bytes = bytes.get(..limits::CHANGE_BYTES).unwrap_or(bytes);
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO quarantine(doc, digest, code, detail, sender, received_ms, bytes)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE (SELECT coalesce(max(id), 0) FROM quarantine) < ?8",
            )?
            .execute(params![
                doc.as_ref().map(DocId::as_bytes),
                digest::sha256(bytes),
                code,
                detail,
                sender.name,
                sender.now_ms,
                bytes,
                QUARANTINE_ITEMS
            ])?;
        Ok(())
    }

    fn park(
        &mut self,
        sender: &Sender<'_>,
        carrier: Carrier,
        change: &Parsed,
        missing: &[ChangeHash],
    ) -> Result<(), StoreError> {
        let bytes = bytes_of(carrier, change)?;
        if self.parked()? >= limits::PARKED_CHANGES as u64 {
            return self.quarantine(
                sender,
                Some(change.doc),
                &bytes,
                "parked-full",
                "too many changes wait for others",
            );
        }
        let carrier = self.carrier_row(carrier)?;
        let put = self
            .sql
            .prepare_cached(
                "INSERT OR IGNORE INTO parked(doc, hash, carrier, bytes, sender, received_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                change.doc.as_bytes(),
                change.hash.as_bytes(),
                carrier,
                bytes,
                sender.name,
                sender.now_ms
            ])?;
        if put == 1 {
            let parked = self.sql.last_insert_rowid();
            let mut statement = self.sql.prepare_cached("INSERT INTO parked_dep(dep, parked) VALUES (?1, ?2)")?;
            for dep in missing {
                statement.execute(params![dep.as_bytes(), parked])?;
            }
            drop(statement);
            self.note_parked(1);
        }
        Ok(())
    }

    /// Takes in what waited for `hash`, and what waited for that, and so on.
    fn unpark(&mut self, sender: &Sender<'_>, hash: ChangeHash) -> Result<(), StoreError> {
        let mut came = vec![hash];
        while let Some(hash) = came.pop() {
            for id in self.ready_after(hash)? {
                let row = self
                    .sql
                    .prepare_cached(
                        "SELECT p.doc, p.bytes, a.device, a.incarnation FROM parked p
                           LEFT JOIN author a ON a.id = p.carrier WHERE p.id = ?1",
                    )?
                    .query_row([id], |row| {
                        Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Vec<u8>>(1)?, row.get(2)?, row.get(3)?))
                    })
                    .optional()?;
                self.sql.prepare_cached("DELETE FROM parked WHERE id = ?1")?.execute([id])?;
                self.note_parked(-1);
                let Some((doc, bytes, device, incarnation)) = row else { continue };
                let carrier = super::read::carrier(device, incarnation);
                let arrival = DocId::from_bytes(doc).map(|doc| Arrival::read(doc, carrier, &bytes));
                // It passed this check when it was parked: failing now means that the row was damaged since.
                let Some(Ok(arrival)) = arrival else {
                    self.quarantine(sender, DocId::from_bytes(doc), &bytes, "damaged", "damaged while it was parked")?;
                    continue;
                };
                let hash = arrival.change.hash;
                match self.ingest_one(sender, arrival)? {
                    (Outcome::New, _) => {
                        self.note_unparked();
                        came.push(hash);
                    }
                    (Outcome::Refused(_), Some(Arrival { change, .. })) => {
                        self.carry_again(change.doc, change.facts, sender.now_ms)?;
                        self.give_up(sender, &[hash])?;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Takes what waits for these changes, and for what waits for them, out of the wait and carries its facts again:
    /// they were vouched for before they were parked. Returns how many changes and how many facts.
    pub(crate) fn give_up(&mut self, sender: &Sender<'_>, dead: &[ChangeHash]) -> Result<(u64, u64), StoreError> {
        let (mut changes, mut facts) = (0, 0);
        let mut dead = dead.to_vec();
        while let Some(hash) = dead.pop() {
            if !self.any_parked()? {
                break;
            }
            let waiting: Vec<i64> = self
                .sql
                .prepare_cached("SELECT parked FROM parked_dep WHERE dep = ?1")?
                .query_map([hash.as_bytes()], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for id in waiting {
                let Some((doc, own, bytes, carrier)) = self.take_parked(id)? else { continue };
                dead.extend(own);
                match doc.map(|doc| Arrival::read(doc, carrier, &bytes)) {
                    Some(Ok(Arrival { change, .. })) => {
                        changes += 1;
                        facts += self.carry_again(change.doc, change.facts, sender.now_ms)?;
                    }
                    _ => self.quarantine(sender, doc, &bytes, "damaged", "damaged while it was parked")?,
                }
            }
        }
        Ok((changes, facts))
    }

    /// Takes everything that waits in a document out of the wait: what it builds on exists nowhere. Its facts are carried
    /// again, as in [`Tx::give_up`]; its bytes stay in quarantine. Returns how many changes and how many facts.
    pub(crate) fn abandon(&mut self, sender: &Sender<'_>, doc: DocId) -> Result<(u64, u64), StoreError> {
        let (mut changes, mut facts) = (0, 0);
        let waiting: Vec<i64> = self
            .sql
            .prepare_cached("SELECT id FROM parked WHERE doc = ?1 ORDER BY id")?
            .query_map([doc.as_bytes()], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in waiting {
            let Some((_, _, bytes, carrier)) = self.take_parked(id)? else { continue };
            self.quarantine(sender, Some(doc), &bytes, "waits-for-nothing", "what it builds on exists nowhere")?;
            changes += 1;
            if let Ok(Arrival { change, .. }) = Arrival::read(doc, carrier, &bytes) {
                facts += self.carry_again(doc, change.facts, sender.now_ms)?;
            }
        }
        Ok((changes, facts))
    }

    /// Takes one change out of the wait.
    fn take_parked(&mut self, id: i64) -> Result<Option<Waiting>, StoreError> {
        let found = self
            .sql
            .prepare_cached(
                "SELECT p.doc, p.hash, p.bytes, a.device, a.incarnation FROM parked p
                   LEFT JOIN author a ON a.id = p.carrier WHERE p.id = ?1",
            )?
            .query_row([id], |row| {
                let (doc, own) = (DocId::from_bytes(row.get(0)?), ChangeHash::from_slice(&row.get::<_, Vec<u8>>(1)?));
                Ok((doc, own, row.get(2)?, super::read::carrier(row.get(3)?, row.get(4)?)))
            })
            .optional()?;
        self.sql.prepare_cached("DELETE FROM parked_dep WHERE parked = ?1")?.execute([id])?;
        if self.sql.prepare_cached("DELETE FROM parked WHERE id = ?1")?.execute([id])? > 0 {
            self.note_parked(-1);
        }
        Ok(found)
    }

    /// Puts genuine facts whose own change can't be taken in into changes of this device. Returns how many were new.
    pub(crate) fn carry_again(
        &mut self,
        doc: DocId,
        facts: Vec<(FactId, String)>,
        wall_ms: i64,
    ) -> Result<u64, StoreError> {
        let now = Stamp { wall_ms, boot: String::new(), up_ms: 0 };
        let (mut missing, mut size, mut count) = (Vec::new(), 0, 0);
        // Several of the changes that brought them may have brought the same.
        let mut taken: BTreeSet<FactId> = BTreeSet::new();
        for (key, text) in facts {
            if FactId::of(doc, text.as_bytes()) != key || self.holds(doc, &[key])? || !taken.insert(key) {
                continue;
            }
            count += 1;
            size += text.len() + 64;
            missing.push((key, text));
            // The change that brought them may have been as large as any may be; this one may have more heads to name.
            if size > limits::CHANGE_BYTES / 2 {
                self.append(doc, &std::mem::take(&mut missing), &now)?;
                size = 0;
            }
        }
        if !missing.is_empty() {
            self.append(doc, &missing, &now)?;
        }
        Ok(count)
    }

    /// Parked changes for which `hash` was the last that was missing.
    fn ready_after(&mut self, hash: ChangeHash) -> Result<Vec<i64>, StoreError> {
        let waiting: Vec<i64> = self
            .sql
            .prepare_cached("DELETE FROM parked_dep WHERE dep = ?1 RETURNING parked")?
            .query_map([hash.as_bytes()], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut left = self.sql.prepare_cached("SELECT EXISTS (SELECT 1 FROM parked_dep WHERE parked = ?1)")?;
        let mut ready = Vec::new();
        for id in waiting {
            if !left.query_row([id], |row| row.get::<_, bool>(0))? {
                ready.push(id);
            }
        }
        Ok(ready)
    }
}

/// A change that waits: document, hash, bytes, carrier.
type Waiting = (Option<DocId>, Option<ChangeHash>, Vec<u8>, Carrier);

/// A change's own bytes.
pub(crate) fn bytes_of(carrier: Carrier, change: &Parsed) -> Result<Vec<u8>, StoreError> {
    Ok(docket_sync::bytes_of(carrier, change)?)
}

/// The author behind a carrier, if it is a device.
pub(super) fn author_of(carrier: Carrier) -> Option<Author> {
    match carrier {
        Carrier::Device(author) => Some(author),
        Carrier::Import => None,
    }
}
