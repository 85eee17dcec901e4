//! Third-party exports: CSV rows become job and customer documents, each with its single `imported` fact
//! (DESIGN §2: imports are deterministic).
//!
//! [`ImportMap::parse`] reads the map, [`Records`] the file, [`map_row`] makes the documents of one row, and
//! [`import_file`] does it all into a [`Sink`]. Unreadable rows go to a rejects file; the good ones go in.
//!
//! Importing twice changes nothing, because the same row is the same fact. An edited cell is a second value of that
//! register and so one conflict. Two program versions could disagree about a local time only where the time zone
//! database inside them does.

mod encoding;
mod header;
mod map;
mod map_error;
mod place;
mod records;
mod rejects;
mod row;
mod run;
mod target;
mod time;
mod value;

pub use encoding::Encoding;
pub use header::{Binding, HeaderError};
pub use map::{ImportMap, MAP_BYTES};
pub use map_error::MapError;
pub use place::Place;
pub(crate) use place::nearest;
pub use records::{NotRecord, RECORD_BYTES, RECORD_COLUMNS, RECORD_LINES, Record, Records};
pub use rejects::Rejects;
pub use row::{MappedDoc, MappedRow, NUMBER_BYTES, Reason, RowReject, map_row};
pub use run::{BATCH_ROWS, ImportError, ImportReport, Ingested, Job, Progress, Sink, import_file};
pub use target::{Home, KNOWN, Known, Type};
pub use time::{Ambiguous, NotTime};
pub use value::{CELL_BYTES, NotValue};
