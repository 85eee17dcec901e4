//! Tells a job as a few devices would record it. A device is named by its person and, after a dash, a number:
//! `T1`, `T1-2`. The first letter gives the role: T technician, S supervisor, D dispatcher, X auditor, A acceptor,
//! M technical manager, P salesperson, W works supervisor, ? unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use docket_core::time::MINUTE_MS;
use docket_core::view::{StepState, StepStatus};
use docket_core::{Evidence, Issue, IssueKind, JobView, Policy, Record, Site, Standing, UnixMs, Who, fold_job};
use docket_format::fact::{Origin, Stamp};
use docket_format::{Author, DeviceId, DocId, Fact, FactHeader, FactId, Incarnation};
use serde_json::{Map, Value, json};

pub(crate) static HAIER: LazyLock<Policy> =
    LazyLock::new(|| Policy::parse(docket_core::policy::HAIER, "haier.toml").unwrap());

/// 2026-03-02T08:00:00Z.
pub(crate) const MORNING: i64 = 1_772_438_400_000;

#[derive(Default, Clone)]
pub(crate) struct Roster {
    people: BTreeMap<Author, Who>,
    pub(crate) claims: BTreeSet<FactId>,
}

impl Evidence for Roster {
    fn person(&self, author: Author) -> Option<Who> {
        self.people.get(&author).cloned()
    }

    fn standing(&self, fact: FactId) -> Standing {
        if self.claims.contains(&fact) { Standing::Claim } else { Standing::Ok }
    }
}

#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) doc: DocId,
    pub(crate) facts: Vec<Fact>,
    pub(crate) roster: Roster,
    chains: BTreeMap<String, (u64, Option<FactId>)>,
    /// The clock of every device: milliseconds since 1970.
    pub(crate) now: i64,
    /// Milliseconds that the wall clock is wrong by; uptime is not.
    pub(crate) wall_error: i64,
    /// What the job's outlet and customer say.
    pub(crate) site: Site,
}

impl Story {
    pub(crate) fn empty() -> Self {
        Self {
            doc: DocId::new_v7(MORNING as u64, [7; 10]),
            facts: Vec::new(),
            roster: Roster::default(),
            chains: BTreeMap::new(),
            now: MORNING,
            wall_error: 0,
            site: Site::default(),
        }
    }

    /// A job of a kind, dispatched to T1 for 09:00.
    pub(crate) fn job(kind: &str) -> Self {
        let mut story = Self::empty();
        let regs = json!({"kind": kind, "product": "washing_machine", "appliances": 1});
        story.put("D1", "created", json!({"dk": "job", "regs": regs}));
        let regs = json!({"appointment": "2026-03-02T09:00:00Z", "window_min": 0});
        story.put("D1", "scheduled", json!({"regs": regs}));
        story.put("D1", "assigned", json!({"regs": {"crew": ["T1"]}}));
        story.now = MORNING + 60 * MINUTE_MS;
        story
    }

    fn author(&mut self, device: &str) -> Author {
        let mut bytes = [0; 16];
        bytes[..device.len()].copy_from_slice(device.as_bytes());
        let author = Author { device: DeviceId::from_bytes(bytes), incarnation: Incarnation(1) };
        let role = match device.as_bytes()[0] {
            b'T' => "technician",
            b'S' => "supervisor",
            b'D' => "dispatcher",
            b'X' => "auditor",
            b'A' => "acceptor",
            b'M' => "technical_manager",
            b'P' => "salesperson",
            b'W' => "works_supervisor",
            _ => return author,
        };
        let person = device.split('-').next().unwrap().parse().unwrap();
        self.roster.people.insert(author, Who { person, role: role.parse().unwrap() });
        author
    }

    /// A device writes a fact; a minute passes.
    pub(crate) fn put(&mut self, device: &str, kind: &str, body: Value) -> FactId {
        let author = self.author(device);
        let (n, prev) = self.chains.get(device).copied().unwrap_or_default();
        let at = Stamp {
            wall_ms: self.now + self.wall_error,
            boot: "BOOT".into(),
            up_ms: self.now - MORNING + 1_000_000_000,
        };
        let origin = Origin::Device { author, n: n + 1, prev, at };
        let id = self.write(kind, origin, body);
        self.chains.insert(device.to_owned(), (n + 1, Some(id)));
        self.now += MINUTE_MS;
        id
    }

    /// A row of a file.
    pub(crate) fn import(&mut self, regs: &Value) -> FactId {
        self.import_as("imported", json!({"dk": "job", "regs": regs}))
    }

    pub(crate) fn import_as(&mut self, kind: &str, body: Value) -> FactId {
        self.write(kind, Origin::Import { source: "file".into(), number: "1".into() }, body)
    }

    fn write(&mut self, kind: &str, origin: Origin, body: Value) -> FactId {
        let Value::Object(body) = body else { panic!("a body is an object") };
        let body: Map<String, Value> = body;
        let (fact, _) = Fact::write(self.doc, FactHeader { kind: kind.into(), origin }, body).unwrap();
        let id = fact.id;
        self.facts.push(fact);
        id
    }

    pub(crate) fn set(&mut self, device: &str, register: &str, value: &Value, over: &[FactId]) -> FactId {
        let over: Vec<String> = over.iter().map(ToString::to_string).collect();
        self.put(device, "set", json!({"r": register, "v": value, "over": over}))
    }

    pub(crate) fn step(&mut self, device: &str, step: &str, value: impl Into<Value>) -> FactId {
        self.put(device, "step", json!({"step": step, "v": value.into()}))
    }

    pub(crate) fn ohm(&mut self, device: &str, value: &str) -> FactId {
        self.put(device, "reading", json!({"step": "A1", "v": value, "unit": "ohm"}))
    }

    pub(crate) fn decide(&mut self, device: &str, issue: &Issue, keep: Option<FactId>, over: &[FactId]) -> FactId {
        let over: Vec<String> = over.iter().map(ToString::to_string).collect();
        let keep = keep.map(|id| id.to_string());
        self.put(device, "decided", json!({"about": issue.id.to_string(), "keep": keep, "over": over, "why": "looked"}))
    }

    /// The safety test, all passed.
    pub(crate) fn safe(&mut self, device: &str) {
        self.ohm(device, "0.8");
        self.put(device, "reading", json!({"step": "A2", "v": "200", "unit": "megaohm"}));
        self.step(device, "A3", "correct");
        self.step(device, "A4", true);
    }

    /// A visit as it should be.
    pub(crate) fn good_visit(&mut self, device: &str) {
        self.put(device, "arrived", json!({}));
        self.step(device, "N1", true);
        self.safe(device);
        self.step(device, "1", true);
        self.step(device, "B1", true);
        self.step(device, "C1", true);
        self.step(device, "D1", "none");
        self.step(device, "E1", true);
        let answers = self.view().answers_digest().to_string();
        self.put(device, "signed", json!({"role": "customer", "name": "W. Li", "answers": answers}));
        self.put(device, "completed", json!({"resolution": "installed"}));
    }

    pub(crate) fn record<'a>(&'a self, facts: &'a [Fact]) -> Record<'a> {
        Record { doc: self.doc, facts, evidence: &self.roster, site: &self.site }
    }

    pub(crate) fn view(&self) -> JobView<'_> {
        fold_job(&self.record(&self.facts), &HAIER, UnixMs(self.now))
    }

    pub(crate) fn issues(&self, kind: IssueKind) -> Vec<Issue> {
        self.view().issues.into_iter().filter(|issue| issue.kind == kind).collect()
    }

    /// The one issue of this kind.
    pub(crate) fn issue(&self, kind: IssueKind) -> Issue {
        let mut issues = self.issues(kind);
        assert_eq!(issues.len(), 1, "{kind:?}: {issues:?}");
        issues.remove(0)
    }

    pub(crate) fn status_of(&self, step: &str) -> StepStatus {
        find(&self.view(), step).status
    }
}

pub(crate) fn find<'v, 'a>(view: &'v JobView<'a>, step: &str) -> &'v StepState<'a> {
    view.steps.iter().find(|state| state.step == step).unwrap()
}

/// The same facts in another order.
pub(crate) fn shuffle(facts: &[Fact], mut seed: u64) -> Vec<Fact> {
    let mut facts = facts.to_vec();
    for at in (1..facts.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        facts.swap(at, (seed >> 33) as usize % (at + 1));
    }
    facts
}
