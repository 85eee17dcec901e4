//! A believable company of any size: outlets by level, technicians with evidence, customers, months of jobs, and the
//! defects that the audit's rules look for, each one noted as it is planted. The same seed, the same company.
//!
//! Nobody is simulated here: every record is written straight into one store as the person who would have made it, under
//! that person's own device and seal. What a fleet does to records on the way is [`crate::fleet`]'s and
//! [`crate::relayed`]'s matter.

mod cast;
mod defect;
mod flaw;
mod goods;
mod job;
mod ledger;
mod page;
mod pilot;
mod script;
mod telling;
mod visit;

use std::collections::BTreeSet;
use std::path::Path;

use docket_core::Policy;
use docket_core::policy::builtin;
use docket_format::DocId;

use cast::Cast;
use defect::Defect;
use ledger::Ledger;
use telling::Tellers;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Everything follows from it.
    pub seed: u64,
    /// So many jobs.
    pub jobs: u32,
    /// Of a thousand jobs, so many with one defect each.
    pub defects_per_mille: usize,
    /// Of a thousand jobs, so many that are still open.
    pub open_per_mille: usize,
}

/// A defect that was planted: exactly these rules must find exactly this document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planted {
    /// The audit rules' ids.
    pub rules: &'static [&'static str],
    /// The document.
    pub doc: DocId,
}

/// What was made.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// Jobs.
    pub jobs: u32,
    /// Outlets.
    pub outlets: usize,
    /// People.
    pub people: usize,
    /// Records in all documents.
    pub facts: u64,
    /// Defects, by rule and document.
    pub planted: Vec<Planted>,
    /// The latest time that anything happened, milliseconds since 1970: audit as of then.
    pub until_ms: i64,
}

/// 2026-01-05T00:00:00+08:00, a Monday: the company's first day.
pub const FIRST_DAY_MS: i64 = 1_767_542_400_000;
pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// The audit rules that some planted defect must be found by.
pub fn planted_rules() -> BTreeSet<&'static str> {
    let files = flaw::Flaw::ALL.into_iter().map(flaw::Flaw::rules);
    let files = files.chain(flaw::Blot::ALL.into_iter().map(flaw::Blot::rules));
    Defect::all().map(|defect| defect.rules).chain(files).flatten().copied().collect()
}

/// Founds the company in `dir`, which must not hold a store yet, under the shipped default policy.
pub fn generate(dir: &Path, plan: &Plan) -> Result<Made, String> {
    let text = builtin("default").ok_or("the default policy is missing")?;
    let policy = Policy::parse(text, "default.toml").map_err(|bad| bad.to_string())?;
    let cast = Cast::of(plan);
    let mut ledger = Ledger::found(dir, plan.seed, &cast)?;
    let scribe = ledger.scribe()?;
    if plan.defects_per_mille > 0 {
        ledger.take(pilot::pack(&scribe, &cast)?)?;
    }
    let planted = cast.introduce(&scribe, &mut ledger)?;
    let (outlets, people) = (cast.outlets.len() + cast.odd_outlets.len(), cast.people.len());
    let mut made = Made { jobs: plan.jobs, outlets, people, planted, ..Made::default() };
    Tellers { plan, cast: &cast, policy: &policy, scribe: &scribe }.tell(|chunk| {
        made.until_ms = made.until_ms.max(chunk.until_ms);
        made.planted.extend(chunk.planted);
        chunk.sheets.into_iter().try_for_each(|sheet| ledger.take(sheet))
    })?;
    made.facts = ledger.finish()?;
    made.planted.sort();
    Ok(made)
}
