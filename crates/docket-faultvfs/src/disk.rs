//! What is on the disk and what was done to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::locks::{FileLocks, SlotLocks};

/// One life of one file: a file that is deleted and created again is another node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u64);

/// One thing that SQLite asked of the disk.
#[derive(Debug, Clone)]
pub enum Op {
    /// A file appeared under a name.
    Create {
        /// The file.
        node: NodeId,
        /// Its name.
        name: Arc<str>,
    },
    /// Bytes were written at an offset.
    Write {
        /// The file.
        node: NodeId,
        /// Where, in bytes.
        offset: usize,
        /// What.
        bytes: Arc<[u8]>,
    },
    /// The file was cut to a size.
    Truncate {
        /// The file.
        node: NodeId,
        /// To how many bytes.
        size: usize,
    },
    /// A sync of the file completed.
    Sync {
        /// The file.
        node: NodeId,
        /// Whether its directory was synced with it.
        directory: bool,
    },
    /// The name was removed.
    Delete {
        /// The file.
        node: NodeId,
        /// Its name.
        name: Arc<str>,
        /// Whether the directory was synced with it.
        directory: bool,
    },
}

/// The files a disk started from, and everything done since, in order.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// What was there before the first operation, all of it durable.
    pub start: Vec<(NodeId, Arc<str>, Arc<Vec<u8>>)>,
    /// What was done.
    pub ops: Vec<Op>,
}

/// Files by name: what a disk holds after a power cut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// Contents by full name, copied only when somebody writes: most cuts of a large database touch little of it.
    pub files: BTreeMap<Arc<str>, Arc<Vec<u8>>>,
}

/// Faults that answer SQLite at once, beside the power cuts that come from the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Writes that would make all files together larger than this many bytes fail as "disk full".
    pub capacity: Option<usize>,
    /// Every sync fails as an I/O error; nothing becomes durable.
    pub fail_sync: bool,
}

/// One file.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) data: Arc<Vec<u8>>,
    pub(crate) locks: FileLocks,
    pub(crate) shm: Shm,
    /// Open handles; an unnamed node without any is dropped.
    pub(crate) handles: usize,
    pub(crate) named: bool,
}

/// The shared memory beside a database: regions that keep their address while anyone maps them.
#[derive(Debug, Default)]
pub(crate) struct Shm {
    pub(crate) regions: Vec<crate::vfs::Region>,
    pub(crate) locks: SlotLocks,
    pub(crate) users: usize,
}

/// Everything behind one VFS.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) names: BTreeMap<Arc<str>, NodeId>,
    pub(crate) nodes: BTreeMap<NodeId, Node>,
    pub(crate) log: Log,
    pub(crate) recording: bool,
    pub(crate) faults: Faults,
    /// Numbers nodes and handles.
    pub(crate) next: u64,
}

impl State {
    pub(crate) const fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn record(&mut self, op: impl FnOnce() -> Op) {
        if self.recording {
            self.log.ops.push(op());
        }
    }

    /// Opens or creates; `None` when it is not there and may not be made. Also says whether it was made.
    pub(crate) fn open(&mut self, name: Option<&str>, create: bool) -> Option<NodeId> {
        let node = match name.and_then(|name| self.names.get(name)) {
            Some(&node) => node,
            None if create => self.create(name),
            None => return None,
        };
        self.nodes.entry(node).or_default().handles += 1;
        Some(node)
    }

    fn create(&mut self, name: Option<&str>) -> NodeId {
        let node = NodeId(self.number());
        let named = name.is_some();
        if let Some(name) = name {
            let name: Arc<str> = name.into();
            self.names.insert(Arc::clone(&name), node);
            self.record(|| Op::Create { node, name });
        }
        self.nodes.insert(node, Node { named, ..Node::default() });
        node
    }

    pub(crate) fn close(&mut self, node: NodeId) {
        if let Some(entry) = self.nodes.get_mut(&node) {
            entry.handles = entry.handles.saturating_sub(1);
            if entry.handles == 0 && !entry.named {
                self.nodes.remove(&node);
            }
        }
    }

    pub(crate) fn delete(&mut self, name: &str, directory: bool) -> bool {
        let Some((name, node)) = self.names.remove_entry(name) else { return false };
        self.record(|| Op::Delete { node, name, directory });
        if let Some(entry) = self.nodes.get_mut(&node) {
            entry.named = false;
            if entry.handles == 0 {
                self.nodes.remove(&node);
            }
        }
        true
    }

    /// `false` when the disk is full.
    pub(crate) fn write(&mut self, node: NodeId, offset: usize, bytes: &[u8]) -> bool {
        if let Some(capacity) = self.faults.capacity {
            let used: usize = self.nodes.values().map(|n| n.data.len()).sum();
            let here = self.nodes.get(&node).map_or(0, |n| n.data.len());
            if used + (offset + bytes.len()).saturating_sub(here) > capacity {
                return false;
            }
        }
        if let Some(entry) = self.nodes.get_mut(&node) {
            overwrite(Arc::make_mut(&mut entry.data), offset, bytes);
            if entry.named {
                self.record(|| Op::Write { node, offset, bytes: bytes.into() });
            }
        }
        true
    }

    pub(crate) fn truncate(&mut self, node: NodeId, size: usize) {
        if let Some(entry) = self.nodes.get_mut(&node) {
            Arc::make_mut(&mut entry.data).resize(size, 0);
            if entry.named {
                self.record(|| Op::Truncate { node, size });
            }
        }
    }

    pub(crate) fn image(&self) -> Image {
        let data = |node| self.nodes.get(node).map(|n| Arc::clone(&n.data)).unwrap_or_default();
        Image { files: self.names.iter().map(|(name, node)| (Arc::clone(name), data(node))).collect() }
    }

    /// Replaces all files; the log starts anew from them.
    pub(crate) fn load(&mut self, image: Image, recording: bool) {
        self.names.clear();
        self.nodes.retain(|_, node| {
            node.named = false;
            node.handles > 0
        });
        self.log = Log::default();
        self.recording = recording;
        for (name, data) in image.files {
            let node = NodeId(self.number());
            if recording {
                self.log.start.push((node, Arc::clone(&name), Arc::clone(&data)));
            }
            self.names.insert(name, node);
            self.nodes.insert(node, Node { data, named: true, ..Node::default() });
        }
    }
}

/// Writes into a buffer that grows with zeros when needed.
pub(crate) fn overwrite(data: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if data.len() < end {
        data.resize(end, 0);
    }
    if let Some(place) = data.get_mut(offset..end) {
        place.copy_from_slice(bytes);
    }
}
