//! Which signatures hold, remembered while one roster is folded.

use core::cell::RefCell;
use std::collections::BTreeMap;

use crate::ids::FactId;

/// Which of a fact's signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// Its issuer's.
    Issuer,
    /// The other key's: an invitation's for a new device, a new key's for the one before.
    Other,
}

/// Signatures that were checked. Checking one takes longer than all else about its fact, and a roster is grown several
/// times until it is known who is barred. Each key follows from the fact: devices are named by their key's digest,
/// invitations by the fact that states theirs.
#[derive(Debug, Default)]
pub(super) struct Signed(RefCell<BTreeMap<(FactId, By), bool>>);

impl Signed {
    /// Whether the signature holds; `check` is asked the first time.
    pub(super) fn holds(&self, fact: FactId, by: By, check: impl FnOnce() -> bool) -> bool {
        *self.0.borrow_mut().entry((fact, by)).or_insert_with(check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signature_is_checked_once() {
        let (signed, checked) = (Signed::default(), core::cell::Cell::new(0));
        let ask = |fact, by, holds| {
            signed.holds(FactId::from_bytes([fact; 16]), by, || {
                checked.set(checked.get() + 1);
                holds
            })
        };
        for _ in 0..3 {
            assert!(ask(1, By::Issuer, true) && !ask(1, By::Other, false) && !ask(2, By::Issuer, false));
        }
        assert_eq!(checked.get(), 3);
    }
}
