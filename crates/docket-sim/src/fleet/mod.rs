//! A fleet of devices that work offline and hand records to each other over a road that loses, doubles, delays and
//! reorders, while their power is cut.
//!
//! One thread, virtual time, one seed: the same [`Config`] gives the same [`Report`], its trace digest included.

mod device;
pub(crate) mod drafts;
mod event_loop;
mod memory;
pub mod reference;
mod road;
mod store;
mod wire;

pub use device::{Cut, Device, Draft, Intake, Selection};
pub use event_loop::{Config, Report, run};
pub use memory::{MemoryDevice, Pool};
pub use road::{Mishaps, Parcel, Road, Rough, Roughness};
pub use store::{StoreDevice, company};
