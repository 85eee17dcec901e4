//! A whole file into a store: reading and mapping on one thread, the store on the caller's.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use docket_format::{DocId, FactId, TenantId};

use super::header::{Binding, HeaderError};
use super::map::ImportMap;
use super::records::Records;
use super::rejects::Rejects;
use super::row::{MappedDoc, MappedRow, RowReject, map_row};

/// Rows handed to the store at once: with their customers one transaction, and soon enough that mapping and storing overlap.
pub const BATCH_ROWS: usize = 1000;

/// What the store says about one imported document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ingested {
    /// The document is new.
    New,
    /// The store already had this very fact.
    Unchanged,
    /// The document was there without this fact: where values differ there is now a conflict.
    Changed,
}

/// Where imported documents go. The device's store implements it; tests have their own.
pub trait Sink {
    /// What can go wrong.
    type Error;

    /// Takes a batch and says of each document what it was, in order. One document may occur
    /// more than once.
    fn ingest(&mut self, batch: &[MappedDoc]) -> Result<Vec<Ingested>, Self::Error>;
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file that the store has.
    pub bytes: u64,
    /// Bytes of the file.
    pub of_bytes: u64,
    /// Rows read.
    pub rows: u64,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows read, header and blank lines not counted.
    pub rows: u64,
    /// Jobs that are new.
    pub new: u64,
    /// Jobs that were already there just like this.
    pub unchanged: u64,
    /// Jobs that were there with other data: the register that differs is now a conflict.
    pub changed: u64,
    /// Rows that say the same as an earlier row of this file; also counted in `unchanged`.
    pub duplicates: u64,
    /// Rows that were not imported.
    pub rejects: u64,
    /// The rejects file, if there is one.
    pub rejects_file: Option<PathBuf>,
    /// Customers that are new.
    pub customers_new: u64,
    /// Different customers in the file.
    pub customers: u64,
    /// Time spent reading and mapping (beside the store's).
    pub mapping: Duration,
    /// Time spent in the store.
    pub storing: Duration,
}

/// Why an import stopped. Batches that were stored before stay: importing again goes on where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError<E> {
    /// The CSV file can't be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file does not go with the map. Nothing was imported.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The rejects file can't be written.
    #[error("rejects file {}: {error}", path.display())]
    Rejects {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The store refused a batch.
    #[error("{0}")]
    Store(E),
}

/// What an import works with.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The tenant, part of every document id.
    pub tenant: TenantId,
    /// The CSV file.
    pub file: &'a Path,
    /// Its map.
    pub map: &'a ImportMap,
    /// Where rejected rows go.
    pub rejects: &'a Path,
}

struct Batch {
    rows: Vec<MappedRow>,
    rejects: Vec<RowReject>,
    bytes: u64,
    mapping: Duration,
}

/// Imports a file. `progress` is called after each batch.
pub fn import_file<S: Sink>(
    sink: &mut S,
    job: Job<'_>,
    mut progress: impl FnMut(Progress),
) -> Result<ImportReport, ImportError<S::Error>> {
    let read = |error| ImportError::Read { path: job.file.to_owned(), error };
    let file = File::open(job.file).map_err(read)?;
    let of_bytes = file.metadata().map_err(read)?.len();
    let mut records = Records::new(BufReader::with_capacity(256 * 1024, file), job.map.delimiter);
    let header = match records.next_record().map_err(read)? {
        None => return Err(HeaderError::Empty.into()),
        Some(Err((why, record))) if !is_utf16(&record.raw) => {
            return Err(HeaderError::Unreadable { line: record.line, why: why.to_string() }.into());
        }
        Some(Ok(record) | Err((_, record))) => record,
    };
    let binding = job.map.bind(&header)?;
    let mut taker =
        Taker { sink, report: ImportReport::default(), seen: HashMap::new(), rejects: Rejects::new(job.rejects) };
    std::thread::scope(|scope| {
        let (send, receive): (_, Receiver<io::Result<Batch>>) = sync_channel(2);
        let binding = &binding;
        scope.spawn(move || read_all(records, binding, job.tenant, &send));
        // Leaving early drops `receive`; the reader's next send then fails and it stops.
        for batch in receive {
            let batch = batch.map_err(read)?;
            let bytes = batch.bytes;
            taker.take(batch, job.rejects)?;
            progress(Progress { bytes, of_bytes, rows: taker.report.rows });
        }
        Ok::<(), ImportError<S::Error>>(())
    })?;
    taker.finish(job.rejects)
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

fn read_all(
    mut records: Records<BufReader<File>>,
    binding: &Binding<'_>,
    tenant: TenantId,
    send: &SyncSender<io::Result<Batch>>,
) {
    loop {
        let batch = read_batch(&mut records, binding, tenant);
        let last = batch.as_ref().map_or(true, |batch| batch.rows.len() + batch.rejects.len() < BATCH_ROWS);
        if send.send(batch).is_err() || last {
            return;
        }
    }
}

fn read_batch(records: &mut Records<BufReader<File>>, binding: &Binding<'_>, tenant: TenantId) -> io::Result<Batch> {
    let began = Instant::now();
    let mut batch = Batch { rows: Vec::new(), rejects: Vec::new(), bytes: 0, mapping: Duration::ZERO };
    while batch.rows.len() + batch.rejects.len() < BATCH_ROWS {
        match records.next_record()? {
            None => break,
            Some(Err((why, record))) => batch.rejects.push(RowReject {
                line: record.line,
                column: None,
                value: None,
                reason: why.into(),
                raw: record.raw,
            }),
            Some(Ok(record)) => match map_row(binding, tenant, &record) {
                Ok(row) => batch.rows.push(row),
                Err(reject) => batch.rejects.push(reject),
            },
        }
    }
    batch.bytes = records.bytes_read();
    batch.mapping = began.elapsed();
    Ok(batch)
}

struct Taker<'s, S> {
    sink: &'s mut S,
    report: ImportReport,
    /// The first fact of each document of this file, to tell a repeated row from a contradicting one.
    seen: HashMap<DocId, FactId>,
    rejects: Rejects,
}

impl<S: Sink> Taker<'_, S> {
    fn take(&mut self, batch: Batch, path: &Path) -> Result<(), ImportError<S::Error>> {
        self.report.rows += (batch.rows.len() + batch.rejects.len()) as u64;
        self.report.mapping += batch.mapping;
        for reject in &batch.rejects {
            self.rejects.add(reject).map_err(|error| ImportError::Rejects { path: path.to_owned(), error })?;
        }
        let mut documents = Vec::with_capacity(batch.rows.len() * 2);
        for row in batch.rows {
            if self.seen.get(&row.job.doc) == Some(&row.job.id) {
                self.report.duplicates += 1;
                self.report.unchanged += 1;
                continue;
            }
            self.seen.entry(row.job.doc).or_insert(row.job.id);
            // The customer first: a job never names a document that is not there yet.
            if let Some(customer) = row.customer
                && self.seen.insert(customer.doc, customer.id).is_none()
            {
                self.report.customers += 1;
                documents.push(customer);
            }
            documents.push(row.job);
        }
        let began = Instant::now();
        let outcomes = self.sink.ingest(&documents).map_err(ImportError::Store)?;
        self.report.storing += began.elapsed();
        for (document, outcome) in documents.iter().zip(outcomes) {
            let counter = match (document.kind, outcome) {
                ("customer", Ingested::New) => &mut self.report.customers_new,
                ("customer", _) => continue,
                (_, Ingested::New) => &mut self.report.new,
                (_, Ingested::Unchanged) => &mut self.report.unchanged,
                (_, Ingested::Changed) => &mut self.report.changed,
            };
            *counter += 1;
        }
        Ok(())
    }

    fn finish(mut self, path: &Path) -> Result<ImportReport, ImportError<S::Error>> {
        self.report.rejects = self.rejects.count();
        let finished = self.rejects.finish();
        self.report.rejects_file = finished.map_err(|error| ImportError::Rejects { path: path.to_owned(), error })?;
        Ok(self.report)
    }
}
