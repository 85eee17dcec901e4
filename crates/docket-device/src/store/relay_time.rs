//! What this boot knows of the relay's time.

use docket_core::time::DRIFT_PPM;
use docket_format::fact::Stamp;

/// The relay's time at an instant of one boot of this device (DESIGN §6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayTime {
    /// The boot's name.
    pub boot: String,
    /// Milliseconds since that boot.
    pub up_ms: i64,
    /// The relay's time then, milliseconds since 1970.
    pub relay_ms: i64,
    /// How many milliseconds that may be off.
    pub off_ms: i64,
}

impl RelayTime {
    /// Of an exchange that began at `sent` and whose answer, signed at `relay_ms`, came at `came`: the relay signed it
    /// somewhere in between. `None` where another boot saw the answer.
    pub fn of(relay_ms: i64, sent: &Stamp, came: &Stamp) -> Option<Self> {
        let round = came.up_ms.checked_sub(sent.up_ms).filter(|round| *round >= 0 && sent.boot == came.boot)?;
        let half = round / 2;
        let (boot, up_ms) = (came.boot.clone(), came.up_ms);
        Some(Self { boot, up_ms, relay_ms: relay_ms.checked_add(half)?, off_ms: round - half })
    }

    /// The relay's time at another instant of the boot, and how many milliseconds that may be off.
    pub fn at(&self, stamp: &Stamp) -> Option<(i64, i64)> {
        let since = stamp.up_ms.checked_sub(self.up_ms).filter(|_| stamp.boot == self.boot)?;
        let drift = since.unsigned_abs().saturating_mul(DRIFT_PPM as u64).div_ceil(1_000_000);
        Some((self.relay_ms.checked_add(since)?, self.off_ms.checked_add_unsigned(drift)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(boot: &str, up_ms: i64) -> Stamp {
        Stamp { wall_ms: 7, boot: boot.into(), up_ms }
    }

    #[test]
    fn the_relays_time_goes_on_with_the_uptime_and_is_known_the_less_the_older_it_is() {
        let known = RelayTime::of(1_000_000, &stamp("A", 500), &stamp("A", 801)).unwrap();
        assert_eq!(
            known.at(&stamp("A", 801)),
            Some((1_000_150, 151)),
            "signed somewhere on the way: half, and as much off"
        );
        assert_eq!(known.at(&stamp("A", 801 + 3_600_000)), Some((1_000_150 + 3_600_000, 151 + 720)), "200 ppm an hour");
        assert_eq!(known.at(&stamp("A", 800)), Some((1_000_149, 152)), "what was recorded on the way, too");
        assert_eq!(known.at(&stamp("B", 900)), None, "another boot knows nothing");
    }

    #[test]
    fn an_answer_that_another_boot_saw_dates_nothing() {
        assert_eq!(RelayTime::of(1_000, &stamp("A", 500), &stamp("B", 800)), None);
        assert_eq!(RelayTime::of(1_000, &stamp("A", 500), &stamp("A", 400)), None);
        assert_eq!(RelayTime::of(i64::MAX, &stamp("A", 0), &stamp("A", 4)), None);
    }
}
