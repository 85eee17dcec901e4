//! The service: one file for each endpoint. `docs/protocol.md` says what travels.

mod accept;
mod body;
mod challenge;
mod compare;
mod guard;
mod health;
mod join;
mod page;
mod problem;
mod session;
mod sync;
mod wait;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::{get, post};
use docket_format::{DeviceId, TenantId};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, watch};

use crate::bounds;
use crate::clock::{self, Clock};
use crate::log::LogError;
use crate::metrics::Metrics;
use crate::tenant::Tenant;

pub use accept::{ServeError, Server};

/// What a relay is started with.
#[derive(Clone)]
pub struct Options {
    /// Where the logs are kept: one file for each company.
    pub dir: PathBuf,
    /// The companies.
    pub tenants: Vec<TenantId>,
    /// Where to listen; port 0 lets the system choose.
    pub listen: std::net::SocketAddr,
    /// Tells the time.
    pub clock: Clock,
    /// How long a client may take.
    pub times: Times,
}

/// How long a client may take. Tests shorten them.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Until the whole header is there.
    pub header: Duration,
    /// Between two pieces of a body.
    pub piece: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { header: bounds::HEADER_TIME, piece: bounds::PIECE_TIME }
    }
}

impl Options {
    /// With the system's clock.
    pub fn new(dir: PathBuf, tenants: Vec<TenantId>, listen: std::net::SocketAddr) -> Self {
        Self { dir, tenants, listen, clock: clock::system(), times: Times::default() }
    }
}

/// What every endpoint works with.
pub(crate) struct App {
    pub(crate) tenants: BTreeMap<TenantId, Arc<Tenant>>,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    /// Memory for frames that are being received.
    pub(crate) frames: Arc<Semaphore>,
    /// Memory for pages between being read and being committed.
    pub(crate) pages: Arc<Semaphore>,
    /// One stranger at a time is looked at more closely.
    pub(crate) strangers: Semaphore,
    pub(crate) rates: DefaultKeyedRateLimiter<(TenantId, DeviceId)>,
    pub(crate) exchanges: guard::Exchanges,
    pub(crate) tries: guard::Tries,
    pub(crate) times: Times,
    /// True once the relay is stopping.
    pub(crate) stopping: watch::Sender<bool>,
}

/// Shared by all requests.
pub(crate) type Shared = Arc<App>;

impl App {
    fn open(options: &Options) -> Result<Self, LogError> {
        let metrics = Arc::new(Metrics::new());
        make_dir(&options.dir)?;
        let mut tenants = BTreeMap::new();
        for id in &options.tenants {
            tenants.insert(*id, Arc::new(Tenant::open(&options.dir, *id, &options.clock, &metrics)?));
        }
        let number = |count: u32| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(number(bounds::REQUESTS_A_SECOND)).allow_burst(number(bounds::REQUESTS_AT_ONCE));
        Ok(Self {
            tenants,
            clock: Arc::clone(&options.clock),
            metrics,
            frames: Arc::new(Semaphore::new(bounds::FRAME_UNITS)),
            pages: Arc::new(Semaphore::new(bounds::PAGE_UNITS)),
            strangers: Semaphore::new(1),
            rates: RateLimiter::keyed(quota),
            exchanges: guard::Exchanges::default(),
            tries: guard::Tries::default(),
            times: options.times,
            stopping: watch::Sender::new(false),
        })
    }

    fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/v1/challenge", post(challenge::challenge))
            .route("/v1/session", post(session::session))
            .route("/v1/join", post(join::join))
            .route("/v1/sync", post(sync::sync))
            .route("/v1/compare", post(compare::compare))
            .route("/v1/wait", post(wait::wait))
            .route("/healthz", get(health::health))
            .route("/metrics", get(health::metrics))
            .with_state(self)
    }

    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.clock)()
    }
}

/// A whole answer. Without a content type: the path says what it is, and an idle exchange is mostly headers.
fn answer(bytes: Vec<u8>) -> Response {
    Response::new(Body::from(bytes))
}

fn make_dir(dir: &std::path::Path) -> Result<(), LogError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(LogError::io(dir))
}
