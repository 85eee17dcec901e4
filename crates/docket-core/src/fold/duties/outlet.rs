//! What an outlet may take (D-H6), and whether the policy that judges a job was in force for it (D-E14).

use super::{Duty, Signs};
use crate::time;

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let outlet = duty.text("outlet");
    if let (Some(outlet), Some(level), Some(mode)) = (outlet, duty.known.site.level.as_deref(), duty.mode)
        && duty.known.policy.outlets.may_take(level, mode) == Some(false)
    {
        let detail = format!("outlet {outlet} of level {level} does not take {mode}");
        signs.whole(("outlet_mode", "D-H6"), mode, detail);
    }
    // A job that pins no pack is judged by whatever the company has: nobody chose it.
    if duty.text("policy").is_some() {
        in_force(duty, outlet, signs);
    }
}

fn in_force(duty: &Duty<'_, '_>, outlet: Option<&str>, signs: &mut Signs) {
    let policy = duty.known.policy;
    if let Some(outlet) = outlet.filter(|outlet| !policy.outlets.is_for(Some(outlet))) {
        let detail = format!("judged by {} {}, which is not for outlet {outlet}", policy.name, policy.version);
        signs.whole(("policy_not_for_outlet", "D-E14"), "", detail);
    }
    // The day where the request came in: an instant is written with the offset of that place.
    let received = duty.text("received_at").and_then(|at| time::date(at.get(..10)?));
    let Some((starts, received)) = policy.starts.zip(received) else { return };
    if received < starts {
        let detail = format!("received {received}; {} {} is in force from {starts}", policy.name, policy.version);
        signs.whole(("policy_not_started", "D-E14"), "", detail);
    }
}
