//! A whole company: every audit pack over its jobs, every clock of its open jobs, its reports.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::process::Child;
use super::report::Report;
use super::write::middle;
use crate::company::{Made, Plan, generate};

/// Jobs of the company, as the goals name them.
pub const COMPANY_JOBS: u32 = 100_000;
/// The middle of so many runs is reported, after one whose files come from the disk.
const RUNS: usize = 5;
/// The most memory that any of it may need, MiB.
const MOST_MIB: f64 = 300.0;

/// Makes two companies of so many jobs under `dir`, one that is mostly done and one whose jobs are all open, and runs the
/// `docket` program on them. The goals are for [`COMPANY_JOBS`] and grow with their number.
pub fn whole_company(program: &Path, dir: &Path, jobs: u32, report: &mut Report) -> Result<(), String> {
    let times = f64::from(jobs) / f64::from(COMPANY_JOBS);
    let (done, made) = company(program, &dir.join("company"), 50, jobs, report)?;
    let note = format!("{} defects planted in {} jobs", made.planted.len(), made.jobs);
    measure(&done, "audit, all packs", &["audit", "run", "--json"], Some(3_000.0 * times), &note, report)?;
    let period = ["--from", "2026-01-01", "--until", "2026-12-31", "--json"];
    let all = [&["report", "all"][..], &period].concat();
    measure(&done, "report all", &all, None, "", report)?;
    let technicians = [&["report", "technicians"][..], &period].concat();
    measure(&done, "report technicians", &technicians, None, "", report)?;
    measure(&done, "job list", &["job", "list"], None, "", report)?;
    measure(&done, "job search", &["job", "search", "SN4000000042"], None, "by serial number", report)?;
    drop(fs::remove_dir_all(&done.store));
    let (open, _) = company(program, &dir.join("open"), 1_000, jobs, report)?;
    measure(&open, "clocks of open jobs", &["clocks", "--json"], Some(1_000.0 * times), "", report)?;
    measure(&open, "clocks due within two hours", &["clocks", "--due-within", "2h"], None, "", report)
}

/// Makes a company of which so many jobs of a thousand are open.
fn company(
    program: &Path,
    store: &Path,
    open_per_mille: usize,
    jobs: u32,
    report: &mut Report,
) -> Result<(Child, Made), String> {
    let began = Instant::now();
    let made = generate(store, &Plan { seed: 1, jobs, defects_per_mille: 30, open_per_mille })?;
    let per_job = began.elapsed().as_secs_f64() * 1000.0 / f64::from(jobs.max(1));
    let note = format!("{jobs} jobs, {open_per_mille} ‰ open, {} records", made.facts);
    report.add("a company written and projected, per job", per_job, "ms", Some(0.7), note);
    Ok((Child { program: program.to_owned(), store: store.to_owned() }, made))
}

/// A command on files that have to be read from the disk, then on such that the system has in memory; and the most
/// memory that the program needed.
fn measure(
    child: &Child,
    what: &str,
    args: &[&str],
    goal: Option<f64>,
    note: &str,
    report: &mut Report,
) -> Result<(), String> {
    let forgotten = forget(&child.store);
    let cold = child.cost(args)?;
    if forgotten {
        report.add(&format!("{what}, cold"), cold.ms, "ms", None, String::new());
    }
    let mut peak_mib = cold.peak_mib;
    let mut warm = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let cost = child.cost(args)?;
        peak_mib = peak_mib.max(cost.peak_mib);
        warm.push(cost.ms);
    }
    report.add(what, middle(&mut warm), "ms", goal, note.to_owned());
    report.add(&format!("{what}: peak memory"), peak_mib, "MiB", Some(MOST_MIB), String::new());
    Ok(())
}

/// Has the system forget what it holds of the files in a folder. False where it can't be asked to.
fn forget(dir: &Path) -> bool {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    files.filter(|file| file.path().extension().is_some_and(|extension| extension == "db")).all(|file| {
        // What was just written is not clean yet, and only clean pages are forgotten.
        let synced = fs::File::open(file.path()).and_then(|file| file.sync_all()).is_ok();
        let mut input = std::ffi::OsString::from("if=");
        input.push(file.path());
        let dd = Command::new("dd").arg(input).args(["iflag=nocache", "count=0"]).stderr(Stdio::null()).status();
        synced && dd.is_ok_and(|status| status.success())
    })
}
