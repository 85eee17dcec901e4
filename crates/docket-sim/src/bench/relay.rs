//! A real relay over the loopback: 10,000 real jobs up and down, a hundred changed, nothing changed, crowds.

use std::path::Path;
use std::time::{Duration, Instant};

use docket_format::DocId;
use docket_sync::testkit::Company;

use super::http::Wire;
use super::light::Light;
use super::meter::Meter;
use super::process::Child;
use super::report::Report;
use super::served::Served;
use super::write::middle;

/// The middle of so many runs is reported.
const RUNS: usize = 15;
/// And of so many hundreds of changed jobs.
const ROUNDS: usize = 5;
/// Documents of the large company.
const MANY: u64 = 100_000;
/// Between two exchanges of one device: relays slow down who asks more often.
const PAUSE: Duration = Duration::from_millis(25);

/// Measures a relay. `office` is a store with the real jobs in it.
pub fn relay(program: &Path, dir: &Path, office: &Path, report: &mut Report) -> Result<(), String> {
    let office = Child { program: program.to_owned(), store: office.to_owned() };
    let status = office.json(&["status"])?;
    let tenant = status.get("tenant").and_then(serde_json::Value::as_str).ok_or("status names no tenant")?.to_owned();
    let crowd = Company::new(200);
    let served = Served::start(program, &dir.join("relay"), &[tenant, crowd.tenant.to_string()])?;
    let floor = floors(&served, report)?;
    whole(&office, dir, &served, report)?;
    report.add("relay: peak memory after all jobs", served.peak_mib(), "MiB", Some(48.0), String::new());
    crowds(crowd, &served, floor, report)?;
    let beside = "with a second company of 100,000 documents".to_owned();
    report.add("relay: peak memory at the end", served.peak_mib(), "MiB", None, beside);
    Ok(())
}

/// One request and its answer on a connection that is open.
fn floors(served: &Served, report: &mut Report) -> Result<f64, String> {
    let mut wire = Wire::connect(&served.host)?;
    let mut times = timed(200, || wire.get("/healthz").map(drop))?;
    let floor = middle(&mut times);
    report.add("floor: one loopback GET", floor, "ms", None, String::new());
    Ok(floor)
}

/// Everything up from one store, down into another, and what is sent when little or nothing changed.
fn whole(office: &Child, dir: &Path, served: &Served, report: &mut Report) -> Result<(), String> {
    let (url, meter) = (served.url(), Meter::before(&served.host)?);
    let jobs = office.json(&["job", "list", "--limit", "1"])?;
    let jobs = jobs.get("total").and_then(serde_json::Value::as_f64).unwrap_or(10_000.0);
    let push = office.cost(&["sync", "--relay", &url])?;
    report.add("push all jobs", push.ms, "ms", Some(800.0), format!("peak {:.0} MiB", push.peak_mib));
    let mut pulls = Vec::new();
    for (name, url) in [("S-101", &url), ("S-102", &meter.url)] {
        let invited = office.json(&["invite", "--person", name, "--name", "Eva", "--role", "supervisor"])?;
        let code = invited.get("code").and_then(serde_json::Value::as_str).ok_or("invite gave no code")?.to_owned();
        office.json(&["sync"])?;
        let pupil = Child { program: office.program.clone(), store: dir.join(name) };
        meter.take();
        // Enrolling synchronises at once: everything comes in that one exchange.
        pulls.push((pupil.cost(&["enrol", &code, "--relay", url])?, pupil));
    }
    let (up, down, requests) = meter.take();
    let [(pull, _), (_, metered)] = pulls.as_slice() else { return Err("two pulls".into()) };
    report.add("fresh pull of all jobs", pull.ms, "ms", Some(900.0), format!("peak {:.0} MiB", pull.peak_mib));
    let each = (up + down) as f64 / jobs;
    report.add("fresh pull, per job", each, "B", Some(170.0), format!("{requests} requests, {down} B down"));
    changed(office, metered, &url, &meter, report)
}

/// A hundred jobs got a note each: what handing that over and fetching it takes. Times are taken straight to the relay,
/// bytes in a round of their own through the counting proxy, which takes time itself.
fn changed(office: &Child, pupil: &Child, url: &str, meter: &Meter, report: &mut Report) -> Result<(), String> {
    let list = office.json(&["job", "list", "--limit", "100", "--all"])?;
    let rows = list.get("jobs").and_then(serde_json::Value::as_array).ok_or("job list gave no jobs")?;
    let codes: Vec<String> = rows.iter().filter_map(|row| row.get("code")?.as_str().map(str::to_owned)).collect();
    let change = |text: &str| codes.iter().try_for_each(|code| office.json(&["note", code, text]).map(drop));
    let nothing = middle(&mut office.times(RUNS, &|_| vec!["--version".to_owned()])?);
    // Another address asks for another session.
    both(office, pupil, url)?;
    let (mut pushes, mut pulls) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        change(&format!("called back for the {round}. time, asked for the afternoon"))?;
        pushes.push(office.cost(&["sync"])?.ms - nothing);
        pulls.push(pupil.cost(&["sync"])?.ms - nothing);
    }
    let idle = middle(&mut pupil.times(RUNS, &|_| vec!["sync".to_owned()])?);
    let what = format!("{} jobs, beyond {nothing:.1} ms for starting a process", codes.len());
    report.add("100 changed: push", middle(&mut pushes), "ms", Some(20.0), what.clone());
    report.add("100 changed: pull", middle(&mut pulls), "ms", Some(20.0), what);
    report.add("idle, a whole process", idle - nothing, "ms", None, "beyond its start".into());
    both(office, pupil, &meter.url)?;
    change("rang twice, nobody there")?;
    for (name, who) in [("100 changed: push", office), ("100 changed: pull", pupil)] {
        meter.take();
        who.json(&["sync"])?;
        let (up, down, requests) = meter.take();
        report.add(name, (up + down) as f64 / 1000.0, "kB", Some(12.0), format!("{requests} requests"));
    }
    pupil.json(&["sync"])?;
    meter.take();
    pupil.json(&["sync"])?;
    let (up, down, requests) = meter.take();
    let what = format!("{up} up, {down} down, {requests} request");
    report.add("idle: bytes with headers", (up + down) as f64, "B", Some(600.0), what);
    Ok(())
}

/// Both synchronise with an address, so that they have a session there.
fn both(office: &Child, pupil: &Child, url: &str) -> Result<(), String> {
    for who in [office, pupil] {
        who.json(&["sync", "--relay", url])?;
    }
    Ok(())
}

/// Devices without stores, so that only the relay is measured.
fn crowds(mut company: Company, served: &Served, floor: f64, report: &mut Report) -> Result<(), String> {
    let host = served.host.as_str();
    let office = company.device(201, "A-1", "admin");
    let pens: Vec<_> = (0..200).map(|n| crowd_pen(&mut company, n)).collect();
    let mut office = Light::connect(host, &company, office)?;
    idle("idle exchange", &mut office, floor, report)?;
    ingest(&mut office, report)?;
    idle("idle exchange, 100,000 documents", &mut office, floor, report)?;
    let mut devices = at_once(host, &company, pens, report)?;
    polling(served, &mut devices, report)
}

fn crowd_pen(company: &mut Company, n: u8) -> docket_sync::testkit::Pen {
    company.device(n, &format!("T-{n}"), "technician")
}

fn idle(what: &str, device: &mut Light, floor: f64, report: &mut Report) -> Result<(), String> {
    let nothing = device.body(Vec::new())?;
    device.exchange(&nothing)?;
    let nothing = device.body(Vec::new())?;
    let (sent, received) = (device.wire.sent, device.wire.received);
    let mut times = vec![0.0; 100];
    for time in &mut times {
        std::thread::sleep(PAUSE);
        let started = Instant::now();
        device.exchange(&nothing)?;
        *time = started.elapsed().as_secs_f64() * 1000.0;
    }
    let bytes = (device.wire.sent - sent + device.wire.received - received) as f64 / times.len() as f64;
    let ms = middle(&mut times);
    report.add(what, ms - floor, "ms", Some(1.0), format!("over one GET; {bytes:.0} B with headers"));
    Ok(())
}

/// New documents, made beforehand, taken in durably.
fn ingest(office: &mut Light, report: &mut Report) -> Result<(), String> {
    const A_PUSH: u64 = 20_000;
    let mut took = 0.0;
    for push in 0..MANY / A_PUSH {
        let mut changes = Vec::new();
        for n in 0..A_PUSH {
            let number = push * A_PUSH + n;
            let mut random = [0; 10];
            random[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
            changes.push(office.job(DocId::new_v7(1_790_000_000_000 + number, random)));
        }
        let body = office.body(changes)?;
        let started = Instant::now();
        let (reply, _) = office.exchange(&body)?;
        took += started.elapsed().as_secs_f64();
        if reply.new != A_PUSH {
            return Err(format!("{} of {A_PUSH} changes were taken in", reply.new));
        }
        drain(office)?;
    }
    let rate = MANY as f64 / took;
    report.add("changes ingested durably, for 20,000", 20_000_000.0 / rate, "ms", Some(1000.0), format!("{rate:.0}/s"));
    Ok(())
}

fn drain(device: &mut Light) -> Result<(), String> {
    loop {
        let nothing = device.body(Vec::new())?;
        if device.exchange(&nothing)?.1 == 0 {
            return Ok(());
        }
    }
}

/// Two hundred devices push five changed jobs at once.
fn at_once(
    host: &str,
    company: &Company,
    pens: Vec<docket_sync::testkit::Pen>,
    report: &mut Report,
) -> Result<Vec<Light>, String> {
    let mut devices = Vec::new();
    for (n, pen) in (0_u64..).zip(pens) {
        let mut device = Light::connect(host, company, pen)?;
        let mut random = [9; 10];
        random[..8].copy_from_slice(&n.to_be_bytes());
        let jobs: Vec<DocId> = (0..5).map(|i| DocId::new_v7(1_780_000_000_000 + n * 5 + i, random)).collect();
        let changes = jobs.iter().map(|job| device.job(*job)).collect();
        let body = device.body(changes)?;
        device.exchange(&body)?;
        drain(&mut device)?;
        let changes = jobs.iter().map(|job| device.note(*job, "earth resistance measured, 0.4 ohm")).collect();
        let body = device.body(changes)?;
        devices.push((device, body));
    }
    let started = Instant::now();
    let outcomes: Vec<Result<f64, String>> = std::thread::scope(|scope| {
        let pushing: Vec<_> = devices
            .iter_mut()
            .map(|(device, body)| {
                scope.spawn(move || {
                    let (reply, _) = device.exchange(body)?;
                    if reply.new == 5 {
                        Ok(started.elapsed().as_secs_f64() * 1000.0)
                    } else {
                        Err("refused".to_owned())
                    }
                })
            })
            .collect();
        pushing.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("a device panicked".into()))).collect()
    });
    let all = started.elapsed().as_secs_f64() * 1000.0;
    let errors = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    let mut times: Vec<f64> = outcomes.into_iter().flatten().collect();
    times.sort_by(f64::total_cmp);
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or(f64::INFINITY);
    report.add("200 devices push 5 changed jobs at once", all, "ms", Some(300.0), format!("{errors} errors"));
    report.add("200 devices at once, p99", p99, "ms", Some(250.0), String::new());
    let mut devices: Vec<Light> = devices.into_iter().map(|(device, _)| device).collect();
    devices.iter_mut().try_for_each(drain)?;
    Ok(devices)
}

/// What a hundred idle exchanges a second cost, in percent of a core.
fn polling(served: &Served, devices: &mut [Light], report: &mut Report) -> Result<(), String> {
    const SECONDS: u64 = 5;
    let mut crowd = Vec::new();
    for device in devices {
        let nothing = device.body(Vec::new())?;
        crowd.push((device, nothing));
    }
    let before = served.cpu_ms();
    let started = Instant::now();
    for n in 0..SECONDS * 100 {
        let turn = n as usize % crowd.len().max(1);
        if let Some((device, nothing)) = crowd.get_mut(turn) {
            device.exchange(nothing)?;
        }
        let next = Duration::from_millis((n + 1) * 10);
        std::thread::sleep(next.saturating_sub(started.elapsed()));
    }
    let share = (served.cpu_ms() - before) / started.elapsed().as_secs_f64() / 10.0;
    report.add("100 idle exchanges a second", share, "%", Some(5.0), "of one core".into());
    Ok(())
}

fn timed(runs: usize, mut run: impl FnMut() -> Result<(), String>) -> Result<Vec<f64>, String> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let started = Instant::now();
        run()?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(times)
}
