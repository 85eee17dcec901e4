//! `docket sync` against a real relay over HTTP.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::env::Env;

/// A relay that ends with the test.
struct Relay {
    child: Child,
    url: String,
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn relay(env: &Env, address: &str) -> Relay {
    let status = json(&env.on("office", &["status", "--json"]).ok());
    let tenant = status["tenant"].as_str().unwrap().to_owned();
    let dir = env.path("relay");
    let args = ["relay", "serve", "--tenant", &tenant, "--listen", address, "--dir", dir.to_str().unwrap()];
    let mut command: Command = env.command("relay", &args);
    // The relay's clock is the real one.
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().rsplit(' ').next().unwrap().to_owned();
    Relay { child, url }
}

fn company() -> Env {
    let env = Env::new();
    env.on("office", &["init", "--tenant-name", "Cellar", "--person", "A-1", "--name", "Ada"]).ok();
    env
}

fn enrol(env: &Env, relay: &Relay, store: &str, person: &str, role: &str) {
    let args = ["invite", "--person", person, "--name", person, "--role", role, "--json"];
    let code = json(&env.on("office", &args).ok())["code"].as_str().unwrap().to_owned();
    env.on("office", &["sync"]).ok();
    env.on(store, &["enrol", &code, "--relay", &relay.url]).ok();
}

#[test]
fn devices_meet_at_a_relay_and_a_status_says_where_each_record_is() {
    let env = company();
    let relay = relay(&env, "127.0.0.1:0");
    env.on("office", &["sync", "--relay", &relay.url]).ok();
    enrol(&env, &relay, "sue", "S-1", "supervisor");
    let made = json(&env.on("office", &["job", "new", "--kind", "repair", "--product", "AC", "--json"]).ok());
    let code = made["code"].as_str().unwrap();
    // Remembered: no address is needed any more.
    let report = json(&env.on("office", &["sync", "--json"]).ok());
    assert_eq!((&report["whole"], &report["exchanges"]), (&true.into(), &1.into()));
    env.on("sue", &["sync"]).ok();
    env.on("sue", &["note", code, "seen it"]).ok();
    env.on("sue", &["sync"]).ok();
    env.on("office", &["sync"]).ok();
    assert!(env.on("office", &["job", "show", code]).ok().contains("seen it"));
    // What a supervisor's device has pulled is seen, once the relay has said so.
    env.on("sue", &["sync"]).ok();
    env.on("office", &["sync"]).ok();
    let status = json(&env.on("office", &["status", "--json"]).ok());
    assert_eq!(status["places"]["here"], 0);
    assert!(status["places"]["seen"].as_u64().unwrap() > 0, "{status}");
    assert!(status["relay"]["receipt_ms"].as_i64().is_some());
    env.on("office", &["verify"]).ok();
    env.on("sue", &["verify"]).ok();
}

#[test]
fn a_relay_that_is_away_is_said_with_what_waits_and_a_usage_error_is_one() {
    let env = company();
    let none = env.on("office", &["sync"]);
    assert_eq!(none.code, 2, "{}", none.err);
    assert!(none.err.contains("DOCKET_RELAY"), "{}", none.err);
    let away = env.on("office", &["sync", "--relay", "http://127.0.0.1:9"]);
    assert_eq!(away.code, 3, "{}", away.err);
    assert!(away.err.contains("wait here") && away.err.contains("hint:"), "{}", away.err);
    let odd = env.on("office", &["sync", "--relay", "ftp://x"]);
    assert_eq!(odd.code, 2, "{}", odd.err);
}

#[test]
fn a_relay_killed_while_devices_push_and_started_again_has_everything() {
    let env = company();
    let mut first = relay(&env, "127.0.0.1:0");
    let address = first.url.trim_start_matches("http://").to_owned();
    env.on("office", &["sync", "--relay", &first.url]).ok();
    for round in 0..4 {
        for _ in 0..5 {
            env.on("office", &["job", "new", "--kind", "repair", "--product", "AC"]).ok();
        }
        let mut syncing = env.command("office", &["sync"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(round * 9));
        first.child.kill().unwrap();
        first.child.wait().unwrap();
        syncing.wait().unwrap();
        first = relay(&env, &address);
        env.on("office", &["sync"]).ok();
    }
    enrol(&env, &first, "sue", "S-1", "supervisor");
    let count = |store: &str| json(&env.on(store, &["status", "--json"]).ok())["documents"]["job"].clone();
    assert_eq!((count("office"), count("sue")), (20.into(), 20.into()));
    let check = json(&env.on("office", &["sync", "--check", "--json"]).ok());
    assert_eq!(check["healed"], 0);
}

#[test]
fn a_watch_brings_what_is_written_at_either_side_within_a_second() {
    let env = company();
    let relay = relay(&env, "127.0.0.1:0");
    env.on("office", &["sync", "--relay", &relay.url]).ok();
    enrol(&env, &relay, "sue", "S-1", "supervisor");
    let mut watches: Vec<Child> = ["office", "sue"]
        .iter()
        .map(|store| {
            env.command(store, &["sync", "--watch"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    std::thread::sleep(Duration::from_millis(800));
    for store in ["office", "sue", "office"] {
        let made = json(&env.on(store, &["job", "new", "--kind", "repair", "--product", "AC", "--json"]).ok());
        let code = made["code"].as_str().unwrap();
        let other = if store == "office" { "sue" } else { "office" };
        let started = Instant::now();
        while env.on(other, &["job", "show", code]).code != 0 {
            assert!(started.elapsed() < Duration::from_secs(10), "it did not arrive");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }
    for watch in &mut watches {
        let killed = Command::new("kill").args(["-INT", &watch.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert_eq!(watch.wait().unwrap().code(), Some(0), "Ctrl-C ends it well");
    }
}
