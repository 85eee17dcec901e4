//! The relay: one SQLite log for each company ([`log`]), served over HTTP ([`Server`]). It holds no document: it
//! checks, stores and hands on what devices push (DESIGN §4). What travels and how it is judged stands in
//! [`docket_sync`].

mod backup;
mod bounds;
pub mod clock;
mod http;
pub mod log;
mod metrics;
mod run;
mod status;
mod tenant;
mod token;

pub use backup::{Copied, backup};
pub use http::{Options, ServeError, Server, Times};
pub use run::{Running, run, spawn};
pub use status::{LogStatus, status, tenants};
pub use tenant::log_path;
