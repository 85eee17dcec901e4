//! `cargo run --release -p docket-sim --bin bench [-- --csv FILE] [--dir DIR] [--docket PROGRAM] [--jobs N]`: the goals of
//! this version, measured in one run. `docket` must be built too (`cargo build --release`). With `--jobs` only what a whole
//! company costs is measured, on one of so many jobs, 100 to 1,000,000 (16 KB of disk each); with `--only` one part:
//! `writes`, `processes`, `relay` (and the processes, whose store it pushes), `company`.
//!
//! The file: `--csv`, else `DOCKET_BENCH_CSV`, else the real one in `fixtures/import`; `--csv generated` makes 10,000 rows
//! of the same shape. The directory should be on the disk whose durability counts; default is the system's temporary one.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use docket_sim::bench::{COMPANY_JOBS, Report, durable_writes, relay, requests_csv, whole_company, whole_processes};

/// Jobs in the generated file.
const ROWS: usize = 10_000;
/// Pairs of writes.
const WRITES: usize = 600;

const USAGE: &str =
    "bench [--only writes|processes|relay|company] [--csv FILE] [--dir DIR] [--docket PROGRAM] [--jobs N]";

fn main() -> ExitCode {
    if env::args().skip(1).any(|word| matches!(word.as_str(), "-h" | "--help")) {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let mut report = Report::default();
    let done = run(&mut report);
    // What was measured before something failed is worth seeing too.
    print!("{report}");
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

fn run(report: &mut Report) -> Result<(), String> {
    let (mut csv, mut base, mut docket) = (env::var_os("DOCKET_BENCH_CSV").map(PathBuf::from), env::temp_dir(), None);
    let (mut jobs, mut only) = (None, None);
    let mut words = env::args_os().skip(1);
    while let Some(word) = words.next() {
        let value = PathBuf::from(words.next().ok_or_else(|| format!("{} needs a value", word.display()))?);
        match word.to_str() {
            Some("--csv") => csv = Some(value),
            Some("--dir") => base = value,
            Some("--docket") => docket = Some(value),
            Some("--jobs") => {
                let number = value.to_str().and_then(|text| text.parse().ok());
                let number = number.filter(|number| (100..=1_000_000).contains(number));
                jobs = Some(number.ok_or("--jobs is a number from 100 to 1000000")?);
            }
            Some("--only") => only = Some(part(&value.to_string_lossy())?),
            _ => return Err(format!("{}: unknown; usage: {USAGE}", word.display())),
        }
    }
    let docket = match docket {
        Some(docket) => docket,
        None => env::current_exe().map_err(|e| e.to_string())?.with_file_name("docket"),
    };
    if !docket.is_file() {
        return Err(format!("{} is not there: run `cargo build --release` first", docket.display()));
    }
    let dir = tempfile::tempdir_in(&base).map_err(|e| format!("{}: {e}", base.display()))?;
    if let Some(jobs) = jobs {
        return whole_company(&docket, dir.path(), jobs, report);
    }
    let csv = match csv {
        Some(csv) if csv.as_os_str() == "generated" => generated(dir.path())?,
        Some(csv) => csv,
        None => real(dir.path())?,
    };
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/import/myla311.toml");
    let asked = |part| only.is_none_or(|only| only == part);
    if asked(Part::Writes) {
        let [first, later] = durable_writes(dir.path(), WRITES)?;
        for (what, cost, goal) in [
            ("durable checklist write ÷ raw SQLite insert", first, Some(1.5)),
            ("the same, both logs written over once", later, None),
        ] {
            let note = format!("{:.3} ms a step, {:.3} ms a raw insert", cost.step_ms, cost.raw_ms);
            report.add(what, cost.ratio, "×", goal, note);
        }
    }
    if asked(Part::Processes) || asked(Part::Relay) {
        whole_processes(&docket, dir.path(), &csv, &map, report)?;
    }
    if asked(Part::Relay) {
        relay(&docket, dir.path(), &dir.path().join("office"), report)?;
    }
    if asked(Part::Company) {
        whole_company(&docket, dir.path(), COMPANY_JOBS, report)?;
    }
    Ok(())
}

/// What can be measured alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Writes,
    Processes,
    Relay,
    Company,
}

fn part(word: &str) -> Result<Part, String> {
    Ok(match word {
        "writes" => Part::Writes,
        "processes" => Part::Processes,
        "relay" => Part::Relay,
        "company" => Part::Company,
        _ => return Err(format!("--only {word}: writes, processes, relay or company")),
    })
}

/// 10,000 service requests of the City of Los Angeles, January 2020: see `fixtures/import/README.md`.
fn real(dir: &Path) -> Result<PathBuf, String> {
    const MOST_BYTES: usize = 4 * 1024 * 1024;
    let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/import/myla311-2020-01.csv.zst");
    let packed = fs::read(&packed).map_err(|e| format!("{}: {e}", packed.display()))?;
    let path = dir.join("requests.csv");
    let csv = zstd::bulk::decompress(&packed, MOST_BYTES).map_err(|e| e.to_string())?;
    fs::write(&path, csv).map_err(|e| e.to_string())?;
    Ok(path)
}

fn generated(dir: &Path) -> Result<PathBuf, String> {
    let path = dir.join("requests.csv");
    fs::write(&path, requests_csv(ROWS, 2020)).map_err(|e| e.to_string())?;
    Ok(path)
}
