//! The guarantee: a process that is killed at any moment has everything on disk that it acknowledged; and a copy made
//! while it serves is whole.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use docket_format::{ChangeHash, DocId, TenantId};
use docket_relay::{Options, backup, log_path, run, status};
use docket_sync::testkit::{Company, Pen};
use serde_json::json;

use crate::support::{Client, Relay, doc};

const DIR: &str = "DOCKET_RELAY_TEST_DIR";

/// Not a test: the process that is killed.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn serve_until_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let options = Options::new(dir.into(), vec![Company::new(1).tenant], ([127, 0, 0, 1], 0).into());
    run(options, |address| println!("\nlistening {address}")).unwrap();
}

/// A relay in a process of its own, and where it listens.
pub(crate) fn in_a_process(dir: &Path) -> (Child, SocketAddr) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::serve_until_killed", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .stderr(if std::env::var_os("DOCKET_RELAY_TEST_LOG").is_some() { Stdio::inherit() } else { Stdio::null() })
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let address = lines.find_map(|line| line.strip_prefix("listening ").map(str::to_owned)).unwrap();
    (child, address.parse().unwrap())
}

#[test]
fn a_killed_relay_has_all_that_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut company = Company::new(1);
    let pens: Vec<Pen> = (0..4).map(|n| company.device(10 + n, &format!("A-{n}"), "admin")).collect();
    let (mut child, address) = in_a_process(dir.path());
    let acknowledged: Arc<Mutex<Vec<(DocId, ChangeHash)>>> = Arc::default();
    let dead = Arc::new(AtomicBool::new(false));
    let tenant = company.tenant;
    let roster = company.roster_page();
    let pushing: Vec<_> = (0_u64..)
        .zip(pens)
        .map(|(n, mut pen)| {
            let (acknowledged, dead, roster) = (Arc::clone(&acknowledged), Arc::clone(&dead), roster.clone());
            std::thread::spawn(move || {
                let mut client = Client::at(address, &pen, &roster);
                for round in 0.. {
                    let at = doc(n * 1_000_000 + round);
                    let change = pen.write(at, "created", json!({"dk": "job", "regs": {}})).1;
                    let hash = change.1.hash;
                    let page = pen.page(vec![change]);
                    // The connection breaks in the middle: what the client would retry.
                    let pushed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| client.sync(&[page])));
                    match pushed {
                        Ok(exchange) if exchange.reply.new == 1 => acknowledged.lock().unwrap().push((at, hash)),
                        Ok(exchange) => panic!("{:?}", exchange.reply),
                        Err(_) if dead.load(Ordering::SeqCst) => return,
                        Err(panic) => std::panic::resume_unwind(panic),
                    }
                }
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(1_200));
    dead.store(true, Ordering::SeqCst);
    child.kill().unwrap();
    child.wait().unwrap();
    for thread in pushing {
        thread.join().unwrap();
    }

    let relay = Relay::start(dir.path(), &[tenant]);
    let reader = company.device(40, "A-9", "admin");
    let mut client = Client::with_token(&relay, &reader, &company.roster_page());
    let mut found = client.sync(&[]).changes();
    found.append(&mut client.sync(&[]).changes());
    let acknowledged = acknowledged.lock().unwrap();
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    for (at, hash) in acknowledged.iter() {
        assert_eq!(found.get(at), Some(&vec![*hash]), "acknowledged and gone");
    }
}

#[test]
fn a_copy_made_while_serving_is_whole_and_goes_on_as_the_log() {
    let mut world = crate::world::world();
    let mut office = world.office();
    let tenant = world.company.tenant;
    let copy = world.relay.dir.join("copies").join("relay.db");
    std::fs::create_dir(copy.parent().unwrap()).unwrap();
    let mut heads = Vec::new();
    for n in 0..10 {
        let (_, _, page) = world.job(n);
        let head = office.sync(&[page]).reply.head;
        let copied = backup(&world.relay.dir, tenant, &copy).unwrap();
        assert_eq!(copied.head, head);
        heads.push(head);
    }
    let copied = status(&copy).unwrap();
    assert_eq!((copied.head, copied.tenant), (heads[9], tenant));
    assert_eq!(
        copied.epoch,
        status(&log_path(&world.relay.dir, tenant)).unwrap().epoch,
        "devices notice by their anchors"
    );
    assert_eq!(copied.size.documents, 11);
    assert_eq!(std::fs::read_dir(copy.parent().unwrap()).unwrap().count(), 1, "nothing beside it");
    let missing = backup(&world.relay.dir, TenantId::from_bytes([9; 32]), &copy);
    assert!(missing.is_err());
    assert_eq!(status(&copy).unwrap().head, heads[9], "and the copy before stays");
}
