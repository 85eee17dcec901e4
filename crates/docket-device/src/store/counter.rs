//! DIR/docket.counter: the write generation outside the database, so that a database put back from a backup is
//! noticed (it is *older* than the counter) and never counts on from numbers that were used already.
//!
//! Two slots of 64 bytes, written in turn and without a flush, after the commit: the counter may lag behind the
//! database after a crash or a power cut, which is tolerated, and can never run ahead of it. What this does not see:
//! a directory that was copied or put back *whole*. Such a clone is found by the relay's lease (DESIGN §4) and, at the
//! latest, by two facts with one number from one device.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use docket_format::digest;

use crate::error::StoreError;
use crate::files;

/// The file's name in the store's directory.
pub(crate) const FILE: &str = "docket.counter";
const SLOT: usize = 64;
const MAGIC: &[u8; 8] = b"docketc1";

/// What both the database and the counter say about the store's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    /// Write transactions so far.
    pub generation: u64,
    /// The device's life.
    pub incarnation: u32,
    /// Random, new with every incarnation.
    pub nonce: [u8; 16],
}

/// What the counter says about the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// In step, or behind after a crash.
    Same,
    /// There is no readable counter.
    Lost,
    /// The database is not the one that wrote last here.
    Restored {
        /// In words.
        reason: String,
    },
}

/// Compares the counter (read first!) with the database.
pub(crate) fn judge(file: Option<Count>, database: Count) -> Verdict {
    let Some(file) = file else { return Verdict::Lost };
    if file.nonce == database.nonce && file.generation <= database.generation {
        return Verdict::Same;
    }
    let reason = if file.generation > database.generation {
        format!(
            "the database holds write {}, the counter beside it says {}: it was put back from a copy",
            database.generation, file.generation
        )
    } else {
        "the database is of another life than the counter beside it: it was put back from a copy".to_owned()
    };
    Verdict::Restored { reason }
}

/// Reads the counter; `None` if it is missing or unreadable.
pub(crate) fn read(dir: &Path) -> Option<Count> {
    let mut bytes = Vec::with_capacity(2 * SLOT);
    File::open(dir.join(FILE)).ok()?.take(2 * SLOT as u64).read_to_end(&mut bytes).ok()?;
    bytes.chunks_exact(SLOT).filter_map(decode).max_by_key(|count| (count.incarnation, count.generation))
}

/// Notes a generation in the file by name. `flush` for a new incarnation, which must not be forgotten.
pub(crate) fn write(dir: &Path, count: Count, flush: bool) -> Result<(), StoreError> {
    let path = dir.join(FILE);
    let attempt = || -> std::io::Result<()> {
        let mut file = open(&path)?;
        let slots: &[u64] = if flush { &[0, 1] } else { &[count.generation % 2] };
        for slot in slots {
            put(&mut file, *slot, count)?;
        }
        if flush { file.sync_all() } else { Ok(()) }
    };
    attempt().map_err(|error| StoreError::io(&path, error))
}

/// Notes a committed generation without a flush, in a file that stays open from one note to the next.
pub(crate) fn note(kept: &mut Option<File>, dir: &Path, count: Count) -> Result<(), StoreError> {
    let path = dir.join(FILE);
    let mut file = match kept.take() {
        Some(file) => file,
        None => open(&path).map_err(|error| StoreError::io(&path, error))?,
    };
    put(&mut file, count.generation % 2, count).map_err(|error| StoreError::io(&path, error))?;
    *kept = Some(file);
    Ok(())
}

fn open(path: &Path) -> std::io::Result<File> {
    files::for_owner().write(true).create(true).truncate(false).open(path)
}

fn put(file: &mut File, slot: u64, count: Count) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(slot * SLOT as u64))?;
    file.write_all(&encode(count))
}

fn encode(count: Count) -> [u8; SLOT] {
    let mut slot = [0; SLOT];
    let parts: [&[u8]; 4] = [MAGIC, &count.generation.to_be_bytes(), &count.incarnation.to_be_bytes(), &count.nonce];
    for (to, from) in slot.iter_mut().zip(parts.concat()) {
        *to = from;
    }
    let check = digest::labelled16("docket-counter", &[&parts.concat()]);
    for (to, from) in slot.iter_mut().skip(SLOT - 16).zip(check) {
        *to = from;
    }
    slot
}

fn decode(slot: &[u8]) -> Option<Count> {
    let generation = u64::from_be_bytes(slot.get(8..16)?.try_into().ok()?);
    let incarnation = u32::from_be_bytes(slot.get(16..20)?.try_into().ok()?);
    let nonce = slot.get(20..36)?.try_into().ok()?;
    let count = Count { generation, incarnation, nonce };
    (encode(count) == slot).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(generation: u64, nonce: u8) -> Count {
        Count { generation, incarnation: 1, nonce: [nonce; 16] }
    }

    #[test]
    fn only_a_lagging_counter_of_the_same_life_passes() {
        assert_eq!(judge(Some(count(5, 1)), count(5, 1)), Verdict::Same);
        assert_eq!(judge(Some(count(4, 1)), count(5, 1)), Verdict::Same);
        assert_eq!(judge(None, count(5, 1)), Verdict::Lost);
        for file in [count(6, 1), count(5, 2), count(4, 2)] {
            assert!(matches!(judge(Some(file), count(5, 1)), Verdict::Restored { .. }), "{file:?}");
        }
    }

    #[test]
    fn a_torn_slot_leaves_the_other() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()), None);
        for generation in 1..=4 {
            write(dir.path(), count(generation, 1), false).unwrap();
        }
        assert_eq!(read(dir.path()), Some(count(4, 1)));
        let path = dir.path().join(FILE);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[10] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(read(dir.path()), Some(count(3, 1)));
    }

    #[test]
    fn a_slower_process_does_not_turn_the_counter_back() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), count(6, 1), false).unwrap();
        write(dir.path(), count(5, 1), false).unwrap();
        assert_eq!(read(dir.path()), Some(count(6, 1)));
    }
}
