//! The simulations' tests in one program: each would link SQLite and everything else anew.

mod company;
mod domain_page;
mod fleet_memory;
mod fleet_store;
mod full_disk;
mod power_cut;
mod relayed;
mod three_devices;
