//! Goods and installer together (D-H4); nothing is sent on without a test that shows its fault (D-E5); a loaner comes
//! back when its customer's own unit is fetched (D-E4).

use std::collections::BTreeMap;

use super::{Duty, Signs};
use crate::view::Visit;

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    delivered(duty, signs);
    tested(duty, signs);
    loaners(duty, signs);
}

/// The first visit of an installation finds the goods there.
fn delivered(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let rules = &duty.known.policy.goods;
    if !duty.text("kind").is_some_and(|kind| rules.kinds.contains(kind)) {
        return;
    }
    let Some(arrived) = duty.visits.iter().find_map(Visit::arrived_ms) else { return };
    let first = duty.of_kind("delivered").filter_map(|event| event.at_ms.map(|at| (at, event))).min_by_key(|one| one.0);
    match first {
        Some((at, event)) if at > arrived => {
            signs.about(("goods_missing", "D-H4"), "", "the goods came after the installer", event);
        }
        None if rules.must_record => {
            signs.whole(("goods_missing", "D-H4"), "", "nothing says that the goods were there for the installer");
        }
        _ => {}
    }
}

fn tested(duty: &Duty<'_, '_>, signs: &mut Signs) {
    for sent in duty.of_kind("sent_on") {
        let Some(to) = sent.str("to").filter(|to| duty.known.policy.sending.tested_for.contains(*to)) else { continue };
        let before = |at: Option<crate::UnixMs>, pos| at < sent.at_ms || (at == sent.at_ms && pos < sent.pos);
        let mut tests = duty.of_kind("tested").filter(|test| test.flag("shows_fault") == Some(true));
        if !tests.any(|test| before(test.at_ms, test.pos)) {
            let why = sent.str("why").map(|why| format!(" ({why})")).unwrap_or_default();
            let detail = format!("sent on to {to}{why} without a local test that shows the fault");
            signs.about(("sent_on_without_fault", "D-E5"), to, detail, sent);
        }
    }
}

fn loaners(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let Some(fetched) = duty.of_kind("collected").last() else { return };
    let mut out: BTreeMap<&str, i64> = BTreeMap::new();
    let moves = duty.known.events.iter().filter(|event| event.kind == "loaned" || event.kind == "loan_returned");
    for event in moves {
        let count = out.entry(event.str("item").unwrap_or_default()).or_default();
        *count += if event.kind == "loaned" { 1 } else { -1 };
    }
    for (item, _) in out.into_iter().filter(|(_, count)| *count > 0) {
        let detail = format!("the customer's unit was fetched, and the loaner {item} is still out");
        signs.about(("loaner_not_returned", "D-E4"), item, detail, fetched);
    }
}
