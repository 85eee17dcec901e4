//! Evidence packs: an audit's findings with the records that they rest on, in one file that anybody can check without a
//! store and without a server (DESIGN §8).
//!
//! The file is a plain tar: whoever has no docket can open it, too. `manifest.json` names every other entry with its
//! SHA-256, `manifest.sig` is the signature of the device that made it; `record.docket` is a bundle (documents, seals,
//! roster), `rules.toml` the rules that ran, `audit.json` and `audit.csv` what they found,
//! `receipts.json` the relay's receipts.

mod archive;
mod check;
mod make;
mod manifest;
mod receipts;

pub use check::{Checked, Flaw, check};
pub use make::{Made, What, make};
pub use manifest::{Listed, Maker, Manifest, Relay};
pub use receipts::Received;

use crate::bundle::BundleError;
use crate::error::StoreError;

/// An evidence pack could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// The record could not be bundled.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}
