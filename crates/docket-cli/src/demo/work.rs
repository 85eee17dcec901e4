//! On site, without a network.

use docket_device::app::visit::{self, End, Hazard, Place};
use docket_device::app::{AppError, Job, Session, jobs};
use docket_format::DocId;

use super::Device;
use super::company::Dispatched;
use crate::errors::CliError;

/// What the story looks for in the tampered copy.
pub(super) const NOTE: &str = "the earth wire was connected to the gas pipe";

/// An installation whose earth test fails: the gate stays shut and nothing is installed (D-H14).
pub(super) fn unsafe_installation(bo: &mut Device, doc: DocId) -> Result<(), CliError> {
    arrive(bo, doc)?;
    check(bo, doc, "N1", 1, "yes")?;
    read(bo, doc, "A1", 1, "1800", "ohm")?;
    let blocked = on(bo, doc, |session, job| visit::check(session, job, place("1", 1), "yes", None));
    if blocked.is_ok() {
        return Err(CliError::environment("the safety gate let an installation through"));
    }
    on(bo, doc, |session, job| visit::note(session, job, NOTE))?;
    let hazard =
        Hazard { kind: "earth_fault", extent: Some("building"), households: Some(12), removed_by: Some("T-B") };
    on(bo, doc, |session, job| {
        visit::end(session, job, End::Refused("unsafe"), Some("no reliable earth"), Some(hazard))
    })?;
    Ok(())
}

/// Two technicians, one job: different appliances merge by themselves; the same step answered twice is a clash.
pub(super) fn shared_first(ann: &mut Device, doc: DocId) -> Result<(), CliError> {
    arrive(ann, doc)?;
    check(ann, doc, "N1", 1, "yes")?;
    safety(ann, doc, 1)?;
    check(ann, doc, "A4", 1, "yes")?;
    check(ann, doc, "1", 1, "yes")?;
    check(ann, doc, "C1", 1, "yes")?;
    check(ann, doc, "D1", 1, "a refrigerator, in order")
}

pub(super) fn shared_second(bo: &mut Device, doc: DocId) -> Result<(), CliError> {
    arrive(bo, doc)?;
    safety(bo, doc, 2)?;
    check(bo, doc, "A4", 2, "yes")?;
    check(bo, doc, "1", 2, "yes")?;
    check(bo, doc, "C1", 2, "yes")?;
    check(bo, doc, "D1", 1, "none")?;
    check(bo, doc, "E1", 1, "yes")
}

/// A visit with every step, its appointment moved on site while the office moves it too.
pub(super) fn moved(ann: &mut Device, doc: DocId) -> Result<(), CliError> {
    let at = in_hours(ann, 2)?;
    on(ann, doc, |session, job| jobs::set(session, job, "appointment", &at, &[]))?;
    arrive(ann, doc)?;
    whole_visit(ann, doc)?;
    on(ann, doc, |session, job| visit::end(session, job, End::Completed("repaired"), None, None))?;
    Ok(())
}

pub(super) fn move_at_office(office: &mut Device, jobs: &Dispatched) -> Result<(), CliError> {
    let at = in_hours(office, 24)?;
    on(office, jobs.moved, |session, job| jobs::set(session, job, "appointment", &at, &[]))?;
    Ok(())
}

/// A reading typed wrong, then corrected: both stay in the record, the correction counts.
pub(super) fn mistapped(cy: &mut Device, doc: DocId) -> Result<(), CliError> {
    arrive(cy, doc)?;
    check(cy, doc, "N1", 1, "yes")?;
    let wrong = on(cy, doc, |session, job| visit::read(session, job, place("A1", 1), "35", "ohm"))?;
    let wrong = wrong.facts.first().map(ToString::to_string).unwrap_or_default();
    let value = Some(("0.35", Some("ohm")));
    on(cy, doc, |session, job| visit::correct(session, job, &wrong, value, "typed 35 for 0.35"))?;
    check(cy, doc, "A3", 1, "correct")?;
    check(cy, doc, "1", 1, "yes")?;
    on(cy, doc, |session, job| visit::end(session, job, End::Completed("repaired"), None, None))?;
    Ok(())
}

/// What is written down at the kerb, when the first bundle is on its way already.
pub(super) fn paperwork(cy: &mut Device, doc: DocId) -> Result<(), CliError> {
    on(cy, doc, |session, job| visit::note(session, job, "left the old hose with the customer"))?;
    Ok(())
}

fn whole_visit(device: &mut Device, doc: DocId) -> Result<(), CliError> {
    check(device, doc, "N1", 1, "yes")?;
    safety(device, doc, 1)?;
    for (step, answer) in [("A4", "yes"), ("1", "yes"), ("B1", "yes"), ("C1", "yes"), ("D1", "none"), ("E1", "yes")] {
        check(device, doc, step, 1, answer)?;
    }
    on(device, doc, |session, job| visit::sign(session, job, "R. Alvarez", "customer", None))?;
    Ok(())
}

fn safety(device: &mut Device, doc: DocId, appliance: u32) -> Result<(), CliError> {
    read(device, doc, "A1", appliance, "0.4", "ohm")?;
    read(device, doc, "A2", appliance, "12", "megaohm")?;
    check(device, doc, "A3", appliance, "correct")
}

fn arrive(device: &mut Device, doc: DocId) -> Result<(), CliError> {
    on(device, doc, visit::arrive)?;
    Ok(())
}

fn check(device: &mut Device, doc: DocId, step: &str, appliance: u32, answer: &str) -> Result<(), CliError> {
    on(device, doc, |session, job| visit::check(session, job, place(step, appliance), answer, None))?;
    Ok(())
}

fn read(device: &mut Device, doc: DocId, step: &str, appliance: u32, value: &str, unit: &str) -> Result<(), CliError> {
    on(device, doc, |session, job| visit::read(session, job, place(step, appliance), value, unit))?;
    Ok(())
}

fn place(step: &str, appliance: u32) -> Place<'_> {
    Place { step, appliance }
}

/// An appointment so many hours from now, to the minute.
fn in_hours(device: &Device, hours: i64) -> Result<String, CliError> {
    const MINUTE_MS: i64 = 60_000;
    super::company::rfc3339(device.session.now_ms().0 / MINUTE_MS * MINUTE_MS + hours * 60 * MINUTE_MS)
}

/// Loads the job as this device knows it and does something on it.
fn on<T>(
    device: &mut Device,
    doc: DocId,
    run: impl FnOnce(&mut Session, &Job) -> Result<T, AppError>,
) -> Result<T, CliError> {
    let job = Job::load(&device.session, doc)?;
    Ok(run(&mut device.session, &job)?)
}
