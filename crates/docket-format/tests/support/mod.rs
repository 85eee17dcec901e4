//! What the codec's test binaries share: ids, facts, a state that grows, and the way over to the Automerge crate.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::disallowed_methods, reason = "the tests measure time and memory; the crate does not")]

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId as AmActor, AutoCommit, Change, ExpandedChange, ObjType, ROOT, ReadDoc, ScalarValue, Value};
use docket_format::change::{Carrier, DocState, MemoryState, NewChange, genesis};
use docket_format::{ActorId, Author, ChangeHash, DeviceId, DocId, FactId, Incarnation};

pub(crate) fn doc() -> DocId {
    DocId::new_v7(1_700_000_000_000, [7; 10])
}

pub(crate) fn author(n: u8) -> Author {
    Author { device: DeviceId::from_bytes([n; 16]), incarnation: Incarnation(1) }
}

pub(crate) fn device(n: u8) -> Carrier {
    Carrier::Device(author(n))
}

/// Facts with keys that are their digests.
pub(crate) fn keyed<'a>(doc: DocId, texts: &[&'a str]) -> Vec<(FactId, &'a str)> {
    texts.iter().map(|&text| (FactId::of(doc, text.as_bytes()), text)).collect()
}

pub(crate) fn am_actor(actor: ActorId) -> AmActor {
    AmActor::from(actor.as_bytes().to_vec())
}

pub(crate) fn am_hash(hash: ChangeHash) -> automerge::ChangeHash {
    automerge::ChangeHash(*hash.as_bytes())
}

/// The change as the Automerge crate writes it from its operations alone.
pub(crate) fn expanded(new: &NewChange<'_>) -> ExpandedChange {
    let map = OpId::new(1, &am_actor(ActorId::of_genesis(new.doc)));
    let operations = new.facts.iter().map(|(key, text)| Op {
        action: OpType::Put(ScalarValue::Str((*text).into())),
        obj: ObjectId::Id(map.clone()),
        key: Key::Map(key.to_string().into()),
        pred: SortedVec::new(),
        insert: false,
    });
    ExpandedChange {
        operations: operations.collect(),
        actor_id: am_actor(new.carrier.actor(new.doc, new.facts.iter().map(|f| f.1))),
        hash: None,
        seq: new.seq,
        start_op: new.start_op.try_into().unwrap(),
        time: new.time,
        message: None,
        deps: new.deps.iter().copied().map(am_hash).collect(),
        extra_bytes: Vec::new(),
        author: None,
    }
}

/// An Automerge document that consists of genesis, made from our bytes.
pub(crate) fn with_genesis(doc: DocId) -> AutoCommit {
    let mut am = AutoCommit::new();
    am.apply_changes([Change::from_bytes(genesis(doc).bytes).unwrap()]).unwrap();
    am
}

/// Genesis as the crate itself makes it from edits.
pub(crate) fn genesis_by_edits(doc: DocId) -> (AutoCommit, Vec<u8>) {
    let mut am = AutoCommit::new().with_actor(am_actor(ActorId::of_genesis(doc)));
    am.put_object(ROOT, "facts", ObjType::Map).unwrap();
    am.put(ROOT, "id", doc.to_string()).unwrap();
    am.commit_with(CommitOptions::default().with_time(0));
    let bytes = am.get_last_local_change().unwrap().raw_bytes().to_vec();
    (am, bytes)
}

/// Every fact in an Automerge document, sorted by key.
pub(crate) fn facts_of(am: &AutoCommit) -> Vec<(String, String)> {
    let (_, map) = am.get(ROOT, "facts").unwrap().unwrap();
    let keys: Vec<String> = am.keys(&map).collect();
    let read = |key: &String| match am.get(&map, key.as_str()).unwrap().unwrap().0 {
        Value::Scalar(value) => value.as_str().unwrap().to_owned(),
        Value::Object(_) => panic!("a container under {key}"),
    };
    keys.iter().map(|key| (key.clone(), read(key))).collect()
}

/// A change of `carrier` on the state's heads.
pub(crate) fn next<'a>(
    doc: DocId,
    carrier: Carrier,
    state: &'a MemoryState,
    facts: &'a [(FactId, &'a str)],
) -> NewChange<'a> {
    let actor = carrier.actor(doc, facts.iter().map(|f| f.1));
    NewChange {
        doc,
        carrier,
        seq: state.last(actor).seq + 1,
        start_op: state.max_op() + 1,
        deps: state.heads(),
        time: 1_700_000_000,
        facts,
    }
}

/// Resident memory's high-water mark in KiB, started anew; `None` where the system does not tell.
pub(crate) struct Peak(Option<u64>);

impl Peak {
    pub(crate) fn start() -> Self {
        // Writing 5 resets the mark to what is resident now.
        let reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
        Self(Self::mark().filter(|_| reset))
    }

    fn mark() -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
    }

    pub(crate) fn grown_kib(&self) -> u64 {
        self.0.and_then(|before| Some(Self::mark()?.saturating_sub(before))).unwrap_or(0)
    }
}
