//! Complaints: recorded, handled, and the complainant is told the result (D-C4). How soon is a clock's matter.

use super::{Duty, Signs};
use crate::view::Event;

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    for event in duty.known.events.iter().filter(|event| matches!(event.kind, "handled" | "answered")) {
        let Some(complaint) = event.str("complaint") else { continue };
        if !duty.of_kind("complained").any(|made| made.fact.to_string() == complaint) {
            let words = format!("`{}` names no complaint of this job", event.kind);
            signs.about(("unknown_complaint", "D-C4"), event.fact.to_string(), words, event);
        } else if event.kind == "answered" && !is_handled(duty, complaint, event) {
            let words = "the complainant was answered before the complaint had a result";
            signs.about(("answer_without_result", "D-C4"), complaint, words, event);
        }
    }
}

/// Whether the complaint was handled when it was answered: before it in the fold's order, or at the time stated.
fn is_handled(duty: &Duty<'_, '_>, complaint: &str, answered: &Event<'_>) -> bool {
    let same = |event: &&Event<'_>| event.str("complaint") == Some(complaint);
    duty.of_kind("handled").filter(same).any(|event| event.pos < answered.pos || event.at_ms <= answered.at_ms)
}
