//! Folds a known problem (D-E2, D-E8).

use super::order;
use super::start::{Plain, plain};
use crate::kind;
use crate::policy::Policy;
use crate::record::Record;
use crate::view::{Note, ProblemView};

/// Folds a known problem's record.
pub fn fold_problem<'a>(record: &Record<'a>, policy: &'a Policy) -> ProblemView<'a> {
    let Plain { items, registers, issues } = plain(record, policy);
    let notes = items.iter().filter(|item| item.is(kind::NOTED)).filter_map(|item| {
        let text = item.fact.str("text")?;
        Some(Note { fact: item.id(), person: item.person(), at_ms: item.at(), text })
    });
    ProblemView {
        doc: record.doc,
        notes: notes.collect(),
        registers,
        issues: issues.finish(),
        timeline: items.iter().map(order::Item::entry).collect(),
    }
}
