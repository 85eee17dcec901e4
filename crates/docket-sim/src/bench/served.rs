//! A relay in a process of its own, and what it costs.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child as Process, Command, Stdio};

/// A running `docket relay serve`. Ended when dropped.
#[derive(Debug)]
pub(super) struct Served {
    process: Process,
    /// `host:port`.
    pub(super) host: String,
}

impl Served {
    /// Starts a relay on a free port of the loopback.
    pub(super) fn start(program: &Path, dir: &Path, tenants: &[String]) -> Result<Self, String> {
        let mut command = Command::new(program);
        command.args(["relay", "serve", "--listen", "127.0.0.1:0", "--dir"]).arg(dir);
        for tenant in tenants {
            command.args(["--tenant", tenant]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().map_err(|e| format!("{}: {e}", program.display()))?;
        let stderr = process.stderr.take().ok_or("the relay has no output")?;
        let mut lines = BufReader::new(stderr).lines();
        let mut said = String::new();
        let host = loop {
            let Some(Ok(line)) = lines.next() else { return Err(format!("the relay did not start: {said}")) };
            if let Some((_, host)) = line.split_once("http://") {
                break host.trim().trim_end_matches('/').to_owned();
            }
            said.push_str(&line);
        };
        // What else it says is read and dropped, or its pipe would fill.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { process, host })
    }

    /// Its address for devices.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.host)
    }

    /// The most memory that it held, in MiB (Linux; else 0).
    pub(super) fn peak_mib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0) / 1024.0
    }

    /// Processor time that it has used, in milliseconds (Linux, 100 ticks a second; else 0).
    pub(super) fn cpu_ms(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let after = stat.rsplit_once(')').map(|(_, after)| after).unwrap_or_default();
        let ticks = after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok());
        ticks.sum::<f64>() * 10.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It is ours; what it has not committed was not acknowledged.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
