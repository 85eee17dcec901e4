//! The C side: function tables that SQLite calls. All `unsafe` of the crate is under here.

mod file;
mod register;
mod router;
mod shm;

pub use register::Disk;
pub(crate) use shm::Region;
