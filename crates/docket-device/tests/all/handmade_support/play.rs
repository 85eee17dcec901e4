//! Writes a case into a store, each fact by the device of the person who states it.

use std::collections::{BTreeMap, BTreeSet};

use docket_core::policy::builtin;
use docket_device::app::{Job, Session};
use docket_device::{Mode, Store, keys};
use docket_format::fact::{Origin, Stamp};
use docket_format::keys::SecretKey;
use docket_format::roster::{self, Draft as RosterDraft};
use docket_format::{Author, ContentDigest, DocId, Fact, FactHeader, FactId, Incarnation, TenantId, digest};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::script::{Act, Case, Person};

/// The company's beginnings, before every case: 2022-01-01T00:00:00Z.
const FOUNDED_MS: i64 = 1_640_995_200_000;
/// When evidence about people was recorded: 2025-12-01T00:00:00Z.
const EVIDENCE_MS: i64 = 1_764_547_200_000;

/// A fact that set registers.
struct Set {
    fact: FactId,
    doc: DocId,
    registers: Vec<String>,
    over: Vec<FactId>,
}

/// A store with one case in it.
pub(crate) struct Played {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) docs: BTreeMap<String, DocId>,
    pub(crate) labels: BTreeMap<String, FactId>,
    /// The digest of the company's policy.
    policy: String,
    tenant: TenantId,
    root: SecretKey,
    chains: BTreeMap<(String, DocId), (u64, FactId)>,
    pending: Vec<(DocId, FactId, String)>,
    sets: Vec<Set>,
    arrivals: Vec<FactId>,
    visits: BTreeMap<(String, DocId), FactId>,
    /// What the devices with a connection know; and each one without.
    known: BTreeSet<FactId>,
    offline: BTreeMap<String, BTreeSet<FactId>>,
}

pub(crate) fn play(case: &Case) -> Played {
    let dir = tempfile::tempdir().unwrap();
    let root = SecretKey::from_seed(&digest::sha256(b"root"));
    let tenant = root.public().tenant();
    let store = Store::create(dir.path(), tenant, keys::generate().unwrap().public().device()).unwrap();
    let mut played = Played {
        dir,
        store,
        docs: BTreeMap::new(),
        labels: BTreeMap::new(),
        policy: String::new(),
        tenant,
        root,
        chains: BTreeMap::new(),
        pending: Vec::new(),
        sets: Vec::new(),
        arrivals: Vec::new(),
        visits: BTreeMap::new(),
        known: BTreeSet::new(),
        offline: BTreeMap::new(),
    };
    played.found(case);
    for act in &case.acts {
        match act.verb.as_str() {
            "offline" => {
                played.offline.insert(act.who.clone(), played.known.clone());
            }
            "online" => {
                let brought = played.offline.remove(&act.who).expect("was offline");
                played.known.extend(brought);
            }
            _ => played.act(case, act),
        }
    }
    played.flush();
    played
}

impl Played {
    fn key(person: &str) -> SecretKey {
        SecretKey::from_seed(&digest::sha256(person.as_bytes()))
    }

    /// The roster, the outlets, the customer and the people with their evidence.
    fn found(&mut self, case: &Case) {
        self.enrol(case);
        self.adopt(case);
        for (id, registers) in &case.outlets {
            let doc = DocId::derived(self.tenant, "outlet", "docket", id);
            let name = if *id == case.outlet { "outlet" } else { id };
            self.docs.insert(name.to_owned(), doc);
            let mut regs = registers.clone();
            regs.insert("outlet".into(), id.as_str().into());
            self.write("ADM", doc, FOUNDED_MS, "created", json!({"dk": "outlet", "regs": regs}));
            for state in ["assessed", "contracted", "authorised"] {
                self.write("ADM", doc, FOUNDED_MS, "standing", json!({"state": state}));
            }
        }
        let customer = DocId::new_v7(FOUNDED_MS as u64, [1; 10]);
        self.docs.insert("customer".into(), customer);
        self.write("ADM", customer, FOUNDED_MS, "created", json!({"dk": "customer", "regs": case.customer}));
        for (id, person) in case.people.iter().filter(|(_, person)| person.outlet.is_some()) {
            self.technician(id, person);
        }
    }

    /// The company works by the case's policy.
    fn adopt(&mut self, case: &Case) {
        let text = builtin(&case.policy).unwrap_or_else(|| panic!("no policy {}", case.policy));
        let digest = ContentDigest::from_bytes(digest::sha256(text.as_bytes())).to_string();
        let doc = DocId::derived(self.tenant, "policy", "docket", &digest);
        let regs = json!({"name": case.policy, "digest": digest});
        self.write("ADM", doc, FOUNDED_MS, "created", json!({"dk": "policy", "regs": regs}));
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let parts: Vec<String> = lines.chunks(100).map(<[&str]>::concat).collect();
        for (index, part) in parts.iter().enumerate() {
            self.write("ADM", doc, FOUNDED_MS, "pack", json!({"part": index + 1, "of": parts.len(), "text": part}));
        }
        self.policy = digest;
    }

    fn technician(&mut self, id: &str, person: &Person) {
        let doc = DocId::derived(self.tenant, "technician", "docket", id);
        self.docs.insert(id.to_owned(), doc);
        let regs = json!({"person": id, "name": id, "outlet": person.outlet});
        self.write("ADM", doc, FOUNDED_MS, "created", json!({"dk": "technician", "regs": regs}));
        self.write("ADM", doc, FOUNDED_MS, "trained", json!({"course": "induction", "on": "2021-12-20"}));
        for evidence in &person.evidence {
            let words: Vec<&str> = evidence.split(' ').collect();
            let body = match words.as_slice() {
                ["service", issuer, from] => json!({"ek": "service", "issuer": issuer, "from": from}),
                [ek, level, by, on] => json!({"ek": ek, "level": level, "issuer": by, "issued": on}),
                [ek, level, by, on, expires] => {
                    json!({"ek": ek, "level": level, "issuer": by, "issued": on, "expires": expires})
                }
                _ => panic!("evidence: {evidence}"),
            };
            self.write("PSM-1", doc, EVIDENCE_MS, "evidence", body);
        }
    }

    fn enrol(&mut self, case: &Case) {
        let doc = roster::doc(self.tenant);
        let author = Author { device: self.root.public().device(), incarnation: Incarnation(1) };
        let admin = Person { role: "admin".into(), outlet: None, person: None, evidence: Vec::new() };
        let people: Vec<(&str, &Person)> =
            [("ADM", &admin)].into_iter().chain(case.people.iter().map(|(id, person)| (id.as_str(), person))).collect();
        let mut drafts = vec![RosterDraft::Founded { name: "Handmade" }];
        let ids: Vec<docket_format::PersonId> =
            people.iter().map(|(id, person)| person.person.as_deref().unwrap_or(id).parse().unwrap()).collect();
        for ((id, person), parsed) in people.iter().zip(&ids) {
            let key = Self::key(id).public();
            drafts.push(RosterDraft::Certify { key, person: parsed, name: id, role: &person.role });
        }
        let (mut n, mut prev) = (1, None);
        for draft in &drafts {
            let origin = Origin::Device { author, n, prev, at: stamp(FOUNDED_MS) };
            let (fact, text) = roster::sign(self.tenant, &self.root, origin, draft).unwrap();
            (n, prev) = (n + 1, Some(fact.id));
            self.pending.push((doc, fact.id, text));
        }
        self.flush();
    }

    /// A person's device states a fact.
    fn write(&mut self, who: &str, doc: DocId, at_ms: i64, kind: &str, body: Value) -> FactId {
        let Value::Object(body) = body else { panic!("a body is an object") };
        let author = Author { device: Self::key(who).public().device(), incarnation: Incarnation(1) };
        let tip = self.chains.get(&(who.to_owned(), doc)).copied();
        let (n, prev) = tip.map_or((1, None), |(n, fact)| (n + 1, Some(fact)));
        let origin = Origin::Device { author, n, prev, at: stamp(at_ms) };
        let (fact, text) = Fact::write(doc, FactHeader { kind: kind.to_owned(), origin }, body).unwrap();
        self.chains.insert((who.to_owned(), doc), (n, fact.id));
        self.pending.push((doc, fact.id, text));
        match self.offline.get_mut(who) {
            Some(own) => own.insert(fact.id),
            None => self.known.insert(fact.id),
        };
        fact.id
    }

    /// Brings what was written into the store, document by document.
    fn flush(&mut self) {
        let mut tx = self.store.begin().unwrap();
        let mut docs: Vec<DocId> = Vec::new();
        for (doc, ..) in &self.pending {
            if !docs.contains(doc) {
                docs.push(*doc);
            }
        }
        for doc in docs {
            let facts = self.pending.iter().filter(|(of, ..)| *of == doc);
            let facts: Vec<(FactId, String)> = facts.map(|(_, id, text)| (*id, text.clone())).collect();
            // A change carries a bounded number of facts.
            for part in facts.chunks(100) {
                tx.append(doc, part, &stamp(FOUNDED_MS)).unwrap();
            }
        }
        tx.commit().unwrap();
        self.pending.clear();
    }

    fn act(&mut self, case: &Case, act: &Act) {
        let doc = self.doc_of(act);
        let (mut body, over) = self.body(case, act, doc);
        let verb = act.verb.as_str();
        if sets(verb) && verb != "created" {
            body.insert("over".into(), over.iter().map(ToString::to_string).collect());
        } else if !matches!(verb, "created" | "arrived")
            && let Some(visit) = self.visits.get(&(act.who.clone(), doc))
        {
            body.insert("visit".into(), visit.to_string().into());
        }
        let registers = registers(verb, &body);
        let fact = self.write(&act.who, doc, act.at_ms, verb, Value::Object(body));
        if !registers.is_empty() {
            self.sets.push(Set { fact, doc, registers, over });
        }
        match verb {
            "arrived" => {
                self.visits.insert((act.who.clone(), doc), fact);
                self.arrivals.push(fact);
            }
            "completed" | "refused" | "no_access" => {
                self.visits.remove(&(act.who.clone(), doc));
            }
            _ => {}
        }
        if let Some(label) = &act.label {
            self.labels.insert(label.clone(), fact);
        }
    }

    /// A fact's payload, and which entries of registers it replaces.
    fn body(&mut self, case: &Case, act: &Act, doc: DocId) -> (Map<String, Value>, Vec<FactId>) {
        let mut said: Map<String, Value> = Map::new();
        for (key, value) in &act.args {
            let value = match value.as_str().and_then(|text| text.strip_prefix('@')) {
                Some(label) => self.id_of(label).into(),
                None => value.clone(),
            };
            said.insert(key.clone(), value);
        }
        match act.verb.as_str() {
            "created" => (self.created(case, act, said), Vec::new()),
            "assigned" | "scheduled" | "classified" => {
                let mut body = Map::new();
                for key in ["override", "why"] {
                    body.extend(said.remove(key).map(|value| (key.to_owned(), value)));
                }
                let over = self.over(&act.who, doc, said.keys());
                body.insert("regs".into(), Value::Object(said));
                if act.verb == "assigned" {
                    let seen = self.arrivals.iter().filter(|fact| self.knows(&act.who, fact));
                    body.insert("seen".into(), seen.map(ToString::to_string).collect());
                }
                (body, over)
            }
            "set" => {
                let (r, v) = said.into_iter().next().unwrap();
                let over = self.over(&act.who, doc, [&r].into_iter());
                ([("r".to_owned(), r.into()), ("v".to_owned(), v)].into_iter().collect(), over)
            }
            "decided" => {
                let r = said["r"].as_str().unwrap().to_owned();
                let over = self.over(&act.who, doc, [&r].into_iter());
                (said, over)
            }
            "signed" => (self.signature(case, doc), Vec::new()),
            _ => (said, Vec::new()),
        }
    }

    fn doc_of(&mut self, act: &Act) -> DocId {
        if let Some(doc) = self.docs.get(&act.doc) {
            return *doc;
        }
        assert_eq!(act.verb, "created", "no document {}", act.doc);
        let doc = DocId::new_v7(act.at_ms as u64, [self.docs.len() as u8; 10]);
        self.docs.insert(act.doc.clone(), doc);
        doc
    }

    fn id_of(&self, label: &str) -> String {
        let fact = self.labels.get(label).map(ToString::to_string);
        fact.or_else(|| self.docs.get(label).map(ToString::to_string)).unwrap_or_else(|| panic!("no @{label}"))
    }

    fn created(&self, case: &Case, act: &Act, mut regs: Map<String, Value>) -> Map<String, Value> {
        let mut default = |key: &str, value: String| {
            regs.entry(key).or_insert(value.into());
        };
        if act.doc.starts_with("job") {
            default("policy", self.policy.clone());
            default("customer", self.docs["customer"].to_string());
            default("outlet", case.outlet.clone());
            default("handler", "R-1".into());
            default("appliances", String::new());
            if regs["appliances"] == "" {
                regs.insert("appliances".into(), 1.into());
            }
        }
        regs.retain(|_, value| *value != "none");
        let dk = act.doc.trim_end_matches(|c: char| c.is_ascii_digit());
        [("dk".to_owned(), dk.into()), ("regs".to_owned(), Value::Object(regs))].into_iter().collect()
    }

    fn signature(&mut self, case: &Case, doc: DocId) -> Map<String, Value> {
        self.flush();
        let session = Session::open(self.dir.path(), Mode::ReadOnly, Some(case.as_of_ms)).unwrap();
        let answers = Job::load(&session, doc).unwrap().view().answers_digest().to_string();
        let Value::Object(body) = json!({"role": "customer", "name": case.customer["name"], "answers": answers}) else {
            unreachable!()
        };
        body
    }

    fn knows(&self, who: &str, fact: &FactId) -> bool {
        self.offline.get(who).unwrap_or(&self.known).contains(fact)
    }

    /// The live entries of these registers that a device can see.
    fn over<'r>(&self, who: &str, doc: DocId, registers: impl Iterator<Item = &'r String>) -> Vec<FactId> {
        let seen: Vec<&Set> = self.sets.iter().filter(|set| set.doc == doc && self.knows(who, &set.fact)).collect();
        let live = |register: &String, set: &&&Set| {
            set.registers.contains(register)
                && !seen.iter().any(|other| other.registers.contains(register) && other.over.contains(&set.fact))
        };
        let live = registers.flat_map(|register| seen.iter().filter(move |set| live(register, set)));
        let mut over: Vec<FactId> = live.map(|set| set.fact).collect();
        over.sort_unstable();
        over.dedup();
        over
    }
}

/// Whether facts of this kind set registers.
fn sets(verb: &str) -> bool {
    matches!(verb, "created" | "assigned" | "scheduled" | "classified" | "set" | "decided")
}

fn registers(verb: &str, body: &Map<String, Value>) -> Vec<String> {
    match verb {
        "created" | "assigned" | "scheduled" | "classified" => {
            body["regs"].as_object().unwrap().keys().cloned().collect()
        }
        "set" | "decided" => body.get("r").and_then(Value::as_str).map(ToOwned::to_owned).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn stamp(at_ms: i64) -> Stamp {
    assert!(Timestamp::from_millisecond(at_ms).is_ok());
    Stamp { wall_ms: at_ms, boot: "BOOT".into(), up_ms: at_ms - FOUNDED_MS + 1_000 }
}
