//! The long simulation: `cargo run --release -p docket-sim --bin sim -- --seed 1 --ops 100000 --devices 20`.
//! `--on memory` runs the in-memory twins instead of real stores and bundles, `--on relay` devices that meet through a
//! relay: a company lives for `--season` operations, is judged, and the next one begins with the next
//! seed; `--log` writes every event to standard error.
//! Ends with exit code 1 when a promise was broken, naming seed and write.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::process::ExitCode;

use docket_format::{Author, DeviceId, Incarnation};
use docket_sim::fleet::{Config, Device, MemoryDevice, Pool, company, run};
use docket_sim::relayed;

struct Args {
    seed: u64,
    ops: usize,
    devices: usize,
    on: On,
    season: usize,
    log: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Memory,
    Store,
    Relay,
}

const USAGE: &str = "sim [--seed N] [--ops N] [--devices N] [--on memory|store|relay] [--season N] [--log]";

/// `None`: help was asked for.
fn args() -> Result<Option<Args>, String> {
    let mut args = Args { seed: 1, ops: 100_000, devices: 20, on: On::Store, season: 10_000, log: false };
    let mut words = std::env::args().skip(1);
    while let Some(name) = words.next() {
        if matches!(name.as_str(), "-h" | "--help") {
            return Ok(None);
        }
        if name == "--log" {
            args.log = true;
            continue;
        }
        let value = words.next().ok_or_else(|| format!("{name} needs a value"))?;
        let bad = |_| format!("{name} {value}: not a number");
        match name.as_str() {
            "--seed" => args.seed = value.parse().map_err(bad)?,
            "--ops" => args.ops = value.parse().map_err(bad)?,
            "--devices" => args.devices = value.parse().map_err(bad)?,
            "--season" => args.season = value.parse().map_err(bad)?,
            "--on" => {
                args.on = match value.as_str() {
                    "memory" => On::Memory,
                    "relay" => On::Relay,
                    "store" => On::Store,
                    _ => return Err(format!("--on {value}: memory, store or relay")),
                }
            }
            _ => return Err(format!("{name}: unknown; usage: {USAGE}")),
        }
    }
    Ok(Some(args))
}

fn main() -> ExitCode {
    let args = match args() {
        Ok(Some(args)) => args,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let started = std::time::Instant::now();
    let outcome = match args.on {
        On::Relay => relayed(&args),
        On::Memory | On::Store => fleet(&args),
    };
    let ms = started.elapsed().as_millis();
    match outcome {
        Ok(report) => {
            println!("{report}");
            eprintln!("{ms} ms, {} operations a second", args.ops as u128 * 1000 / ms.max(1));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn relayed(args: &Args) -> Result<String, String> {
    let config = relayed::Config {
        season: args.season,
        log: args.log,
        ..relayed::Config::new(args.seed, args.devices, args.ops)
    };
    relayed::run(config).map(|report| format!("{report:#?}"))
}

fn fleet(args: &Args) -> Result<String, String> {
    let config = Config::new(args.seed, args.devices, args.ops);
    // Every hand-over of a real store is sealed, signed, compressed and judged: fewer of them make as much trouble.
    let (config, fleet) = match args.on {
        On::Memory => (config, memory(args.devices)),
        On::Store | On::Relay => (Config { per_parcel: 40, ..config }, stores(args.devices)?),
    };
    run(config, fleet).map(|report| format!("{report:#?}"))
}

fn memory(count: usize) -> Vec<Box<dyn Device>> {
    let pool = Pool::default();
    let device = |i: usize| Author { device: DeviceId::from_bytes([i as u8 + 1; 16]), incarnation: Incarnation(1) };
    (0..count).map(|i| Box::new(MemoryDevice::new(device(i), pool.clone())) as Box<dyn Device>).collect()
}

fn stores(count: usize) -> Result<Vec<Box<dyn Device>>, String> {
    Ok(company(count)?.into_iter().map(|device| Box::new(device) as Box<dyn Device>).collect())
}
