//! From a log to what a power cut may leave.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::disk::{Image, Log, NodeId, Op, overwrite};
use crate::rng::Rng;

/// What a disk writes whole or not at all, in bytes.
const SECTOR: usize = 512;

/// Walks a log and knows at every point what is durable and what is still in flight.
pub struct Replay<'a> {
    log: &'a Log,
    at: usize,
    files: BTreeMap<NodeId, File>,
    names: BTreeMap<Arc<str>, NodeId>,
    /// Creations and deletions since the last directory sync.
    loose_names: Vec<(Arc<str>, NodeId, bool)>,
}

#[derive(Default)]
struct File {
    durable: Arc<Vec<u8>>,
    loose: Vec<Loose>,
}

enum Loose {
    Write(usize, Arc<[u8]>),
    Truncate(usize),
}

/// How lucky the loose writes of one image are.
#[derive(Clone, Copy)]
enum Luck {
    /// All there: the process died, not the power.
    All,
    /// None there.
    None,
    /// Those before a point are there, the one at the point is torn.
    Prefix(usize),
    /// Each for itself: there in `0` of 8 cases, else torn or absent.
    Each(usize),
}

impl<'a> Replay<'a> {
    /// At the start of the log.
    pub fn new(log: &'a Log) -> Self {
        let mut files = BTreeMap::new();
        let mut names = BTreeMap::new();
        for (node, name, data) in &log.start {
            files.insert(*node, File { durable: Arc::clone(data), loose: Vec::new() });
            names.insert(Arc::clone(name), *node);
        }
        Self { log, at: 0, files, names, loose_names: Vec::new() }
    }

    /// Goes forward to just before operation `cut`; never backward.
    pub fn advance(&mut self, cut: usize) {
        let log = self.log;
        while let Some(op) = log.ops.get(self.at).filter(|_| self.at < cut) {
            self.step(op);
            self.at += 1;
        }
    }

    /// How many writes and truncates are not durable here.
    pub fn loose(&self) -> usize {
        self.files.values().map(|file| file.loose.len()).sum()
    }

    fn step(&mut self, op: &Op) {
        match op {
            Op::Create { node, name } => {
                self.files.entry(*node).or_default();
                self.loose_names.push((Arc::clone(name), *node, true));
            }
            Op::Write { node, offset, bytes } => {
                self.files.entry(*node).or_default().loose.push(Loose::Write(*offset, Arc::clone(bytes)));
            }
            Op::Truncate { node, size } => {
                self.files.entry(*node).or_default().loose.push(Loose::Truncate(*size));
            }
            Op::Sync { node, directory } => {
                self.files.entry(*node).or_default().settle();
                self.settle_names(*directory);
            }
            Op::Delete { node, name, directory } => {
                self.loose_names.push((Arc::clone(name), *node, false));
                self.settle_names(*directory);
            }
        }
    }

    fn settle_names(&mut self, directory: bool) {
        if directory {
            for (name, node, there) in std::mem::take(&mut self.loose_names) {
                apply_name(&mut self.names, name, node, there);
            }
        }
    }

    /// One image that a power cut here may leave, chosen by the generator.
    pub fn image(&self, rng: &mut Rng) -> Image {
        let luck = match rng.below(8) {
            0 => Luck::All,
            1 => Luck::None,
            2 | 3 => Luck::Prefix(rng.below(self.loose() + 1)),
            4 => Luck::Each(7),
            5 => Luck::Each(1),
            _ => Luck::Each(4),
        };
        let mut names = self.names.clone();
        for (name, node, there) in &self.loose_names {
            if matches!(luck, Luck::All) || (!matches!(luck, Luck::None) && rng.chance(1, 2)) {
                apply_name(&mut names, Arc::clone(name), *node, *there);
            }
        }
        let mut seen = 0;
        let mut contents: BTreeMap<NodeId, Arc<Vec<u8>>> = BTreeMap::new();
        for (&node, file) in &self.files {
            let mut data = Arc::clone(&file.durable);
            for loose in &file.loose {
                loose.maybe(&mut data, luck, seen, rng);
                seen += 1;
            }
            contents.insert(node, data);
        }
        let files = names.into_iter().map(|(name, node)| (name, contents.remove(&node).unwrap_or_default()));
        Image { files: files.collect() }
    }
}

fn apply_name(names: &mut BTreeMap<Arc<str>, NodeId>, name: Arc<str>, node: NodeId, there: bool) {
    if there {
        names.insert(name, node);
    } else if names.get(&name) == Some(&node) {
        names.remove(&name);
    }
}

impl File {
    fn settle(&mut self) {
        for loose in std::mem::take(&mut self.loose) {
            match loose {
                Loose::Write(offset, bytes) => overwrite(Arc::make_mut(&mut self.durable), offset, &bytes),
                Loose::Truncate(size) => Arc::make_mut(&mut self.durable).resize(size, 0),
            }
        }
    }
}

impl Loose {
    fn maybe(&self, data: &mut Arc<Vec<u8>>, luck: Luck, index: usize, rng: &mut Rng) {
        let (whole, torn) = match luck {
            Luck::All => (true, false),
            Luck::None => (false, false),
            Luck::Prefix(point) => (index < point, index == point),
            Luck::Each(of_8) => (rng.chance(of_8, 8), rng.chance(1, 2)),
        };
        match self {
            Self::Write(offset, bytes) if whole => overwrite(Arc::make_mut(data), *offset, bytes),
            Self::Write(offset, bytes) if torn => tear(Arc::make_mut(data), *offset, bytes, rng),
            Self::Truncate(size) if whole || torn => Arc::make_mut(data).resize(*size, 0),
            _ => {}
        }
    }
}

/// Writes some sectors of a write and not others; a file that grew by it holds zeros or junk in the holes.
fn tear(data: &mut Vec<u8>, offset: usize, bytes: &[u8], rng: &mut Rng) {
    let end = offset + bytes.len();
    if data.len() < end && rng.chance(1, 2) {
        let junk = rng.chance(1, 2);
        let old = data.len();
        data.resize(end, 0);
        if junk {
            data.iter_mut().skip(old).for_each(|byte| *byte = rng.next() as u8);
        }
    }
    let mut from = offset;
    while from < end {
        let to = ((from / SECTOR + 1) * SECTOR).min(end);
        if rng.chance(1, 2)
            && let Some(part) = bytes.get(from - offset..to - offset)
        {
            overwrite(data, from, part);
        }
        from = to;
    }
}
