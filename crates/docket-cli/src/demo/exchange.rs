//! Out to the technicians, back in any order, some twice; decisions; out again.

use docket_device::app::inbox::{self, plain};

use super::Device;
use super::company::BY_BUNDLE;
use super::road::Relay;
use crate::errors::CliError;

/// Gives every technician what they may see: through the relay, and as a bundle.
pub(super) fn hand_out(office: &mut Device, technicians: &mut [Device], relay: &mut Relay) -> Result<(), CliError> {
    relay.sync(office)?;
    for technician in technicians {
        if technician.name == BY_BUNDLE {
            let bundle = office.export(Some(BY_BUNDLE))?;
            technician.import(&bundle)?;
        } else {
            relay.sync(technician)?;
        }
    }
    Ok(())
}

/// Takes everything back: the later bundle before the earlier and twice, the relay's technicians in their turn; then the
/// office meets the relay.
pub(super) fn take_back(
    office: &mut Device,
    technicians: &mut [Device],
    bundles: &[Vec<u8>],
    relay: &mut Relay,
) -> Result<u64, CliError> {
    let mut imports = 0;
    for bundle in bundles.iter().rev().flat_map(|bundle| [bundle, bundle]) {
        office.import(bundle)?;
        imports += 1;
    }
    for technician in technicians.iter_mut().rev().filter(|technician| technician.name != BY_BUNDLE) {
        relay.sync(technician)?;
    }
    relay.sync(office)?;
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
