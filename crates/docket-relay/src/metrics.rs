//! What is counted, in Prometheus' text form. Counts only: nothing of companies, devices or documents.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

type Count = Counter<u64, AtomicU64>;

/// The relay's counters.
pub(crate) struct Metrics {
    registry: Registry,
    /// Exchanges that were answered.
    pub(crate) exchanges: Count,
    /// Pages that were pushed.
    pub(crate) pages_in: Count,
    /// Pages that were sent.
    pub(crate) pages_out: Count,
    /// Changes that were new.
    pub(crate) changes_new: Count,
    /// Changes that were refused.
    pub(crate) changes_refused: Count,
    /// Clones that were noticed.
    pub(crate) forks: Count,
    /// Devices that were asked to compare.
    pub(crate) reconciles: Count,
    /// Requests that were refused, of any kind.
    pub(crate) refusals: Count,
    /// Open connections.
    pub(crate) connections: Gauge,
    /// Long polls that wait.
    pub(crate) waiting: Gauge,
    /// Time from greeting to the end of the reply, seconds.
    pub(crate) exchange_seconds: Histogram,
    commits: Count,
    commit_pages: Histogram,
    commit_seconds: Histogram,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let seconds = || Histogram::new(exponential_buckets(0.000_5, 2.0, 16));
        let mut own = Self {
            registry: Registry::with_prefix("docket_relay"),
            exchanges: Count::default(),
            pages_in: Count::default(),
            pages_out: Count::default(),
            changes_new: Count::default(),
            changes_refused: Count::default(),
            forks: Count::default(),
            reconciles: Count::default(),
            refusals: Count::default(),
            connections: Gauge::default(),
            waiting: Gauge::default(),
            exchange_seconds: seconds(),
            commits: Count::default(),
            commit_pages: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            commit_seconds: seconds(),
        };
        own.register();
        own
    }

    fn register(&mut self) {
        let to = &mut self.registry;
        to.register("exchanges", "Exchanges that were answered", self.exchanges.clone());
        to.register("pages_in", "Pages that were pushed", self.pages_in.clone());
        to.register("pages_out", "Pages that were sent", self.pages_out.clone());
        to.register("changes_new", "Changes that were new", self.changes_new.clone());
        to.register("changes_refused", "Changes that were refused", self.changes_refused.clone());
        to.register("forks", "Clones that were noticed", self.forks.clone());
        to.register("reconciles", "Devices that were asked to compare", self.reconciles.clone());
        to.register("refusals", "Requests that were refused", self.refusals.clone());
        to.register("connections", "Open connections", self.connections.clone());
        to.register("waiting", "Long polls that wait", self.waiting.clone());
        to.register("exchange_seconds", "Time of an exchange up to its reply", self.exchange_seconds.clone());
        to.register("commits", "Commits", self.commits.clone());
        to.register("commit_pages", "Pages in one commit", self.commit_pages.clone());
        to.register("commit_seconds", "Time of one commit with its flush", self.commit_seconds.clone());
    }

    pub(crate) fn committed(&self, pages: usize, took: Duration) {
        self.commits.inc();
        self.commit_pages.observe(pages as f64);
        self.commit_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _: Result<(), _> = encode(&mut text, &self.registry);
        text
    }
}
