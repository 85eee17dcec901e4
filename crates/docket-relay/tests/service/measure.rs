//! Numbers, on demand: `cargo test --release -p docket-relay --test service measure -- --ignored --nocapture`.

use std::net::SocketAddr;
use std::process::Child;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use docket_format::change::{Carrier, Parsed};
use docket_sync::testkit::{Company, Pen};
use docket_sync::wire::Page;
use serde_json::json;

use crate::crash::in_a_process;
use crate::support::{Client, doc, page_bytes};

const JOBS: u64 = 10_000;
const DEVICES: u8 = 200;

/// About what a job of the import holds.
fn job(pen: &mut Pen, n: u64) -> (Carrier, Parsed) {
    let regs = json!({
        "kind": "installation", "product": format!("washing machine {}", n % 37), "appliances": 1 + n % 3,
        "received_at": format!("2026-0{}-1{}T0{}:1{}:00+08:00", 1 + n % 9, n % 9, n % 7, n % 10),
        "text": format!("floor {}, ring twice, call 1{:010} before coming", n % 30, n.wrapping_mul(7_919_191) % 10_000_000_000),
        "outlet": format!("outlet-{}", n % 11), "channel": "phone", "difficulty": "ordinary",
    });
    pen.write(doc(n), "created", json!({"dk": "job", "regs": regs})).1
}

fn vm(child: &Child, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap().to_owned();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[ignore = "takes a minute and says nothing in a debug build"]
fn measure() {
    let dir = tempfile::tempdir().unwrap();
    let mut company = Company::new(1);
    let mut admin = company.device(2, "A-1", "admin");
    let other = company.device(3, "A-2", "supervisor");
    let mut devices: Vec<Pen> =
        (0..DEVICES).map(|n| Pen::new(docket_format::keys::SecretKey::from_seed(&[n; 32]), company.tenant)).collect();
    for (n, pen) in devices.iter_mut().enumerate() {
        let mut seed = [7; 32];
        seed[0] = n as u8;
        *pen = Pen::new(docket_format::keys::SecretKey::from_seed(&seed), company.tenant);
        let person = format!("D-{n}").parse().unwrap();
        let draft = docket_format::roster::Draft::Certify {
            key: pen.key.public(),
            person: &person,
            name: "Somebody",
            role: "technician",
        };
        company.state(&draft);
    }
    let (mut child, address) = in_a_process(dir.path());
    println!("memory at rest {} KiB", vm(&child, "VmRSS"));
    let roster = company.roster_page();
    let started = Instant::now();
    let mut office = Client::at(address, &admin, &roster);
    println!("session with a roster of {} facts {:?}", company.facts.len(), started.elapsed());
    office.sync(&[]);

    let changes: Vec<_> = (0..JOBS).map(|n| job(&mut admin, n)).collect();
    let pages: Vec<Page> = changes.chunks(900).map(|some| admin.page(some.to_vec())).collect();
    let bytes: Vec<Vec<u8>> = pages.iter().map(|page| page_bytes(company.tenant, page)).collect();
    println!("{} pages, {} bytes", bytes.len(), bytes.iter().map(Vec::len).sum::<usize>());
    let started = Instant::now();
    let pushed = office.try_sync_bytes(&office.hello(true), &bytes).unwrap();
    let took = started.elapsed();
    assert_eq!(pushed.reply.new, JOBS);
    println!(
        "push of {JOBS} {took:?}; {:.0} changes/s; peak {} KiB",
        JOBS as f64 / took.as_secs_f64(),
        vm(&child, "VmHWM")
    );
    office.remember(&pushed);
    let started = Instant::now();
    let mut idle = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        let exchange = office.sync(&[]);
        idle.push(began.elapsed());
        assert!(exchange.pages.is_empty());
    }
    idle.sort();
    println!("idle median {:?} of {:?}, {:?} bytes", idle[25], started.elapsed(), office.sync(&[]).bytes);

    let mut reader = Client::at(address, &other, &roster);
    let started = Instant::now();
    let pulled = reader.sync(&[]);
    println!(
        "fresh pull {:?} with decoding, {} bytes, more {}; peak {} KiB",
        started.elapsed(),
        pulled.bytes.1,
        pulled.end.more,
        vm(&child, "VmHWM")
    );
    let notes: Vec<_> =
        (0..100).map(|n| admin.write(doc(n * 97), "noted", json!({"text": format!("note {n}")})).1).collect();
    let page = admin.page(notes);
    let started = Instant::now();
    let pushed = office.sync(&[page]);
    println!("100 changed: push {:?}, {:?} bytes", started.elapsed(), pushed.bytes);
    let started = Instant::now();
    let pulled = reader.sync(&[]);
    println!("100 changed: pull {:?}, {:?} bytes", started.elapsed(), pulled.bytes);

    storm(&child, address, &mut devices, &roster);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// All devices push at once.
fn storm(child: &Child, address: SocketAddr, devices: &mut [Pen], roster: &Page) {
    let clients: Vec<(Client, Page)> = devices
        .iter_mut()
        .enumerate()
        .map(|(n, pen)| {
            let client = Client::at(address, pen, roster);
            let changes = (0..5).map(|k| job(pen, 1_000_000 + n as u64 * 10 + k)).collect();
            let page = pen.page(changes);
            (client, page)
        })
        .collect();
    let barrier = Barrier::new(clients.len() + 1);
    std::thread::scope(|scope| {
        let running: Vec<_> = clients
            .into_iter()
            .map(|(mut client, page)| {
                let barrier = &barrier;
                scope.spawn(move || {
                    let page = [page];
                    barrier.wait();
                    let began = Instant::now();
                    assert_eq!(client.sync(&page).reply.new, 5);
                    began.elapsed()
                })
            })
            .collect();
        barrier.wait();
        let started = Instant::now();
        let mut took: Vec<Duration> = running.into_iter().map(|thread| thread.join().unwrap()).collect();
        took.sort();
        println!(
            "200 devices x 5 jobs: all {:?}, p50 {:?}, p99 {:?}; peak {} KiB",
            started.elapsed(),
            took[100],
            took[197],
            vm(child, "VmHWM")
        );
    });
}
