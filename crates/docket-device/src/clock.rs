//! The device's clocks, read in one place: wall time, the name of this boot, time since boot (DESIGN §6).
//!
//! All three are claims. Everything below the command line takes them as arguments; only this module reads them.

use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use docket_format::fact::Stamp;
use docket_format::{crockford, digest};

/// Where Linux names the running boot.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";
/// Where Linux counts seconds since boot.
const UPTIME: &str = "/proc/uptime";

/// Reads the clocks: milliseconds since 1970, the boot's name (12 characters), milliseconds since that boot.
///
/// Where the system does not name its boots, each process counts as one boot: honest, only less useful as evidence.
pub fn now() -> Stamp {
    let wall_ms = wall_ms();
    match (std::fs::read_to_string(BOOT_ID), uptime_ms(Path::new(UPTIME))) {
        (Ok(id), Some(up_ms)) => Stamp { wall_ms, boot: boot_name(id.trim().as_bytes()), up_ms },
        _ => process_stamp(wall_ms),
    }
}

/// Wall clock, milliseconds since 1970; 0 when the clock stands before that.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
pub fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn boot_name(id: &[u8]) -> String {
    let mut name = crockford::encode(&digest::labelled16("docket-boot", &[id]));
    name.truncate(12);
    name
}

fn uptime_ms(path: &Path) -> Option<i64> {
    let text = std::fs::read_to_string(path).ok()?;
    let (seconds, rest) = text.split_whitespace().next()?.split_once('.')?;
    let centi: i64 = rest.get(..2)?.parse().ok()?;
    Some(seconds.parse::<i64>().ok()?.checked_mul(1000)? + centi * 10)
}

fn process_stamp(wall_ms: i64) -> Stamp {
    static START: std::sync::OnceLock<(Instant, String)> = std::sync::OnceLock::new();
    let (start, boot) = START.get_or_init(|| {
        let mut random = [0u8; 16];
        // Without randomness the process id and time still tell boots apart; nothing secret hangs on it.
        if getrandom::fill(&mut random).is_err() {
            random = digest::labelled16("docket-boot", &[&wall_ms.to_be_bytes(), &std::process::id().to_be_bytes()]);
        }
        (Instant::now(), boot_name(&random))
    });
    Stamp { wall_ms, boot: boot.clone(), up_ms: i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_readings_share_the_boot_and_do_not_go_back() {
        let (a, b) = (now(), now());
        assert_eq!(a.boot, b.boot);
        assert_eq!(a.boot.len(), 12);
        assert!(a.up_ms <= b.up_ms);
    }

    #[test]
    fn a_system_without_boot_names_gets_a_process_boot() {
        let (a, b) = (process_stamp(5), process_stamp(6));
        assert_eq!((a.boot.as_str(), a.wall_ms), (b.boot.as_str(), 5));
    }
}
