//! Measurements, as ratios within one run: what a machine is worth cancels out.

mod domain;
mod generator;
mod http;
mod light;
mod meter;
mod process;
mod relay;
mod report;
mod served;
mod suite;
mod write;

pub use domain::{COMPANY_JOBS, whole_company};
pub use generator::requests_csv;
pub use process::{Child, Cost};
pub use relay::relay;
pub use report::{Line, Report};
pub use suite::whole_processes;
pub use write::{WriteCost, durable_writes};
