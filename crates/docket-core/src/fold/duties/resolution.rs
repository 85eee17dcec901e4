//! A job ends in one of the ways that the policy knows (D-C6).

use super::{Duty, Signs};
use crate::kind;
use crate::policy::StatedBy;

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    if duty.known.policy.resolutions.is_empty() {
        return;
    }
    for item in duty.known.items.iter().filter(|item| item.is(kind::COMPLETED)) {
        let Some(resolution) = item.fact.str("resolution") else { continue };
        let known = duty.known.policy.resolution(resolution).is_some_and(|known| known.by == StatedBy::Completed);
        if !known {
            let words = format!("`{resolution}` is no resolution that the policy lets complete a job");
            signs.at_item(("unknown_resolution", "D-C6"), item.id().to_string(), words, item);
        }
    }
}
