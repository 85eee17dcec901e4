//! Checking an evidence pack with nothing but the file: no store, no server.
//!
//! From the outside in: the archive's bytes, the manifest's signature, every entry's digest; then the record, taken into
//! an empty store and verified like any other (roster, seals, chains); then the rules, run again over that record.

use std::collections::BTreeSet;
use std::path::Path;

use docket_format::fact::Stamp;
use docket_format::keys::{PublicKey, Signature};
use docket_format::roster::{Roster, State};
use docket_format::{DeviceId, DocId, TenantId, crockford};
use docket_sync::wire::Beacon;

use super::archive::{self, Entry};
use super::make::seconds;
use super::manifest::{AUDIT, FORMAT, LABEL, Listed, MANIFEST, Manifest, RECEIPTS, RECORD, RULES, SIGNATURE, TABLE};
use super::receipts::{self, Received};
use crate::audit::{self, Earlier, Options, Pack};
use crate::bundle;
use crate::error::StoreError;
use crate::store::{Store, read_only};
use crate::verify::{self, Report};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flaw {
    /// The entry, or `archive`.
    pub entry: String,
    /// What is wrong with it.
    pub what: String,
}

/// What checking found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What the file says about itself, if it can be read.
    pub manifest: Option<Manifest>,
    /// Who the roster says made it: person, role and standing.
    pub maker: Option<(String, String, String)>,
    /// The relay's time, if a relay of the roster signed one, milliseconds since 1970.
    pub relay_ms: Option<i64>,
    /// What the relay's receipts prove.
    pub received: Received,
    /// What verification says of the record.
    pub record: Option<Report>,
    /// Findings that the same rules make of the enclosed record.
    pub reproduced: usize,
    /// Findings that they don't make of it: what they rest on is not enclosed (other jobs, customers).
    pub elsewhere: Vec<String>,
    /// What is wrong, sorted.
    pub flaws: Vec<Flaw>,
}

impl Checked {
    /// Whether everything is as it should be.
    pub fn ok(&self) -> bool {
        self.flaws.is_empty()
    }

    fn flaw(&mut self, entry: &str, what: impl Into<String>) {
        self.flaws.push(Flaw { entry: entry.to_owned(), what: what.into() });
    }
}

/// Checks a file. `scratch` is an empty folder for the record; `expected` the company that it must be of, if known.
pub fn check(bytes: &[u8], expected: Option<TenantId>, scratch: &Path) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    let entries = match archive::read(bytes) {
        Ok(entries) => entries,
        Err(what) => {
            checked.flaw("archive", what);
            return Ok(checked);
        }
    };
    let Some(manifest) = manifest(&entries, &mut checked) else { return Ok(checked) };
    entries_fit(&entries, &manifest, &mut checked);
    same_bytes(bytes, &entries, &manifest, &mut checked);
    let tenant = manifest.tenant.parse::<TenantId>().ok();
    match (tenant, expected) {
        (None, _) => checked.flaw(MANIFEST, "names no company"),
        (Some(tenant), Some(expected)) if tenant != expected => {
            checked.flaw(MANIFEST, format!("is of another company: {tenant}"));
        }
        _ => {}
    }
    // What is damaged is not read any further: whatever it says would be somebody else's word.
    if let (Some(tenant), true) = (tenant, checked.flaws.is_empty()) {
        record(&entries, &manifest, tenant, scratch, &mut checked)?;
    }
    checked.manifest = Some(manifest);
    checked.flaws.sort();
    Ok(checked)
}

fn content<'e>(entries: &'e [Entry], name: &str) -> Option<&'e [u8]> {
    entries.iter().find(|entry| entry.name == name).map(|entry| entry.bytes.as_slice())
}

/// The manifest, and whether its maker signed it.
fn manifest(entries: &[Entry], checked: &mut Checked) -> Option<Manifest> {
    let Some(text) = content(entries, MANIFEST) else {
        checked.flaw(MANIFEST, "is missing");
        return None;
    };
    let manifest: Manifest = match serde_json::from_slice(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            checked.flaw(MANIFEST, format!("can't be read: {error}"));
            return None;
        }
    };
    if manifest.format != FORMAT {
        checked.flaw(MANIFEST, format!("has the form `{}`, not {FORMAT}", manifest.format));
        return None;
    }
    let key: Option<PublicKey> = manifest.made_by.key.parse().ok();
    if key.is_none_or(|key| key.device().to_string() != manifest.made_by.device) {
        checked.flaw(MANIFEST, "names a key that is not its maker's");
    }
    let signature = content(entries, SIGNATURE).and_then(|bytes| core::str::from_utf8(bytes).ok());
    match signature.and_then(|text| Signature::from_text(text.strip_suffix('\n')?)) {
        None => checked.flaw(SIGNATURE, "is missing or no signature"),
        Some(signature) if key.is_none_or(|key| key.verify(LABEL, &[text], &signature).is_err()) => {
            checked.flaw(SIGNATURE, "does not fit the manifest: one of them was changed");
        }
        Some(_) => {}
    }
    Some(manifest)
}

/// Whether the entries are those that the manifest names.
fn entries_fit(entries: &[Entry], manifest: &Manifest, checked: &mut Checked) {
    for listed in &manifest.entries {
        match entries.iter().find(|entry| entry.name == listed.name) {
            None => checked.flaw(&listed.name, "is missing"),
            Some(entry) if Listed::of(entry) != *listed => {
                checked.flaw(&listed.name, "is not what was signed: its length or SHA-256 differs");
            }
            Some(_) => {}
        }
    }
    let named = |name: &str| manifest.entries.iter().any(|listed| listed.name == name);
    for entry in entries.iter().filter(|entry| ![MANIFEST, SIGNATURE].contains(&entry.name.as_str())) {
        if !named(&entry.name) {
            checked.flaw(&entry.name, "is not named in the manifest");
        }
    }
    for needed in [AUDIT, TABLE, RULES, RECORD, RECEIPTS] {
        if !named(needed) {
            checked.flaw(needed, "is missing from the manifest");
        }
    }
}

/// Whether the archive is, byte for byte, the one that these entries make: headers and padding can't be changed either.
fn same_bytes(bytes: &[u8], entries: &[Entry], manifest: &Manifest, checked: &mut Checked) {
    let Ok(again) = archive::write(entries, seconds(manifest.made_ms)) else {
        checked.flaw("archive", "can't be written again");
        return;
    };
    if let Some(at) = first_difference(bytes, &again) {
        // Where the content differs its digest said so already.
        let what = format!("byte {at} ({}) is not as it was written", near(entries, at));
        checked.flaw("archive", what);
    }
}

fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    let differs = a.iter().zip(b).position(|(a, b)| a != b);
    differs.or_else(|| (a.len() != b.len()).then(|| a.len().min(b.len())))
}

/// Which entry's header or padding a byte of the archive belongs to.
fn near(entries: &[Entry], at: usize) -> String {
    const BLOCK: usize = 512;
    let mut end = 0;
    for entry in entries {
        end += BLOCK;
        if at < end {
            return format!("the header of `{}`", entry.name);
        }
        end += entry.bytes.len().div_ceil(BLOCK) * BLOCK;
        if at < end {
            return format!("behind `{}`", entry.name);
        }
    }
    "the end".to_owned()
}

/// Takes the record into an empty store, verifies it, and runs the rules over it.
fn record(
    entries: &[Entry],
    manifest: &Manifest,
    tenant: TenantId,
    scratch: &Path,
    checked: &mut Checked,
) -> Result<(), StoreError> {
    let now = Stamp { wall_ms: manifest.made_ms, boot: "CHECK".into(), up_ms: 0 };
    let mut store = Store::create(scratch, tenant, DeviceId::from_bytes([0; 16]))?;
    match bundle::import(&mut store, content(entries, RECORD).unwrap_or_default(), RECORD, &now) {
        Err(bundle::BundleError::Store(error)) => return Err(error),
        Err(error) => {
            checked.flaw(RECORD, error.to_string());
            return Ok(());
        }
        Ok(report) if !report.is_whole() => {
            let reasons: Vec<String> = report.reasons.into_keys().chain(report.bad_seals).collect();
            checked.flaw(RECORD, format!("holds what can't be taken in: {}", reasons.join("; ")));
        }
        Ok(_) => {}
    }
    let report = verify::verify(&store, None)?;
    for flaw in &report.flaws {
        let place = flaw.doc.map_or_else(String::new, |doc| format!("{}: ", doc.short()));
        checked.flaw(RECORD, format!("{place}{}: {}", flaw.verdict.word(), flaw.detail));
    }
    checked.record = Some(report);
    let roster = Roster::fold(tenant, &store.facts(store.roster_doc())?);
    maker(&roster, manifest, tenant, checked);
    let mut changes = BTreeSet::new();
    for doc in &manifest.documents {
        let id: Option<DocId> = doc.parse().ok();
        let here = id.map(|id| store.changes(id)).transpose()?.unwrap_or_default();
        if here.is_empty() {
            checked.flaw(RECORD, format!("document {doc} is not enclosed"));
        }
        changes.extend(here.iter().map(|change| change.hash));
    }
    match receipts::check(content(entries, RECEIPTS).unwrap_or_default(), tenant, &roster, &changes) {
        Ok(received) => checked.received = received,
        Err(what) => checked.flaw(RECEIPTS, what),
    }
    drop(store);
    run_again(entries, manifest, scratch, checked)
}

/// Who made the file, by the roster in it.
fn maker(roster: &Roster, manifest: &Manifest, tenant: TenantId, checked: &mut Checked) {
    let device = manifest.made_by.device.parse::<DeviceId>().ok();
    match device.and_then(|device| roster.device(device)) {
        None => checked.flaw(MANIFEST, "was made by a device that the roster does not know"),
        Some(entry) => {
            let standing = match entry.state {
                State::Active => "active",
                State::Revoked { .. } => "revoked",
                State::Contested => "contested",
                State::Rotated { .. } => "rotated",
            };
            let person = entry.person.as_ref().map(ToString::to_string).unwrap_or_default();
            checked.maker = Some((person, entry.role.clone(), standing.to_owned()));
        }
    }
    if let Some(relay) = &manifest.relay {
        let beacon =
            crockford::decode_vec(&relay.beacon, relay.beacon.len() * 5 / 8).and_then(|bytes| Beacon::decode(&bytes));
        match beacon.filter(|beacon| beacon.verify(tenant).is_ok()) {
            None => checked.flaw(MANIFEST, "the relay's time is not signed by a relay"),
            Some(beacon) if roster.relays().any(|key| *key == beacon.key) => checked.relay_ms = Some(beacon.relay_ms),
            // A relay that no admin certified: its word proves nothing, and nothing hangs on it.
            Some(_) => {}
        }
    }
}

/// Whether the rules say the same of the enclosed record.
fn run_again(entries: &[Entry], manifest: &Manifest, scratch: &Path, checked: &mut Checked) -> Result<(), StoreError> {
    let text = |name: &str| core::str::from_utf8(content(entries, name).unwrap_or_default()).unwrap_or_default();
    let found = match Earlier::parse(text(AUDIT), AUDIT) {
        Ok(found) => found,
        Err(what) => {
            checked.flaw(AUDIT, what);
            return Ok(());
        }
    };
    if found.len() != manifest.findings {
        checked.flaw(AUDIT, format!("has {} findings; the manifest says {}", found.len(), manifest.findings));
    }
    let pack = match Pack::parse(text(RULES), RULES) {
        Ok(pack) => pack,
        Err(bad) => {
            checked.flaw(RULES, bad.to_string());
            return Ok(());
        }
    };
    let mut sql = read_only(scratch)?;
    match audit::run(&mut sql, &pack, Options::as_of(manifest.as_of_ms)) {
        Ok(again) => {
            let again: BTreeSet<_> = again.findings.iter().map(|finding| finding.id).collect();
            let (here, elsewhere): (Vec<_>, Vec<_>) = found.ids().partition(|id| again.contains(id));
            checked.reproduced = here.len();
            checked.elsewhere = elsewhere.iter().map(ToString::to_string).collect();
        }
        Err(error) => checked.flaw(RULES, format!("can't be run again: {error}")),
    }
    Ok(())
}
