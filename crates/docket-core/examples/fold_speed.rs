//! Prints how long a fold takes: an imported job of one fact, and a visit of 30. Run it with `--release`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement, not the library"
)]

use std::hint::black_box;
use std::time::Instant;

use docket_core::{Evidence, Policy, Record, Standing, UnixMs, Who, fold_job};
use docket_format::fact::{Origin, Stamp};
use docket_format::{Author, DeviceId, DocId, Fact, FactHeader, FactId, Incarnation};
use serde_json::{Value, json};

struct Everybody;

impl Evidence for Everybody {
    fn person(&self, _: Author) -> Option<Who> {
        Some(Who { person: "T-042".parse().unwrap(), role: "supervisor".parse().unwrap() })
    }

    fn standing(&self, _: FactId) -> Standing {
        Standing::Ok
    }
}

fn main() {
    let policy = Policy::parse(docket_core::policy::HAIER, "haier.toml").unwrap();
    let doc = DocId::new_v7(1, [1; 10]);
    let regs = json!({"kind": "repair", "product": "Bulky Items", "appliances": 1, "channel": "app", "outlet": "WV",
        "received_at": "2020-01-01T00:05:00-08:00", "closed_at": "2020-01-02T08:43:00-08:00", "ext_status": "Closed",
        "serviced_on": "2020-01-02", "updated_at": "2020-01-02T08:43:00-08:00", "customer": "x", "postcode": "91406"});
    let origin = Origin::Import { source: "file".into(), number: "1".into() };
    let imported = vec![write(doc, "imported", origin, json!({"dk": "job", "regs": regs}))];
    let visit = visit(doc);
    let crowd = crowd(doc);
    for (name, facts, rounds) in [("imported", &imported, 20_000), ("a visit", &visit, 20_000), ("crowded", &crowd, 1)]
    {
        let record = Record { doc, facts, evidence: &Everybody, site: &docket_core::Site::NOWHERE };
        let start = Instant::now();
        for _ in 0..rounds {
            black_box(fold_job(black_box(&record), &policy, UnixMs(1_800_000_000_000)));
        }
        let each = start.elapsed() / rounds;
        println!("{name} ({} facts): {each:?}", facts.len());
    }
}

/// What no honest device writes: thousands of arrivals, outcomes, answers and corrections.
fn crowd(doc: DocId) -> Vec<Fact> {
    let mut facts = Vec::new();
    put(&mut facts, doc, "created", json!({"dk": "job", "regs": {"kind": "installation", "appliances": 200}}));
    for round in 0..5000 {
        put(&mut facts, doc, "arrived", json!({}));
        let reading = json!({"step": "A1", "appliance": round % 200 + 1, "v": "0.8", "unit": "ohm"});
        put(&mut facts, doc, "reading", reading);
        let fixes = facts.last().map(|fact: &Fact| fact.id.to_string());
        put(&mut facts, doc, "step", json!({"step": "1", "appliance": round % 200 + 1, "v": true, "fixes": fixes}));
        put(&mut facts, doc, "completed", json!({"resolution": "installed"}));
    }
    facts
}

fn put(facts: &mut Vec<Fact>, doc: DocId, kind: &str, body: Value) {
    let author = Author { device: DeviceId::from_bytes([3; 16]), incarnation: Incarnation(1) };
    let n = facts.len() as u64 + 1;
    let at = Stamp { wall_ms: 1_700_000_000_000 + n as i64 * 60_000, boot: "B".into(), up_ms: n as i64 * 60_000 };
    let origin = Origin::Device { author, n, prev: facts.last().map(|fact| fact.id), at };
    facts.push(write(doc, kind, origin, body));
}

fn visit(doc: DocId) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    let mut put = |kind: &str, body: Value| put(&mut facts, doc, kind, body);
    put("created", json!({"dk": "job", "regs": {"kind": "installation", "product": "x", "appliances": 2}}));
    put("scheduled", json!({"regs": {"appointment": "2023-11-14T22:15:00Z", "window_min": 0}}));
    put("assigned", json!({"regs": {"crew": ["T-042"]}}));
    put("arrived", json!({}));
    put("step", json!({"step": "N1", "v": true}));
    for appliance in 1..=2 {
        put("reading", json!({"step": "A1", "appliance": appliance, "v": "0.8", "unit": "ohm"}));
        put("reading", json!({"step": "A2", "appliance": appliance, "v": "200", "unit": "megaohm"}));
        put("step", json!({"step": "A3", "appliance": appliance, "v": "correct"}));
        put("step", json!({"step": "1", "appliance": appliance, "v": true}));
        put("step", json!({"step": "C1", "appliance": appliance, "v": true}));
        put("noted", json!({"text": "all fine"}));
    }
    for step in ["A4", "B1", "E1"] {
        put("step", json!({"step": step, "v": true}));
    }
    put("step", json!({"step": "D1", "v": "none"}));
    for text in ["a", "b", "c", "d", "e", "f"] {
        put("noted", json!({"text": text}));
    }
    put("signed", json!({"role": "customer", "name": "Li", "answers": "x"}));
    put("completed", json!({"resolution": "installed"}));
    facts
}

fn write(doc: DocId, kind: &str, origin: Origin, body: Value) -> Fact {
    let Value::Object(body) = body else { unreachable!("a body is an object") };
    Fact::write(doc, FactHeader { kind: kind.into(), origin }, body).unwrap().0
}
