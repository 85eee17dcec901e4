//! When a fact was written, by the best evidence that the policy lets count (DESIGN §6): the device's wall clock
//! (claimed), or the relay's time carried on by uptime (attested).

use docket_format::Fact;
use serde_json::Value;

use crate::policy::Policy;
use crate::record::RELAY_TIME;
use crate::time::{MINUTE_MS, UnixMs};
use crate::view::TimeEvidence;

/// How far a wall clock may be off before it is suspect.
pub(super) const DRIFT_MS: i64 = MINUTE_MS;

/// An instant, known to lie between two others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// The instant, as well as it is known.
    pub(super) at: UnixMs,
    /// How many milliseconds earlier or later it may have been.
    pub(super) off_ms: i64,
    pub(super) evidence: TimeEvidence,
    /// Weaker evidence lies outside of stronger.
    pub(super) suspect: bool,
}

impl Moment {
    /// An instant that is taken for what it is said to be.
    pub(super) const fn exact(at: UnixMs, evidence: TimeEvidence) -> Self {
        Self { at, off_ms: 0, evidence, suspect: false }
    }

    /// When a device wrote this; `None` for a fact out of a file.
    pub(super) fn of(fact: &Fact, policy: &Policy) -> Option<Self> {
        let claimed = UnixMs(fact.wall_ms()?);
        let attested = attested(fact).filter(|_| policy.clocks.evidence >= TimeEvidence::Attested);
        Some(attested.map_or(Self::exact(claimed, TimeEvidence::Claimed), |known| known.against(claimed)))
    }

    /// Whether it leaves open on which side of a deadline it was.
    pub(super) fn straddles(&self, due: UnixMs) -> bool {
        self.at.0.saturating_sub(self.off_ms) <= due.0 && due.0 < self.at.0.saturating_add(self.off_ms)
    }

    /// A wall clock may be a little off; what is attested says itself by how much.
    fn against(self, claimed: UnixMs) -> Self {
        let apart = claimed.0.saturating_sub(self.at.0).saturating_abs();
        Self { suspect: apart > self.off_ms.saturating_add(DRIFT_MS), ..self }
    }
}

/// What the fact's device knew of the relay's time; nothing where it makes no sense.
fn attested(fact: &Fact) -> Option<Moment> {
    let [at, off] = fact.body.get(RELAY_TIME)?.as_array()?.as_slice() else { return None };
    let off_ms = Value::as_i64(off).filter(|off| *off >= 0)?;
    Some(Moment { at: UnixMs(at.as_i64()?), off_ms, evidence: TimeEvidence::Attested, suspect: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(at: i64, off_ms: i64) -> Moment {
        Moment { at: UnixMs(at), off_ms, evidence: TimeEvidence::Attested, suspect: false }
    }

    #[test]
    fn a_deadline_within_what_is_not_known_is_straddled() {
        let moment = known(1000, 3);
        let open: Vec<i64> = (990..1010).filter(|due| moment.straddles(UnixMs(*due))).collect();
        assert_eq!(open, [997, 998, 999, 1000, 1001, 1002], "due at the last instant it can be is in time");
        assert!(!known(1000, 0).straddles(UnixMs(1000)));
    }

    proptest! {
        /// However wrong the wall clock: where the truth is attested to, no deadline that it leaves open is decided, every
        /// other one rightly, and a wall clock that is right is never suspect.
        #[test]
        fn the_truth_is_never_decided_against(
            truth in 1_000_000_000..2_000_000_000_i64, error in -9_000_000..9_000_000_i64,
            off in 0..5_000_i64, miss in -1.0..=1.0_f64, ahead in -20_000..20_000_i64,
        ) {
            let moment = known(truth + (miss * off as f64) as i64, off).against(UnixMs(truth + error));
            let due = UnixMs(truth + ahead);
            if !moment.straddles(due) {
                prop_assert_eq!(moment.at <= due, truth <= due.0);
            }
            prop_assert!(moment.suspect || error.abs() <= DRIFT_MS + 2 * off);
            prop_assert!(!moment.suspect || error.abs() > DRIFT_MS);
        }
    }
}
