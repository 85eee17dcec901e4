//! How a request was taken in: promptly, accurately, classed right the first time (D-H7, D-E1, D-E2).

use super::{Duty, Signs};
use crate::fold::intake::{self, Change};
use crate::fold::registers::shown;
use crate::kind;
use crate::time::{MINUTE_MS, UnixMs};
use crate::view::{Register, Status};

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    promptness(duty, signs);
    unknown_nature(duty, signs);
    asked_first(duty, signs);
    for change in intake::changes(duty.known.items) {
        let Change { item, register, before, now } = change;
        let (sign, row) =
            if intake::CLASSES.contains(&register) { ("reclassified", "D-E2") } else { ("intake_corrected", "D-H7") };
        let words = format!("{register}: {} → {}", shown(before), shown(now));
        signs.at_item((sign, row), format!("{register} {}", item.id()), words, item);
    }
}

/// Information enters promptly: received at against recorded at.
fn promptness(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let Some(limit) = duty.known.policy.intake.record_within_min else { return };
    let received = duty.text("received_at").and_then(UnixMs::parse);
    let created = duty.known.items.iter().find(|item| item.is(kind::CREATED));
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
    let Some(nature) = duty.text("nature").filter(|_| !duty.known.policy.natures.is_empty()) else { return };
    if duty.known.policy.nature(nature).is_none() && duty.known.status != Status::Cancelled {
        signs.whole(("unknown_nature", "D-E1"), nature, format!("`{nature}` is no nature of the policy's tree"));
    }
}

/// Some customers are asked before they have to ask (D-H7). A request says `own_initiative` where we brought it up; one
/// that planned care made (D-H11) did so by itself. What a file brought was not taken in here.
fn asked_first(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let rule = &duty.known.policy.intake.asked_first;
    if !rule.is_for(duty.known.site.group.as_deref(), duty.text("kind")) || duty.known.status == Status::Cancelled {
        return;
    }
    let Some(created) = duty.known.items.iter().find(|item| item.is(kind::CREATED)) else { return };
    let told = duty.known.registers.get("own_initiative").and_then(Register::value);
    let ours = told.is_some_and(|told| told.as_bool() == Some(true) || matches!(told.as_str(), Some("true" | "yes")));
    let by_channel = matches!(duty.text("channel"), Some("own_initiative" | "care"));
    if !ours && !by_channel && duty.text("care").is_none() {
        let group = duty.known.site.group.as_deref().unwrap_or_default();
        signs.at_item(("not_asked_first", "D-H7"), "", format!("a customer of group {group} had to ask"), created);
    }
}
