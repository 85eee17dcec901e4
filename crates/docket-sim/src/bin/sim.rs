//! The long simulation: `cargo run --release -p docket-sim --bin sim -- --seed 1 --ops 100000 --devices 20`.
//! Ends with exit code 1 when a promise was broken, naming seed and write.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::process::ExitCode;

use docket_format::{Author, DeviceId, Incarnation};
use docket_sim::fleet::{Config, Device, MemoryDevice, Pool, run};

struct Args {
    seed: u64,
    ops: usize,
    devices: usize,
}

fn args() -> Result<Args, String> {
    let mut args = Args { seed: 1, ops: 100_000, devices: 20 };
    let mut words = std::env::args().skip(1);
    while let Some(name) = words.next() {
        let value = words.next().ok_or_else(|| format!("{name} needs a value"))?;
        let bad = |_| format!("{name} {value}: not a number");
        match name.as_str() {
            "--seed" => args.seed = value.parse().map_err(bad)?,
            "--ops" => args.ops = value.parse().map_err(bad)?,
            "--devices" => args.devices = value.parse().map_err(bad)?,
            _ => return Err(format!("{name}: unknown; there are --seed, --ops, --devices")),
        }
    }
    Ok(args)
}

fn main() -> ExitCode {
    let args = match args() {
        Ok(args) => args,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let started = std::time::Instant::now();
    match run(Config::new(args.seed, args.devices, args.ops), memory(args.devices)) {
        Ok(report) => {
            println!("{report:#?}");
            eprintln!("{} ms", started.elapsed().as_millis());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn memory(count: usize) -> Vec<Box<dyn Device>> {
    let pool = Pool::default();
    let device = |i: usize| Author { device: DeviceId::from_bytes([i as u8 + 1; 16]), incarnation: Incarnation(1) };
    (0..count).map(|i| Box::new(MemoryDevice::new(device(i), pool.clone())) as Box<dyn Device>).collect()
}
