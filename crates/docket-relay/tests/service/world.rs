//! A company with an office and a technician, and a relay.

use docket_format::{ChangeHash, DocId, FactId};
use docket_sync::testkit::{Company, Pen};
use docket_sync::wire::Page;
use serde_json::json;

use crate::support::{Client, Relay, doc};

pub(crate) struct World {
    _dir: tempfile::TempDir,
    pub(crate) relay: Relay,
    pub(crate) company: Company,
    pub(crate) admin: Pen,
    pub(crate) technician: Pen,
}

pub(crate) fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let mut company = Company::new(1);
    let (admin, technician) = (company.device(2, "A-1", "admin"), company.device(3, "T-1", "technician"));
    let relay = Relay::start(dir.path(), &[company.tenant]);
    World { _dir: dir, relay, company, admin, technician }
}

impl World {
    pub(crate) fn office(&self) -> Client {
        Client::with_token(&self.relay, &self.admin, &self.company.roster_page())
    }

    pub(crate) fn on_site(&self) -> Client {
        Client::with_token(&self.relay, &self.technician, &self.company.roster_page())
    }

    pub(crate) fn job(&mut self, n: u64) -> (DocId, ChangeHash, Page) {
        let change = self.admin.write(doc(n), "created", json!({"dk": "job", "regs": {"kind": "repair"}})).1;
        (doc(n), change.1.hash, self.admin.page(vec![change]))
    }

    pub(crate) fn note(&mut self, at: DocId, text: &str) -> (ChangeHash, Page) {
        let change = self.admin.write(at, "noted", json!({"text": text})).1;
        (change.1.hash, self.admin.page(vec![change]))
    }

    pub(crate) fn enter(&mut self, docs: &[DocId]) -> (FactId, Page) {
        let (tag, changes) = self.admin.enter("T-1", docs);
        (tag, self.admin.page(changes))
    }
}
