//! A whole `docket` process: its time, and its peak memory.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// How to run `docket` on one store.
#[derive(Debug, Clone)]
pub struct Child {
    /// The program.
    pub program: PathBuf,
    /// The store's directory.
    pub store: PathBuf,
}

/// What a run cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// From start to exit, in milliseconds.
    pub ms: f64,
    /// The most memory it was seen to hold, in MiB, looked at every 2 ms (Linux only; else 0).
    pub peak_mib: f64,
}

impl Child {
    /// Runs a command; output goes nowhere. Exit codes 0, 1 (findings) and 4 (rejects) are fine.
    pub fn cost(&self, args: &[&str]) -> Result<Cost, String> {
        let started = Instant::now();
        let mut child = self.command(args).spawn().map_err(|e| self.failed(args, &e.to_string()))?;
        let status = Path::new("/proc").join(child.id().to_string()).join("status");
        let mut peak_kib = 0;
        let code = loop {
            if let Some(code) = child.try_wait().map_err(|e| e.to_string())? {
                break code;
            }
            peak_kib = peak_kib.max(high_water(&status));
            thread::sleep(Duration::from_millis(2));
        };
        let ms = started.elapsed().as_secs_f64() * 1000.0;
        self.judge(args, code.code(), &mut child)?;
        Ok(Cost { ms, peak_mib: f64::from(peak_kib) / 1024.0 })
    }

    /// Runs a command several times without looking at its memory: milliseconds, sorted.
    pub fn times(&self, runs: usize, args: &dyn Fn(usize) -> Vec<String>) -> Result<Vec<f64>, String> {
        let mut times = Vec::with_capacity(runs);
        for run in 0..runs {
            let words = args(run);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let started = Instant::now();
            let mut child = self.command(&words).spawn().map_err(|e| self.failed(&words, &e.to_string()))?;
            let code = child.wait().map_err(|e| e.to_string())?;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
            self.judge(&words, code.code(), &mut child)?;
        }
        times.sort_by(f64::total_cmp);
        Ok(times)
    }

    /// Runs a command with `--json` and reads its answer.
    pub fn json(&self, args: &[&str]) -> Result<serde_json::Value, String> {
        let mut command = self.command(args);
        let output = command.arg("--json").stdout(Stdio::piped()).output().map_err(|e| e.to_string())?;
        if !output.status.success() {
            return Err(self.failed(args, &String::from_utf8_lossy(&output.stderr)));
        }
        serde_json::from_slice(&output.stdout).map_err(|e| self.failed(args, &e.to_string()))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--store").arg(&self.store).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn judge(&self, args: &[&str], code: Option<i32>, child: &mut std::process::Child) -> Result<(), String> {
        if matches!(code, Some(0 | 1 | 4)) {
            return Ok(());
        }
        let mut why = String::new();
        if let Some(stderr) = &mut child.stderr {
            // What it said is a help only; that it failed is what counts.
            let _ = stderr.read_to_string(&mut why);
        }
        Err(self.failed(args, &why))
    }

    fn failed(&self, args: &[&str], why: &str) -> String {
        format!("{} {}: {}", self.program.display(), args.join(" "), why.trim())
    }
}

fn high_water(status: &Path) -> u32 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
