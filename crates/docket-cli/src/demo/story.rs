//! The order of events.

use std::path::Path;

use docket_device::verify::Report;
use serde_json::{Map, Value, json};

use super::exchange::Decided;
use super::road::Relay;
use super::{Device, Timings, checks, company, exchange, work};
use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::page::{Page, bad, faint, good, strong};

/// What happened, for the summary.
struct Summary {
    jobs: u64,
    devices: usize,
    met: Met,
    decided: Decided,
    compared: u64,
    converged: bool,
    verified: Vec<(&'static str, Report)>,
    tampered: Report,
    audit: (usize, usize),
    timings: Timings,
}

/// How records passed.
struct Met {
    exchanges: u64,
    bytes: u64,
    imports: u64,
}

/// Tells the story in a temporary folder that is removed at the end.
pub(crate) fn tell(context: &Context) -> Done {
    let folder = tempfile::tempdir().map_err(|error| CliError::environment(format!("no temporary folder: {error}")))?;
    let summary = run(folder.path())?;
    let proven = summary.proven();
    context.out.show(&summary.json(), |page| summary.page(page))?;
    if proven { Ok(Exit::Clean) } else { Err(CliError::environment("the demo did not end as it should: see above")) }
}

fn run(folder: &Path) -> Result<Summary, CliError> {
    let mut timings = Timings::default();
    let mut office = company::found(&folder.join("office"))?;
    let jobs = timings.of("import", || company::import_requests(&mut office, folder))?;
    let mut relay = Relay::start(&folder.join("relay"), office.session.tenant())?;
    timings.of("push", || relay.sync(&mut office))?;
    let mut technicians = timings.of("enrol", || company::appoint(&mut office, folder, &mut relay))?;
    let sent = timings.of("dispatch", || company::dispatch(&mut office))?;
    timings.of("hand_out", || exchange::hand_out(&mut office, &mut technicians, &mut relay))?;
    let bundles = timings.of("offline_work", || offline(&mut office, &mut technicians, &sent))?;
    let back = || exchange::take_back(&mut office, &mut technicians, &bundles, &mut relay);
    let imports = timings.of("take_back", back)?;
    let decided = timings.of("inbox", || exchange::decide(&mut office))?;
    timings.of("hand_out_again", || exchange::hand_out(&mut office, &mut technicians, &mut relay))?;
    let met = Met { exchanges: relay.exchanges, bytes: relay.bytes, imports };
    drop(relay);
    let (converged, compared) = timings.of("compare", || checks::converged(&office, &technicians))?;
    let all = || core::iter::once(&office).chain(&technicians);
    let verified = timings.of("verify", || checks::verify_all(all()))?;
    let audit = timings.of("audit", || checks::audit(&office))?;
    let devices = 1 + technicians.len();
    let copy = folder.join("copy");
    let (_, tampered) = office.closed(|dir| timings.of("verify_tampered", || checks::tampered(dir, &copy)))?;
    Ok(Summary { jobs, devices, met, decided, compared, converged, verified, tampered, audit, timings })
}

/// Everybody works without a network; one makes a bundle on the way and another at the end.
fn offline(
    office: &mut Device,
    technicians: &mut [Device],
    jobs: &company::Dispatched,
) -> Result<Vec<Vec<u8>>, CliError> {
    let [ann, bo, cy] = technicians else { return Err(CliError::environment("the demo needs three technicians")) };
    work::move_at_office(office, jobs)?;
    work::shared_first(ann, jobs.shared)?;
    work::unsafe_installation(bo, jobs.installation)?;
    work::mistapped(cy, jobs.mistapped)?;
    let mut bundles = vec![cy.export(None)?];
    work::moved(ann, jobs.moved)?;
    work::shared_second(bo, jobs.shared)?;
    work::paperwork(cy, jobs.mistapped)?;
    bundles.push(cy.export(None)?);
    Ok(bundles)
}

impl Summary {
    fn proven(&self) -> bool {
        self.converged && self.verify_ok() && !self.tampered.ok()
    }

    fn verify_ok(&self) -> bool {
        self.verified.iter().all(|(_, report)| report.ok())
    }

    fn json(&self) -> Value {
        let timings: Map<String, Value> = self.timings.iter().map(|(what, ms)| (what.to_owned(), ms.into())).collect();
        let verdict = if self.verify_ok() { "ok" } else { "failed" };
        json!({
            "jobs": self.jobs, "devices": self.devices, "converged": self.converged,
            "conflicts": self.decided.conflicts, "decided": self.decided.settled, "verify": verdict,
            "audit": {"rules": self.audit.0, "findings": self.audit.1}, "timings_ms": timings,
        })
    }

    fn page(&self, page: &mut Page) {
        let mark = |ok: bool| if ok { good("ok") } else { bad("FAILED") };
        page.title("docket: one office, three technicians, no network");
        page.pairs([
            ("imported", format!("{} service requests of the City of Los Angeles", self.jobs).into()),
            ("relay", format!("{} exchanges, {} bytes in all", self.met.exchanges, self.met.bytes).into()),
            ("bundles", format!("{} imports from one technician, out of order, each twice", self.met.imports).into()),
        ]);
        page.title("Inbox: what clashed, and what was decided");
        for (what, kept) in &self.decided.lines {
            page.line([strong("kept "), kept.as_str().into(), faint("   "), what.as_str().into()]);
        }
        page.title("Proof");
        page.pairs([("same views", mark(self.converged)), ("", format!("{} jobs compared", self.compared).into())]);
        for (name, report) in &self.verified {
            let said = format!("  {} of {} facts proven", report.proven, report.facts);
            page.line([faint("verify      "), mark(report.ok()), format!("  {name}").into(), faint(said)]);
        }
        if let Some(flaw) = self.tampered.flaws.first() {
            let doc = flaw.doc.map(|doc| doc.short()).unwrap_or_default();
            let said = format!("  job {doc}: {}", flaw.detail);
            page.line([faint("one flipped byte in a copy: "), good(flaw.verdict.word()), said.as_str().into()]);
        }
        page.title("Audit");
        page.line([format!("{} rules, {} findings", self.audit.0, self.audit.1).into()]);
        page.title("Time");
        let took: Vec<String> = self.timings.iter().map(|(what, ms)| format!("{what} {ms} ms")).collect();
        page.say(took.join(", "));
    }
}
