//! Which pack was adopted last. Whoever adopts a pack names the adoptions that it replaces: those that were the newest
//! then. Only adoptions that know nothing of each other are ordered by what their clocks claim, and by digest where those
//! claim the same.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use docket_format::{ContentDigest, FactId};

use crate::time::UnixMs;

/// That a pack was adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The fact that says so.
    pub fact: FactId,
    /// The pack.
    pub pack: ContentDigest,
    /// When, as the device claims.
    pub at_ms: UnixMs,
    /// The adoptions that it replaces; empty in records from before they were named.
    pub replaces: Vec<FactId>,
}

/// The packs, the one adopted last first: the same order for the same set of adoptions. A pack that two offices adopted
/// apart stands where it was adopted first.
pub fn newest_first(adoptions: &[Adoption]) -> Vec<ContentDigest> {
    let by_fact: BTreeMap<FactId, &Adoption> = adoptions.iter().map(|adoption| (adoption.fact, adoption)).collect();
    let named = |adoption: &Adoption| -> BTreeSet<FactId> {
        adoption.replaces.iter().copied().filter(|fact| *fact != adoption.fact && by_fact.contains_key(fact)).collect()
    };
    // How many adoptions that are not listed yet name each.
    let mut newer: BTreeMap<FactId, usize> = by_fact.keys().map(|fact| (*fact, 0)).collect();
    for fact in by_fact.values().flat_map(|adoption| named(adoption)) {
        *newer.entry(fact).or_default() += 1;
    }
    let entry = |adoption: &Adoption| (adoption.at_ms, adoption.pack, adoption.fact);
    let is_newest = |adoption: &&&Adoption| newer.get(&adoption.fact) == Some(&0);
    let mut ready: BinaryHeap<_> = by_fact.values().filter(is_newest).map(|adoption| entry(adoption)).collect();
    let mut order = Vec::with_capacity(by_fact.len());
    while let Some((_, pack, fact)) = ready.pop() {
        order.push(pack);
        for older in by_fact.get(&fact).map(|adoption| named(adoption)).unwrap_or_default() {
            let Some(left) = newer.get_mut(&older) else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                ready.extend(by_fact.get(&older).map(|adoption| entry(adoption)));
            }
        }
    }
    let mut seen = BTreeSet::new();
    let mut oldest_first: Vec<ContentDigest> = order.into_iter().rev().filter(|pack| seen.insert(*pack)).collect();
    oldest_first.reverse();
    oldest_first
}

/// The adoptions that no other names: what the next one replaces.
pub fn newest(adoptions: &[Adoption]) -> Vec<FactId> {
    let named: BTreeSet<FactId> = adoptions.iter().flat_map(|adoption| adoption.replaces.iter().copied()).collect();
    let left: BTreeSet<FactId> = adoptions.iter().map(|one| one.fact).filter(|fact| !named.contains(fact)).collect();
    left.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fact(n: u8) -> FactId {
        FactId::from_bytes([n; 16])
    }

    fn pack(n: u8) -> ContentDigest {
        ContentDigest::from_bytes([n; 32])
    }

    fn adoption(n: u8, of: u8, at_ms: i64, replaces: &[u8]) -> Adoption {
        let replaces = replaces.iter().map(|n| fact(*n)).collect();
        Adoption { fact: fact(n), pack: pack(of), at_ms: UnixMs(at_ms), replaces }
    }

    #[test]
    fn of_two_packs_of_one_millisecond_the_one_that_replaces_the_other_is_newer() {
        for (first, second) in [(1, 2), (2, 1)] {
            let both = [adoption(1, first, 7, &[]), adoption(2, second, 7, &[1])];
            assert_eq!(newest_first(&both), [pack(second), pack(first)]);
            assert_eq!(newest(&both), [fact(2)]);
        }
        let wrong_clock = [adoption(1, 1, 9, &[]), adoption(2, 2, 3, &[1])];
        assert_eq!(newest_first(&wrong_clock), [pack(2), pack(1)]);
    }

    #[test]
    fn adoptions_apart_go_by_their_clocks_and_a_pack_stands_where_it_was_adopted_first() {
        let old = [adoption(1, 1, 5, &[]), adoption(2, 2, 6, &[]), adoption(3, 3, 6, &[])];
        assert_eq!(newest_first(&old), [pack(3), pack(2), pack(1)]);
        let twice = [adoption(1, 1, 1, &[]), adoption(2, 2, 2, &[1]), adoption(3, 1, 3, &[])];
        assert_eq!(newest_first(&twice), [pack(2), pack(1)]);
        assert_eq!(newest(&twice), [fact(2), fact(3)]);
        // What was never adopted here can't be waited for, nor can oneself.
        assert_eq!(newest_first(&[adoption(1, 1, 1, &[1, 9])]), [pack(1)]);
    }

    proptest! {
        /// Whatever the order in which adoptions arrive, and however often: one order, in which nobody stands above who
        /// replaced them.
        #[test]
        fn the_order_is_that_of_the_set(
            made in prop::collection::vec((0..4_u8, 0..3_i64, prop::collection::vec(0..12_u8, 0..3)), 1..12),
            shuffle in any::<prop::sample::Index>(),
        ) {
            let made: Vec<Adoption> = made.iter().enumerate().map(|(n, (of, at, over))| {
                let over: Vec<u8> = over.iter().copied().filter(|over| usize::from(*over) < n).collect();
                // Every pack its own, but for a few that two offices adopt.
                adoption(n as u8, if *of == 0 { 0 } else { n as u8 + 1 }, *at, &over)
            }).collect();
            let order = newest_first(&made);
            let mut moved = made.clone();
            moved.rotate_left(shuffle.index(made.len()));
            moved.extend(made.iter().rev().cloned());
            prop_assert_eq!(&newest_first(&moved), &order);
            let place = |of: ContentDigest| order.iter().position(|one| *one == of).unwrap();
            let twice: Vec<_> = made.iter().filter(|one| one.pack == pack(0)).collect();
            for one in made.iter().filter(|one| one.pack != pack(0)) {
                for other in made.iter().filter(|other| one.replaces.contains(&other.fact) && other.pack != pack(0)) {
                    prop_assert!(place(one.pack) < place(other.pack), "{:?}", twice);
                }
            }
        }
    }
}
