//! Devices of one company that hand bundles to each other. Each test file adds what only it needs.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a helper that fails is a test that fails"
)]

use std::path::Path;

use docket_device::bundle::{self, Export, Exported, ImportReport};
use docket_device::{Draft, Store, company, verify};
use docket_format::fact::Stamp;
use docket_format::{DocId, FactId, PersonId};
use serde_json::Value;
use tempfile::TempDir;

pub struct Device {
    pub dir: TempDir,
    pub store: Store,
}

impl Device {
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn state(&mut self, doc: DocId, kind: &str, body: Value) -> FactId {
        self.store.write(doc, &[Draft::new(kind, body)], &now()).unwrap()[0]
    }

    pub fn export(&mut self) -> Vec<u8> {
        bundle::export(&mut self.store, &Export::default(), &now()).unwrap().bytes
    }

    /// For a person or a device's id.
    pub fn export_to(&mut self, to: &str) -> Exported {
        bundle::export(&mut self.store, &Export { to: Some(to), ..Export::default() }, &now()).unwrap()
    }

    pub fn import(&mut self, bytes: &[u8]) -> ImportReport {
        bundle::import(&mut self.store, bytes, "test", &now()).unwrap()
    }

    pub fn verify(&self) -> verify::Report {
        verify::verify(&self.store, None).unwrap()
    }
}

pub fn now() -> Stamp {
    Stamp { wall_ms: 1_790_000_000_000, boot: "TEST".into(), up_ms: 1 }
}

pub fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

/// The first admin's device of a new company.
pub fn office() -> Device {
    let dir = tempfile::tempdir().unwrap();
    let founded = company::found(dir.path(), "Cellar & Sons", &person("A-1"), "Ada", &now()).unwrap();
    Device { dir, store: founded.store }
}

/// A device that joined with the office's bundle and has not been heard of since.
pub fn joined(office: &mut Device, id: &str, role: &str) -> Device {
    let until = now().wall_ms + 86_400_000;
    let invited = company::invite(&mut office.store, &person(id), id, role, until, &now()).unwrap();
    let welcome = office.export();
    let dir = tempfile::tempdir().unwrap();
    let joined = company::join(dir.path(), &invited.code.to_string(), &welcome, &now()).unwrap();
    assert_eq!(joined.role, role);
    Device { dir, store: joined.store }
}
