//! What was charged, lent and sent on.

use serde_json::{Value, json};

use super::{ANY, Defect, REPAIR, WHOLE_SET, Wanted, of, time};
use crate::company::job::Setting;
use crate::company::script::Script;
use crate::company::{HOUR_MS, MINUTE_MS};

pub(super) const DEFECTS: &[Defect] = &[
    of(&["overcharged"], Wanted { covered: false, ..REPAIR }, |script, at| charge(script, at, "labour", 99_900)),
    of(&["covered-item-charged"], REPAIR, |script, at| charge(script, at, "labour", 8_000)),
    of(&["unlisted-item-charged"], ANY, |script, at| charge(script, at, "parking", 500)),
    of(&["free-item-charged"], WHOLE_SET, |script, at| charge(script, at, "delivery", 100)),
    of(&["sent-on-without-fault"], REPAIR, |script, at| {
        let when = time(script, "completed") - MINUTE_MS;
        script.named("sent_on", at.technician, when, "sent_on", json!({"to": "headquarters", "why": "to be sure"}));
    }),
    of(&["loaner-not-returned"], REPAIR, |script, at| {
        let from = time(script, "accepted") + HOUR_MS;
        let acts: [(&'static str, Value); 4] = [
            ("handed_in", json!({})),
            ("loaned", json!({"item": "a kettle"})),
            ("ready", json!({})),
            ("collected", json!({})),
        ];
        for (hours, (kind, body)) in (0..).zip(acts) {
            script.add(at.outlet.manager, from + hours * HOUR_MS, kind, body);
        }
    }),
];

fn charge(script: &mut Script, at: &Setting<'_>, item: &str, minor: i64) {
    let when = time(script, "completed") - MINUTE_MS;
    let body = json!({"item": item, "minor": minor, "currency": "CNY", "visit": "@arrived"});
    script.add(at.technician, when, "charged", body);
}
