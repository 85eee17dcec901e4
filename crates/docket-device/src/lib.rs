//! What an app embeds: the SQLite store with its projections and documented views, bundles, import, verification.
//!
//! Never speaks to a person: no printing, no environment, no home directory. Clocks and randomness are read in
//! [`clock`] and [`keys`] only and handed down as values.

pub mod app;
pub mod audit;
pub mod blob;
pub mod bundle;
pub mod clock;
pub mod company;
pub mod doctor;
pub mod dossier;
pub mod error;
mod files;
pub mod folding;
pub mod import;
pub mod keys;
mod project;
mod sealing;
pub mod store;
pub mod sync;
mod taking;
pub mod verify;

pub use error::{ErrorKind, StoreError};
pub use store::{Draft, Mode, Store};
