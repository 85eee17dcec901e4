//! SQLite's two sets of locks on one file, between connections of this process: the five file lock levels, and
//! the eight shared-memory slots of WAL.

/// The levels of `xLock`, as `sqlite3.h` numbers them.
pub(crate) const SHARED: i32 = 1;
pub(crate) const RESERVED: i32 = 2;
pub(crate) const EXCLUSIVE: i32 = 4;
/// Slots of `xShmLock` (`SQLITE_SHM_NLOCK`).
pub(crate) const SLOTS: usize = 8;

/// A connection's number, unique in a disk.
pub(crate) type Owner = u64;

/// Who holds which level of one file.
#[derive(Debug, Default)]
pub(crate) struct FileLocks {
    shared: Vec<Owner>,
    reserved: Option<Owner>,
    pending: Option<Owner>,
    exclusive: Option<Owner>,
}

impl FileLocks {
    /// Raises `owner` to `level`; `false` means busy.
    pub(crate) fn lock(&mut self, owner: Owner, level: i32) -> bool {
        let other = |slot: Option<Owner>| slot.is_some_and(|o| o != owner);
        if level >= SHARED && !self.shared.contains(&owner) {
            if other(self.pending) || other(self.exclusive) {
                return false;
            }
            self.shared.push(owner);
        }
        if level >= RESERVED {
            if other(self.reserved) {
                return false;
            }
            self.reserved = Some(owner);
        }
        if level > RESERVED {
            if other(self.pending) {
                return false;
            }
            self.pending = Some(owner);
        }
        if level >= EXCLUSIVE {
            if self.shared.iter().any(|&o| o != owner) {
                return false;
            }
            self.exclusive = Some(owner);
        }
        true
    }

    /// Lowers `owner` to `level` (shared or none).
    pub(crate) fn unlock(&mut self, owner: Owner, level: i32) {
        for slot in [&mut self.reserved, &mut self.pending, &mut self.exclusive] {
            if *slot == Some(owner) {
                *slot = None;
            }
        }
        if level < SHARED {
            self.shared.retain(|&o| o != owner);
        }
    }

    /// Whether anybody is about to write.
    pub(crate) const fn reserved(&self) -> bool {
        self.reserved.is_some() || self.pending.is_some() || self.exclusive.is_some()
    }
}

/// One connection's share of the shared-memory slots: bit masks.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Held {
    shared: u8,
    exclusive: u8,
}

/// The eight slots of one file: a count of sharers, or −1 for one exclusive holder.
#[derive(Debug, Default)]
pub(crate) struct SlotLocks([i32; SLOTS]);

impl SlotLocks {
    /// Takes `n` slots from `offset`; `false` means busy and nothing taken.
    pub(crate) fn lock(&mut self, held: &mut Held, offset: usize, n: usize, exclusive: bool) -> bool {
        let wanted = mask(offset, n);
        if exclusive {
            let mine = held.exclusive & wanted == wanted;
            if mine {
                return true;
            }
            if self.slots(offset, n).any(|slot| *slot != 0) {
                return false;
            }
            self.slots(offset, n).for_each(|slot| *slot = -1);
            held.exclusive |= wanted;
        } else if held.shared & wanted == 0 {
            if self.slots(offset, n).any(|slot| *slot < 0) {
                return false;
            }
            self.slots(offset, n).for_each(|slot| *slot += 1);
            held.shared |= wanted;
        }
        true
    }

    /// Gives `n` slots from `offset` back, as far as held.
    pub(crate) fn unlock(&mut self, held: &mut Held, offset: usize, n: usize) {
        for (i, slot) in self.0.iter_mut().enumerate().skip(offset).take(n) {
            let bit = mask(i, 1);
            if held.exclusive & bit != 0 {
                *slot = 0;
            } else if held.shared & bit != 0 {
                *slot -= 1;
            }
            held.exclusive &= !bit;
            held.shared &= !bit;
        }
    }

    fn slots(&mut self, offset: usize, n: usize) -> impl Iterator<Item = &mut i32> {
        self.0.iter_mut().skip(offset).take(n)
    }
}

fn mask(offset: usize, n: usize) -> u8 {
    (offset..offset + n).filter(|&i| i < SLOTS).fold(0, |bits, i| bits | 1 << i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writer_and_no_readers_beside_an_exclusive_lock() {
        let mut locks = FileLocks::default();
        assert!(locks.lock(1, SHARED) && locks.lock(2, SHARED));
        assert!(locks.lock(1, RESERVED) && !locks.lock(2, RESERVED));
        assert!(!locks.lock(1, EXCLUSIVE), "a reader is still there");
        assert!(!locks.lock(3, SHARED), "a pending writer keeps new readers out");
        locks.unlock(2, 0);
        assert!(locks.lock(1, EXCLUSIVE));
        locks.unlock(1, 0);
        assert!(!locks.reserved() && locks.lock(3, SHARED));
    }

    #[test]
    fn a_slot_is_shared_or_exclusive() {
        let (mut slots, mut a, mut b) = (SlotLocks::default(), Held::default(), Held::default());
        assert!(slots.lock(&mut a, 3, 1, false) && slots.lock(&mut b, 3, 1, false));
        assert!(!slots.lock(&mut a, 2, 2, true), "a range is taken whole or not at all");
        slots.unlock(&mut b, 3, 1);
        slots.unlock(&mut a, 3, 1);
        assert!(slots.lock(&mut a, 0, 8, true) && !slots.lock(&mut b, 7, 1, false));
    }
}
