//! A change or document chunk written field by field, so that each field can lie while the checksum is right.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use docket_format::change::{Carrier, genesis};
use docket_format::{ActorId, ChangeHash, DocId, FactId};
use sha2::{Digest, Sha256};

pub(crate) fn uleb(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        out.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return out;
        }
    }
}

pub(crate) fn sleb(mut value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        let done = (value == 0 && low & 0x40 == 0) || (value == -1 && low & 0x40 != 0);
        out.push(if done { low } else { low | 0x80 });
        if done {
            return out;
        }
    }
}

/// `count` times `value`, as one run.
pub(crate) fn run(count: i64, value: u64) -> Vec<u8> {
    [sleb(count), uleb(value)].concat()
}

/// These values as one list.
pub(crate) fn list(values: &[u64]) -> Vec<u8> {
    [sleb(-(values.len() as i64))].into_iter().chain(values.iter().map(|&v| uleb(v))).flatten().collect()
}

/// Equal neighbours as runs, the others as lists: as Automerge writes them.
pub(crate) fn runs(values: &[u64]) -> Vec<u8> {
    let (mut out, mut singles) = (Vec::new(), Vec::new());
    for same in values.chunk_by(|a, b| a == b) {
        if same.len() == 1 {
            singles.push(same[0]);
            continue;
        }
        if !singles.is_empty() {
            out.extend(list(&singles));
            singles.clear();
        }
        out.extend(run(same.len() as i64, same[0]));
    }
    if !singles.is_empty() {
        out.extend(list(&singles));
    }
    out
}

/// These texts as one list.
pub(crate) fn texts(values: &[&str]) -> Vec<u8> {
    let each = values.iter().map(|v| [uleb(v.len() as u64), v.as_bytes().to_vec()].concat());
    [sleb(-(values.len() as i64))].into_iter().chain(each).flatten().collect()
}

pub(crate) fn absent(count: u64) -> Vec<u8> {
    [sleb(0), uleb(count)].concat()
}

/// Frames a body: magic, the right checksum, type, length.
pub(crate) fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let head = [vec![kind], uleb(body.len() as u64)].concat();
    let hash = Sha256::new().chain_update(&head).chain_update(body).finalize();
    [&[0x85, 0x6f, 0x4a, 0x83], &hash[..4], &head, body].concat()
}

pub(crate) fn columns(columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut out = uleb(columns.len() as u64);
    for (spec, bytes) in columns {
        out.extend([uleb(*spec), uleb(bytes.len() as u64)].concat());
    }
    out.extend(columns.iter().flat_map(|(_, bytes)| bytes));
    out
}

/// A change whose every field can be set.
#[derive(Clone)]
pub(crate) struct RawChange {
    pub(crate) deps: Vec<ChangeHash>,
    pub(crate) deps_claimed: Option<u64>,
    pub(crate) actor: Vec<u8>,
    pub(crate) seq: u64,
    pub(crate) start_op: u64,
    pub(crate) time: i64,
    pub(crate) message: &'static str,
    pub(crate) others: Vec<ActorId>,
    pub(crate) columns: Vec<(u64, Vec<u8>)>,
    pub(crate) extra: Vec<u8>,
}

impl RawChange {
    /// A change that is in order, of one fact each.
    pub(crate) fn honest(doc: DocId, carrier: Carrier, facts: &[(FactId, &str)]) -> Self {
        let n = facts.len();
        let keys: Vec<String> = facts.iter().map(|(key, _)| key.to_string()).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let same = |value| runs(&vec![value; n]);
        let meta: Vec<u64> = facts.iter().map(|(_, text)| (text.len() as u64) << 4 | 6).collect();
        let value: String = facts.iter().map(|&(_, text)| text).collect();
        Self {
            deps: vec![genesis(doc).hash],
            deps_claimed: None,
            actor: carrier.actor(doc, facts.iter().map(|f| f.1)).as_bytes().to_vec(),
            seq: 1,
            start_op: 3,
            time: 0,
            message: "",
            others: vec![ActorId::of_genesis(doc)],
            columns: vec![
                (1, same(1)),
                (2, same(1)),
                (21, texts(&keys)),
                (52, uleb(n as u64)),
                (66, same(1)),
                (86, runs(&meta)),
                (87, value.into_bytes()),
                (112, same(0)),
            ],
            extra: Vec::new(),
        }
    }

    /// Replaces, adds or (when empty) removes a column, in order.
    pub(crate) fn column(mut self, spec: u64, bytes: Vec<u8>) -> Self {
        self.columns.retain(|(s, _)| *s != spec);
        if !bytes.is_empty() {
            self.columns.push((spec, bytes));
            self.columns.sort_by_key(|(s, _)| *s & !8);
        }
        self
    }

    pub(crate) fn with(mut self, edit: impl FnOnce(&mut Self)) -> Self {
        edit(&mut self);
        self
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        let mut out = uleb(self.deps_claimed.unwrap_or(self.deps.len() as u64));
        out.extend(self.deps.iter().flat_map(|dep| *dep.as_bytes()));
        out.extend([uleb(self.actor.len() as u64), self.actor.clone()].concat());
        out.extend([uleb(self.seq), uleb(self.start_op), sleb(self.time)].concat());
        out.extend([uleb(self.message.len() as u64), self.message.into()].concat());
        out.extend(uleb(self.others.len() as u64));
        out.extend(self.others.iter().flat_map(|actor| [uleb(16), actor.as_bytes().to_vec()].concat()));
        out.extend(columns(&self.columns));
        out.extend(&self.extra);
        out
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        chunk(1, &self.body())
    }
}
