//! Makes a sample company: `company DIR [--jobs N] [--seed S] [--defects PER_MILLE] [--open PER_MILLE]`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use docket_sim::company::{Plan, generate};

const USAGE: &str = "usage: company DIR [--jobs N] [--seed S] [--defects PER_MILLE] [--open PER_MILLE]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut plan = Plan { seed: 1, jobs: 1_000, defects_per_mille: 30, open_per_mille: 100 };
    let mut dir = None;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || {
            let text = words.next().ok_or_else(|| format!("{word} needs a number\n{USAGE}"))?;
            text.parse::<u32>().map_err(|_| format!("{word} needs a number, not `{text}`\n{USAGE}"))
        };
        match word.as_str() {
            "--jobs" => plan.jobs = number()?,
            "--seed" => plan.seed = number()?.into(),
            "--defects" => plan.defects_per_mille = number()? as usize,
            "--open" => plan.open_per_mille = number()? as usize,
            _ if word.starts_with('-') || dir.is_some() => return Err(format!("unknown argument `{word}`\n{USAGE}")),
            _ => dir = Some(PathBuf::from(word)),
        }
    }
    let dir = dir.ok_or(USAGE)?;
    let began = Instant::now();
    let made = generate(&dir, &plan)?;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{} jobs, {} outlets, {} people, {} records, {} defects in {seconds:.1} s: {}",
        made.jobs,
        made.outlets,
        made.people,
        made.facts,
        made.planted.len(),
        dir.display()
    );
    Ok(())
}
