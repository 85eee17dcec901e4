//! Lists in one column: fixed-width big-endian numbers and ids.

use docket_format::change::{Last, Stored};
use docket_format::merkle::{Node, Span};
use docket_format::{ActorId, ChangeHash};

use super::LogError;

/// Bytes of a fixed length.
pub(super) fn array<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u8; N], LogError> {
    bytes.try_into().map_err(|_| LogError::Corrupt(what))
}

/// Pieces of `N` bytes, all of them.
fn pieces<'a, const N: usize>(bytes: &'a [u8], what: &'static str) -> Result<&'a [[u8; N]], LogError> {
    let (pieces, rest) = bytes.as_chunks::<N>();
    if rest.is_empty() { Ok(pieces) } else { Err(LogError::Corrupt(what)) }
}

fn number32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn number64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(super) fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

pub(super) fn read_numbers(bytes: &[u8]) -> Result<Vec<u32>, LogError> {
    Ok(pieces::<4>(bytes, "authors of an entry")?.iter().map(|piece| u32::from_be_bytes(*piece)).collect())
}

/// Places under a seal are below [`docket_format::limits::SEAL_LEAVES`]: four bytes hold them.
pub(super) fn leaves(leaves: &[(u32, u64)]) -> Vec<u8> {
    leaves.iter().flat_map(|(seal, place)| [seal.to_be_bytes(), (*place as u32).to_be_bytes()]).flatten().collect()
}

pub(super) fn read_leaves(bytes: &[u8]) -> Result<Vec<(u32, u64)>, LogError> {
    let leaf = |piece: &[u8; 8]| {
        let (seal, place) = piece.split_at(4);
        (number32(seal), number64(place))
    };
    Ok(pieces::<8>(bytes, "leaves of an entry")?.iter().map(leaf).collect())
}

pub(super) fn rows(rows: &[u64]) -> Vec<u8> {
    rows.iter().flat_map(|row| row.to_be_bytes()).collect()
}

pub(super) fn read_rows(bytes: &[u8]) -> Result<Vec<u64>, LogError> {
    Ok(pieces::<8>(bytes, "documents of a tag")?.iter().map(|piece| u64::from_be_bytes(*piece)).collect())
}

pub(super) fn heads(heads: &[ChangeHash]) -> Vec<u8> {
    heads.iter().flat_map(|head| *head.as_bytes()).collect()
}

pub(super) fn read_heads(bytes: &[u8]) -> Result<Vec<ChangeHash>, LogError> {
    Ok(pieces::<32>(bytes, "heads")?.iter().map(|piece| ChangeHash::from_bytes(*piece)).collect())
}

pub(super) fn changes(changes: &[(ChangeHash, Stored)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(changes.len() * 56);
    for (hash, stored) in changes {
        bytes.extend_from_slice(hash.as_bytes());
        bytes.extend_from_slice(stored.actor.as_bytes());
        bytes.extend_from_slice(&stored.max_op.to_be_bytes());
    }
    bytes
}

pub(super) fn read_changes(bytes: &[u8]) -> Result<Vec<(ChangeHash, Stored)>, LogError> {
    let one = |piece: &[u8; 56]| {
        let (hash, rest) = piece.split_at(32);
        let (actor, max_op) = rest.split_at(16);
        let stored = Stored { actor: ActorId::from_slice(actor)?, max_op: number64(max_op) };
        Some((ChangeHash::from_slice(hash)?, stored))
    };
    let all = pieces::<56>(bytes, "changes of a document")?.iter().map(one).collect::<Option<_>>();
    all.ok_or(LogError::Corrupt("changes of a document"))
}

pub(super) fn actors(actors: &[(ActorId, Last)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(actors.len() * 32);
    for (actor, last) in actors {
        bytes.extend_from_slice(actor.as_bytes());
        bytes.extend_from_slice(&last.seq.to_be_bytes());
        bytes.extend_from_slice(&last.max_op.to_be_bytes());
    }
    bytes
}

pub(super) fn read_actors(bytes: &[u8]) -> Result<Vec<(ActorId, Last)>, LogError> {
    let one = |piece: &[u8; 32]| {
        let (actor, rest) = piece.split_at(16);
        let (seq, max_op) = rest.split_at(8);
        let last = Last { seq: number64(seq), max_op: number64(max_op) };
        ActorId::from_slice(actor).map(|actor| (actor, last)).ok_or(LogError::Corrupt("actors"))
    };
    pieces::<32>(bytes, "actors")?.iter().map(one).collect()
}

pub(super) fn nodes<'a>(nodes: impl Iterator<Item = (Span, &'a Node)>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(nodes.size_hint().0 * 40);
    for (span, node) in nodes {
        bytes.extend_from_slice(&(span.first as u32).to_be_bytes());
        bytes.extend_from_slice(&(span.len as u32).to_be_bytes());
        bytes.extend_from_slice(node);
    }
    bytes
}

pub(super) fn read_nodes(bytes: &[u8]) -> Result<impl Iterator<Item = (Span, Node)>, LogError> {
    let one = |piece: &[u8; 40]| {
        let (span, node) = piece.split_at(8);
        let (first, len) = span.split_at(4);
        let mut own = [0; 32];
        own.copy_from_slice(node);
        (Span { first: number64(first), len: number64(len) }, own)
    };
    Ok(pieces::<40>(bytes, "nodes of a seal")?.iter().map(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_back_and_cut_ones_are_damage() {
        let list = vec![(7, 999_999), (u32::MAX, 0)];
        assert_eq!(read_leaves(&leaves(&list)).unwrap(), list);
        assert_eq!(read_numbers(&numbers(&[1, 70_000])).unwrap(), [1, 70_000]);
        assert_eq!(read_rows(&rows(&[1, 1 << 40])).unwrap(), [1, 1 << 40]);
        let hash = ChangeHash::from_bytes([9; 32]);
        assert_eq!(read_heads(&heads(&[hash])).unwrap(), [hash]);
        let actor = (ActorId::from_bytes([3; 16]), Last { seq: 4, max_op: 1 << 33 });
        assert_eq!(read_actors(&actors(&[actor])).unwrap(), [actor]);
        let node = (Span { first: 5, len: 8 }, [6; 32]);
        let packed = nodes([(node.0, &node.1)].into_iter());
        assert_eq!(read_nodes(&packed).unwrap().collect::<Vec<_>>(), [node]);
        assert!(read_nodes(&packed[1..]).is_err() && read_leaves(&[1]).is_err() && read_actors(&[0; 31]).is_err());
    }
}
