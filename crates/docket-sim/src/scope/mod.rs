//! Every small history: three devices, up to three operations of every pair of kinds, every order in which they can
//! have been written and merged.
//!
//! A history is a word over two operations, a device for each, and what each writer had seen when writing: any set
//! of earlier operations that holds the writer's own and, with an operation, what its writer had seen. After
//! everybody has exchanged everything each device folds what it holds in its own order of arrival. The views must be
//! equal to the byte.

mod catalog;
mod check;
mod people;

use std::collections::BTreeMap;

use docket_core::{Policy, Record, UnixMs, fold_job};
use docket_format::fact::{Origin, Stamp};
use docket_format::{DocId, Fact, FactHeader};
use serde_json::json;

pub use catalog::{CATALOG, Operation};
use people::People;

use crate::fleet::Draft;

/// Devices in a history.
pub const DEVICES: usize = 3;
/// Most operations in a history, beyond what every job starts with.
pub const OPERATIONS: usize = 3;
/// When every history starts: 2026-01-01T00:00:00Z, in milliseconds since 1970.
const START_MS: i64 = 1_767_225_600_000;

/// What was reached, by name; how often.
pub type Reached = BTreeMap<&'static str, u64>;

/// An operation that was written.
#[derive(Clone)]
struct Written {
    fact: Fact,
    device: usize,
    /// Bit `i`: its writer had seen operation `i`.
    seen: u8,
}

/// Explores histories of one pair of operations.
pub struct Explorer<'a> {
    policy: &'a Policy,
    people: People,
    doc: DocId,
    base: Vec<Fact>,
    /// How many facts of the base a plain history starts with.
    plain: usize,
    /// Histories checked.
    pub histories: u64,
    /// What they reached.
    pub reached: Reached,
}

impl<'a> Explorer<'a> {
    /// With a job that is made, assigned to both technicians, and arrived at by the first. For operations that settle
    /// something there are also histories in which two answers and two values differ from the start, and the third
    /// device belongs to a second supervisor.
    pub fn new(policy: &'a Policy) -> Result<Self, String> {
        let doc = DocId::new_v7(START_MS as u64, [7; 10]);
        let people = People::new(false);
        let mut this = Self { policy, people, doc, base: Vec::new(), plain: 4, histories: 0, reached: Reached::new() };
        let regs = json!({"kind": "installation", "product": "water_heater", "appliances": 1, "text": "hot water"});
        let crew = json!({"crew": ["T-1", "T-2"]});
        for (device, kind, body) in [
            (0, "created", json!({"dk": "job", "regs": regs})),
            (0, "assigned", json!({"regs": crew, "over": []})),
            (1, "arrived", json!({})),
            (1, "step", json!({"step": "N1", "v": true})),
            (1, "step", json!({"step": "C1", "v": true})),
            (3, "step", json!({"step": "C1", "v": false})),
            (0, "set", json!({"r": "text", "v": "no hot water", "over": []})),
        ] {
            let draft = catalog::draft(kind, body);
            let fact = this.write(device, &this.base, &draft)?;
            this.base.push(fact);
        }
        Ok(this)
    }

    /// Checks every history of the two operations (or of one, when they are the same). Histories that use only one
    /// of two different ones belong to that one's own pair.
    pub fn pair(&mut self, first: &Operation, second: &Operation) -> Result<(), String> {
        let clashed = self.base.clone();
        self.base.truncate(self.plain);
        let mut done = self.extend(&mut Vec::new(), first, second, &mut String::new());
        self.base = clashed;
        if done.is_ok() && (first.settles || second.settles) {
            self.people = People::new(true);
            done = self.extend(&mut Vec::new(), first, second, &mut String::new());
            self.people = People::new(false);
        }
        done
    }

    fn extend(
        &mut self,
        written: &mut Vec<Written>,
        first: &Operation,
        second: &Operation,
        word: &mut String,
    ) -> Result<(), String> {
        let same = first.name == second.name;
        if written.len() >= 2 && (same || (word.contains('P') && word.contains('Q'))) {
            self.check(written).map_err(|error| describe(first, second, word, written, &error))?;
        }
        if written.len() == OPERATIONS {
            return Ok(());
        }
        for (letter, operation) in [('P', first), ('Q', second)] {
            if same && letter == 'Q' {
                continue;
            }
            word.push(letter);
            for device in 0..DEVICES {
                for seen in knowledge(written, device) {
                    let known = self.known(written, seen);
                    let Some(draft) = (operation.draft)(&self.view_of(&known, device)) else {
                        *self.reached.entry("not possible here").or_default() += 1;
                        continue;
                    };
                    let fact = self.write(device, &known, &draft)?;
                    written.push(Written { fact, device, seen });
                    self.extend(written, first, second, word)?;
                    written.pop();
                }
            }
            word.pop();
        }
        Ok(())
    }

    /// The facts of the base and of the operations in `seen`.
    fn known(&self, written: &[Written], seen: u8) -> Vec<Fact> {
        let ops = written.iter().enumerate().filter(|(i, _)| seen & (1 << i) != 0).map(|(_, op)| op.fact.clone());
        self.base.iter().cloned().chain(ops).collect()
    }

    fn view_of<'b>(&'b self, known: &'b [Fact], device: usize) -> catalog::Sight<'b> {
        catalog::Sight { doc: self.doc, known, device, people: &self.people, policy: self.policy }
    }

    fn write(&self, device: usize, known: &[Fact], draft: &Draft) -> Result<Fact, String> {
        let author = People::author(device);
        let mut before = known.iter().filter(|fact| fact.author() == Some(author));
        let n = before.clone().count() as u64 + 1;
        let prev = before.next_back().map(|fact| fact.id);
        // A fact is written a minute after the newest it knows; the third device's clock is an hour slow, so that
        // the order of clocks is not the order of causes.
        let up_ms = 60_000 * (known.len() as i64 + 1);
        let slow_ms = if device == 2 { 3_600_000 } else { 0 };
        let at = Stamp { wall_ms: START_MS + up_ms - slow_ms, boot: format!("B{device}"), up_ms };
        let header = FactHeader { kind: draft.kind.to_owned(), origin: Origin::Device { author, n, prev, at } };
        Fact::write(self.doc, header, draft.body.clone()).map(|(fact, _)| fact).map_err(|e| e.to_string())
    }

    fn check(&mut self, written: &[Written]) -> Result<(), String> {
        self.histories += 1;
        let mut orders: Vec<Vec<Fact>> = (0..DEVICES).map(|device| self.arrival(written, device)).collect();
        if written.len() < OPERATIONS {
            // And once as nobody would send it: backwards, everything twice.
            let mut backwards = orders.first().cloned().unwrap_or_default();
            backwards.extend(backwards.clone());
            backwards.reverse();
            orders.push(backwards);
        }
        orders.sort_unstable_by(|a, b| a.iter().map(|fact| fact.id).cmp(b.iter().map(|fact| fact.id)));
        orders.dedup_by(|a, b| a.iter().map(|fact| fact.id).eq(b.iter().map(|fact| fact.id)));
        let mut first: Option<Vec<u8>> = None;
        for facts in &orders {
            let record = Record { doc: self.doc, facts, evidence: &self.people, site: &docket_core::Site::NOWHERE };
            let view = fold_job(&record, self.policy, UnixMs(START_MS + 86_400_000));
            let bytes = serde_json::to_vec(&view).map_err(|e| e.to_string())?;
            match &first {
                None => {
                    check::against_reference(&view, facts)?;
                    check::count(&view, &mut self.reached);
                    first = Some(bytes);
                }
                Some(first) if *first == bytes => {}
                Some(first) => {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    return Err(format!("two views of one record:\n{}\n{}", text(first), text(&bytes)));
                }
            }
        }
        Ok(())
    }

    /// All facts in the order in which they came to a device: what it had seen or written first, then the rest.
    fn arrival(&self, written: &[Written], device: usize) -> Vec<Fact> {
        let own = written.iter().enumerate().filter(|(_, op)| op.device == device);
        let mut order: Vec<usize> = Vec::with_capacity(written.len());
        for (i, op) in own {
            // What came to it before it wrote this, last written first: the order the writer did not choose.
            order.extend((0..i).rev().filter(|j| op.seen & (1 << j) != 0));
            order.push(i);
        }
        let rest = 0..written.len();
        order.extend(if device == 1 { rest.rev().collect::<Vec<_>>() } else { rest.collect() });
        let mut facts = self.base.clone();
        let mut put = 0u8;
        for i in order {
            if put & (1 << i) == 0 {
                put |= 1 << i;
                facts.extend(written.get(i).map(|op| op.fact.clone()));
            }
        }
        facts
    }
}

/// What a device may have seen of the operations so far: sets closed under "its writer had seen", with its own in.
fn knowledge(written: &[Written], device: usize) -> Vec<u8> {
    let closed = |set: u8| {
        written.iter().enumerate().all(|(i, op)| {
            let inside = set & (1 << i) != 0;
            (inside || op.device != device) && (!inside || op.seen & set == op.seen)
        })
    };
    (0..1u8 << written.len()).filter(|set| closed(*set)).collect()
}

fn describe(first: &Operation, second: &Operation, word: &str, written: &[Written], error: &str) -> String {
    let ops: Vec<String> = written
        .iter()
        .map(|op| format!("device {} seeing {:03b}: {} {:?}", op.device, op.seen, op.fact.kind(), op.fact.body))
        .collect();
    format!("P = {}, Q = {}, {word}: [{}]: {error}", first.name, second.name, ops.join("; "))
}
