//! Answering for findings: waivers are facts like any other, so that who waived what, until when and why is sealed,
//! synced and verified (DESIGN §8).

use docket_format::FactId;
use jiff::civil::Date;

use super::body;
use super::error::AppError;
use super::record::{self, Written};
use super::session::Session;
use crate::audit::{FindingId, Waiver};
use crate::project::audit;
use crate::store::Draft;

/// Waives a finding until the end of a day (UTC).
pub fn waive(session: &mut Session, finding: FindingId, until: Date, why: &str) -> Result<Written, AppError> {
    let today = session.today();
    if until < today {
        return Err(AppError::refused(format!("{until} is over: it is {today}")).hint("name a day to come"));
    }
    let doc = audit::doc(session.tenant());
    let entries =
        [("finding", finding.to_string().into()), ("until", until.to_string().into()), ("why", why.trim().into())];
    record::record(session, doc, "audit", "waived", body(entries))
}

/// Takes waivers back: all of them in one transaction, or none.
pub fn unwaive(session: &mut Session, waivers: &[&Waiver], why: Option<&str>) -> Result<Vec<Written>, AppError> {
    let doc = audit::doc(session.tenant());
    let mut warnings = Vec::new();
    let mut drafts: Vec<Draft> = Vec::with_capacity(waivers.len());
    for waiver in waivers {
        let mut entries = vec![("fixes", waiver.fact.as_str().into())];
        entries.extend(why.map(|why| ("why", why.trim().into())));
        drafts.push(record::checked(session, "audit", "waiver_ended", body(entries), &mut warnings)?);
    }
    let facts: Vec<FactId> = session.write(doc, &drafts)?;
    warnings.dedup();
    Ok(facts.into_iter().map(|fact| Written { fact, warnings: warnings.clone() }).collect())
}

/// Every waiver here, ended and expired ones too.
pub fn waivers(session: &Session) -> Result<Vec<std::sync::Arc<Waiver>>, AppError> {
    Ok(crate::audit::waivers(session.store().conn()).map_err(crate::StoreError::from)?)
}
