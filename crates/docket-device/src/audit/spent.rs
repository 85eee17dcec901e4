//! How long a rule has computed.

use std::time::Duration;

/// Processor time of the thread that made it, since then.
///
/// Meant for that thread alone: another one would read its own clock.
#[derive(Clone, Copy)]
pub(super) struct Spent {
    since: Duration,
}

impl Spent {
    pub(super) fn from_now() -> Self {
        Self { since: thread_time() }
    }

    pub(super) fn time(self) -> Duration {
        thread_time().saturating_sub(self.since)
    }
}

#[cfg(unix)]
fn thread_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    // The clock counts up from nothing, so it is never negative.
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

/// Where threads' clocks are not known, waiting counts too.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computing_counts_and_waiting_does_not() {
        let spent = Spent::from_now();
        std::thread::sleep(Duration::from_millis(60));
        assert!(spent.time() < Duration::from_millis(50), "{:?}", spent.time());
        let mut sum = 0u64;
        while spent.time() < Duration::from_millis(60) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
    }
}
