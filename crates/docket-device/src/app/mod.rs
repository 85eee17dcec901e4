//! Use-cases: what a person asks a device to do, whole. The command line, and later an app's screens, call these and
//! print; rules stay in `docket-core`, storage in [`crate::store`].

pub mod after;
mod answers;
pub mod audits;
pub mod board;
pub mod care;
pub mod clocks;
pub mod complaints;
pub mod confirm;
pub mod customers;
pub mod day;
pub mod dispatch;
pub mod duplicates;
pub mod error;
pub mod export;
pub mod forms;
pub mod goods;
pub mod grades;
pub mod hand_over;
pub mod import;
pub mod inbox;
pub mod job;
pub mod jobs;
pub mod lists;
pub mod outlets;
pub mod people;
pub mod policies;
pub mod problems;
pub mod reassign;
pub mod record;
pub mod requests;
pub mod scope;
pub mod session;
pub mod staff;
pub mod templates;
pub mod travel;
pub mod visit;

pub use error::{AppError, Refusal};
pub use job::Job;
pub use session::Session;

use serde_json::{Map, Value};

/// A fact's payload.
fn body(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Map<String, Value> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// An outlet's document.
fn outlet_doc(session: &Session, outlet: &str) -> docket_format::DocId {
    docket_format::DocId::derived(session.tenant(), "outlet", "docket", outlet)
}
