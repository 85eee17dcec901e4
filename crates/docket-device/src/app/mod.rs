//! Use-cases: what a person asks a device to do, whole. The command line, and later an app's screens, call these and
//! print; rules stay in `docket-core`, storage in [`crate::store`].

mod answers;
pub mod care;
pub mod customers;
pub mod dispatch;
pub mod error;
pub mod export;
pub mod goods;
pub mod grades;
pub mod import;
pub mod inbox;
pub mod job;
pub mod jobs;
pub mod lists;
pub mod policies;
pub mod record;
pub mod scope;
pub mod session;
pub mod visit;

pub use error::{AppError, Refusal};
pub use job::Job;
pub use session::Session;

use serde_json::{Map, Value};

/// A fact's payload.
fn body(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Map<String, Value> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
