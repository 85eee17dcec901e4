//! Promises of time that were not kept: calls, escalations, parts.

use core::ops::RangeInclusive;

use serde_json::{Value, json};

use super::{ANY, Defect, REPAIR, of, register, set, time};
use crate::company::job::Setting;
use crate::company::script::Script;
use crate::company::{DAY_MS, HOUR_MS, MINUTE_MS};

pub(super) const DEFECTS: &[Defect] = &[
    of(&["late-contact"], ANY, |script, _| {
        if let Some(act) = script.change("contacted") {
            act.at_ms += 50 * MINUTE_MS;
        }
    }),
    of(&["late-call-back"], ANY, |script, _| {
        if let Some(act) = script.change("called_back") {
            act.at_ms += 2 * DAY_MS;
        }
    }),
    of(&["late-general-contact"], ANY, |script, _| set(script, "contacted", "solution", false.into())),
    of(&["late-urgent-contact"], ANY, |script, at| {
        severe(script, at, "urgent");
        set(script, "contacted", "solution", false.into());
    }),
    of(&["escalate-head-urgent"], ANY, |script, at| {
        severe(script, at, "urgent");
        script.drop("head");
    }),
    of(&["daily-urgent"], ANY, |script, at| {
        severe(script, at, "urgent");
        silent(script, 1..=MOST_CALLS);
        // A day without a word lies between the first call and the visit.
        visit_later(script, 2);
    }),
    of(&["escalate-head-critical"], ANY, |script, at| {
        severe(script, at, "critical");
        script.drop("head");
    }),
    of(&["escalate-leader-critical"], ANY, |script, at| {
        severe(script, at, "critical");
        script.drop("leader");
    }),
    of(&["late-critical-contact", "late-contact"], ANY, |script, at| {
        severe(script, at, "critical");
        set(script, "contacted", "reached", false.into());
    }),
    of(&["continuous-critical"], ANY, |script, at| {
        severe(script, at, "critical");
        silent(script, 2..=3);
    }),
    of(&["escalate-head-complaint"], ANY, |script, at| {
        severe(script, at, "complaint");
        script.drop("head");
    }),
    of(&["escalate-leader-complaint"], ANY, |script, at| {
        severe(script, at, "complaint");
        script.drop("leader");
    }),
    of(&["late-complaint-contact", "late-contact"], ANY, |script, at| {
        severe(script, at, "complaint");
        set(script, "contacted", "reached", false.into());
    }),
    of(&["continuous-complaint"], ANY, |script, at| {
        severe(script, at, "complaint");
        silent(script, 2..=3);
    }),
    of(&["late-complaint-answer"], ANY, |script, at| complaint(script, at, "attitude", 60)),
    of(&["late-answer"], ANY, |script, at| complaint(script, at, "quality", 30)),
    of(&["late-part"], REPAIR, |script, at| {
        // The visit waits for the part.
        visit_later(script, 3);
        let arrived = time(script, "arrived");
        let asked = time(script, "accepted") + 5 * MINUTE_MS;
        let part = |state: &str| json!({"part": "P-100", "state": state});
        script.named("asked", at.outlet.manager, asked, "part", part("requested"));
        script.named("came", at.outlet.manager, arrived - 3 * HOUR_MS, "part", part("received"));
        let told = json!({"purpose": "part_arrived", "channel": "phone", "reached": true});
        script.named("told", at.outlet.manager, arrived - 2 * HOUR_MS, "contacted", told);
    }),
    of(&["late-told"], REPAIR, |script, at| {
        visit_later(script, 3);
        let arrived = time(script, "arrived");
        let part = |state: &str| json!({"part": "P-100", "state": state});
        script.named("asked", at.outlet.manager, arrived - 52 * HOUR_MS, "part", part("requested"));
        script.named("came", at.outlet.manager, arrived - 50 * HOUR_MS, "part", part("received"));
        let told = json!({"purpose": "part_arrived", "channel": "phone", "reached": true});
        script.named("told", at.outlet.manager, arrived - 2 * HOUR_MS, "contacted", told);
    }),
    of(&["late-repair"], REPAIR, |script, at| {
        visit_later(script, 3);
        let from = time(script, "accepted") + HOUR_MS;
        for (hours, kind) in [(0, "handed_in"), (30, "ready"), (40, "collected")] {
            script.add(at.outlet.manager, from + hours * HOUR_MS, kind, json!({}));
        }
    }),
];

/// Calls about the progress, one every six hours.
const MOST_CALLS: i64 = 6;

/// The visit is agreed on for so many days later.
fn visit_later(script: &mut Script, days: i64) {
    let from = time(script, "departed");
    script.delay(from, days * DAY_MS);
    let appointment = docket_core::UnixMs(time(script, "arrived")).rfc3339().unwrap_or_default();
    register(script, "scheduled", "appointment", Some(appointment.into()));
}

/// Leaves calls about the progress out.
fn silent(script: &mut Script, calls: RangeInclusive<i64>) {
    for call in calls {
        script.drop(&format!("progress-{call}"));
    }
}

/// A job of a higher severity with everything that it asks for: both told at once, a call every six hours.
fn severe(script: &mut Script, at: &Setting<'_>, severity: &'static str) {
    register(script, "created", "severity", Some(severity.into()));
    set(script, "accepted", "severity", severity.into());
    let from = time(script, "contacted");
    let until = time(script, "called_back");
    let told = |to: &str| -> Value { json!({"to": to}) };
    script.named("head", at.cast.specialist, from + 10 * MINUTE_MS, "escalated", told("head_of_department"));
    script.named("leader", at.cast.specialist, from + 11 * MINUTE_MS, "escalated", told("company_leader"));
    for call in 1..=MOST_CALLS {
        let when = from + call * 6 * HOUR_MS;
        if when < until {
            let body = json!({"purpose": "progress", "channel": "phone", "reached": true});
            script.named(format!("progress-{call}"), at.outlet.manager, when, "contacted", body);
        }
    }
}

fn complaint(script: &mut Script, at: &Setting<'_>, about: &str, hours: i64) {
    let from = time(script, "called_back") + MINUTE_MS;
    script.add(at.cast.caller, from, "complained", json!({"cause": "as told", "about": about}));
    let handled = json!({"complaint": "@complained", "result": "apologised"});
    script.add(at.cast.specialist, from + HOUR_MS, "handled", handled);
    let answered = from + hours * HOUR_MS;
    script.add(at.cast.specialist, answered, "answered", json!({"complaint": "@complained"}));
}
