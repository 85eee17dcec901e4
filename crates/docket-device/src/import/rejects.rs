//! The rejects file: a CSV of the rows that were not imported, each with its line and the reason, and the row's own
//! bytes, so that it can be repaired and imported again.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::row::RowReject;

/// The rejects file's columns.
pub(super) const COLUMNS: [&str; 6] = ["line", "column", "value", "reason", "hint", "record"];

/// Collects rejects. The file appears, whole, only when there is a reject and [`Rejects::finish`] is reached; a file
/// of an earlier import is replaced by it, or removed when this time nothing is rejected.
#[derive(Debug)]
pub struct Rejects {
    path: PathBuf,
    writer: Option<csv::Writer<BufWriter<File>>>,
    count: u64,
}

impl Rejects {
    /// Rejects for `path`. Touches nothing yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), writer: None, count: 0 }
    }

    /// Adds one.
    pub fn add(&mut self, reject: &RowReject) -> io::Result<()> {
        let partial = self.partial();
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let mut writer = csv::Writer::from_writer(BufWriter::new(File::create(partial)?));
                writer.write_record(COLUMNS)?;
                none.insert(writer)
            }
        };
        let line = reject.line.to_string();
        let reason = reject.reason.to_string();
        let record = reject.raw.strip_suffix(b"\n").unwrap_or(&reject.raw);
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        writer.write_record([
            line.as_bytes(),
            reject.column.as_deref().unwrap_or_default().as_bytes(),
            reject.value.as_deref().unwrap_or_default().as_bytes(),
            reason.as_bytes(),
            reject.reason.hint().unwrap_or_default().as_bytes(),
            record,
        ])?;
        self.count += 1;
        Ok(())
    }

    /// How many were added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Puts the file in its place; `None` when there was nothing to reject.
    pub fn finish(mut self) -> io::Result<Option<PathBuf>> {
        let Some(writer) = self.writer.take() else {
            return match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(None),
            };
        };
        let buffered = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        buffered.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(self.partial(), &self.path)?;
        Ok(Some(core::mem::take(&mut self.path)))
    }

    fn partial(&self) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".partial");
        name.into()
    }
}
