//! How a request was written down, and visits that ended otherwise.

use serde_json::json;

use super::{ANY, Defect, INSTALLATION, REPAIR, WHOLE_SET, of, register, time};
use crate::company::{DAY_MS, HOUR_MS, MINUTE_MS};

fn instant(at_ms: i64) -> serde_json::Value {
    docket_core::UnixMs(at_ms).rfc3339().unwrap_or_default().into()
}

pub(super) const DEFECTS: &[Defect] = &[
    // The outlet could not answer in time what it was not told.
    of(&["late-intake", "late-contact"], ANY, |script, at| {
        register(script, "created", "received_at", Some(instant(at.received_ms - 2 * HOUR_MS)));
    }),
    of(&["contradicting-dates"], ANY, |script, at| {
        register(script, "created", "closed_at", Some(instant(at.received_ms - DAY_MS)));
    }),
    of(&["second-report"], WHOLE_SET, |script, at| {
        let Some(created) = script.get("created").cloned() else { return };
        for (label, minutes) in [("reported", 1), ("reported-again", 2)] {
            let when = created.at_ms + minutes * MINUTE_MS;
            script.named(label, at.cast.salesperson, when, "created", created.body.clone());
        }
    }),
    of(&["hazard-left"], ANY, |script, at| {
        let when = time(script, "completed") - MINUTE_MS;
        let body = json!({"hk": "loose socket", "visit": "@arrived"});
        script.add(at.technician, when, "hazard", body);
    }),
    of(&["seller-not-told"], INSTALLATION, |script, at| {
        let arrived = time(script, "arrived");
        script.acts.retain(|act| act.at_ms <= arrived);
        let body = json!({"reason": "unsafe", "visit": "@arrived"});
        script.add(at.technician, arrived + 5 * MINUTE_MS, "refused", body);
    }),
    of(&["foreseeable-part"], REPAIR, |script, at| {
        let asked = time(script, "completed") - MINUTE_MS;
        let body = json!({"part": "P-100", "state": "requested", "foreseeable": true});
        script.named("asked", at.technician, asked, "part", body);
        let came = json!({"part": "P-100", "state": "received"});
        script.named("came", at.outlet.manager, asked + 2 * HOUR_MS, "part", came);
        let told = json!({"purpose": "part_arrived", "channel": "phone", "reached": true});
        script.named("told", at.outlet.manager, asked + 3 * HOUR_MS, "contacted", told);
    }),
];
