//! The relay's part of `docs/protocol.md`: its vectors are what this code makes. After a deliberate change run with
//! `DOCKET_BLESS=1`; a changed vector is a broken promise.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that fails should say where")]

use std::fmt::Write as _;

use docket_format::bundle::join_items;
use docket_format::keys::SecretKey;
use docket_format::{Author, DocId, Incarnation};
use docket_sync::relay::{MemoryLog, first_digest, next_digest};
use docket_sync::wire::{
    Anchor, Beacon, Buckets, Compare, Cursor, DocSum, End, Hello, Lease, Page, PageParts, Receipt, Reply, Sum,
    accepted_digest, auth_signature, put_frame,
};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn vectors() -> String {
    let [root, relay, device] = [1, 4, 2].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let tenant = root.public().tenant();
    let author = Author { device: device.public().device(), incarnation: Incarnation(1) };
    let (epoch, doc) = ([5; 16], DocId::new_v7(1_790_000_000_000, [0xAB; 10]));
    let start = first_digest(tenant, &epoch);
    let head = Anchor { pos: 1, digest: next_digest(&start, 1, doc, &[0x83, 0xf6, 0x80, 0x80]) };
    let relay_ms = 1_790_000_000_123;
    let beacon = Beacon::sign(&relay, tenant, epoch, head, relay_ms);
    let accepted = accepted_digest(Vec::new());
    let receipt = Receipt { tenant, device: author.device, epoch, head, relay_ms, accepted: &accepted }.sign(&relay);
    let hello = Hello {
        incarnation: Incarnation(1),
        anchor: Some((epoch, head)),
        cursor: Some((u64::MAX, Cursor { eff: 1, pos: 1 })),
        lease: Some(Lease { number: 1, nonce: [6; 16] }),
        want: vec![doc],
        push_only: false,
    };
    let reply = Reply {
        epoch,
        head,
        relay_ms,
        beacon,
        receipt: Some(receipt),
        new: 1,
        refused: Vec::new(),
        want: vec![doc],
        lease: Some(2),
        fork: false,
        reconcile: false,
        view: u64::MAX,
        seen: 1,
    };
    let none: [&[u8]; 0] = [];
    let items = join_items(none.into_iter());
    let authors = [(author, 0)].into();
    let mark = Some(Cursor { eff: 1, pos: 1 });
    let page = PageParts { authors: &authors, seals: &[], items: &items, mark, level: 3 }.encode().unwrap();
    assert_eq!(Page::decode(tenant, &page).unwrap().mark, mark);
    let sum = DocSum { doc, sum: Sum(7) };
    let mut buckets = Buckets::default();
    buckets.add(sum);
    let mut frame = Vec::new();
    put_frame(&mut frame, b'E', &End { cursor: Cursor { eff: 1, pos: 1 }, more: false }.encode());
    let rows: [(&str, String); 12] = [
        ("digest(0)", hex(&start)),
        ("digest(1) of an empty item", hex(&head.digest)),
        (
            "docket-auth over the nonce 32 × 07",
            hex(auth_signature(&device, tenant, &relay.public(), &[7; 32]).as_bytes()),
        ),
        ("docket-beacon", hex(beacon.as_bytes())),
        ("accepted, of nothing", hex(&accepted)),
        ("docket-receipt", hex(receipt.as_bytes())),
        ("hello", hex(&hello.encode())),
        ("reply", hex(&reply.encode())),
        ("page without items", hex(&page)),
        ("frame with an end", hex(&frame)),
        ("compare, one document asked for", hex(&Compare { buckets: None, docs: vec![sum] }.encode())),
        ("its buckets, SHA-256 of the question", {
            let ask = Compare { buckets: Some(buckets), docs: Vec::new() };
            hex(&docket_format::digest::sha256(&ask.encode()))
        }),
    ];
    let mut out = String::from("Keys as below, the relay's from the seed 32 × `04`; epoch 16 × `05`.\n\n```text\n");
    for (name, value) in rows {
        let _ = writeln!(out, "{name}\n  {value}");
    }
    out.push_str("```\n");
    out
}

#[test]
fn the_pages_vectors_are_what_the_code_makes() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- sync-vectors:begin -->\n", "<!-- sync-vectors:end -->");
    let (before, rest) = text.split_once(begin).unwrap();
    let (found, after) = rest.split_once(end).unwrap();
    let made = vectors();
    if std::env::var_os("DOCKET_BLESS").is_some() {
        std::fs::write(&path, [before, begin, &made, end, after].concat()).unwrap();
    } else {
        assert_eq!(found, made, "docs/protocol.md, a device and a relay");
    }
}

#[test]
fn a_log_begins_with_the_digest_of_the_page() {
    use docket_sync::relay::Log as _;
    let tenant = SecretKey::from_seed(&[1; 32]).public().tenant();
    let head = MemoryLog::new(tenant, [5; 16]).head().unwrap();
    assert_eq!(head, Anchor { pos: 0, digest: first_digest(tenant, &[5; 16]) });
}
