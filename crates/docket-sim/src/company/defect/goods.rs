//! Goods, parts, whole sets, project work.

use serde_json::json;

use super::{ANY, Defect, ENGINEERING, INSTALLATION, REPAIR, WHOLE_SET, Wanted, of, register, staff, time};
use crate::company::job::Setting;
use crate::company::script::Script;
use crate::company::{DAY_MS, HOUR_MS, MINUTE_MS};

pub(super) const DEFECTS: &[Defect] = &[
    of(&["goods-missing"], INSTALLATION, |script, _| {
        let arrived = time(script, "arrived");
        if let Some(act) = script.change("delivered") {
            act.at_ms = arrived + 10 * MINUTE_MS;
        }
    }),
    of(&["second-delivery"], WHOLE_SET, |script, at| {
        let first = time(script, "delivered");
        script.named("delivered-again", at.outlet.manager, first + HOUR_MS, "delivered", json!({"goods": "the rest"}));
    }),
    of(&["second-dispatch"], WHOLE_SET, |script, at| {
        let regs = json!({"crew": [staff(at, at.technician), staff(at, another(at))]});
        let when = time(script, "assigned") + HOUR_MS;
        script.named("sent-again", at.cast.dispatcher, when, "assigned", json!({"regs": regs, "over": ["@assigned"]}));
    }),
    of(&["second-entry"], WHOLE_SET, |script, at| {
        let Some(created) = script.get("created").cloned() else { return };
        script.named("entered-again", at.cast.dispatcher, created.at_ms + HOUR_MS / 2, "created", created.body);
    }),
    of(&["whole-set-entered-again"], Wanted { again: true, ..WHOLE_SET }, |_, _| {}),
    of(&["arrivals-spread"], WHOLE_SET, |script, at| {
        let crew = json!([staff(at, at.technician), staff(at, another(at))]);
        register(script, "assigned", "crew", Some(crew));
        let when = time(script, "arrived") + 5 * MINUTE_MS;
        script.named("arrived-late", another(at), when + 45 * MINUTE_MS, "arrived", json!({}));
        // Nobody leaves before the crew is whole.
        script.delay(time(script, "completed"), HOUR_MS);
    }),
    of(&["no-vehicle"], WHOLE_SET, |script, _| {
        register(script, "assigned", "vehicle", None);
        script.stop_before("departed");
    }),
    of(&["outlet-mode"], ENGINEERING, |script, at| {
        let other = at.cast.outlets.iter().find(|outlet| outlet.level != "technical_center");
        register(script, "created", "outlet", other.map(|outlet| outlet.id.as_str().into()));
    }),
    of(&["contract-other-outlet"], Wanted { contract: true, ..ANY }, |_, _| {}),
    of(&["part-not-received"], REPAIR, |script, at| {
        let arrived = time(script, "arrived");
        part(script, at, "requested", arrived - 4 * HOUR_MS);
        part(script, at, "fitted", time(script, "1/1") + 1);
    }),
    of(&["part-sequence"], REPAIR, |script, at| {
        let arrived = time(script, "arrived");
        part(script, at, "received", arrived - 4 * HOUR_MS);
        part(script, at, "requested", arrived - 3 * HOUR_MS);
        part(script, at, "fitted", time(script, "1/1") + 1);
        told(script, at, arrived - 2 * HOUR_MS);
    }),
    of(&["part-not-told"], REPAIR, |script, at| {
        let arrived = time(script, "arrived");
        part(script, at, "requested", arrived - 6 * HOUR_MS);
        part(script, at, "received", arrived - 4 * HOUR_MS);
        part(script, at, "fitted", time(script, "1/1") + 1);
    }),
    of(&["promise-before-lead-time"], ANY, |script, at| {
        let day = docket_core::UnixMs(at.received_ms + DAY_MS).rfc3339().unwrap_or_default();
        let day: String = day.chars().take(10).collect();
        register(script, "created", "requested_by", Some(day.into()));
        register(script, "created", "lead_days", Some(10.into()));
    }),
    of(&["core-before-plan"], ENGINEERING, |script, _| {
        let core = time(script, "1/1");
        if let Some(act) = script.change("plan_approved") {
            act.at_ms = core + 1;
        }
    }),
    of(&["plan-self-approved"], ENGINEERING, |script, at| {
        if let Some(act) = script.change("plan_submitted") {
            act.who = at.cast.technical_manager;
        }
    }),
    of(&["witness"], ENGINEERING, |script, _| script.drop("works_witnessed")),
    of(&["acceptor"], ENGINEERING, |script, _| script.drop("works_accepted")),
];

/// Another technician of the outlet, of at least the same grade as the whole set asks for.
fn another(at: &Setting<'_>) -> usize {
    at.outlet.technicians.iter().copied().find(|one| *one != at.technician).unwrap_or(at.technician)
}

fn part(script: &mut Script, at: &Setting<'_>, state: &'static str, at_ms: i64) {
    let who = if state == "fitted" { at.technician } else { at.outlet.manager };
    script.named(format!("part-{state}"), who, at_ms, "part", json!({"part": "P-100", "state": state}));
}

fn told(script: &mut Script, at: &Setting<'_>, at_ms: i64) {
    let body = json!({"purpose": "part_arrived", "channel": "phone", "reached": true});
    script.named("told", at.outlet.manager, at_ms, "contacted", body);
}
