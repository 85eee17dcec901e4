//! A SQLite disk in memory that can lose power.
//!
//! A [`Disk`] is a SQLite VFS: open a database on it with [`Disk::name`]. Everything that SQLite hands to the disk
//! (create, write, truncate, sync, delete) is written to one [`Log`]. From a log and a cut point, [`Replay`] makes
//! the [`Image`]s that a power cut at that moment may leave behind, and [`Disk::load`] puts one back to be opened
//! again.
//!
//! The model of the hardware, chosen to be at least as bad as a real file system:
//! - what a file's last completed sync covers is there;
//! - every later write is there, absent, or torn at 512-byte sectors, in any subset and so in any order;
//! - a file may have grown without its data: the gap holds zeros or junk;
//! - a created or deleted name is certain only after a directory sync;
//! - bytes next to a torn write are not harmed (SQLite's "power-safe overwrite", the default of its unix VFS).

mod crash;
mod disk;
mod locks;
mod rng;
mod vfs;

pub use crash::Replay;
pub use disk::{Faults, Image, Log, NodeId, Op};
pub use rng::Rng;
pub use vfs::Disk;
