//! One proof for many leaves: the nodes over all that was not picked. A run of neighbours costs about two nodes a level,
//! whatever its length, so a large seal can travel in parts.

use std::collections::BTreeMap;

use super::{Node, join, split_u64};

/// A subtree of the tree: `len` leaves from `first` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The place of its first leaf.
    pub first: u64,
    /// How many leaves.
    pub len: u64,
}

impl Span {
    fn halves(self) -> (Self, Self) {
        let left = split_u64(self.len);
        (Self { len: left, ..self }, Self { first: self.first + left, len: self.len - left })
    }
}

/// The proof of the picked leaves (ascending, each once) under a tree of `size` leaves, left to right. `None` when
/// `node` doesn't know one that is needed, or a place is out of range.
pub fn prove_many(size: u64, picked: &[u64], node: &mut dyn FnMut(Span) -> Option<Node>) -> Option<Vec<Node>> {
    let mut proof = Vec::new();
    let fits = picked.last().is_none_or(|&last| last < size) && size > 0;
    (fits && collect(Span { first: 0, len: size }, picked, node, &mut proof)).then_some(proof)
}

fn collect(span: Span, picked: &[u64], node: &mut dyn FnMut(Span) -> Option<Node>, proof: &mut Vec<Node>) -> bool {
    if picked.is_empty() {
        return node(span).map(|node| proof.push(node)).is_some();
    }
    if span.len == 1 {
        return picked.len() == 1;
    }
    let (left, right) = span.halves();
    let (low, high) = picked.split_at(picked.partition_point(|&place| place < right.first));
    collect(left, low, node, proof) && collect(right, high, node, proof)
}

/// Where many leaves and their proof lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Climbed {
    /// The root.
    pub root: Node,
    /// The proof's nodes and what each stands over: kept, they let others be given a proof.
    pub given: Vec<(Span, Node)>,
}

/// The root that leaves (ascending by place, each once) and their proof lead to; `None` if they don't fit a tree of
/// `size` leaves.
pub fn climb_many(size: u64, leaves: &[(u64, Node)], proof: &[Node]) -> Option<Climbed> {
    if size == 0 || leaves.last().is_some_and(|(place, _)| *place >= size) {
        return None;
    }
    let mut rest = proof;
    let mut given = Vec::with_capacity(proof.len());
    let root = rise(Span { first: 0, len: size }, leaves, &mut rest, &mut given)?;
    rest.is_empty().then_some(Climbed { root, given })
}

fn rise(span: Span, leaves: &[(u64, Node)], proof: &mut &[Node], given: &mut Vec<(Span, Node)>) -> Option<Node> {
    if leaves.is_empty() {
        let (&node, rest) = proof.split_first()?;
        *proof = rest;
        given.push((span, node));
        return Some(node);
    }
    if span.len == 1 {
        return match leaves {
            [(_, node)] => Some(*node),
            _ => None,
        };
    }
    let (left, right) = span.halves();
    let (low, high) = leaves.split_at(leaves.partition_point(|(place, _)| *place < right.first));
    Some(join(&rise(left, low, proof, given)?, &rise(right, high, proof, given)?))
}

/// What somebody knows of a tree: leaves and inner nodes, from which proofs for others are made.
#[derive(Debug, Clone, Default)]
pub struct Known {
    size: u64,
    nodes: BTreeMap<Span, Node>,
}

impl Known {
    /// Nothing yet, of a tree of `size` leaves.
    pub fn new(size: u64) -> Self {
        Self { size, nodes: BTreeMap::new() }
    }

    /// Adds a leaf's node.
    pub fn leaf(&mut self, place: u64, node: Node) {
        self.nodes.insert(Span { first: place, len: 1 }, node);
    }

    /// Adds the node over a subtree, as [`Climbed::given`] names it.
    pub fn node(&mut self, span: Span, node: Node) {
        self.nodes.insert(span, node);
    }

    /// Adds the nodes of one leaf's own proof (see [`super::proof`]: from the leaf upwards).
    pub fn path(&mut self, place: u64, path: &[Node]) {
        let mut span = Span { first: 0, len: self.size };
        let mut siblings = Vec::new();
        while span.len > 1 && siblings.len() <= path.len() {
            let (left, right) = span.halves();
            let goes_left = place < right.first;
            siblings.push(if goes_left { right } else { left });
            span = if goes_left { left } else { right };
        }
        self.nodes.extend(siblings.into_iter().rev().zip(path.iter().copied()));
    }

    /// One leaf's own proof (see [`super::proof`]: from the leaf upwards); `None` if too little is known.
    pub fn path_of(&mut self, place: u64) -> Option<Vec<Node>> {
        let mut span = Span { first: 0, len: self.size };
        let mut path = Vec::new();
        if place >= self.size {
            return None;
        }
        while span.len > 1 {
            let (left, right) = span.halves();
            let (own, sibling) = if place < right.first { (left, right) } else { (right, left) };
            path.push(find(&mut self.nodes, sibling)?);
            span = own;
        }
        path.reverse();
        Some(path)
    }

    /// The proof of these leaves (ascending, each once); `None` if too little is known.
    pub fn prove(&mut self, picked: &[u64]) -> Option<Vec<Node>> {
        let nodes = &mut self.nodes;
        prove_many(self.size, picked, &mut |span| find(nodes, span))
    }
}

fn find(nodes: &mut BTreeMap<Span, Node>, span: Span) -> Option<Node> {
    if let Some(node) = nodes.get(&span) {
        return Some(*node);
    }
    if span.len < 2 {
        return None;
    }
    let (left, right) = span.halves();
    let node = join(&find(nodes, left)?, &find(nodes, right)?);
    nodes.insert(span, node);
    Some(node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest;
    use crate::merkle::{climb, proof, root};

    fn nodes(size: u64) -> Vec<Node> {
        (0..size).map(|i| digest::sha256(&i.to_be_bytes())).collect()
    }

    #[test]
    fn every_choice_of_leaves_of_every_small_tree_proves_itself_and_lets_others_be_proven() {
        for size in 1..10u64 {
            let all = nodes(size);
            for choice in 1u32..1 << size {
                let picked: Vec<u64> = (0..size).filter(|i| choice >> i & 1 == 1).collect();
                let mut known = Known::new(size);
                all.iter().zip(0..).for_each(|(node, place)| known.leaf(place, *node));
                let proof_nodes = known.prove(&picked).unwrap();
                let leaves: Vec<(u64, Node)> = picked.iter().map(|&i| (i, all[i as usize])).collect();
                let climbed = climb_many(size, &leaves, &proof_nodes).unwrap();
                assert_eq!(climbed.root, root(&all));
                // What was given is enough for a proof of each of them alone, by either road.
                let mut again = Known::new(size);
                for (place, node) in &leaves {
                    again.leaf(*place, *node);
                }
                for (span, node) in &climbed.given {
                    again.node(*span, *node);
                }
                for (place, node) in &leaves {
                    let alone = again.prove(&[*place]).unwrap();
                    assert_eq!(climb_many(size, &[(*place, *node)], &alone).unwrap().root, root(&all));
                }
                // Neither more nor less than the proof will do.
                let longer = [proof_nodes.clone(), vec![[0; 32]]].concat();
                assert_eq!(climb_many(size, &leaves, &longer), None);
                if let Some((_, shorter)) = proof_nodes.split_last() {
                    assert_eq!(climb_many(size, &leaves, shorter), None);
                }
            }
        }
    }

    #[test]
    fn a_leafs_own_path_serves_too() {
        for size in 2..20u64 {
            let all = nodes(size);
            for place in 0..size {
                let path = proof(&all, place as usize);
                assert_eq!(climb(all[place as usize], place, size, &path), Some(root(&all)));
                let mut known = Known::new(size);
                known.leaf(place, all[place as usize]);
                known.path(place, &path);
                assert_eq!(known.path_of(place), Some(path.clone()));
                assert_eq!(known.path_of(size), None);
                let proof = known.prove(&[place]).unwrap();
                assert_eq!(climb_many(size, &[(place, all[place as usize])], &proof).unwrap().root, root(&all));
            }
        }
    }

    #[test]
    fn a_run_of_neighbours_costs_two_nodes_a_level() {
        let all = nodes(20_000);
        let mut known = Known::new(20_000);
        all.iter().zip(0..).for_each(|(node, place)| known.leaf(place, *node));
        let picked: Vec<u64> = (7_001..9_123).collect();
        assert!(known.prove(&picked).unwrap().len() <= 30);
        assert_eq!(known.prove(&[20_000]), None);
        assert_eq!(Known::new(8).prove(&[1]), None, "nothing is known");
    }
}
