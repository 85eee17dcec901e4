//! Third-party exports into the store: the sink behind `docket job import`.

use std::collections::BTreeSet;
use std::path::Path;

use docket_format::{DocId, TenantId};

use super::error::AppError;
use super::scope;
use super::session::Session;
use crate::error::StoreError;
use crate::import::{self, ImportError, ImportMap, ImportReport, Ingested, MappedDoc, Progress, Sink};
use crate::store::{Arrival, Outcome, Sender, Store};

/// Reads an import map; `file` names it in errors.
pub fn map(text: &str, file: &str) -> Result<ImportMap, AppError> {
    ImportMap::parse(text, file).map_err(|bad| {
        let refused = AppError::refused(bad.to_string());
        match bad.hint {
            Some(hint) => refused.hint(hint),
            None => refused,
        }
    })
}

/// Imports a file. What was stored before an error stays, and importing again goes on from there. Where a job that is
/// assigned names another customer now, its crew is shown that customer too.
pub fn run(
    session: &mut Session,
    file: &Path,
    map: &ImportMap,
    rejects: &Path,
    progress: impl FnMut(Progress),
) -> Result<ImportReport, ImportError<StoreError>> {
    let (tenant, now_ms): (TenantId, i64) = (session.tenant(), session.now_ms().0);
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut sink = Into { store: session.store_mut(), name: &name, now_ms, changed: Vec::new() };
    let report = import::import_file(&mut sink, import::Job { tenant, file, map, rejects }, progress)?;
    let changed = std::mem::take(&mut sink.changed);
    match scope::follow_all(session, &changed) {
        // Whatever else is in the way doesn't undo the import; assigning the same crew again makes the scope fit.
        Ok(()) | Err(AppError::Refused(_)) => Ok(report),
        Err(AppError::Store(error)) => Err(ImportError::Store(error)),
    }
}

/// The store as the import sees it.
struct Into<'s> {
    store: &'s mut Store,
    name: &'s str,
    now_ms: i64,
    /// Documents that were here before and say something else now.
    changed: Vec<DocId>,
}

/// Documents in one transaction: bounded, so that another process can write in between.
const BATCH: usize = 2_000;

impl Sink for Into<'_> {
    type Error = StoreError;

    fn ingest(&mut self, batch: &[MappedDoc]) -> Result<Vec<Ingested>, StoreError> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut made: BTreeSet<DocId> = BTreeSet::new();
        for part in batch.chunks(BATCH) {
            let known: BTreeSet<DocId> = known(self.store, part)?;
            // An import vouches: this device's next seal covers what it brought in.
            let sender = Sender { name: self.name, now_ms: self.now_ms, vouch: true };
            let mut tx = self.store.begin()?;
            for mapped in part {
                let arrival = Arrival::import(mapped.doc, &[(mapped.id, mapped.text.as_str())])?;
                outcomes.push(match tx.ingest(&sender, arrival)? {
                    Outcome::Known => Ingested::Unchanged,
                    Outcome::Refused(refused) => return Err(refused.into()),
                    _ if known.contains(&mapped.doc) || !made.insert(mapped.doc) => {
                        self.changed.push(mapped.doc);
                        Ingested::Changed
                    }
                    _ => Ingested::New,
                });
            }
            tx.commit()?;
        }
        Ok(outcomes)
    }
}

fn known(store: &Store, batch: &[MappedDoc]) -> Result<BTreeSet<DocId>, StoreError> {
    let mut known = BTreeSet::new();
    for mapped in batch {
        if store.info(mapped.doc)?.is_some_and(|info| info.changes > 0) {
            known.insert(mapped.doc);
        }
    }
    Ok(known)
}
