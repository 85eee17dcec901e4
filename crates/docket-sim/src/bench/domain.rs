//! A whole company: every audit pack over its jobs, every clock of its open jobs, its reports.

use std::path::Path;
use std::time::Instant;

use super::process::Child;
use super::report::Report;
use crate::company::{Plan, generate};

/// Jobs of the company, as the goals name them.
const JOBS: u32 = 100_000;

/// Makes two companies of 100,000 jobs under `dir`, one that is mostly done and one whose jobs are all open, and runs
/// the `docket` program on them.
pub fn whole_company(program: &Path, dir: &Path, report: &mut Report) -> Result<(), String> {
    let began = Instant::now();
    let done = Child { program: program.to_owned(), store: dir.join("company") };
    let made = generate(&done.store, &Plan { seed: 1, jobs: JOBS, defects_per_mille: 30, open_per_mille: 50 })?;
    let seconds = began.elapsed().as_secs_f64();
    let per_job = seconds * 1000.0 / f64::from(made.jobs);
    report.add("a company written and projected, per job", per_job, "ms", None, format!("{} records", made.facts));
    let audit = done.cost(&["audit", "run", "--json"])?;
    let note = format!("{} defects planted in {} jobs", made.planted.len(), made.jobs);
    report.add("audit, all packs", audit.ms, "ms", Some(3_000.0), note);
    report.add("audit, all packs: peak memory", audit.peak_mib, "MiB", Some(300.0), String::new());
    let reports = done.cost(&["report", "all", "--from", "2026-01-01", "--until", "2026-12-31", "--json"])?;
    report.add("report all", reports.ms, "ms", None, format!("{:.0} MiB", reports.peak_mib));
    let open = Child { program: program.to_owned(), store: dir.join("open") };
    generate(&open.store, &Plan { seed: 2, jobs: JOBS, defects_per_mille: 0, open_per_mille: 1_000 })?;
    let clocks = open.cost(&["clocks", "--json"])?;
    report.add(
        "clocks of open jobs",
        clocks.ms,
        "ms",
        Some(1_000.0),
        format!("{JOBS} jobs, {:.0} MiB", clocks.peak_mib),
    );
    let due = open.cost(&["clocks", "--due-within", "2h"])?;
    report.add("clocks due within two hours", due.ms, "ms", None, String::new());
    Ok(())
}
