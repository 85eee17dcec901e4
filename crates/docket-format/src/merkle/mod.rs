//! The Merkle tree under a seal: one signature for a whole hand-over, and a proof for each document that travels on
//! alone. The tree's shape is RFC 6962's: the left half is the largest power of two below the size.

mod many;

pub use many::{Climbed, Known, Span, climb_many, prove_many};

use crate::digest;
use crate::ids::{DocId, FactId};

/// What a seal vouches for: the author's `n`-th fact in a document (and with it, through `prev`, all before it), or
/// with `n` = 0 an imported fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leaf {
    /// The document.
    pub doc: DocId,
    /// The author's count at that fact; 0 for an imported fact.
    pub n: u64,
    /// The fact.
    pub fact: FactId,
}

/// A node of the tree.
pub type Node = [u8; 32];

impl Leaf {
    /// The leaf's node: SHA-256("docket-leaf" ‖ document ‖ n, 8 bytes big-endian ‖ fact).
    pub fn node(&self) -> Node {
        digest::labelled("docket-leaf", &[self.doc.as_bytes(), &self.n.to_be_bytes(), self.fact.as_bytes()])
    }
}

/// The root over leaf nodes in their order; 32 zero bytes for none.
pub fn root(nodes: &[Node]) -> Node {
    match nodes {
        [] => [0; 32],
        [only] => *only,
        _ => {
            let (left, right) = nodes.split_at(split(nodes.len()));
            join(&root(left), &root(right))
        }
    }
}

/// The nodes that, with leaf `index`, give the root: from the leaf upwards. Empty if `index` is out of range.
pub fn proof(nodes: &[Node], index: usize) -> Vec<Node> {
    let mut path = Vec::new();
    let (mut nodes, mut index) = (nodes, index);
    while nodes.len() > 1 && index < nodes.len() {
        let at = split(nodes.len());
        let (left, right) = nodes.split_at(at);
        if index < at {
            path.push(root(right));
            nodes = left;
        } else {
            path.push(root(left));
            nodes = right;
            index -= at;
        }
    }
    path.reverse();
    path
}

/// The root that a leaf, its place and its proof lead to; `None` if the proof's length doesn't fit the place.
pub fn climb(leaf: Node, index: u64, size: u64, proof: &[Node]) -> Option<Node> {
    if index >= size {
        return None;
    }
    // Which side the leaf's half was on, from the root downwards.
    let (mut size, mut index) = (size, index);
    let mut went_left = Vec::new();
    while size > 1 {
        let at = split_u64(size);
        went_left.push(index < at);
        if index < at {
            size = at;
        } else {
            index -= at;
            size -= at;
        }
    }
    if went_left.len() != proof.len() {
        return None;
    }
    let upwards = went_left.iter().rev().zip(proof);
    Some(upwards.fold(leaf, |node, (&left, other)| if left { join(&node, other) } else { join(other, &node) }))
}

fn join(left: &Node, right: &Node) -> Node {
    digest::labelled("docket-node", &[left, right])
}

fn split(len: usize) -> usize {
    split_u64(len as u64) as usize
}

fn split_u64(len: u64) -> u64 {
    1 << (len - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_of_every_small_tree_proves_itself_and_only_in_its_place() {
        for size in 1..40usize {
            let nodes: Vec<Node> = (0..size).map(|i| digest::sha256(&[i as u8])).collect();
            let root = root(&nodes);
            for (i, node) in nodes.iter().enumerate() {
                let proof = proof(&nodes, i);
                assert_eq!(climb(*node, i as u64, size as u64, &proof), Some(root), "{i} of {size}");
                let elsewhere = climb(*node, (i as u64 + 1) % size as u64, size as u64, &proof);
                assert!(size == 1 || elsewhere != Some(root), "{i} of {size}");
                assert_eq!(climb(*node, size as u64, size as u64, &proof), None);
                let mut longer = proof.clone();
                longer.push([0; 32]);
                assert_eq!(climb(*node, i as u64, size as u64, &longer), None);
            }
        }
    }
}
