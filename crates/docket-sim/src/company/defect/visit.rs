//! On site: checklist, order, times, grades.

use serde_json::json;

use super::{ANY, Defect, INSTALLATION, REPAIR, WHOLE_SET, by_another, of, register, set, staff, time};
use crate::company::job::Setting;
use crate::company::script::Script;
use crate::company::{DAY_MS, HOUR_MS, MINUTE_MS};

pub(super) const DEFECTS: &[Defect] = &[
    of(&["missing-step"], ANY, |script, _| script.drop("B1")),
    of(&["step-order"], ANY, |script, _| {
        let core = time(script, "1/1");
        if let Some(act) = script.change("E1") {
            act.at_ms = core - 1;
        }
    }),
    of(&["reading-out-of-limits"], REPAIR, |script, at| {
        let (core, visit) = (time(script, "1/1"), "@arrived");
        let body = json!({"step": "A2", "appliance": 1, "v": "0.5", "unit": "megaohm", "visit": visit});
        script.named("A2/1", at.technician, core - 1, "reading", body);
    }),
    of(&["core-without-safety-test", "reading-out-of-limits"], INSTALLATION, |script, _| {
        set(script, "A1/1", "v", "40".into());
    }),
    of(&["failed-test-and-completed", "five-contradicted"], ANY, |script, _| set(script, "B1", "v", false.into())),
    of(&["invalid-answer"], ANY, |script, _| set(script, "B1", "v", "perhaps".into())),
    of(&["stale-answer"], ANY, |script, _| {
        set(script, "S1", "answers", "0000000000000000000000000000000000000000000000000000".into());
    }),
    of(&["unsigned-visit", "missing-step"], ANY, |script, _| script.drop("S1")),
    of(&["late-arrival"], ANY, |script, _| {
        let from = time(script, "departed");
        script.delay(from, 2 * HOUR_MS);
    }),
    of(&["over-time"], ANY, |script, _| {
        let from = time(script, "1/1");
        script.delay(from, 6 * HOUR_MS);
    }),
    of(&["visit-not-ended"], ANY, |script, _| {
        script.drop("completed");
        script.drop("called_back");
    }),
    of(&["not-assigned"], ANY, |script, at| {
        let other = at.outlet.technicians.iter().copied().find(|one| *one != at.technician).unwrap_or(at.technician);
        by_another(script, at, other);
    }),
    of(&["below-grade"], ANY, |script, at| {
        let junior = at.outlet.technicians.last().copied().unwrap_or(at.technician);
        by_another(script, at, junior);
        register(script, "assigned", "crew", Some(json!([staff(at, junior)])));
        register(script, "created", "difficulty", Some("expert".into()));
    }),
    of(&["below-grade-override"], ANY, |script, _| set(script, "assigned", "override", "nobody else near".into())),
    of(&["ungraded-alone", "below-grade"], ANY, |script, at| {
        by_another(script, at, at.outlet.trainee);
        register(script, "assigned", "crew", Some(json!([staff(at, at.outlet.trainee)])));
    }),
    of(&["second-visit", "once"], REPAIR, visited_again),
    of(&["whole-set-second-visit", "second-visit", "once"], WHOLE_SET, visited_again),
    of(&["contradiction"], ANY, |script, at| {
        let body = json!({"step": "D1", "v": "two fans", "visit": "@arrived"});
        let answered = time(script, "D1");
        script.named("other-D1", at.cast.supervisor, answered + 1, "step", body);
    }),
];

fn visited_again(script: &mut Script, at: &Setting<'_>) {
    let again = time(script, "completed") + 2 * DAY_MS;
    script.named("again", at.technician, again, "arrived", json!({}));
    let resolution = script.get("completed").and_then(|act| act.body.get("resolution")).cloned();
    let body = json!({"resolution": resolution, "visit": "@again"});
    script.named("again-completed", at.technician, again + 30 * MINUTE_MS, "completed", body);
    let agreed = docket_core::UnixMs(again).rfc3339().unwrap_or_default();
    let body = json!({"regs": {"appointment": agreed}, "over": ["@scheduled"]});
    script.named("scheduled-again", at.cast.dispatcher, again - DAY_MS, "scheduled", body);
    if let Some(mut call) = script.get("called_back").cloned() {
        (call.label, call.at_ms) = ("called-again".into(), again + 3 * HOUR_MS);
        script.acts.push(call);
    }
}
