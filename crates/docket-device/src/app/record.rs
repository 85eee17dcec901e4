//! The one way to record a catalogued fact: what does not fit its kind is refused before anything is written.

use docket_core::catalogue;
use docket_format::{DocId, FactId};
use serde_json::{Map, Value};

use super::error::AppError;
use super::session::Session;
use crate::store::Draft;

/// A catalogued fact that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The fact.
    pub fact: FactId,
    /// What its author should know.
    pub warnings: Vec<String>,
}

/// Records a fact of a catalogued kind in a document of the kind `of` (`job`, `customer` …).
///
/// A role that may not state it is warned, not refused: the record is kept, and the fold says that it has no effect
/// (D-H20).
pub fn record(
    session: &mut Session,
    doc: DocId,
    of: &str,
    kind: &str,
    body: Map<String, Value>,
) -> Result<Written, AppError> {
    let mut warnings = Vec::new();
    let draft = checked(session, of, kind, body, &mut warnings)?;
    let facts = session.write(doc, &[draft])?;
    let fact = facts.first().copied().ok_or_else(|| AppError::refused("nothing was written"))?;
    Ok(Written { fact, warnings })
}

/// The draft of a catalogued fact, for transactions that write several.
pub fn checked(
    session: &Session,
    of: &str,
    kind: &str,
    body: Map<String, Value>,
    warnings: &mut Vec<String>,
) -> Result<Draft, AppError> {
    let shape = catalogue::shape(kind).filter(|shape| shape.belongs_to(of));
    let shape = shape.ok_or_else(|| AppError::refused(format!("`{kind}` is no record of a {of}")))?;
    if let Some(fault) = shape.fault(&body) {
        return Err(AppError::refused(format!("{kind}: {fault}")));
    }
    let (role, policy) = (session.role(), session.policy()?);
    if !policy.authority.may_state(&role, kind) {
        let may: Vec<&str> = policy.authority.roles(kind).map(docket_core::Role::as_str).collect();
        warnings.push(format!(
            "a {role} may not state `{kind}`: it is kept, has no effect, and is a finding ({})",
            may.join(", ")
        ));
    }
    Ok(Draft { kind: kind.to_owned(), body })
}
