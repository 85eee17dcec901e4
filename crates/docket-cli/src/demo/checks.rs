//! The proofs at the end: equal views, verification, a tampered copy, the audit.

use std::path::Path;

use docket_core::UnixMs;
use docket_device::app::Job;
use docket_device::audit::{self, Options, Pack};
use docket_device::verify::{self, Report};
use docket_device::{Mode, Store};

use super::Device;
use super::work::NOTE;
use crate::errors::{self, CliError};

/// Whether every technician folds every job it holds to the same view as the office, byte for byte.
pub(super) fn converged(office: &Device, technicians: &[Device]) -> Result<(bool, u64), CliError> {
    let at = office.session.now_ms();
    let (mut same, mut compared) = (true, 0);
    for technician in technicians {
        for doc in technician.session.store().docs_of_kind("job")? {
            let (there, here) = (Job::load(&technician.session, doc)?, Job::load(&office.session, doc)?);
            let heads = technician.session.store().heads(doc)? == office.session.store().heads(doc)?;
            same &= heads && view(&there, at)? == view(&here, at)?;
            compared += 1;
        }
    }
    Ok((same, compared))
}

fn view(job: &Job, at: UnixMs) -> Result<String, CliError> {
    serde_json::to_string(&job.view_at(at)).map_err(|error| CliError::environment(error.to_string()))
}

/// Verifies every store.
pub(super) fn verify_all<'a>(
    devices: impl Iterator<Item = &'a Device>,
) -> Result<Vec<(&'static str, Report)>, CliError> {
    devices.map(|device| Ok((device.name, verify::verify(device.session.store(), None)?))).collect()
}

/// Flips one byte of a technician's note in a copy of the store; gives what verification says of the copy.
pub(super) fn tampered(from: &Path, to: &Path) -> Result<Report, CliError> {
    let fail = |error: std::io::Error| errors::file("copy", from, &error);
    std::fs::create_dir_all(to).map_err(fail)?;
    let mut bytes = std::fs::read(from.join("docket.db")).map_err(fail)?;
    let at = bytes.windows(NOTE.len()).position(|window| window == NOTE.as_bytes());
    let byte = at.and_then(|at| bytes.get_mut(at));
    let byte = byte.ok_or_else(|| CliError::environment("the demo's note is not in the store"))?;
    *byte ^= 0x20;
    std::fs::write(to.join("docket.db"), bytes).map_err(fail)?;
    let store = Store::open(to, Mode::ReadOnly)?;
    Ok(verify::verify(&store, None)?)
}

/// Rules run and findings, as of now.
pub(super) fn audit(office: &Device) -> Result<(usize, usize), CliError> {
    let pack = Pack::builtin().map_err(|bad| CliError::environment(bad.to_string()))?;
    let mut sql = docket_device::store::read_only(&office.dir)?;
    let done = audit::run(&mut sql, &pack, Options::as_of(office.session.now_ms().0))
        .map_err(|error| CliError::environment(error.to_string()))?;
    Ok((done.rules.len(), done.findings.len()))
}
