//! The guarantee: one request pushes and pulls; what was acknowledged is there; an idle exchange is small and writes
//! nothing; a long poll answers when something comes; accidents are noticed.

use std::time::{Duration, Instant};

use crate::http;
use crate::support::{Client, Relay, doc};
use crate::world::world;
use docket_format::keys::PublicKey;
use docket_format::{Incarnation, roster};
use docket_sync::wire::{Anchor, Beacon, Buckets, Compare, Compared, Cursor, DocSum, Receipt, Sum, accepted_digest};
use serde_json::json;

#[test]
fn a_push_is_acknowledged_with_a_receipt_and_others_pull_it() {
    let mut world = world();
    let mut office = world.office();
    let (job, hash, page) = world.job(1);
    let pushed = office.sync(&[page]);
    assert_eq!((pushed.reply.new, pushed.reply.lease), (1, Some(1)));
    let relay = PublicKey::from_bytes(*office.challenge().relay);
    let reply = &pushed.reply;
    let receipt = Receipt {
        tenant: world.company.tenant,
        device: world.admin.author.device,
        epoch: reply.epoch,
        head: reply.head,
        relay_ms: reply.relay_ms,
        accepted: &accepted_digest(vec![hash]),
    };
    receipt.verify(&relay, reply.receipt.as_ref().unwrap()).unwrap();
    let beacon =
        Beacon { key: relay, epoch: reply.epoch, head: reply.head, relay_ms: reply.relay_ms, signature: reply.beacon };
    beacon.verify(world.company.tenant).unwrap();
    assert_eq!(reply.relay_ms, 1_790_000_000_000);

    let supervisor = world.company.device(4, "S-1", "supervisor");
    let mut other = Client::with_token(&world.relay, &supervisor, &world.company.roster_page());
    let pulled = other.sync(&[]);
    assert_eq!(pulled.changes().get(&job), Some(&vec![hash]));
    assert!(pulled.changes().contains_key(&roster::doc(world.company.tenant)));
    assert_eq!(other.sync(&[]).pages.len(), 0);
}

#[test]
fn what_a_device_pushes_is_not_sent_back_to_it() {
    let mut world = world();
    let mut office = world.office();
    office.sync(&[]);
    let (_, _, one) = world.job(1);
    let (_, _, two) = world.job(2);
    let pushed = office.sync(&[one, two]);
    assert_eq!((pushed.reply.new, pushed.pages.len(), pushed.end.more), (2, 0, false));
    assert_eq!(pushed.end.cursor.eff, pushed.reply.head.pos);
    assert_eq!(office.sync(&[]).pages.len(), 0);
}

#[test]
fn an_idle_exchange_is_small_and_writes_nothing() {
    let mut world = world();
    let mut office = world.office();
    let (_, _, page) = world.job(1);
    office.sync(&[page]);
    office.sync(&[]);
    office.sync(&[]);
    let files = || -> Vec<(u64, std::time::SystemTime)> {
        let names = ["db", "db-wal"].map(|end| world.relay.dir.join(format!("{}.{end}", world.company.tenant)));
        names
            .iter()
            .map(|name| std::fs::metadata(name).unwrap())
            .map(|meta| (meta.len(), meta.modified().unwrap()))
            .collect()
    };
    std::thread::sleep(Duration::from_millis(50));
    let before = files();
    let idle = office.sync(&[]);
    assert_eq!((idle.pages.len(), idle.reply.new, idle.reply.lease), (0, 0, None));
    assert!(idle.bytes.0 + idle.bytes.1 <= 600, "{:?} bytes", idle.bytes);
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(files(), before);
}

#[test]
fn a_long_poll_answers_within_a_second_of_a_write_in_sight_only() {
    let mut world = world();
    let (mut office, mut on_site) = (world.office(), world.on_site());
    let (job, _, page) = world.job(1);
    office.sync(&[page]);
    let (_, granted) = world.enter(&[job]);
    office.sync(&[granted]);
    on_site.sync(&[]);
    let address = on_site.address;
    let waiting = |client: &Client| {
        let (body, token) = (client.hello(false).encode(), client.token.clone());
        std::thread::spawn(move || {
            let started = Instant::now();
            (http::post(address, "/v1/wait", Some(&token), None, &body).status, started.elapsed())
        })
    };
    let poll = waiting(&on_site);
    std::thread::sleep(Duration::from_millis(200));
    let (_, _, hidden) = world.job(2);
    office.sync(&[hidden]);
    std::thread::sleep(Duration::from_millis(300));
    assert!(!poll.is_finished(), "out of sight");
    let (_, note) = world.note(job, "ring twice");
    let wrote = Instant::now();
    office.sync(&[note]);
    let (status, _) = poll.join().unwrap();
    assert_eq!(status, 200);
    assert!(wrote.elapsed() < Duration::from_secs(1), "{:?}", wrote.elapsed());
    assert_eq!(waiting(&on_site).join().unwrap().0, 200, "there is something already");
    assert_eq!(on_site.sync(&[]).changes().len(), 1);
    // The relay stops: whoever waits is told that nothing came.
    let poll = waiting(&on_site);
    std::thread::sleep(Duration::from_millis(200));
    world.relay.stop();
    let (status, took) = poll.join().unwrap();
    assert_eq!(status, 204);
    assert!(took < Duration::from_secs(5));
}

#[test]
fn a_lost_reply_is_no_fork_and_a_clone_is() {
    let mut world = world();
    let office = world.office();
    let (_, _, page) = world.job(1);
    let first = office.try_sync(&office.hello(true), std::slice::from_ref(&page)).unwrap();
    assert_eq!((first.reply.new, first.reply.lease, first.reply.fork), (1, Some(1), false));
    let (_, _, more) = world.job(2);
    let again = office.try_sync(&office.hello(true), &[page, more.clone()]).unwrap();
    assert_eq!((again.reply.new, again.reply.lease, again.reply.fork), (1, Some(1), false));
    let mut clone = office.hello(true);
    clone.lease.as_mut().unwrap().nonce = [99; 16];
    let (_, _, third) = world.job(3);
    let forked = office.try_sync(&clone, std::slice::from_ref(&third)).unwrap();
    assert!(forked.reply.fork && forked.reply.receipt.is_none() && forked.reply.new == 0);
    // A new life goes on at once.
    clone.incarnation = Incarnation(2);
    assert_eq!(office.try_sync(&clone, &[third]).unwrap().reply.new, 1);
}

#[test]
fn seen_follows_what_supervisors_devices_confirm() {
    let mut world = world();
    let mut on_site = world.on_site();
    let change = world.technician.write(doc(9), "created", json!({"dk": "job", "regs": {}})).1;
    let page = world.technician.page(vec![change]);
    let head = on_site.sync(&[page]).reply.head.pos;
    assert_eq!(on_site.sync(&[]).reply.seen, 0);
    let mut office = world.office();
    office.sync(&[]);
    assert_eq!(on_site.sync(&[]).reply.seen, 0, "sent, not confirmed");
    office.sync(&[]);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(on_site.sync(&[]).reply.seen, head);
}

#[test]
fn a_relay_put_back_from_a_copy_is_noticed_even_when_it_has_grown_past() {
    let mut world = world();
    let mut office = world.office();
    let (_, _, page) = world.job(1);
    office.sync(&[page]);
    let copy = world.relay.dir.join("copy.db");
    docket_relay::backup(&world.relay.dir, world.company.tenant, &copy).unwrap();
    let (lost, hash, page) = world.job(2);
    office.sync(std::slice::from_ref(&page));
    world.relay.stop();
    let log = docket_relay::log_path(&world.relay.dir, world.company.tenant);
    for end in ["db-wal", "db-shm"] {
        let _gone = std::fs::remove_file(log.with_extension(end));
    }
    std::fs::rename(&copy, &log).unwrap();
    world.relay = Relay::start(&world.relay.dir.clone(), &[world.company.tenant]);
    office.address = world.relay.address;
    let found = office.try_sync(&office.hello(false), &[]).unwrap();
    assert!(found.reply.reconcile && found.pages.is_empty());
    // Somebody else's work makes the log as long as it was.
    let mut on_site = world.on_site();
    let change = world.technician.write(doc(9), "created", json!({"dk": "job", "regs": {}})).1;
    let other = world.technician.page(vec![change]);
    assert_eq!(on_site.sync(&[other]).reply.head.pos, office.anchor.unwrap().1.pos);
    assert!(office.try_sync(&office.hello(false), &[]).unwrap().reply.reconcile);
    // What is pushed meanwhile is taken in all the same.
    let mut sum = Sum::default();
    sum.add(hash);
    let ask = Compare { buckets: Some(Buckets::default()), docs: vec![DocSum { doc: lost, sum }] };
    let compared = Compared::decode(&office.post("/v1/compare", &ask.encode()).body).unwrap();
    assert_eq!(compared.differing, [lost]);
    let healed = office.try_sync(&office.hello(true), &[page]).unwrap();
    assert_eq!((healed.reply.new, healed.reply.reconcile), (1, true));
}

#[test]
fn a_cursor_of_another_view_counts_as_none_and_push_only_sends_nothing() {
    let mut world = world();
    let mut office = world.office();
    let (_, _, page) = world.job(1);
    office.sync(&[page]);
    let head = office.anchor.unwrap().1;
    let mut hello = office.hello(false);
    hello.cursor = Some((7, Cursor { eff: head.pos, pos: head.pos }));
    assert_eq!(office.try_sync(&hello, &[]).unwrap().changes().len(), 2, "all of it");
    hello.push_only = true;
    let quiet = office.try_sync(&hello, &[]).unwrap();
    assert_eq!((quiet.pages.len(), quiet.end.more), (0, false));
    hello.anchor = Some((quiet.reply.epoch, Anchor { pos: head.pos + 1, ..head }));
    assert!(office.try_sync(&hello, &[]).unwrap().reply.reconcile);
}

#[test]
fn documents_that_a_device_wants_whole_come_if_it_may_see_them() {
    let mut world = world();
    let (mut office, mut on_site) = (world.office(), world.on_site());
    let (shown, _, one) = world.job(1);
    let (hidden, _, two) = world.job(2);
    let (_, granted) = world.enter(&[shown]);
    office.sync(&[one, two, granted]);
    on_site.sync(&[]);
    let mut hello = on_site.hello(false);
    hello.want = vec![shown, hidden, doc(77)];
    let came = on_site.try_sync(&hello, &[]).unwrap();
    assert_eq!(came.changes().into_keys().collect::<Vec<_>>(), [shown]);
}
