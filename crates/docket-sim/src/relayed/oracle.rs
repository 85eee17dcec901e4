//! What must be true, whatever happened:
//!
//! * A fact that was acknowledged is there at the end, unless at some moment nothing that held it survived.
//! * No life of a device uses one number of a document for two facts, but where a copy or an old state of the device
//!   did so before anybody could notice; no device does so with a fact that it holds.
//! * No device that was never copied or put back gives one number to two changes.
//! * A device begins a new life only after it was copied or put back, or when it takes own changes out of its record that
//!   built on a copy's, so that their numbers are not used again. A lost reply is no reason, nor a power cut.
//! * A relay to which nothing happened is not mistaken for another, and comparing the records then heals nothing.
//! * In the end nothing waits anywhere; the office's devices hold the same documents with the same heads, facts and
//!   views; a technician's device the same of all that is in its sight.
//! * Verification finds nothing forged, altered, missing or unproven, but the doubles that copies made.

use std::collections::{BTreeMap, BTreeSet};

use docket_device::app::scope;
use docket_device::store::RETRACTED;
use docket_device::sync::SyncReport;
use docket_device::verify::{Flaw, Verdict, verify};
use docket_format::roster::{Entry, State};
use docket_format::scope::sees_all;
use docket_format::{Author, ChangeHash, DeviceId, DocId, FactId, crockford, digest};
use rusqlite::types::ValueRef;

use super::Plant;
use super::device::{Carried, Device, Written, text};
use super::world::World;

/// What was promised and what may be gone.
#[derive(Default)]
pub(super) struct Ledger {
    acknowledged: BTreeSet<FactId>,
    lost: BTreeSet<FactId>,
    /// Who used a number of a document for what, in which history.
    numbers: BTreeMap<(DocId, Author, u64), Vec<(FactId, u32)>>,
    /// Devices that were copied or put back.
    copied: BTreeSet<DeviceId>,
    /// Which change has a number of a document.
    changes: BTreeMap<(DocId, Author, u64), ChangeHash>,
    branches: u32,
}

impl Ledger {
    /// A new history of a device.
    pub(super) fn branch(&mut self) -> u32 {
        self.branches += 1;
        self.branches
    }

    /// A device acknowledged a fact; gives other facts under the same number, of other histories.
    pub(super) fn write(&mut self, one: Written, branch: u32, life: Author) -> Result<Vec<FactId>, String> {
        let (doc, author, n, fact) = one;
        if author != life {
            return Err(format!("fact {fact} was written in the name of {author:?} by {life:?}"));
        }
        self.acknowledged.insert(fact);
        let same = self.numbers.entry((doc, author, n)).or_default();
        let others: Vec<FactId> = same.iter().map(|(other, _)| *other).filter(|other| *other != fact).collect();
        if same.iter().any(|(other, used)| *other != fact && *used == branch) {
            return Err(format!("{author:?} used number {n} of {doc} twice in one history"));
        }
        if !others.is_empty() && !self.copied.contains(&author.device) {
            return Err(format!("{author:?} used number {n} of {doc} twice and was never copied"));
        }
        same.push((fact, branch));
        Ok(others)
    }

    /// There may be two of this device now.
    pub(super) fn copied(&mut self, device: DeviceId) {
        self.copied.insert(device);
    }

    /// A device put changes together.
    pub(super) fn carried(&mut self, changes: Vec<Carried>) -> Result<(), String> {
        for (doc, author, seq, hash) in changes {
            let before = self.changes.insert((doc, author, seq), hash);
            if before.is_some_and(|before| before != hash) && !self.copied.contains(&author.device) {
                return Err(format!("{author:?} gave its number {seq} of {doc} to two changes and was never copied"));
            }
        }
        Ok(())
    }

    /// A device goes on in a new life, for a reason.
    pub(super) fn new_life(&self, before: Author, reason: &str, put_aside: bool) -> Result<(), String> {
        let retracted = reason == RETRACTED && put_aside;
        let fine = self.copied.contains(&before.device) || retracted;
        if fine { Ok(()) } else { Err(format!("a new life though it was never copied or put back: {reason}")) }
    }

    /// Facts that nothing holds any more.
    pub(super) fn lose(&mut self, gone: &BTreeSet<FactId>) {
        self.lost.extend(gone.intersection(&self.acknowledged));
    }

    /// Facts that are here again.
    pub(super) fn back(&mut self, held: &BTreeSet<FactId>) {
        self.lost.retain(|fact| !held.contains(fact));
    }

    fn excused(&self, flaw: &Flaw) -> bool {
        let of_copy = self.copied.iter().any(|device| flaw.detail.contains(&device.to_string()));
        of_copy && matches!(flaw.verdict, Verdict::Forged | Verdict::Altered)
            || flaw.verdict == Verdict::Gap && of_copy && !self.lost.is_empty()
    }
}

/// A document as a device shows it: heads, facts, rows of every view.
type Shown = BTreeMap<String, String>;

/// Lines of a difference that are printed.
const SHOWN: usize = 12;
/// Views that are compared; each has a column `doc`.
const VIEWS: [&str; 8] = ["v_job", "v_visit", "v_step", "v_order_break", "v_gate", "v_conflict", "v_inbox", "v_fact"];

fn add_rows(device: &Device, view: &str, shown: &mut Shown) -> Result<(), String> {
    // What was refused here is this device's own evidence.
    let own = if view == "v_inbox" { "WHERE id NOT LIKE 'quarantine-%' AND id NOT LIKE 'malformed-%'" } else { "" };
    let mut statement = device.store()?.conn().prepare(&format!("SELECT * FROM {view} {own}")).map_err(text)?;
    let doc = statement.column_index("doc").map_err(text)?;
    // `job` is a number that only means something in one store.
    let shared = |i: &usize| statement.column_name(*i).is_ok_and(|name| name != "job");
    let columns: Vec<usize> = (0..statement.column_count()).filter(shared).collect();
    let mut rows = statement.query([]).map_err(text)?;
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(row) = rows.next().map_err(text)? {
        let ValueRef::Text(name) = row.get_ref(doc).map_err(text)? else { continue };
        let name = String::from_utf8_lossy(name).into_owned();
        let cells: Result<Vec<String>, _> = columns.iter().map(|i| row.get_ref(*i).map(cell)).collect();
        lines.entry(name).or_default().push(cells.map_err(text)?.join("|"));
    }
    for (name, mut lines) in lines {
        lines.sort_unstable();
        let all = shown.entry(name).or_default();
        all.extend([view, "\n  ", &lines.join("\n  "), "\n"]);
    }
    Ok(())
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(blob) => crockford::encode(blob),
    }
}

fn shown(device: &Device) -> Result<Shown, String> {
    let mut shown = Shown::new();
    let mut docs = Vec::new();
    let mut statement = device.store()?.conn().prepare("SELECT doc FROM doc WHERE changes > 0").map_err(text)?;
    let mut rows = statement.query([]).map_err(text)?;
    while let Some(row) = rows.next().map_err(text)? {
        docs.extend(DocId::from_bytes(row.get(0).map_err(text)?));
    }
    for doc in docs {
        let mut heads = device.store()?.heads(doc).map_err(text)?;
        heads.sort_unstable();
        shown.insert(doc.to_string(), format!("heads {heads:?}\n"));
    }
    for view in VIEWS {
        add_rows(device, view, &mut shown)?;
    }
    Ok(shown)
}

fn difference(doc: &str, one: Option<&String>, other: Option<&String>) -> String {
    let (one, other) = (one.map_or("nothing", String::as_str), other.map_or("nothing", String::as_str));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (first, second) = (lines(one), lines(other));
    let only: Vec<&String> = first.difference(&second).take(SHOWN).collect();
    let others: Vec<&String> = second.difference(&first).take(SHOWN).collect();
    format!("about {doc}: only the one {only:#?}\nonly the other {others:#?}")
}

impl World {
    /// After every synchronisation that got through.
    pub(super) fn judge_sync(&mut self, who: usize, report: &SyncReport, accident: bool) -> Result<(), String> {
        self.count("synchronised");
        for (what, happened) in [
            ("reconciled", report.reconciled),
            ("healed", report.healed.is_some_and(|healed| healed > 0)),
            ("checked, nothing to heal", report.healed == Some(0)),
            ("refused by the relay", !report.refused.is_empty()),
            ("carried again", report.recarried > 0),
            ("waited for something missing", report.parked > 0 || report.pulled.parked > 0),
        ] {
            if happened {
                self.count(what);
            }
        }
        if report.reconciled && !accident {
            return Err(format!("device {who} took the relay for another, and nothing had happened to it: {report:?}"));
        }
        if report.healed.is_some_and(|healed| healed > 0) && !accident {
            return Err(format!(
                "device {who} had something to heal, and nothing had happened to the relay: {report:?}"
            ));
        }
        if !report.bad_seals.is_empty() {
            return Err(format!("device {who} was given seals that don't hold: {report:?}"));
        }
        Ok(())
    }

    /// At the end, when everybody has synchronised.
    pub(super) fn judge(&mut self) -> Result<(), String> {
        let roster = self.roster()?;
        let (reference, held) = (shown(self.device(0)?)?, self.device(0)?.held()?);
        if let Some(fact) =
            self.ledger.acknowledged.iter().find(|fact| !held.contains(fact) && !self.ledger.lost.contains(fact))
        {
            let number = self.ledger.numbers.iter().find(|(_, used)| used.iter().any(|(one, _)| one == fact));
            return Err(format!("acknowledged fact {fact} is gone: {:?}", number.map(|(number, _)| number)));
        }
        for who in 0..self.devices.len() {
            let entry = roster.device(self.device(who)?.id).ok_or("a device that the roster lost")?;
            self.judge_device(who, entry, &reference)?;
        }
        self.report.facts = self.ledger.acknowledged.len();
        self.report.lost = self.ledger.lost.iter().filter(|fact| !held.contains(fact)).count();
        self.report.docs = reference.len();
        let forked = |text: &&String| text.lines().next().is_some_and(|heads| heads.contains(','));
        self.report.heads = reference.values().filter(forked).count();
        let mut state = [0; 32];
        for (doc, text) in &reference {
            state = digest::labelled("sim-state", &[&state, doc.as_bytes(), text.as_bytes()]);
        }
        self.report.state = crockford::encode(&state);
        Ok(())
    }

    fn judge_device(&mut self, who: usize, entry: &Entry, reference: &Shown) -> Result<(), String> {
        let device = self.devices.get(who).ok_or("no such device")?;
        let store = device.store()?;
        let tips = store.outbox().map_err(text)?.tips.len() + store.left_behind().map_err(text)?.len();
        let waiting = store.waiting().map_err(text)?;
        let parked = store.status().map_err(text)?.parked;
        if tips > 0 || waiting > 0 || parked > 0 {
            return Err(format!("device {who}: {tips} unsealed, {waiting} waiting, {parked} parked"));
        }
        let flaws = verify(store, None).map_err(text)?.flaws;
        // Who is sent nothing any longer may lack what came later: the other half of a chain, a certificate.
        let cut_off = entry.state != State::Active;
        let lacks = |flaw: &Flaw| cut_off && matches!(flaw.verdict, Verdict::Gap | Verdict::UnknownDevice);
        if let Some(flaw) = flaws.iter().find(|flaw| !self.ledger.excused(flaw) && !lacks(flaw)) {
            return Err(format!("device {who} finds {flaw:?}"));
        }
        if entry.state != State::Active {
            return Ok(());
        }
        let mut own = shown(device)?;
        if self.config.plant == Some(Plant::ShowsItsOwn) && who == 1 {
            for text in own.values_mut() {
                text.push_str("mine");
            }
        }
        let docs: Vec<String> = if sees_all(&entry.role) {
            own.keys().chain(reference.keys()).cloned().collect()
        } else {
            let Some(person) = &entry.person else { return Ok(()) };
            let admin = self.devices.first().ok_or("no admin")?.store()?;
            let sight = scope::of(admin, person).map_err(text)?;
            let own_scope = docket_format::scope::doc(self.tenant, person);
            let common = [own_scope, store.roster_doc()];
            let docs = sight.scope.docs().into_iter().chain(common);
            let docs = docs.map(|doc| doc.to_string());
            docs.filter(|doc| reference.contains_key(doc)).collect()
        };
        for doc in docs {
            let (one, other) = (reference.get(&doc), own.get(&doc));
            if one != other {
                return Err(format!("devices 0 and {who} ({}) differ {}", entry.role, difference(&doc, one, other)));
            }
        }
        Ok(())
    }
}
