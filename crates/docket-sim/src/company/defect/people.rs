//! Who is sent, by whom, and for whom: evidence, outlets, crews that change.

use serde_json::json;

use super::{ANY, Defect, VIP, Wanted, of, register, staff, time};
use crate::company::flaw::Flaw;
use crate::company::job::Setting;
use crate::company::script::Script;
use crate::company::{HOUR_MS, MINUTE_MS};

/// VIPs ask for an A; who has one of these files is a B.
const fn sent(flaw: Flaw) -> Wanted {
    Wanted { flaw: Some(flaw), ..VIP }
}

pub(super) const DEFECTS: &[Defect] = &[
    of(&["below-grade"], sent(Flaw::Lapsed), |_, _| {}),
    of(&["below-grade"], sent(Flaw::Withdrawn), |_, _| {}),
    of(&["below-grade"], sent(Flaw::NoCertificate), |_, _| {}),
    of(&["below-grade"], sent(Flaw::ExamLater), |_, _| {}),
    of(&["below-grade"], sent(Flaw::ShortService), |_, _| {}),
    of(&["worked-untrained"], sent(Flaw::Untrained), |_, _| {}),
    of(&["outlet-not-authorised"], ANY, |script, at| {
        let dropped = at.cast.dropped().map(|outlet| outlet.id.as_str().into());
        register(script, "created", "outlet", dropped);
    }),
    of(&["outlet-override"], ANY, |script, at| {
        hand_over(script, at, "over-1", "@created", 1);
        super::set(script, "over-1", "override", "nobody nearer is free".into());
    }),
    of(&["job-bounced"], ANY, |script, at| {
        hand_over(script, at, "over-1", "@created", 1);
        hand_over(script, at, "over-2", "@over-1", 2);
        hand_over(script, at, "over-3", "@over-2", 3);
    }),
    of(&["policy-not-in-force"], ANY, |script, at| {
        register(script, "created", "policy", Some(at.cast.pilot.as_str().into()));
    }),
    of(&["late-work"], ANY, |script, at| {
        // Taken from whoever is on the way by somebody who does not know that they come all the same.
        let other = at.outlet.technicians.iter().copied().find(|one| *one != at.technician).unwrap_or(at.technician);
        let when = time(script, "departed") - HOUR_MS;
        let body = json!({"regs": {"crew": [staff(at, other)]}, "over": ["@assigned"], "seen": []});
        script.named("sent-another", at.cast.dispatcher, when, "assigned", body);
    }),
    of(&["untrusted-fact"], ANY, |script, at| {
        let when = time(script, "arrived") - HOUR_MS;
        // No purpose that the catalogue knows: the payload makes no sense.
        script.named("senseless", at.outlet.manager, when, "contacted", json!({"purpose": "chat"}));
    }),
];

/// Another outlet becomes the one that answers for the job.
fn hand_over(script: &mut Script, at: &Setting<'_>, label: &'static str, over: &str, turn: i64) {
    let others: Vec<&str> =
        at.cast.outlets.iter().map(|outlet| outlet.id.as_str()).filter(|id| *id != at.outlet.id).collect();
    let to = others.get(turn as usize % others.len().max(1)).copied().unwrap_or_default();
    let when = time(script, "accepted") + turn * 2 * MINUTE_MS;
    let body = json!({"r": "outlet", "v": to, "over": [over], "why": "it is nearer"});
    script.named(label, at.cast.dispatcher, when, "set", body);
}
