//! Files that people name: bounded before they are read, whole or not at all when written.

use std::io::{Read as _, Write as _};
use std::path::Path;

use docket_format::limits;

use crate::errors::{CliError, file};

/// A text file of at most `limit` bytes.
pub(crate) fn text(path: &Path, limit: u64) -> Result<String, CliError> {
    String::from_utf8(bounded(path, limit)?).map_err(|bad| {
        let at = bad.utf8_error().valid_up_to();
        CliError::usage(format!("{} is not UTF-8: byte {at}", path.display())).hint("save it as UTF-8")
    })
}

/// A bundle.
pub(crate) fn bundle(path: &Path) -> Result<Vec<u8>, CliError> {
    bounded(path, (limits::BUNDLE_CHUNKS as u64) * limits::CHUNK_BYTES as u64)
}

/// A photo or signature image.
pub(crate) fn picture(path: &Path) -> Result<Vec<u8>, CliError> {
    bounded(path, limits::BLOB_BYTES as u64)
}

fn bounded(path: &Path, limit: u64) -> Result<Vec<u8>, CliError> {
    let fail = |error: std::io::Error| file("read", path, &error);
    let opened = std::fs::File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    opened.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(CliError::usage(format!("{} has more than {limit} bytes", path.display())));
    }
    Ok(bytes)
}

/// Writes a file whole or not at all: beside it first, flushed, then renamed. A device or pipe is written to, never
/// replaced.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let fail = |error: std::io::Error| file("write", path, &error);
    if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        let mut special = std::fs::OpenOptions::new().write(true).open(path).map_err(fail)?;
        return special.write_all(bytes).and_then(|()| special.flush()).map_err(fail);
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::NamedTempFile::new_in(dir).map_err(fail)?;
    beside.write_all(bytes).and_then(|()| beside.as_file().sync_all()).map_err(fail)?;
    beside.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}
