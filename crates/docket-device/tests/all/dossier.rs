//! An evidence pack proves itself: who made it, what the records say, that nothing was changed. Without a store, without a
//! server; whatever byte is changed, its entry is named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use crate::peers::{Device, joined, now, office};
use docket_device::Mode;
use docket_device::app::Session;
use docket_device::audit::{self, Options, Pack};
use docket_device::dossier::{self, Checked, Manifest, What};
use docket_device::store::read_only;
use docket_format::keys::SecretKey;
use docket_format::{DocId, TenantId};
use serde_json::json;

/// An office with a customer's job that a supervisor finished without its checklist, and one that nobody touched.
fn company() -> (Device, DocId, DocId) {
    let mut office = office();
    let create = |device: &mut Device, body| {
        device.store.create_doc(&[docket_device::Draft::new("created", body)], &now()).unwrap().0
    };
    let customer = create(&mut office, json!({"dk": "customer", "regs": {"name": "Li", "address": "Mill Lane 4"}}));
    let regs = json!({"kind": "repair", "appliances": 1, "customer": customer.to_string()});
    let job = create(&mut office, json!({"dk": "job", "regs": regs}));
    let regs = json!({"kind": "repair", "appliances": 1, "handler": "A-1"});
    let other = create(&mut office, json!({"dk": "job", "regs": regs}));
    let mut supervisor = joined(&mut office, "S-1", "supervisor");
    supervisor.import(&office.export());
    supervisor.state(job, "arrived", json!({}));
    supervisor.state(job, "completed", json!({"resolution": "repaired"}));
    office.import(&supervisor.export());
    (office, job, other)
}

fn pack_of(office: &Device, without_customers: bool) -> (Vec<u8>, Manifest) {
    let pack = Pack::builtin().unwrap();
    let audit = audit::run(&mut read_only(office.path()).unwrap(), &pack, Options::as_of(now().wall_ms)).unwrap();
    assert!(audit.findings.len() > 3);
    let mut session = Session::open(office.path(), Mode::ReadWrite, Some(now().wall_ms)).unwrap();
    let made = dossier::make(&mut session, &What { pack: &pack, audit: &audit, without_customers }).unwrap();
    (made.bytes, made.manifest)
}

fn check(bytes: &[u8]) -> Checked {
    check_for(bytes, None)
}

fn check_for(bytes: &[u8], tenant: Option<TenantId>) -> Checked {
    let scratch = tempfile::tempdir().unwrap();
    dossier::check(bytes, tenant, &scratch.path().join("record")).unwrap()
}

/// Name, place of the content and content of every entry.
fn entries(bytes: &[u8]) -> Vec<(String, usize, Vec<u8>)> {
    let mut archive = tar::Archive::new(bytes);
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let (name, at) = (entry.path().unwrap().display().to_string(), entry.raw_file_position() as usize);
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        (name, at, content)
    });
    entries.collect()
}

fn tar_of(entries: &[(String, usize, Vec<u8>)], made_ms: i64) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, _, content) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime((made_ms / 1000) as u64);
        builder.append_data(&mut header, name, content.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn an_evidence_pack_is_checked_with_nothing_but_the_file() {
    let (office, job, other) = company();
    let (bytes, manifest) = pack_of(&office, false);
    let checked = check(&bytes);
    assert!(checked.ok(), "{:?}", checked.flaws);
    assert_eq!(checked.maker, Some(("A-1".into(), "admin".into(), "active".into())));
    assert_eq!((checked.reproduced, checked.elsewhere.len()), (manifest.findings, 0), "the rules say the same again");
    let record = checked.record.unwrap();
    assert_eq!(record.proven, record.facts);
    assert!(manifest.documents.contains(&job.to_string()) && !manifest.documents.contains(&other.to_string()));
    let names: Vec<String> = entries(&bytes).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(
        names,
        ["manifest.json", "manifest.sig", "audit.json", "audit.csv", "rules.toml", "record.docket", "receipts.json"]
    );
    assert_eq!(pack_of(&office, false).0, bytes, "equal records, equal times, equal bytes");
    assert!(check_for(&bytes, Some(office.store.tenant())).ok());
    let stranger = check_for(&bytes, Some(TenantId::of_root(&[1; 32])));
    assert!(stranger.flaws[0].what.starts_with("is of another company"), "{:?}", stranger.flaws);
}

#[test]
fn customers_can_be_left_out() {
    let (office, ..) = company();
    let (bytes, manifest) = pack_of(&office, true);
    assert!(!bytes.windows(9).any(|window| window == b"Mill Lane"));
    let checked = check(&bytes);
    assert!(checked.ok(), "{:?}", checked.flaws);
    assert_eq!(checked.reproduced, manifest.findings);
}

#[test]
fn whatever_byte_is_changed_its_entry_is_named() {
    let (office, ..) = company();
    let (bytes, _) = pack_of(&office, false);
    let entries = entries(&bytes);
    for (name, at, content) in &entries {
        let places = (0..content.len()).step_by(content.len() / 23 + 1).chain([content.len() - 1]);
        for place in places {
            let mut bad = bytes.clone();
            bad[at + place] ^= 1;
            let flaws = check(&bad).flaws;
            // The signature covers the manifest: which of the two was changed can't be told.
            let named = |flaw: &dossier::Flaw| {
                flaw.entry == *name
                    || (name == "manifest.json" && flaw.entry == "manifest.sig")
                    || flaw.what.contains(name.as_str())
            };
            assert!(flaws.iter().any(named), "{name} at {place}: {flaws:?}");
        }
        // The header before it and the padding behind.
        for place in (at - 512..*at).step_by(7).chain([at + content.len()]) {
            let mut bad = bytes.clone();
            bad[place] ^= 1;
            assert!(!check(&bad).ok(), "byte {place}, the header of {name} or its padding");
        }
    }
    assert!(!check(&bytes[..bytes.len() - 1]).ok());
    assert!(!check(&[bytes.as_slice(), b"x"].concat()).ok());
    assert!(!check(&bytes[..700]).ok());
    assert!(!check(b"").ok());
    assert!(!check(b"not an archive").ok());
}

#[test]
fn what_somebody_else_signed_again_is_not_the_companys() {
    let (office, ..) = company();
    let (bytes, manifest) = pack_of(&office, false);
    let mut entries = entries(&bytes);
    // One finding is talked away, everything is hashed anew and signed with a key of one's own.
    let text = String::from_utf8(entries[2].2.clone()).unwrap().replace("critical", "minor").replace("major", "minor");
    entries[2].2 = text.into_bytes();
    let key = SecretKey::from_seed(&[3; 32]);
    let mut forged = manifest.clone();
    forged.made_by.key = key.public().to_string();
    forged.made_by.device = key.public().device().to_string();
    forged.entries[0].bytes = entries[2].2.len() as u64;
    let digest = docket_format::digest::sha256(&entries[2].2);
    forged.entries[0].sha256 = digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    entries[0].2 = [serde_json::to_vec_pretty(&forged).unwrap(), b"\n".to_vec()].concat();
    entries[1].2 = format!("{}\n", key.sign("docket-evidence", &[&entries[0].2]).to_text()).into_bytes();
    let checked = check(&tar_of(&entries, forged.made_ms));
    let flaws: Vec<&str> = checked.flaws.iter().map(|flaw| flaw.what.as_str()).collect();
    assert_eq!(flaws, ["was made by a device that the roster does not know"]);
    assert!(checked.maker.is_none());
}

#[test]
fn an_archive_that_is_more_than_it_should_be_is_refused() {
    let (office, ..) = company();
    let (bytes, manifest) = pack_of(&office, false);
    let good = entries(&bytes);
    let with = |extra: (&str, &str)| {
        let mut all = good.clone();
        all.push((extra.0.to_owned(), 0, extra.1.as_bytes().to_vec()));
        check(&tar_of(&all, manifest.made_ms)).flaws
    };
    assert_eq!(with(("more.txt", "x"))[0].what, "is not named in the manifest");
    assert!(with(("audit.json", "{}"))[0].what.contains("one entry too many"));
    let mut without = good.clone();
    without.remove(3);
    assert_eq!(check(&tar_of(&without, manifest.made_ms)).flaws[0].what, "is missing");
    // A link, and an entry that says it is endless.
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder.append_link(&mut header, "manifest.json", "/etc/passwd").unwrap();
    assert!(check(&builder.into_inner().unwrap()).flaws[0].what.contains("is no plain file"));
    let mut header = tar::Header::new_ustar();
    header.set_path("manifest.json").unwrap();
    header.set_size(u64::MAX / 4);
    header.set_cksum();
    assert!(!check(header.as_bytes()).ok());
}
