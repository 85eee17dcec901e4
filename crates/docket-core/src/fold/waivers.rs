//! Folds the company's audit document: which findings somebody answers for, until when and why (DESIGN §8).

use std::collections::BTreeMap;

use docket_format::FactId;

use super::corrections;
use super::order::{self, Item};
use super::start::{Start, start};
use crate::policy::Policy;
use crate::record::Record;
use crate::time;
use crate::view::{AuditView, WaiverState};

/// Says that a finding is waived.
const WAIVED: &str = "waived";
/// Takes a waiver back.
const WAIVER_ENDED: &str = "waiver_ended";

/// Folds the waivers. Whether one has expired is left to whoever knows the day.
pub fn fold_audit<'a>(record: &Record<'a>, policy: &'a Policy) -> AuditView<'a> {
    let Start { items, fixes, mut issues } = start(record, policy);
    corrections::resolve(&items, &fixes, &mut issues);
    let mut ended: BTreeMap<FactId, &Item<'_>> = BTreeMap::new();
    for item in items.iter().filter(|item| item.is(WAIVER_ENDED)) {
        if let Some(fixes) = item.fact.fact_id("fixes") {
            ended.entry(fixes).or_insert(item);
        }
    }
    let waivers = items.iter().filter(|item| item.is(WAIVED)).filter_map(|item| {
        let by = ended.get(&item.id());
        Some(WaiverState {
            fact: item.id(),
            finding: item.fact.str("finding")?,
            until: item.fact.str("until").and_then(time::date)?,
            why: item.fact.str("why")?,
            person: item.person(),
            at_ms: item.at(),
            ended_by: by.map(|item| item.id()),
            ended_person: by.and_then(|item| item.person()),
        })
    });
    AuditView {
        doc: record.doc,
        waivers: waivers.collect(),
        issues: issues.finish(),
        timeline: items.iter().map(order::Item::entry).collect(),
    }
}
