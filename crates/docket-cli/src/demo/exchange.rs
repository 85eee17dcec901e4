//! Bundles: out to the technicians, back in any order, some twice; decisions; out again.

use docket_device::app::inbox::{self, plain};

use super::Device;
use super::company::TECHNICIANS;
use crate::errors::CliError;

/// Hands every technician what they may see.
pub(super) fn hand_out(office: &mut Device, technicians: &mut [Device]) -> Result<u64, CliError> {
    let mut bytes = 0;
    for (technician, (id, _)) in technicians.iter_mut().zip(TECHNICIANS) {
        let bundle = office.export(Some(id))?;
        bytes += bundle.len() as u64;
        technician.import(&bundle)?;
    }
    Ok(bytes)
}

/// Takes bundles in a scrambled order, every other one twice.
pub(super) fn take_scrambled(office: &mut Device, bundles: &[Vec<u8>]) -> Result<u64, CliError> {
    let mut imports = 0;
    // A fixed scramble: from the middle outwards, the later before the earlier.
    let mut order: Vec<usize> = (0..bundles.len()).rev().collect();
    order.rotate_left(bundles.len() / 2);
    for (turn, place) in order.into_iter().enumerate() {
        let Some(bundle) = bundles.get(place) else { continue };
        for _ in 0..=(turn % 2) {
            office.import(bundle)?;
            imports += 1;
        }
    }
    Ok(imports)
}

/// What the office found in its inbox and what it decided.
pub(super) struct Decided {
    pub(super) conflicts: u64,
    pub(super) settled: u64,
    pub(super) lines: Vec<(String, String)>,
}

/// Decides what can be decided: of several values the first shown.
pub(super) fn decide(office: &mut Device) -> Result<Decided, CliError> {
    let mut outcome = Decided { conflicts: 0, settled: 0, lines: Vec::new() };
    for item in inbox::list(&office.session, false)? {
        let detail = inbox::show(&office.session, &item.id)?;
        let Some(issue) = detail.issue else { continue };
        outcome.conflicts += 1;
        let keep = issue.options.first().map(|option| option.fact.to_string());
        inbox::decide(&mut office.session, &item.id, inbox::Verdict::Keep(keep.as_deref()), "asked the crew by phone")?;
        outcome.settled += 1;
        let kept = issue.options.first().map_or_else(|| "seen".to_owned(), |option| plain(&option.value));
        outcome.lines.push((format!("{}  {}", item.code.unwrap_or_default(), item.summary), kept));
    }
    Ok(outcome)
}
