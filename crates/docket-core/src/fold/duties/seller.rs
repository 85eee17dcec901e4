//! Whoever sold an appliance is told when it was refused as unsafe (D-H14).

use super::{Duty, Signs};
use crate::kind;

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let unsafe_end = duty
        .visits
        .iter()
        .flat_map(|visit| &visit.outcomes)
        .find(|outcome| outcome.kind == kind::REFUSED && outcome.detail == Some("unsafe"));
    let Some(refused) = unsafe_end else { return };
    if duty.of_kind("told_seller").next().is_none() {
        let when = refused.at_ms.rfc3339().unwrap_or_default();
        signs.whole(("seller_not_told", "D-H14"), "", format!("refused as unsafe at {when}; the seller was not told"));
    }
}
