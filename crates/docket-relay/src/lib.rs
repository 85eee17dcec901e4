//! The relay: one SQLite log for each company ([`log`]), served over HTTP ([`Server`]). It holds no document: it
//! checks, stores and hands on what devices push (DESIGN §4). What travels and how it is judged stands in
//! [`docket_sync`].

mod bounds;
pub mod clock;
mod http;
pub mod log;
mod metrics;
mod tenant;
mod token;

pub use http::{Options, ServeError, Server};
pub use tenant::log_path;
