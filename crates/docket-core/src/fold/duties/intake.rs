//! How a request was taken in: promptly, accurately, classed right the first time (D-H7, D-E1, D-E2).

use super::{Duty, Signs};
use crate::fold::intake::{self, Change};
use crate::kind;
use crate::time::{MINUTE_MS, UnixMs};
use crate::view::Status;

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    promptness(duty, signs);
    unknown_nature(duty, signs);
    for change in intake::changes(duty.items) {
        let Change { item, register, before, now } = change;
        let (sign, row) =
            if intake::CLASSES.contains(&register) { ("reclassified", "D-E2") } else { ("intake_corrected", "D-H7") };
        let words = format!("{register}: {} → {}", intake::shown(before), intake::shown(now));
        signs.at_item((sign, row), format!("{register} {}", item.id()), words, item);
    }
}

/// Information enters promptly: received at against recorded at.
fn promptness(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let Some(limit) = duty.policy.intake.record_within_min else { return };
    let received = duty.text("received_at").and_then(UnixMs::parse);
    let created = duty.items.iter().find(|item| item.is(kind::CREATED));
    let (Some(received), Some(created)) = (received, created) else { return };
    let late_min = created.wall().0.saturating_sub(received.0).div_euclid(MINUTE_MS);
    if late_min > limit {
        signs.at_item(
            ("late_intake", "D-H7"),
            "",
            format!("recorded {late_min} minutes after it was received"),
            created,
        );
    }
}

fn unknown_nature(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let Some(nature) = duty.text("nature").filter(|_| !duty.policy.natures.is_empty()) else { return };
    if duty.policy.nature(nature).is_none() && duty.status != Status::Cancelled {
        signs.whole(("unknown_nature", "D-E1"), nature, format!("`{nature}` is no nature of the policy's tree"));
    }
}
