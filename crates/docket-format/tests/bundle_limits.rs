//! The guarantee: the limits of bundles and seals hold exactly: one below and the limit itself pass, one above does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

use docket_format::bundle::{BadBundle, Bundle, Header, Item, Writer};
use docket_format::change::{Carrier, NewChange, Parsed, build, genesis, preflight};
use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::seal::Seal;
use docket_format::{Author, ChangeHash, DeviceId, DocId, FactId, Incarnation, TenantId, limits};

fn key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn author() -> Author {
    Author { device: key().public().device(), incarnation: Incarnation(1) }
}

fn header() -> Header {
    Header {
        tenant: TenantId::from_bytes([7; 32]),
        from: author(),
        key: key().public(),
        to: None,
        made_ms: 9,
        authors: vec![author()],
        held: vec![],
        documents: 0,
        changes: 0,
    }
}

/// The length that the first frame (after the mark and the frame's type) says it has.
fn first_frame_len(bundle: &[u8]) -> usize {
    u32::from_be_bytes(bundle[9..13].try_into().unwrap()) as usize
}

#[test]
fn seal_leaves() {
    let leaf = |i: u64| Leaf { doc: DocId::new_v7(i, [0; 10]), n: 1, fact: FactId::from_bytes([1; 16]) };
    for (extra, good) in [(-1i64, true), (0, true), (1, false)] {
        let count = (limits::SEAL_LEAVES as i64 + extra) as u64;
        let mut leaves: Vec<Leaf> = (0..count).map(leaf).collect();
        let seal = Seal::sign(&key(), header().tenant, Incarnation(1), 1, 9, &mut leaves);
        assert_eq!(seal.is_some(), good, "{count}");
        if let Some(seal) = seal {
            assert!(seal.raw().clone().verify(header().tenant, &key().public()).is_ok());
        }
    }
}

#[test]
fn bundle_header_bytes() {
    // An author takes 19 bytes with a small incarnation and 20 with one above 23: any length can be met.
    let empty = first_frame_len(&Writer::new(&Header { authors: vec![], ..header() }, &[], 3).unwrap().finish(&key()));
    for (extra, good) in [(-1i64, true), (0, true), (1, false)] {
        let wanted = (limits::BUNDLE_HEADER_BYTES as i64 + extra) as usize;
        // The list's own length takes 2 bytes more than that of an empty one.
        let room = wanted - empty - 2;
        let (count, longer) = (room / 19, room % 19);
        let author = |i: usize| Author {
            device: DeviceId::from_bytes([7; 16]),
            incarnation: Incarnation(if i < longer { 200 } else { 1 }),
        };
        let written = Writer::new(&Header { authors: (0..count).map(author).collect(), ..header() }, &[], 3);
        assert_eq!(written.is_ok(), good, "{wanted}");
        if let Ok(writer) = written {
            let bytes = writer.finish(&key());
            assert_eq!(first_frame_len(&bytes), wanted, "the test means what it says");
            assert!(Bundle::open(&bytes, None).is_ok());
        }
    }
}

#[test]
fn bundle_chunks() {
    for (extra, good) in [(-1i64, true), (0, true), (1, false)] {
        let count = (limits::BUNDLE_CHUNKS as i64 + extra) as usize;
        let mut writer = Writer::new(&header(), &[], 1).unwrap();
        for _ in 0..count {
            writer.chunk(&[]).unwrap();
        }
        let bytes = writer.finish(&key());
        match Bundle::open(&bytes, None) {
            Ok(bundle) => assert!(good && bundle.chunk_count() == count),
            Err(error) => {
                assert!(!good);
                assert!(matches!(error, BadBundle::TooLarge { what: "number of chunks", .. }), "{error}");
            }
        }
    }
}

/// One document with about 4 MiB of facts, the last of them `last` bytes long.
fn large(last: usize) -> Item {
    let doc = DocId::new_v7(1, [1; 10]);
    let carrier = Carrier::Device(author());
    let mut deps: Vec<ChangeHash> = vec![genesis(doc).hash];
    let mut changes: Vec<(Carrier, Parsed)> = Vec::new();
    let (mut start_op, mut left) = (3, limits::CHUNK_BYTES - 10_000);
    for seq in 1.. {
        let mut texts: Vec<String> = Vec::new();
        while left > 0 && texts.len() < 15 {
            let len = left.min(16_000);
            texts.push(format!("{seq}-{}-{}", texts.len(), "x".repeat(len - 12)));
            left -= len;
        }
        if left == 0 {
            texts.push("y".repeat(last));
        }
        let facts: Vec<(FactId, &str)> =
            texts.iter().map(|text| (FactId::of(doc, text.as_bytes()), text.as_str())).collect();
        let built = build(&NewChange { doc, carrier, seq, start_op, deps: &deps, time: 0, facts: &facts }).unwrap();
        let change = preflight(doc, carrier, &built.bytes).unwrap();
        start_op = change.max_op() + 1;
        deps = vec![change.hash];
        changes.push((carrier, change));
        if left == 0 {
            break;
        }
    }
    Item { doc, changes, leaves: vec![] }
}

fn one_chunk(last: usize) -> Result<Vec<u8>, BadBundle> {
    let mut writer = Writer::new(&header(), &[], 1)?;
    writer.chunk(&[large(last)])?;
    Ok(writer.finish(&key()))
}

#[test]
fn chunk_bytes() {
    // The longest last fact with which the chunk still fits: sizes grow byte by byte.
    let (mut fits, mut over) = (1, limits::FACT_BYTES);
    assert!(one_chunk(fits).is_ok() && one_chunk(over).is_err());
    while over - fits > 1 {
        let middle = usize::midpoint(fits, over);
        if one_chunk(middle).is_ok() {
            fits = middle;
        } else {
            over = middle;
        }
    }
    for (last, bytes) in [(fits - 1, limits::CHUNK_BYTES - 1), (fits, limits::CHUNK_BYTES)] {
        let file = one_chunk(last).unwrap();
        let bundle = Bundle::open(&file, None).unwrap();
        let items: Vec<Item> = bundle.chunks().flat_map(Result::unwrap).collect();
        assert_eq!(items, vec![large(last)]);
        let start = 8 + 5 + first_frame_len(&file) + 5;
        let plain = zstd::bulk::decompress(&file[start..file.len() - 101], limits::CHUNK_BYTES + 1).unwrap();
        assert_eq!(plain.len(), bytes);
    }
    assert!(matches!(one_chunk(fits + 1), Err(BadBundle::TooLarge { what: "chunk", .. })));
}
