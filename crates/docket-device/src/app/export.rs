//! A job for other programs.

use automerge::AutoCommit;
use docket_format::DocId;
use docket_format::change::genesis;

use super::error::AppError;
use super::session::Session;

/// The document as any Automerge library (0.5 or newer) opens it: one map `facts` from id to canonical JSON text.
pub fn automerge(session: &Session, doc: DocId) -> Result<Vec<u8>, AppError> {
    let odd =
        |error: automerge::AutomergeError| AppError::refused(format!("Automerge refused our own document: {error}"));
    let mut bytes = genesis(doc).bytes;
    for change in session.store().changes(doc)? {
        bytes.extend(change.build()?.bytes);
    }
    let mut document = AutoCommit::new();
    document.load_incremental(&bytes).map_err(odd)?;
    Ok(document.save())
}
