//! Whether a fact's payload makes sense: checked once, so that later stages may rely on it.

use std::borrow::Cow;

use docket_format::{DocId, Fact, FactId};
use serde_json::Value;

use crate::catalogue;
use crate::grade;
use crate::issue::IssueId;
use crate::kind;

use super::MAX_APPLIANCES;

/// Why the payload makes no sense, or `None`. Unknown keys are nobody's fault.
pub(super) fn fault(fact: &Fact) -> Option<Cow<'static, str>> {
    let fault = match catalogue::shape(fact.kind()) {
        Some(shape) => return shape.fault(&fact.body).map(|fault| Cow::Owned(fault.to_string())),
        None => structural(fact),
    };
    let dates = || (fact.kind() == kind::EVIDENCE).then(|| grade::date_fault(&fact.body)).flatten();
    fault.map(Cow::Borrowed).or_else(|| dates().map(Cow::Owned))
}

fn structural(fact: &Fact) -> Option<&'static str> {
    let need = |good: bool, what: &'static str| if good { None } else { Some(what) };
    let text = |key: &str| fact.str(key).is_some_and(|text| !text.is_empty());
    match fact.kind() {
        kind::CREATED | kind::IMPORTED => need(text("dk"), "`dk` is missing").or_else(|| regs_fault(fact, false)),
        kind::ASSIGNED | kind::SCHEDULED => regs_fault(fact, true),
        kind::SET => need(text("r") && fact.body.contains_key("v"), "`r` or `v` is missing"),
        kind::DECIDED => decided_fault(fact),
        kind::STEP => need(text("step"), "`step` is missing").or_else(|| appliance_fault(fact)),
        kind::READING => need(text("step"), "`step` is missing")
            .or_else(|| need(text("v"), "`v` must be a decimal in quotes"))
            .or_else(|| appliance_fault(fact)),
        kind::PHOTO => need(text("sha256"), "`sha256` is missing").or_else(|| appliance_fault(fact)),
        kind::SIGNED => need(text("role"), "`role` is missing"),
        kind::CORRECTED | kind::WITHDRAWN => need(fact.fact_id("fixes").is_some(), "`fixes` names no fact"),
        kind::COMPLETED => need(text("resolution"), "`resolution` is missing"),
        kind::REFUSED => need(text("reason"), "`reason` is missing"),
        kind::EVIDENCE => need(text("ek"), "`ek` is missing"),
        _ => None,
    }
    .or_else(|| bad_link(fact))
}

fn regs_fault(fact: &Fact, needed: bool) -> Option<&'static str> {
    match fact.body.get("regs") {
        Some(Value::Object(_)) => None,
        None if !needed => None,
        _ => Some("`regs` must be an object"),
    }
}

fn decided_fault(fact: &Fact) -> Option<&'static str> {
    let register = fact.str("r").is_some() && fact.body.contains_key("v");
    let about = fact.str("about").is_some_and(|about| about.parse::<IssueId>().is_ok());
    let keep = fact.body.get("keep").is_none_or(|keep| keep.is_null() || fact.fact_id("keep").is_some());
    let to = fact.body.get("to").is_none_or(|to| to.as_str().is_some_and(|to| to.parse::<DocId>().is_ok()));
    if !to {
        Some("`to` names no document")
    } else if register == about {
        Some("it must name either a register (`r`, `v`) or an issue (`about`)")
    } else if keep {
        None
    } else {
        Some("`keep` names no fact")
    }
}

fn appliance_fault(fact: &Fact) -> Option<&'static str> {
    match fact.body.get("appliance") {
        None => None,
        Some(number) if number.as_i64().is_some_and(|n| (1..=i64::from(MAX_APPLIANCES)).contains(&n)) => None,
        Some(_) => Some("`appliance` must be a number from 1 to 200"),
    }
}

/// `fixes` and `visit`, where present, must be fact ids.
fn bad_link(fact: &Fact) -> Option<&'static str> {
    let broken = |key: &str| fact.body.get(key).is_some_and(|id| id.as_str().is_none_or(|id| !is_fact_id(id)));
    if broken("fixes") {
        Some("`fixes` names no fact")
    } else if broken("visit") {
        Some("`visit` names no fact")
    } else {
        None
    }
}

fn is_fact_id(text: &str) -> bool {
    FactId::parse_strict(text).is_ok()
}
