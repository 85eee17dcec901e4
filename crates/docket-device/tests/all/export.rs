//! The promise: what `docket job export --automerge` writes is a document that any Automerge library opens, with every
//! fact in it byte for byte, and that docket's own strict reading accepts.

#![allow(clippy::unwrap_used, reason = "a test that fails should say where")]

use std::collections::BTreeMap;

use crate::common::{Fixture, arrivals, draft, stamp};
use automerge::{AutoCommit, ReadDoc as _};
use docket_device::app::{Session, export};
use docket_device::{Draft, Store};
use docket_format::snapshot;
use serde_json::json;

#[test]
fn any_automerge_library_opens_an_exported_job_and_finds_every_fact() {
    let (mut office, mut phone) = (Fixture::new(), Fixture::new());
    let created = draft("created", json!({"dk": "job", "regs": {"kind": "repair", "product": "oven"}}));
    let (doc, _) = office.store.create_doc(&[created], &stamp(1)).unwrap();
    let copy = |from: &Store, to: &mut Store| {
        let sent = arrivals(from, doc);
        to.ingest(&crate::common::SENDER, sent, |_| {}).unwrap();
    };
    copy(&office.store, &mut phone.store);
    // Written apart, so that the document has two heads, and enough that its columns are compressed.
    let notes = |who: &str| -> Vec<Draft> {
        (0..40).map(|n| draft("noted", json!({"text": format!("{who} {n} ä中 {}", "x".repeat(200))}))).collect()
    };
    office.store.write(doc, &notes("office"), &stamp(2)).unwrap();
    phone.store.write(doc, &notes("phone"), &stamp(3)).unwrap();
    copy(&phone.store, &mut office.store);
    let ours: BTreeMap<String, String> = office
        .store
        .changes(doc)
        .unwrap()
        .iter()
        .flat_map(|change| change.facts.clone())
        .map(|(id, text)| (id.to_string(), text))
        .collect();
    assert_eq!(ours.len(), 81);

    let bytes = export::automerge(&Session::of(office.store, None), doc).unwrap();
    let opened = AutoCommit::load(&bytes).unwrap();
    assert_eq!(opened.get(automerge::ROOT, "id").unwrap().unwrap().0.as_str(), Some(doc.to_string().as_str()));
    let (_, map) = opened.get(automerge::ROOT, "facts").unwrap().unwrap();
    let theirs: BTreeMap<String, String> = opened
        .keys(&map)
        .map(|key| {
            let text = opened.get(&map, key.as_str()).unwrap().unwrap().0.as_str().unwrap().to_owned();
            (key, text)
        })
        .collect();
    assert_eq!(theirs, ours);
    snapshot::preflight(doc, &bytes).unwrap();
}
