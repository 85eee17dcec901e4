//! Intake, calls, complaints, and who may state what.

use serde_json::json;

use super::{ANY, Defect, ENGINEERING, Wanted, of, register, set, time};
use crate::company::{HOUR_MS, MINUTE_MS};

const OWNED: Wanted = Wanted { owner: true, ..ANY };

pub(super) const DEFECTS: &[Defect] = &[
    of(&["unauthorised-fact"], ANY, |script, at| {
        let when = time(script, "arrived") - HOUR_MS;
        script.named("not-mine", at.technician, when, "overruled", json!({"why": "I know better"}));
    }),
    of(&["unresolved-conflict"], ANY, |script, at| {
        let when = time(script, "accepted") + MINUTE_MS;
        for (who, name) in [(at.cast.dispatcher, "Ms. Wang"), (at.cast.representative, "Mr. Li")] {
            script.named(name, who, when, "set", json!({"r": "requester", "v": name, "over": []}));
        }
    }),
    of(&["reclassified"], ANY, |script, at| {
        let when = time(script, "accepted") + MINUTE_MS;
        let body = json!({"regs": {"nature": "software"}, "over": ["@created"], "why": "it was the app"});
        script.add(at.cast.specialist, when, "classified", body);
    }),
    of(&["job-unowned"], ANY, |script, _| {
        register(script, "created", "outlet", None);
        script.stop_before("departed");
    }),
    of(&["job-unowned"], ANY, |script, _| {
        register(script, "created", "handler", None);
        script.stop_before("departed");
    }),
    of(&["not-asked-first"], ENGINEERING, |script, _| register(script, "created", "own_initiative", None)),
    of(&["job-two-owners", "unresolved-conflict"], ANY, |script, at| {
        let when = time(script, "accepted") + MINUTE_MS;
        for (who, name) in [(at.cast.dispatcher, "H-001"), (at.cast.representative, "H-002")] {
            script.named(name, who, when, "set", json!({"r": "handler", "v": name, "over": []}));
        }
    }),
    of(&["unknown-nature"], ANY, |script, _| register(script, "created", "nature", Some("weather".into()))),
    of(&["own-outlet", "late-call-back"], ANY, |script, at| {
        if let Some(act) = script.change("called_back") {
            act.who = at.outlet.caller;
        }
    }),
    of(&["answer-without-result"], ANY, |script, at| {
        let from = time(script, "called_back");
        script.add(at.cast.caller, from + MINUTE_MS, "complained", json!({"cause": "noise", "about": "quality"}));
        let body = json!({"complaint": "@complained"});
        script.add(at.cast.specialist, from + HOUR_MS, "answered", body.clone());
        let handled = json!({"complaint": "@complained", "result": "exchanged"});
        script.add(at.cast.specialist, from + 2 * HOUR_MS, "handled", handled);
    }),
    of(&["unknown-complaint"], ANY, |script, at| {
        let from = time(script, "called_back");
        let body = json!({"complaint": "@arrived", "result": "nothing"});
        script.add(at.cast.specialist, from + HOUR_MS, "handled", body);
    }),
    of(&["unknown-resolution", "resolution-not-of-kind"], ANY, |script, _| {
        set(script, "completed", "resolution", "vanished".into());
    }),
    of(&["overruled-without-reason"], OWNED, |_, _| {}),
    of(&["overruled"], OWNED, |script, at| {
        if let Some(act) = script.change("scheduled") {
            act.who = at.cast.supervisor;
        }
        let when = time(script, "scheduled");
        script.add(at.cast.supervisor, when, "overruled", json!({"why": "the owner is on leave"}));
    }),
];
