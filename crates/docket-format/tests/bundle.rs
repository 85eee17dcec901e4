//! A bundle's promise: what comes out is what went in, or nothing comes out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use std::collections::BTreeMap;

use docket_format::bundle::{BadBundle, Bundle, Header, Held, Item, LeafRef, SealEntry, Writer};
use docket_format::change::{Carrier, NewChange, Parsed, build, build_import, genesis, preflight};
use docket_format::fact::{FactHeader, Origin, Stamp};
use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::seal::Seal;
use docket_format::{Author, DocId, Fact, FactId, Incarnation, TenantId};
use serde_json::{Map, Value};

fn key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn tenant() -> TenantId {
    TenantId::from_bytes([7; 32])
}

fn author() -> Author {
    Author { device: key().public().device(), incarnation: Incarnation(1) }
}

fn imported(number: &str) -> Item {
    let doc = DocId::derived(tenant(), "job", "city", number);
    let origin = Origin::Import { source: "city".into(), number: number.into() };
    let body = Map::from_iter([("dk".to_owned(), Value::from("job")), ("note".to_owned(), Value::from("Küche"))]);
    let (fact, text) = Fact::write(doc, FactHeader { kind: "imported".into(), origin }, body).unwrap();
    let built = build_import(doc, &[(fact.id, &text)]).unwrap();
    let change = preflight(doc, Carrier::Import, &built.bytes).unwrap();
    let leaf = Leaf { doc, n: 0, fact: fact.id };
    Item {
        doc,
        changes: vec![(Carrier::Import, change)],
        leaves: vec![LeafRef { seal: 0, index: 0, leaf, proof: vec![] }],
    }
}

/// A visit: one chain of facts in changes of one, then a change with a branch, then one fact under a wrong key.
fn visit() -> Item {
    let doc = DocId::new_v7(5, [5; 10]);
    let carrier = Carrier::Device(author());
    let mut changes: Vec<(Carrier, Parsed)> = Vec::new();
    let mut prev: Option<FactId> = None;
    let mut next_op = 3;
    for n in 1..=6u64 {
        let at = Stamp { wall_ms: 1_700_000_000_000 + n as i64, boot: "B".into(), up_ms: n as i64 };
        let origin = Origin::Device { author: author(), n, prev, at };
        let body = Map::from_iter([("step".to_owned(), Value::from(format!("A{n}")))]);
        let (fact, text) = Fact::write(doc, FactHeader { kind: "step".into(), origin }, body).unwrap();
        let key = if n == 6 { FactId::from_bytes([0xEE; 16]) } else { fact.id };
        let deps = match n {
            1 | 4 => vec![genesis(doc).hash],
            5 => vec![changes[2].1.hash, changes[3].1.hash],
            _ => vec![changes[n as usize - 2].1.hash],
        };
        let facts = [(key, text.as_str())];
        let new = NewChange { doc, carrier, seq: n, start_op: next_op, deps: &deps, time: 0, facts: &facts };
        let built = build(&new).unwrap();
        next_op += if n == 4 { 5 } else { 1 };
        changes.push((carrier, preflight(doc, carrier, &built.bytes).unwrap()));
        prev = Some(key);
    }
    let fact = FactId::from_bytes([0xAA; 16]);
    let known_elsewhere = LeafRef { seal: 1, index: 3, leaf: Leaf { doc, n: 9, fact }, proof: vec![[3; 32], [4; 32]] };
    Item { doc, changes, leaves: vec![known_elsewhere] }
}

fn bundle(items: &[Item]) -> Vec<u8> {
    let mut leaves: Vec<Leaf> = items.iter().flat_map(|item| item.leaves.iter().map(|l| l.leaf)).collect();
    let seal = Seal::sign(&key(), tenant(), Incarnation(1), 1, 9, &mut leaves).unwrap();
    let header = Header {
        tenant: tenant(),
        from: author(),
        key: key().public(),
        to: None,
        made_ms: 9,
        authors: vec![author()],
        held: vec![Held { author: author(), first: 1, last: 4 }],
        documents: items.len() as u64,
        changes: 3,
    };
    let seals = [SealEntry { seal: seal.raw().clone(), complete: true }];
    let mut writer = Writer::new(&header, &seals, 3).unwrap();
    writer.chunk(items).unwrap();
    writer.finish(&key())
}

fn refused(bytes: &[u8]) -> BadBundle {
    Bundle::open(bytes, Some(tenant())).err().expect("the bundle is bad")
}

#[test]
fn what_goes_in_comes_out() {
    let items = vec![imported("1-1"), visit(), imported("1-2")];
    let bytes = bundle(&items);
    let opened = Bundle::open(&bytes, Some(tenant())).unwrap();
    assert_eq!(opened.header().held, vec![Held { author: author(), first: 1, last: 4 }]);
    assert_eq!(opened.seals().len(), 1);
    let got: Vec<Item> = opened.chunks().flat_map(Result::unwrap).collect();
    assert_eq!(got, items);
}

#[test]
fn every_flipped_byte_and_every_cut_is_noticed() {
    let bytes = bundle(&[imported("1-1"), visit()]);
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x01;
        assert!(Bundle::open(&flipped, Some(tenant())).is_err(), "byte {at}");
        assert!(Bundle::open(&bytes[..at], Some(tenant())).is_err(), "cut at {at}");
    }
    assert_eq!(refused(&bytes[..bytes.len() - 1]), BadBundle::Truncated { at: bytes.len() - 1 });
    assert_eq!(refused(b"PK\x03\x04"), BadBundle::NotABundle);
    assert_eq!(refused(b""), BadBundle::NotABundle);
    let longer = [&bytes[..], b"x"].concat();
    assert!(matches!(refused(&longer), BadBundle::Malformed { .. }));
}

#[test]
fn another_companys_bundle_is_foreign_and_anothers_signature_forged() {
    let bytes = bundle(&[imported("1-1")]);
    let other = TenantId::from_bytes([8; 32]);
    assert_eq!(Bundle::open(&bytes, Some(other)).err(), Some(BadBundle::OtherTenant(tenant())));
    let header = Header {
        tenant: tenant(),
        from: author(),
        key: key().public(),
        to: None,
        made_ms: 9,
        authors: vec![],
        held: vec![],
        documents: 0,
        changes: 0,
    };
    let forged = Writer::new(&header, &[], 3).unwrap().finish(&SecretKey::from_seed(&[2; 32]));
    assert_eq!(refused(&forged), BadBundle::Forged);
    let borrowed_name = Header { key: SecretKey::from_seed(&[2; 32]).public(), ..header };
    let forged = Writer::new(&borrowed_name, &[], 3).unwrap().finish(&SecretKey::from_seed(&[2; 32]));
    assert_eq!(refused(&forged), BadBundle::Forged, "a key that is not the named device's");
}

#[test]
fn a_bomb_is_refused_before_it_is_inflated() {
    let zeros = vec![0u8; 64 * 1024 * 1024];
    let bomb = zstd::bulk::compress(&zeros, 3).unwrap();
    assert!(bomb.len() < 16 * 1024);
    let good = bundle(&[imported("1-1")]);
    // The same file with the chunk replaced and the trailer signed anew: a hostile but enrolled device.
    let header = Bundle::open(&good, None).unwrap().header().clone();
    let mut bytes = Writer::new(&header, &[], 3).unwrap().finish(&key());
    bytes.truncate(bytes.len() - (5 + 96));
    bytes.push(b'C');
    bytes.extend_from_slice(&(bomb.len() as u32).to_be_bytes());
    bytes.extend_from_slice(&bomb);
    let digest = docket_format::digest::sha256(&bytes);
    let signature = key().sign("docket-bundle", &[tenant().as_bytes(), &digest]);
    bytes.push(b'T');
    bytes.extend_from_slice(&96u32.to_be_bytes());
    bytes.extend_from_slice(&digest);
    bytes.extend_from_slice(signature.as_bytes());
    let opened = Bundle::open(&bytes, Some(tenant())).unwrap();
    let result: Vec<_> = opened.chunks().collect();
    assert!(matches!(result[0], Err(BadBundle::TooLarge { what: "chunk", .. })), "{result:?}");
}

#[test]
fn a_chain_costs_few_bytes_a_fact() {
    // Facts of one chain: keys, hashes, actors and prev are computed, not sent.
    let plain: usize = visit().changes.iter().flat_map(|(_, change)| &change.facts).map(|(_, text)| text.len()).sum();
    let mut sizes = BTreeMap::new();
    for copies in [1usize, 2] {
        let items: Vec<Item> = (0..copies).flat_map(|_| [visit()]).collect();
        sizes.insert(copies, bundle(&items).len());
    }
    assert!(sizes[&2] - sizes[&1] < plain / 2, "{sizes:?}, {plain}");
}
