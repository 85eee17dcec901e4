//! Folds a technician: registers, and the evidence that grades rest on (D-H2).

use std::collections::BTreeMap;

use docket_format::{Fact, FactId};
use jiff::civil::Date;
use serde_json::Value;

use super::issues::{Issues, choice};
use super::order::{self, Item};
use super::start::{Plain, plain};
use crate::grade::{Credential, Proof};
use crate::issue::IssueKind;
use crate::kind;
use crate::policy::Policy;
use crate::record::Record;
use crate::time;
use crate::view::register::str_of;
use crate::view::{Effect, TechnicianView};

/// Folds a technician's record. [`crate::grade::grade`] makes a grade of the credentials, as of a day.
pub fn fold_technician<'a>(record: &Record<'a>, policy: &'a Policy) -> TechnicianView<'a> {
    let Plain { items, registers, mut issues } = plain(record, policy);
    refuse_self_recorded(&items, str_of(&registers, "person"), &mut issues);
    let withdrawals = withdrawals(&items);
    let credentials = items.iter().filter(|item| item.is(kind::EVIDENCE)).filter_map(|item| {
        let proof = proof(item.fact)?;
        let day = |key: &str| item.fact.str(key).and_then(time::date);
        let issued = match &proof {
            Proof::Service { from, .. } => Some(*from),
            _ => day("issued"),
        };
        Some(Credential {
            fact: item.id(),
            issuer: item.fact.str("issuer").map(ToOwned::to_owned),
            issued,
            expires: day("expires"),
            withdrawn: withdrawals.get(&item.id()).copied(),
            recorded_by: item.person(),
            proof,
        })
    });
    let events = super::events::of(&items);
    TechnicianView {
        doc: record.doc,
        credentials: credentials.collect(),
        registers,
        courses: super::training::courses(&events),
        events,
        issues: issues.finish(),
        timeline: items.iter().map(order::Item::entry).collect(),
    }
}

/// Evidence that people record about themselves has no effect, unless somebody else accepts it.
fn refuse_self_recorded(items: &[Item<'_>], person: Option<&str>, issues: &mut Issues) {
    let about_self = |item: &&Item<'_>| {
        matches!(item.kind(), kind::EVIDENCE | kind::WITHDRAWN)
            && item.who.as_ref().is_some_and(|who| Some(who.person.as_str()) == person)
    };
    for item in items.iter().filter(|item| item.applied()).filter(about_self) {
        let options = vec![choice(item, item.fact.body.get("ek").cloned().unwrap_or(Value::Null))];
        let summary = format!("`{}` recorded by the technician it is about", item.kind());
        if !issues.raise(IssueKind::SelfRecorded, "", vec![item.id()], options, summary).keeps(item) {
            item.effect.set(Effect::Unauthorised);
        }
    }
}

/// For each piece of evidence withdrawn: the first day on which it was, as named (`on`) or as the device claims.
fn withdrawals(items: &[Item<'_>]) -> BTreeMap<FactId, Date> {
    let mut days = BTreeMap::new();
    for item in items.iter().filter(|item| item.is(kind::WITHDRAWN)) {
        let named = item.fact.str("on").and_then(time::date);
        let Some((evidence, day)) = item.fact.fact_id("fixes").zip(named.or_else(|| item.wall().utc_date())) else {
            continue;
        };
        let first: &mut Date = days.entry(evidence).or_insert(day);
        *first = (*first).min(day);
    }
    days
}

/// What a piece of evidence proves; `None` if it lacks what its kind needs.
fn proof(fact: &Fact) -> Option<Proof> {
    let level = || fact.str("level");
    Some(match fact.str("ek")? {
        "certificate" => Proof::Certificate { level: level()?.to_owned() },
        "exam" => Proof::Exam { grade: level()?.parse().ok()? },
        "interview" => {
            let by = fact.str("by_role").or_else(level).unwrap_or("product_support_manager");
            Proof::Interview { by: by.to_owned() }
        }
        "service" => {
            let from = fact.str("from").or_else(|| fact.str("issued")).and_then(time::date)?;
            Proof::Service { from, to: fact.str("to").and_then(time::date) }
        }
        other => Proof::Unknown { kind: other.to_owned() },
    })
}
