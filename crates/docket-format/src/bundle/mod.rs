//! Bundle files: records that travel without a network. A bundle is one file: magic, a header, seals, chunks of
//! documents, and a trailer that signs all of it. Importing one twice, or in any order with others, is harmless.
//!
//! What a reader can compute is not sent: fact keys, change hashes and actors, `prev` of a fact that follows its
//! predecessor, the ids of imported documents, the leaves of a seal whose documents are all there.

mod chunk;
mod decode;
mod encode;
mod error;
mod file;
mod header;
mod items;

pub use chunk::{Item, LeafRef};
pub use error::BadBundle;
pub use file::{Bundle, Writer};
pub use header::{Header, Held, SealEntry};
pub use items::{MalformedItems, item_bytes, join_items, read_items};
