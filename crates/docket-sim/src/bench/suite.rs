//! Whole processes on 10,000 jobs: import, bundles, lists, a tick, an audit.

use std::fs;
use std::path::{Path, PathBuf};

use super::process::Child;
use super::report::Report;
use super::write::middle;

/// The middle of so many runs is reported.
const RUNS: usize = 15;

/// Runs everything under `dir` with the `docket` program given, on a CSV file and its import map.
pub fn whole_processes(program: &Path, dir: &Path, csv: &Path, map: &Path, report: &mut Report) -> Result<(), String> {
    let office = Child { program: program.to_owned(), store: dir.join("office") };
    office.json(&["init", "--tenant-name", "bench", "--person", "A-001", "--name", "Ada"])?;
    let rejects = dir.join("rejects.csv");
    let import = ["job", "import", &shown(csv), "--map", &shown(map), "--rejects", &shown(&rejects)].map(str::to_owned);
    let import: Vec<&str> = import.iter().map(String::as_str).collect();
    let cost = office.cost(&import)?;
    let jobs = office.json(&["job", "list", "--limit", "1"])?;
    let jobs = jobs.get("total").and_then(serde_json::Value::as_f64).unwrap_or(10_000.0);
    report.add("import of the file", cost.ms, "ms", Some(1500.0), format!("{jobs} jobs"));
    report.add("import: peak memory", cost.peak_mib, "MiB", Some(150.0), String::new());
    let disk = disk_bytes(&office.store);
    report.add("disk per job", disk / jobs, "B", None, format!("{:.1} MiB in all", disk / 1_048_576.0));
    bundles(&office, dir, jobs, report)?;
    commands(&office, report)
}

/// Out of the office, and into the empty store of a supervisor who has just enrolled.
fn bundles(office: &Child, dir: &Path, jobs: f64, report: &mut Report) -> Result<(), String> {
    let invited = office.json(&["invite", "--person", "S-001", "--name", "Eva", "--role", "supervisor"])?;
    let code = invited.get("code").and_then(serde_json::Value::as_str).ok_or("invite gave no code")?;
    let (welcome, all) = (shown(&dir.join("welcome.docket")), shown(&dir.join("all.docket")));
    office.json(&["bundle", "export", &welcome, "--welcome"])?;
    let out = office.cost(&["bundle", "export", &all])?;
    let bytes = fs::metadata(&all).map_err(|e| e.to_string())?.len() as f64;
    report.add("bundle of all jobs, out", out.ms, "ms", None, String::new());
    report.add("bundle out: peak memory", out.peak_mib, "MiB", Some(150.0), String::new());
    report.add("bundle, per job", bytes / jobs, "B", Some(160.0), format!("{bytes} B in all"));
    let supervisor = Child { program: office.program.clone(), store: dir.join("supervisor") };
    supervisor.json(&["enrol", code, "--from", &welcome])?;
    let taken = supervisor.cost(&["bundle", "import", &all])?;
    report.add("bundle into an empty store", taken.ms, "ms", Some(1000.0), String::new());
    report.add("bundle in: peak memory", taken.peak_mib, "MiB", Some(150.0), String::new());
    let again = supervisor.cost(&["bundle", "import", &all])?;
    report.add("the same bundle again", again.ms, "ms", None, format!("{:.2} × the first time", again.ms / taken.ms));
    Ok(())
}

/// Starting a process and looking at, or adding one thing to, a store with all these jobs.
fn commands(office: &Child, report: &mut Report) -> Result<(), String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let nothing = middle(&mut office.times(RUNS, &|_| words(&["--version"]))?);
    report.add("a process that does nothing", nothing, "ms", None, String::new());
    let beside = |ms: f64| format!("{:.1} × a process that does nothing", ms / nothing);
    let list = middle(&mut office.times(RUNS, &|_| words(&["job", "list"]))?);
    report.add("job list", list, "ms", Some(20.0), beside(list));
    let new = office.json(&["job", "new", "--kind", "installation", "--product", "water heater"])?;
    let job = new.get("code").and_then(serde_json::Value::as_str).ok_or("job new gave no code")?.to_owned();
    office.json(&["arrive", &job])?;
    let check = middle(&mut office.times(RUNS, &|_| words(&["check", &job, "B1"]))?);
    report.add("check (one durable tick)", check, "ms", Some(15.0), beside(check));
    let audit = middle(&mut office.times(RUNS, &|_| words(&["audit", "run"]))?);
    report.add("audit run", audit, "ms", Some(300.0), beside(audit));
    let cost = office.cost(&["audit", "run"])?;
    report.add("audit run: peak memory", cost.peak_mib, "MiB", Some(150.0), String::new());
    Ok(())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn disk_bytes(store: &PathBuf) -> f64 {
    let files = fs::read_dir(store).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|meta| meta.len() as f64).sum()
}
