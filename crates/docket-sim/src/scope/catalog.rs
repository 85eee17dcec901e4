//! The operations of the scope. A new fact kind of jobs is one new line here.

use docket_core::{Policy, Record, UnixMs, fold_job};
use docket_format::{DocId, Fact, FactId};
use serde_json::{Map, Value, json};

use super::people::People;
use crate::fleet::{Draft, reference};

/// What a writer has before them.
pub(super) struct Sight<'a> {
    pub(super) doc: DocId,
    pub(super) known: &'a [Fact],
    pub(super) device: usize,
    pub(super) people: &'a People,
    pub(super) policy: &'a Policy,
}

/// One way of adding to a job. `None` when there is nothing to do it to.
pub struct Operation {
    /// Its name in reports.
    pub name: &'static str,
    /// Whether it settles what others left open.
    pub(super) settles: bool,
    pub(super) draft: fn(&Sight<'_>) -> Option<Draft>,
}

/// Every operation.
pub const CATALOG: &[Operation] = &[
    op("set to x", |sight| Some(sight.set("text", "x"))),
    op("set to y", |sight| Some(sight.set("text", "y"))),
    op("set blindly to x", |_| Some(draft("set", json!({"r": "text", "v": "x", "over": []})))),
    settling("decide a register", |sight| sight.decide_register("text")),
    settling("decide an issue", decide_issue),
    op("assign", |sight| Some(sight.assign(&json!(["T-1"])))),
    op("assign otherwise", |sight| Some(sight.assign(&json!(["T-2"])))),
    op("schedule", |sight| Some(sight.schedule())),
    op("arrive", |_| Some(draft("arrived", json!({})))),
    op("step yes", |sight| Some(sight.work("step", json!({"step": "B1", "v": true})))),
    op("step no", |sight| Some(sight.work("step", json!({"step": "B1", "v": false})))),
    op("core step", |sight| Some(sight.work("step", json!({"step": "1", "v": true})))),
    op("reading", |sight| Some(sight.work("reading", json!({"step": "A1", "v": "0.35", "unit": "ohm"})))),
    op("reading out of limits", |sight| Some(sight.work("reading", json!({"step": "A1", "v": "9", "unit": "ohm"})))),
    op("correct a step", |sight| sight.fix(true)),
    op("correct a step otherwise", |sight| sight.fix(false)),
    op("void a step", |sight| sight.void(&["step", "reading"])),
    op("void an arrival or outcome", |sight| sight.void(&["arrived", "completed", "refused"])),
    op("note", |_| Some(draft("noted", json!({"text": "dog in the garden"})))),
    op("hazard", |_| Some(draft("hazard", json!({"hk": "socket_without_earth", "extent": "own_home"})))),
    op("complete", |sight| Some(sight.work("completed", json!({"resolution": "installed"})))),
    op("refuse", |sight| Some(sight.work("refused", json!({"reason": "unsafe"})))),
    op("no access", |_| Some(draft("no_access", json!({})))),
    op("cancel", |_| Some(draft("cancelled", json!({"why": "customer called"})))),
    op("reopen", |_| Some(draft("reopened", json!({"why": "customer called again"})))),
];

const fn op(name: &'static str, draft: fn(&Sight<'_>) -> Option<Draft>) -> Operation {
    Operation { name, settles: false, draft }
}

const fn settling(name: &'static str, draft: fn(&Sight<'_>) -> Option<Draft>) -> Operation {
    Operation { name, settles: true, draft }
}

pub(super) fn draft(kind: &'static str, body: Value) -> Draft {
    let body = match body {
        Value::Object(body) => body,
        _ => Map::new(),
    };
    Draft { kind, body }
}

fn texts(facts: impl IntoIterator<Item = FactId>) -> Value {
    facts.into_iter().map(|fact| Value::from(fact.to_string())).collect()
}

impl Sight<'_> {
    fn live(&self, register: &str) -> Value {
        texts(reference::live(self.known).remove(register).unwrap_or_default().into_keys())
    }

    fn set(&self, register: &str, value: &str) -> Draft {
        draft("set", json!({"r": register, "v": value, "over": self.live(register)}))
    }

    fn assign(&self, crew: &Value) -> Draft {
        draft("assigned", json!({"regs": {"crew": crew}, "over": self.live("crew")}))
    }

    fn schedule(&self) -> Draft {
        let regs = json!({"appointment": format!("2026-01-02T0{}:00:00Z", 8 + self.device % 2), "window_min": 60});
        draft("scheduled", json!({"regs": regs, "over": self.live("appointment")}))
    }

    fn decide_register(&self, register: &str) -> Option<Draft> {
        let live = reference::live(self.known).remove(register).unwrap_or_default();
        // Two deciders of one conflict choose differently.
        let keep = if self.device == 0 { live.values().next() } else { live.values().next_back() }?;
        let body = json!({"r": register, "v": keep, "over": self.live(register), "why": "asked the customer"});
        Some(draft("decided", body))
    }

    /// A fact of a visit: names the writer's own arrival, when there is one.
    fn work(&self, kind: &'static str, body: Value) -> Draft {
        let mut draft = draft(kind, body);
        let own = People::author(self.device);
        let arrival = self.known.iter().rev().find(|fact| fact.kind() == "arrived" && fact.author() == Some(own));
        if let Some(arrival) = arrival {
            draft.body.insert("visit".to_owned(), arrival.id.to_string().into());
        }
        draft
    }

    fn newest(&self, kinds: &[&str]) -> Option<&Fact> {
        self.known.iter().rev().find(|fact| kinds.contains(&fact.kind()))
    }

    fn fix(&self, value: bool) -> Option<Draft> {
        let step = self.newest(&["step"])?;
        let name = step.str("step")?;
        Some(self.work("step", json!({"step": name, "v": value, "fixes": step.id.to_string(), "why": "mis-tap"})))
    }

    fn void(&self, kinds: &[&str]) -> Option<Draft> {
        let fact = self.newest(kinds)?;
        Some(draft("corrected", json!({"fixes": fact.id.to_string(), "why": "wrong job"})))
    }
}

fn decide_issue(sight: &Sight<'_>) -> Option<Draft> {
    let record =
        Record { doc: sight.doc, facts: sight.known, evidence: sight.people, site: &docket_core::Site::NOWHERE };
    let view = fold_job(&record, sight.policy, UnixMs(super::START_MS + 86_400_000));
    let issue = view.issues.iter().find(|issue| !issue.options.is_empty() && issue.register.is_none())?;
    let keep = if sight.device == 0 { issue.options.first() } else { issue.options.last() }?;
    let before = issue.decided.iter().chain(&issue.contested).map(|decided| decided.fact);
    let body = json!({
        "about": issue.id.to_string(), "keep": keep.fact.to_string(), "over": texts(before), "why": "looked at it",
    });
    Some(draft("decided", body))
}
