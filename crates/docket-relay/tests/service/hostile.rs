//! The guarantee: what a hostile client sends is refused, bounded, and no honest device notices.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use docket_relay::Times;
use docket_sync::wire::{END, FRAME_BYTES, HELLO, PAGE, put_frame};
use serde_json::json;

use crate::http::{exchange, request};
use crate::support::{Client, Relay, doc, page_bytes, refusal};
use crate::world::{World, world};

fn quick(world: &mut World) {
    world.relay.stop();
    let times = Times { header: Duration::from_millis(500), piece: Duration::from_millis(500) };
    world.relay = Relay::start_with(&world.relay.dir.clone(), &[world.company.tenant], times);
}

#[test]
fn half_sent_headers_and_bodies_are_given_up_in_time_and_keep_nobody_waiting() {
    let mut world = world();
    quick(&mut world);
    let mut office = world.office();
    let half = |bytes: &[u8]| {
        let mut stream = TcpStream::connect(world.relay.address).unwrap();
        stream.write_all(bytes).unwrap();
        stream
    };
    let body = request("/v1/sync", Some(&office.token), None, 1_000) + "Hxx";
    let challenge = request("/v1/challenge", None, None, 10) + "x";
    let mut idle: Vec<TcpStream> = (0..100).map(|_| half(b"POST /v1/sync HTTP/1.1\r\nhost: x\r\nauthori")).collect();
    idle.extend((0..3).map(|_| half(body.as_bytes())));
    idle.extend((0..100).map(|_| half(challenge.as_bytes())));
    let started = Instant::now();
    assert!(office.sync(&[]).reply.head.pos > 0);
    assert!(started.elapsed() < Duration::from_millis(400), "{:?}", started.elapsed());
    for mut stream in idle {
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut rest = Vec::new();
        // Some are told why, some just closed; none is kept.
        let _cut = stream.read_to_end(&mut rest);
        assert!(started.elapsed() < Duration::from_secs(5), "still open");
    }
    assert_eq!(office.sync(&[]).pages.len(), 0);
}

/// A page whose items would unpack to half a gigabyte.
fn bomb(claims: bool) -> Vec<u8> {
    let mut packed = zstd::Encoder::new(Vec::new(), 3).unwrap();
    let zeros = vec![0; 1024 * 1024];
    let megabytes = 512;
    if claims {
        packed.set_pledged_src_size(Some(megabytes * 1024 * 1024)).unwrap();
        packed.include_contentsize(true).unwrap();
    }
    for _ in 0..megabytes {
        packed.write_all(&zeros).unwrap();
    }
    wrap(&packed.finish().unwrap())
}

/// The CBOR of a page with no authors, no seals, no mark and these packed items.
fn wrap(items: &[u8]) -> Vec<u8> {
    let mut page = vec![0x84, 0x80, 0x80, 0xf6, 0x5a];
    page.extend_from_slice(&(items.len() as u32).to_be_bytes());
    page.extend_from_slice(items);
    page
}

#[test]
fn a_small_page_that_unpacks_to_half_a_gigabyte_is_refused() {
    let world = world();
    let office = world.office();
    let before = peak_kib();
    for (claims, expect) in [(true, (413, "too-large")), (false, (400, "malformed"))] {
        let bomb = bomb(claims);
        assert!(bomb.len() < 64 * 1024, "{}", bomb.len());
        let refused = office.try_sync_bytes(&office.hello(true), &[bomb]).unwrap_err();
        assert_eq!((refused.0, refused.1.as_str()), expect);
    }
    assert!(peak_kib() < before + 64 * 1024, "{} KiB", peak_kib() - before);
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or_default()
}

#[test]
fn what_are_no_frames_of_an_exchange_is_refused() {
    let mut world = world();
    let mut office = world.office();
    let (_, _, page) = world.job(1);
    let (hello, page) = (office.hello(true).encode(), page_bytes(world.company.tenant, &page));
    let frames = |parts: &[(u8, &[u8])]| {
        let mut out = Vec::new();
        for (kind, payload) in parts {
            put_frame(&mut out, *kind, payload);
        }
        out
    };
    let mut long = frames(&[(HELLO, &hello)]);
    long.push(PAGE);
    long.extend_from_slice(&(FRAME_BYTES as u32 + 1).to_be_bytes());
    let cut = frames(&[(HELLO, &hello), (PAGE, &page)]);
    let no_lease = office.try_sync_bytes(&office.hello(false), std::slice::from_ref(&page)).unwrap().reply;
    assert!(no_lease.fork && no_lease.new == 0, "who pushes without a lease can't be told from a copy");
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("nothing", Vec::new(), 400),
        ("text", b"hello, relay, are you there?".to_vec(), 413),
        ("page first", frames(&[(PAGE, &page), (END, &[])]), 400),
        ("two greetings", frames(&[(HELLO, &hello), (HELLO, &hello), (END, &[])]), 400),
        ("garbage greeting", frames(&[(HELLO, b"\xff\xff"), (END, &[])]), 400),
        ("garbage page", frames(&[(HELLO, &hello), (PAGE, b"garbage"), (END, &[])]), 400),
        ("empty page", frames(&[(HELLO, &hello), (PAGE, &[]), (END, &[])]), 400),
        ("unknown frame", frames(&[(HELLO, &hello), (b'Z', b"?"), (END, &[])]), 400),
        ("a frame over the limit", long, 413),
        ("cut in a frame", cut[..cut.len() - 1].to_vec(), 400),
    ];
    for (name, body, status) in cases {
        let answer = office.post("/v1/sync", &body);
        assert_eq!(refusal(&answer).unwrap_err().0, status, "{name}");
    }
    let big = vec![0; 70_000];
    for path in ["/v1/challenge", "/v1/wait"] {
        assert_eq!(refusal(&office.post(path, &big)).unwrap_err().0, 413, "{path}");
    }
    assert_eq!(exchange(office.address, &[b"GET /v1/sync HTTP/1.1\r\nhost: x\r\n\r\n"]).status, 405);
    let (_, _, honest) = world.job(2);
    assert_eq!(office.sync(&[honest]).reply.new, 1);
}

#[test]
fn changed_pages_bring_nothing_in_that_was_not_written_so() {
    let mut world = world();
    let (fact, change) = world.admin.write(doc(1), "created", json!({"dk": "job", "regs": {"kind": "repair"}}));
    let good = page_bytes(world.company.tenant, &world.admin.page(vec![change]));
    // Several devices bring them, so that none asks too often.
    let clients: Vec<Client> = (20..28)
        .map(|n| {
            let pen = world.company.device(n, &format!("T-{n}"), "technician");
            Client::with_token(&world.relay, &pen, &world.company.roster_page())
        })
        .collect();
    for bit in (0..good.len() * 8).step_by(3) {
        let mut page = good.clone();
        page[bit / 8] ^= 1 << (bit % 8);
        let client = &clients[bit % clients.len()];
        let mut hello = client.hello(true);
        hello.lease.as_mut().unwrap().number = bit as u64;
        match client.try_sync_bytes(&hello, &[page]) {
            Ok(answer) => assert!(answer.reply.new <= 1),
            Err((status, _)) => assert!(status == 400 || status == 413, "bit {bit}: {status}"),
        }
    }
    // Who carries a fact, and when, is nobody's word and may come otherwise, several times; the fact itself may not.
    let everything = world.office().sync(&[]);
    for item in everything.pages.iter().flat_map(|page| &page.items) {
        let mut keys = item.changes.iter().flat_map(|(_, change)| &change.facts).map(|(key, _)| *key);
        if item.doc != docket_format::roster::doc(world.company.tenant) {
            assert!(item.doc == doc(1) && keys.all(|key| key == fact));
        }
    }
}

#[test]
fn one_bad_change_blocks_no_other() {
    let mut world = world();
    let mut office = world.office();
    let (_, _, mut page) = world.job(1);
    let (other, _, good) = world.job(2);
    // The first page's seal is left out: nothing vouches for it.
    page.seals.clear();
    let pushed = office.sync(&[page, good]);
    assert_eq!((pushed.reply.new, pushed.reply.refused.len()), (1, 1));
    assert_eq!(pushed.reply.refused[0].code, "unsealed");
    let mut on_site = world.on_site();
    assert!(!on_site.sync(&[]).changes().contains_key(&other), "and pushing shows nobody anything");
}
