//! What a job's ending does not go with: a resolution that its kind has not (D-H21), a hazard that was left (D-H14).

use docket_format::FactId;

use super::{Duty, Signs};
use crate::kind;

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let completed: Vec<_> = duty.known.items.iter().filter(|item| item.is(kind::COMPLETED)).collect();
    let Some(last) = completed.last() else { return };
    let of_kind = duty.text("kind").and_then(|id| duty.known.policy.kind(id));
    if let (Some(of_kind), Some(resolution)) = (of_kind, last.fact.str("resolution"))
        && !of_kind.may_end(resolution)
    {
        let detail = format!("{} ended as {resolution}", of_kind.title.to_lowercase());
        signs.at_item(("resolution_not_of_kind", "D-H21"), resolution, detail, last);
    }
    let removed: Vec<FactId> =
        duty.of_kind("hazard_removed").filter_map(|event| FactId::parse_strict(event.str("hazard")?).ok()).collect();
    for hazard in duty.known.items.iter().filter(|item| item.is(kind::HAZARD) && item.pos < last.pos) {
        let gone = hazard.fact.str("removed_by").is_some_and(|who| !who.is_empty()) || removed.contains(&hazard.id());
        if !gone {
            let what = hazard.fact.str("hk").unwrap_or("hazard");
            let detail = format!("{what} was found and not removed, yet the work was completed");
            signs.at_item(("hazard_left", "D-H14"), hazard.id().to_string(), detail, hazard);
        }
    }
}
