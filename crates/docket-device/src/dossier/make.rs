//! Making an evidence pack.

use std::collections::BTreeSet;

use docket_format::{DocId, crockford};
use rusqlite::OptionalExtension as _;
use serde_json::Value;

use super::archive::{self, Entry};
use super::manifest::{
    AUDIT, FORMAT, LABEL, Listed, MANIFEST, Maker, Manifest, RECEIPTS, RECORD, RULES, Relay, SIGNATURE, TABLE,
};
use super::{DossierError, receipts};
use crate::app::Session;
use crate::audit::{Audit, Format, Pack};
use crate::bundle::{self, Export};
use crate::error::StoreError;
use crate::keys;
use crate::project;
use crate::store::Store;

/// What to enclose.
#[derive(Debug, Clone, Copy)]
pub struct What<'a> {
    /// The rules that ran.
    pub pack: &'a Pack,
    /// What they found.
    pub audit: &'a Audit,
    /// Without the customers' documents: less can be checked, and nobody's address leaves the company.
    pub without_customers: bool,
}

/// An evidence pack that was made.
#[derive(Debug)]
pub struct Made {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it says about itself.
    pub manifest: Manifest,
}

/// Makes the file. Writes to the store only to seal what this device has not sealed of the documents concerned.
pub fn make(session: &mut Session, what: &What<'_>) -> Result<Made, DossierError> {
    let stamp = session.stamp();
    let about = concerned(session.store(), what)?;
    let relay = session.store().relay()?;
    let relay = relay.and_then(|relay| {
        Some(Relay {
            beacon: crockford::encode(relay.beacon.as_deref()?),
            receipt_ms: relay.receipt.as_ref().map(|receipt| receipt.relay_ms),
            receipt_pos: relay.receipt.as_ref().map(|receipt| receipt.pos),
        })
    });
    let store = session.store_mut();
    let record = bundle::export(store, &Export { only: Some(&about), ..Export::default() }, &stamp)?.bytes;
    let key = keys::load(store.dir(), store.device())?;
    let entries = [
        Entry { name: AUDIT.into(), bytes: written(what.audit, Format::Json)? },
        Entry { name: TABLE.into(), bytes: written(what.audit, Format::Csv)? },
        Entry { name: RULES.into(), bytes: what.pack.to_toml().into_bytes() },
        Entry { name: RECORD.into(), bytes: record },
        Entry { name: RECEIPTS.into(), bytes: receipts::write(store, &about)? },
    ];
    let manifest = Manifest {
        format: FORMAT.into(),
        tenant: store.tenant().to_string(),
        made_by: Maker { device: store.device().to_string(), key: key.public().to_string() },
        made_ms: stamp.wall_ms,
        pack: what.audit.pack.clone(),
        as_of_ms: what.audit.as_of_ms,
        findings: what.audit.findings.len(),
        waived: what.audit.waived(),
        documents: about.iter().map(DocId::to_string).collect(),
        relay,
        entries: entries.iter().map(Listed::of).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(std::io::Error::from)?;
    text.push(b'\n');
    let signature = format!("{}\n", key.sign(LABEL, &[&text]).to_text());
    let mut all = vec![
        Entry { name: MANIFEST.into(), bytes: text },
        Entry { name: SIGNATURE.into(), bytes: signature.into_bytes() },
    ];
    all.extend(entries);
    Ok(Made { bytes: archive::write(&all, seconds(stamp.wall_ms))?, manifest })
}

/// The time in the archive's headers; a clock before 1970 counts as 1970.
pub(super) fn seconds(ms: i64) -> u64 {
    u64::try_from(ms / 1000).unwrap_or(0)
}

fn written(audit: &Audit, format: Format) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    audit.write(format, &mut out)?;
    Ok(out)
}

/// The documents that findings are about or name, jobs with their customers, and the audit document if anything is
/// waived. Roster, policies, technicians and outlets are in every bundle.
fn concerned(store: &Store, what: &What<'_>) -> Result<BTreeSet<DocId>, StoreError> {
    let mut named: BTreeSet<DocId> = BTreeSet::new();
    for finding in &what.audit.findings {
        named.extend(finding.subject.parse::<DocId>().ok());
        named.extend(
            finding.values.columns().values().filter_map(Value::as_str).filter_map(|text| text.parse::<DocId>().ok()),
        );
    }
    if what.audit.waived() > 0 {
        named.insert(project::audit::doc(store.tenant()));
    }
    let customers = store.sql(|sql| {
        let mut statement = sql.prepare_cached("SELECT customer FROM p_job WHERE id = ?1")?;
        let mut found = Vec::new();
        for doc in &named {
            let customer = statement.query_row([doc.as_bytes()], |row| row.get::<_, Option<[u8; 16]>>(0)).optional()?;
            found.extend(customer.flatten().and_then(DocId::from_bytes));
        }
        Ok(found)
    })?;
    if what.without_customers {
        let mut kept = BTreeSet::new();
        for doc in named {
            if store.info(doc)?.and_then(|info| info.kind).as_deref() != Some("customer") {
                kept.insert(doc);
            }
        }
        return Ok(kept);
    }
    named.extend(customers);
    Ok(named)
}
