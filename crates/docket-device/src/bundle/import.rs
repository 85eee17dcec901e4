//! Taking a bundle in: verify all of it, then store it; what fails goes to quarantine and never stops the rest.

use std::collections::BTreeMap;

use docket_format::bundle::{Bundle, Item};
use docket_format::change::{Carrier, Parsed};
use docket_format::fact::Stamp;
use docket_format::roster::Roster;
use docket_format::{DeviceId, DocId, FactId};

use super::BundleError;
use super::judge::{Bad, Good, Judge, Tips, seals, tips};
use crate::company::join::roster_facts;
use crate::error::StoreError;
use crate::store::{Arrival, Counts, Outcome, Sender, Store};

/// Most changes in one transaction, so that another process can write in between.
const BATCH: usize = 4_000;

/// What became of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Who made it.
    pub from: DeviceId,
    /// When, by the maker's clock, milliseconds since 1970.
    pub made_ms: i64,
    /// Documents in it.
    pub documents: u64,
    /// What became of its changes.
    pub counts: Counts,
    /// Seals that hold.
    pub seals: u64,
    /// Seals that don't, and why.
    pub bad_seals: Vec<String>,
    /// Facts carried again by this device because the change that brought them can't be built on.
    pub recarried: u64,
    /// Why items were quarantined: reason and how many.
    pub reasons: BTreeMap<String, u64>,
}

impl ImportReport {
    /// Whether everything in the bundle is part of the record now.
    pub fn is_whole(&self) -> bool {
        self.counts.parked == 0 && self.counts.refused == 0 && self.bad_seals.is_empty()
    }
}

/// Takes a bundle in. `name` says for people where it came from. Doing it twice is harmless.
pub fn import(store: &mut Store, bytes: &[u8], name: &str, now: &Stamp) -> Result<ImportReport, BundleError> {
    let bundle = Bundle::open(bytes, Some(store.tenant()))?;
    let header = bundle.header();
    if let Some(to) = header.to.filter(|to| *to != store.device()) {
        return Err(BundleError::NotForUs(to));
    }
    let items: Vec<Item> = bundle.chunks().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    let mut facts = roster_facts(&bundle)?;
    facts.extend(store.facts(store.roster_doc())?);
    let roster = Roster::fold(store.tenant(), &facts);
    if roster.device(header.from.device).is_none() && !facts_empty(store)? {
        return Err(BundleError::UnknownMaker(header.from.device));
    }
    let (good, bad) = seals(&bundle, &roster, &items);
    let mut run = Run {
        store,
        roster,
        tips: tips(&good),
        sender: Sender { name, now_ms: now.wall_ms, vouch: false },
        now,
        report: ImportReport {
            from: header.from.device,
            made_ms: header.made_ms,
            documents: header.documents,
            counts: Counts::default(),
            seals: good.len() as u64,
            bad_seals: Vec::new(),
            recarried: 0,
            reasons: BTreeMap::new(),
        },
    };
    run.bad_seals(&bad)?;
    run.items(items)?;
    run.seals(&good)?;
    let mut tx = run.store.begin()?;
    tx.note_held(header.from.device, &header.held)?;
    tx.commit()?;
    Ok(run.report)
}

/// A new device's first bundle comes from a device that only the bundle itself introduces.
fn facts_empty(store: &Store) -> Result<bool, StoreError> {
    Ok(store.info(store.roster_doc())?.is_none())
}

struct Run<'a> {
    store: &'a mut Store,
    roster: Roster,
    tips: Tips,
    sender: Sender<'a>,
    now: &'a Stamp,
    report: ImportReport,
}

/// A change that was judged.
enum Judged {
    Good(Arrival),
    Bad { doc: DocId, bytes: Vec<u8>, code: &'static str, detail: String },
}

impl Run<'_> {
    fn bad_seals(&mut self, bad: &[Bad]) -> Result<(), StoreError> {
        if bad.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin()?;
        for Bad { bytes, reason } in bad {
            let detail = reason.to_string();
            tx.quarantine(&self.sender, None, bytes, "bad-seal", &detail)?;
            self.report.bad_seals.push(detail);
        }
        tx.commit()
    }

    /// The roster first: what it says decides how the rest is shown.
    fn items(&mut self, mut items: Vec<Item>) -> Result<(), StoreError> {
        let roster_doc = self.store.roster_doc();
        items.sort_by_key(|item| item.doc != roster_doc);
        let mut batch = Vec::new();
        for item in items {
            self.judge(&item, &mut batch)?;
            if batch.len() >= BATCH {
                self.take(std::mem::take(&mut batch))?;
            }
        }
        self.take(batch)
    }

    fn judge(&self, item: &Item, batch: &mut Vec<Judged>) -> Result<(), StoreError> {
        let doc = item.doc;
        let texts: Vec<(FactId, &str)> = item
            .changes
            .iter()
            .flat_map(|(_, change)| &change.facts)
            .map(|(key, text)| (*key, text.as_str()))
            .collect();
        let judge = Judge::new(self.store, &self.roster, doc, &texts, &self.tips);
        for (carrier, change) in &item.changes {
            let mut objection = None;
            for (key, text) in &change.facts {
                objection = judge.objection(*key, text)?;
                if objection.is_some() {
                    break;
                }
            }
            batch.push(match objection {
                None => Judged::Good(Arrival { carrier: *carrier, change: change.clone() }),
                Some(objection) => Judged::Bad {
                    doc,
                    bytes: bytes_of(*carrier, change)?,
                    code: objection.code,
                    detail: objection.detail,
                },
            });
        }
        Ok(())
    }

    fn take(&mut self, batch: Vec<Judged>) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin()?;
        for judged in batch {
            match judged {
                Judged::Good(arrival) => {
                    let facts = arrival.change.facts.clone();
                    let doc = arrival.change.doc;
                    let outcome = tx.ingest(&self.sender, arrival)?;
                    self.report.counts.add(&outcome);
                    if let Outcome::Refused(reason) = outcome {
                        *self.report.reasons.entry(reason.code().to_owned()).or_default() += 1;
                        // The facts are genuine; only their carriage is not: carry them again, so that nothing is lost.
                        self.report.recarried += recarry(&mut tx, doc, facts, self.now)?;
                    }
                }
                Judged::Bad { doc, bytes, code, detail } => {
                    tx.quarantine(&self.sender, Some(doc), &bytes, code, &detail)?;
                    self.report.counts.refused += 1;
                    *self.report.reasons.entry(code.to_owned()).or_default() += 1;
                }
            }
        }
        self.report.counts.new += tx.unparked();
        self.report.counts.parked = self.report.counts.parked.saturating_sub(tx.unparked());
        tx.commit()
    }

    fn seals(&mut self, good: &[Good]) -> Result<(), StoreError> {
        let mut tx = self.store.begin()?;
        for Good { seal, leaves } in good {
            tx.store_seal_part(seal, leaves)?;
        }
        tx.commit()
    }
}

fn recarry(
    tx: &mut crate::store::Tx<'_>,
    doc: DocId,
    facts: Vec<(FactId, String)>,
    now: &Stamp,
) -> Result<u64, StoreError> {
    let mut missing = Vec::new();
    for (key, text) in facts {
        if !tx.holds(doc, &[key])? {
            missing.push((key, text));
        }
    }
    if !missing.is_empty() {
        tx.append(doc, &missing, now)?;
    }
    Ok(missing.len() as u64)
}

/// The change's own bytes, as evidence.
fn bytes_of(carrier: Carrier, change: &Parsed) -> Result<Vec<u8>, StoreError> {
    let facts: Vec<(FactId, &str)> = change.facts.iter().map(|(key, text)| (*key, text.as_str())).collect();
    let new = docket_format::change::NewChange {
        doc: change.doc,
        carrier,
        seq: change.seq,
        start_op: change.start_op,
        deps: &change.deps,
        time: change.time,
        facts: &facts,
    };
    Ok(docket_format::change::build(&new)?.bytes)
}
