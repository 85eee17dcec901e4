//! `docs/protocol.md` is the format's promise to other programs: its limits table and its vectors are what this code
//! makes. After a deliberate change run with `DOCKET_BLESS=1` to rewrite them; a changed vector is a broken promise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use std::fmt::Write as _;
use std::path::PathBuf;

use docket_format::bundle::{Header, Held, Item, LeafRef, SealEntry, Writer};
use docket_format::change::{Carrier, NewChange, build, build_import, genesis, preflight};
use docket_format::fact::{FactHeader, Origin, Stamp};
use docket_format::invitation::Invitation;
use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::roster::{self, Draft};
use docket_format::seal::Seal;
use docket_format::{ActorId, Author, DocId, Fact, Incarnation, limits};
use serde_json::{Map, Value};

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol.md")
}

fn check(section: &str, expected: &str) {
    let text = std::fs::read_to_string(page()).unwrap();
    let (begin, end) = (format!("<!-- {section}:begin -->\n"), format!("<!-- {section}:end -->"));
    let start = text.find(&begin).unwrap() + begin.len();
    let stop = text.find(&end).unwrap();
    if std::env::var_os("DOCKET_BLESS").is_some() {
        let new = format!("{}{expected}{}", &text[..start], &text[stop..]);
        std::fs::write(page(), new).unwrap();
    } else {
        assert_eq!(&text[start..stop], expected, "docs/protocol.md, section {section}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn limits_table() -> String {
    let mut out = String::from("| limit | value | of |\n|---|---|---|\n");
    for (name, value, doc) in limits::TABLE {
        let _ = writeln!(out, "| `{name}` | {value} | {} |", doc.trim());
    }
    out
}

/// The company's first fact, a share of the device with a further person, and its end.
fn roster_facts(root: &SecretKey, author: Author, tag: roster::SealTag, at: &Stamp) -> (Vec<Fact>, Vec<String>) {
    let (device, person, tags) = (author.device, "T-07".parse().unwrap(), [tag]);
    let (mut facts, mut texts): (Vec<Fact>, Vec<String>) = (Vec::new(), Vec::new());
    for n in 1..=3 {
        let over: Vec<_> = facts.iter().map(|fact| fact.id).skip(1).collect();
        let draft = match n {
            1 => Draft::Founded { name: "Cellar & Sons" },
            2 => Draft::Share { device, person: &person, name: "Lin", role: "technician" },
            _ => Draft::Unshare { device, person: &person, why: "moved", over: &over, seals: &tags },
        };
        let writer = Author { device: root.public().device(), ..author };
        let prev = facts.last().map(|fact| fact.id);
        let origin = Origin::Device { author: writer, n, prev, at: at.clone() };
        let (fact, text) = roster::sign(root.public().tenant(), root, origin, &draft).unwrap();
        facts.push(fact);
        texts.push(text);
    }
    (facts, texts)
}

fn vectors() -> String {
    let root = SecretKey::from_seed(&[1; 32]);
    let device = SecretKey::from_seed(&[2; 32]);
    let tenant = root.public().tenant();
    let author = Author { device: device.public().device(), incarnation: Incarnation(1) };
    let doc = DocId::new_v7(1_790_000_000_000, [0xAB; 10]);
    let job = DocId::derived(tenant, "job", "city", "1-1");

    let at = Stamp { wall_ms: 1_790_000_000_123, boot: "B00T".into(), up_ms: 4567 };
    let first = Origin::Device { author, n: 1, prev: None, at: at.clone() };
    let header = FactHeader { kind: "arrived".into(), origin: first };
    let (arrived, arrived_text) = Fact::write(doc, header, Map::new()).unwrap();
    let second = Origin::Device { author, n: 2, prev: Some(arrived.id), at: at.clone() };
    let body =
        Map::from_iter([("step", "A1"), ("unit", "ohm"), ("v", "0.35")].map(|(k, v)| (k.to_owned(), Value::from(v))));
    let (reading, reading_text) =
        Fact::write(doc, FactHeader { kind: "reading".into(), origin: second }, body).unwrap();
    let genesis = genesis(doc);
    let facts = [(arrived.id, arrived_text.as_str()), (reading.id, reading_text.as_str())];
    let carrier = Carrier::Device(author);
    let new = NewChange { doc, carrier, seq: 1, start_op: 3, deps: &[genesis.hash], time: 0, facts: &facts };
    let change = build(&new).unwrap();

    let origin = Origin::Import { source: "city".into(), number: "1-1".into() };
    let body = Map::from_iter([
        ("dk".to_owned(), Value::from("job")),
        ("regs".to_owned(), serde_json::json!({"kind": "repair"})),
    ]);
    let (imported, imported_text) = Fact::write(job, FactHeader { kind: "imported".into(), origin }, body).unwrap();
    let import = build_import(job, &[(imported.id, &imported_text)]).unwrap();

    let tip = Leaf { doc, n: 2, fact: reading.id };
    let row = Leaf { doc: job, n: 0, fact: imported.id };
    let mut leaves = vec![tip, row];
    let seal = Seal::sign(&device, tenant, Incarnation(1), 1, 1_790_000_001_000, &mut leaves).unwrap();

    let (roster_facts, roster_texts) = roster_facts(&root, author, roster::seal_tag(seal.id()), &at);
    let invitation = Invitation::new(tenant, [3; 16], 1_790_000_000_000);

    let place = |leaf: &Leaf| leaves.iter().position(|other| other == leaf).unwrap() as u64;
    let leaf_ref = |leaf: Leaf| LeafRef { seal: 0, index: place(&leaf), leaf, proof: Vec::new() };
    let visit = preflight(doc, carrier, &change.bytes).unwrap();
    let import_change = preflight(job, Carrier::Import, &import.bytes).unwrap();
    let items = [
        Item { doc, changes: vec![(carrier, visit)], leaves: vec![leaf_ref(tip)] },
        Item { doc: job, changes: vec![(Carrier::Import, import_change)], leaves: vec![leaf_ref(row)] },
    ];
    let header = Header {
        tenant,
        from: author,
        key: device.public(),
        to: None,
        made_ms: 1_790_000_002_000,
        authors: vec![author],
        held: vec![Held { author, first: 1, last: 1 }],
        documents: 2,
        changes: 2,
    };
    let mut writer = Writer::new(&header, &[SealEntry { seal: seal.raw().clone(), complete: true }], 3).unwrap();
    writer.chunk(&items).unwrap();
    let bundle = writer.finish(&device);

    let mut out =
        String::from("Keys: root from the seed 32 × `01`, device from 32 × `02`. Bytes in hexadecimal.\n\n```text\n");
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(out, "{name}\n  {value}");
    };
    line("root public key", &root.public().to_string());
    line("tenant", &tenant.to_string());
    line("device", &author.device.to_string());
    line("document (UUIDv7)", &doc.to_string());
    line("its short code", &doc.code());
    line("its device actor", &hex(ActorId::of_device(author, doc).as_bytes()));
    line("derived document (\"job\", \"city\", \"1-1\")", &job.to_string());
    line("genesis change", &hex(&genesis.bytes));
    line("genesis hash", &hex(genesis.hash.as_bytes()));
    line("fact 1", &arrived_text);
    line("its key", &arrived.id.to_string());
    line("fact 2", &reading_text);
    line("its key", &reading.id.to_string());
    line("change with both facts", &hex(&change.bytes));
    line("its hash", &hex(change.hash.as_bytes()));
    line("imported fact", &imported_text);
    line("import change", &hex(&import.bytes));
    line("its hash", &hex(import.hash.as_bytes()));
    line("seal body over the document's n = 2 and the imported fact", &hex(seal.raw().body_bytes()));
    line("its signature", &hex(seal.raw().signature().as_bytes()));
    line("roster fact", &roster_texts[0]);
    line("share of the device with T-07", &roster_texts[1]);
    line("its key", &roster_facts[1].id.to_string());
    line("the end of that share, where the seal above stands", &roster_texts[2]);
    line("invitation code (seed 16 × 03)", &invitation.to_string());
    line("its public key", &invitation.key().public().to_string());
    // zstd's output may change with its version; what it holds may not.
    line(
        "bundle before its first chunk",
        &hex(&bundle[..bundle.windows(4).position(|w| w == [0x28, 0xB5, 0x2F, 0xFD]).unwrap() - 5]),
    );
    out.push_str("```\n");
    out
}

#[test]
fn the_page_has_every_limit() {
    check("limits", &limits_table());
}

#[test]
fn the_page_has_the_vectors_that_this_code_makes() {
    check("vectors", &vectors());
}
