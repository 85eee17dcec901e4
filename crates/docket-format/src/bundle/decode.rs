//! Reading a chunk's items: every change is built again from its facts, so what comes out has the grammar, the derived
//! actor and the hash by construction.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::Decoder;
use minicbor::data::Type;

use super::chunk::{self, Item, LeafRef, derived_doc};
use crate::change::{Carrier, NewChange, Parsed, build, genesis};
use crate::ids::{Author, ChangeHash, DocId, FactId, TenantId};
use crate::limits;
use crate::merkle::{Leaf, Node};

/// A part is not what it should be; the caller knows where the chunk stands.
pub(super) struct Malformed;

impl From<minicbor::decode::Error> for Malformed {
    fn from(_: minicbor::decode::Error) -> Self {
        Self
    }
}

type Read<T> = Result<T, Malformed>;

/// The author that items name by a number.
pub(super) type AuthorOf<'a> = &'a dyn Fn(u32) -> Option<Author>;

/// Decodes what [`super::encode::items`] wrote.
pub(super) fn items(tenant: TenantId, authors: AuthorOf<'_>, bytes: &[u8]) -> Read<Vec<Item>> {
    let mut reader = Reader { d: Decoder::new(bytes), tenant, authors, changes: 0, facts: 0 };
    let count = reader.array(chunk::ITEMS)?;
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(reader.item()?);
    }
    if reader.d.position() == bytes.len() { Ok(items) } else { Err(Malformed) }
}

struct Reader<'a, 'b> {
    d: Decoder<'b>,
    tenant: TenantId,
    authors: AuthorOf<'a>,
    changes: u64,
    facts: u64,
}

/// One change before its document is known.
struct Loose<'b> {
    carrier: Carrier,
    seq: u64,
    start_op: Option<u64>,
    deps: Deps,
    time: i64,
    facts: Vec<LooseFact<'b>>,
}

enum Deps {
    Genesis,
    Last,
    Named(Vec<ChangeHash>),
}

enum LooseFact<'b> {
    Plain(&'b str),
    WithoutPrev(usize, &'b str),
    OtherKey(FactId, &'b str),
}

impl<'b> Reader<'_, 'b> {
    fn array(&mut self, limit: u64) -> Read<u64> {
        self.d.array()?.filter(|&len| len <= limit).ok_or(Malformed)
    }

    fn tuple(&mut self, len: u64) -> Read<()> {
        if self.d.array()? == Some(len) { Ok(()) } else { Err(Malformed) }
    }

    fn item(&mut self) -> Read<Item> {
        self.tuple(3)?;
        let given = match self.d.datatype()? {
            Type::Null => {
                self.d.null()?;
                None
            }
            _ => Some(DocId::from_slice(self.d.bytes()?).ok_or(Malformed)?),
        };
        let count = self.array(chunk::CHANGES)?;
        self.changes += count;
        if self.changes > chunk::CHANGES {
            return Err(Malformed);
        }
        let mut loose = Vec::new();
        for _ in 0..count {
            loose.push(self.change()?);
        }
        let doc = match given {
            Some(doc) => doc,
            None => self.derived(loose.first())?,
        };
        let mut stream = Stream::new(doc);
        let changes = loose.into_iter().map(|change| stream.build(change)).collect::<Read<Vec<_>>>()?;
        let count = self.array(chunk::ITEMS)?;
        let mut leaves = Vec::new();
        for _ in 0..count {
            leaves.push(self.leaf(doc, &stream.keys)?);
        }
        Ok(Item { doc, changes, leaves })
    }

    fn derived(&self, first: Option<&Loose<'b>>) -> Read<DocId> {
        match first.and_then(|change| change.facts.first()) {
            Some(LooseFact::Plain(text)) => derived_doc(self.tenant, text).ok_or(Malformed),
            _ => Err(Malformed),
        }
    }

    fn change(&mut self) -> Read<Loose<'b>> {
        self.tuple(6)?;
        let carrier = match self.d.u32()? {
            0 => Carrier::Import,
            place => Carrier::Device((self.authors)(place - 1).ok_or(Malformed)?),
        };
        let seq = self.d.u64()?;
        let start_op = match self.d.datatype()? {
            Type::Null => {
                self.d.null()?;
                None
            }
            _ => Some(self.d.u64()?),
        };
        let deps = self.deps()?;
        let time = self.d.i64()?;
        let count = self.array(limits::CHANGE_OPS as u64)?;
        self.facts += count;
        if self.facts > chunk::FACTS {
            return Err(Malformed);
        }
        let mut facts = Vec::new();
        for _ in 0..count {
            facts.push(self.fact()?);
        }
        Ok(Loose { carrier, seq, start_op, deps, time, facts })
    }

    fn deps(&mut self) -> Read<Deps> {
        if self.d.datatype()? == Type::U8 {
            return match self.d.u8()? {
                0 => Ok(Deps::Genesis),
                1 => Ok(Deps::Last),
                _ => Err(Malformed),
            };
        }
        let count = self.array(limits::CHANGE_DEPS as u64)?;
        let mut deps = Vec::new();
        for _ in 0..count {
            deps.push(ChangeHash::from_slice(self.d.bytes()?).ok_or(Malformed)?);
        }
        Ok(Deps::Named(deps))
    }

    fn fact(&mut self) -> Read<LooseFact<'b>> {
        if self.d.datatype()? == Type::String {
            return Ok(LooseFact::Plain(self.d.str()?));
        }
        self.tuple(2)?;
        Ok(match self.d.datatype()? {
            Type::Bytes => {
                let key = FactId::from_slice(self.d.bytes()?).ok_or(Malformed)?;
                LooseFact::OtherKey(key, self.d.str()?)
            }
            _ => LooseFact::WithoutPrev(self.d.u32()? as usize, self.d.str()?),
        })
    }

    fn leaf(&mut self, doc: DocId, keys: &[FactId]) -> Read<LeafRef> {
        self.tuple(4)?;
        let (seal, index) = (self.d.u32()?, self.d.u64()?);
        self.tuple(2)?;
        let n = self.d.u64()?;
        let fact = match self.d.datatype()? {
            Type::Bytes => FactId::from_slice(self.d.bytes()?).ok_or(Malformed)?,
            _ => *keys.get(self.d.u32()? as usize).ok_or(Malformed)?,
        };
        let count = self.array(chunk::PROOF)?;
        let mut proof = Vec::new();
        for _ in 0..count {
            let node: Node = self.d.bytes()?.try_into().map_err(|_| Malformed)?;
            proof.push(node);
        }
        Ok(LeafRef { seal, index, leaf: Leaf { doc, n, fact }, proof })
    }
}

/// The reader's side of `encode::Stream`: what earlier changes of the document tell about the next.
struct Stream {
    doc: DocId,
    genesis: ChangeHash,
    last_hash: Option<ChangeHash>,
    next_op: u64,
    last_fact: BTreeMap<Carrier, FactId>,
    keys: Vec<FactId>,
    seen: BTreeSet<FactId>,
}

impl Stream {
    fn new(doc: DocId) -> Self {
        let genesis = genesis(doc).hash;
        let next_op = crate::change::GENESIS_MAX_OP + 1;
        let (keys, seen) = (Vec::new(), BTreeSet::new());
        Self { doc, genesis, last_hash: None, next_op, last_fact: BTreeMap::new(), keys, seen }
    }

    fn build(&mut self, loose: Loose<'_>) -> Read<(Carrier, Parsed)> {
        let Loose { carrier, seq, time, .. } = loose;
        let deps = match loose.deps {
            Deps::Genesis => vec![self.genesis],
            Deps::Last => vec![self.last_hash.ok_or(Malformed)?],
            Deps::Named(deps) => deps,
        };
        let facts: Vec<(FactId, String)> =
            loose.facts.iter().map(|fact| self.fact(carrier, fact)).collect::<Read<_>>()?;
        let borrowed: Vec<(FactId, &str)> = facts.iter().map(|(key, text)| (*key, text.as_str())).collect();
        let start_op = loose.start_op.unwrap_or(self.next_op);
        let new = NewChange { doc: self.doc, carrier, seq, start_op, deps: &deps, time, facts: &borrowed };
        let hash = build(&new).map_err(|_| Malformed)?.hash;
        let actor = carrier.actor(self.doc, borrowed.iter().map(|(_, text)| *text));
        let change = Parsed { doc: self.doc, hash, actor, seq, start_op, deps, time, facts };
        self.last_hash = Some(hash);
        self.next_op = change.max_op() + 1;
        Ok((carrier, change))
    }

    fn fact(&mut self, carrier: Carrier, fact: &LooseFact<'_>) -> Read<(FactId, String)> {
        let (key, text) = match *fact {
            LooseFact::Plain(text) => (FactId::of(self.doc, text.as_bytes()), text.to_owned()),
            LooseFact::OtherKey(key, text) => (key, text.to_owned()),
            LooseFact::WithoutPrev(at, rest) => {
                let prev = self.last_fact.get(&carrier).ok_or(Malformed)?.to_string();
                let (before, after) = rest.split_at_checked(at).ok_or(Malformed)?;
                let text = [before, &prev, after].concat();
                (FactId::of(self.doc, text.as_bytes()), text)
            }
        };
        self.last_fact.insert(carrier, key);
        if self.seen.insert(key) {
            self.keys.push(key);
        }
        Ok((key, text))
    }
}
