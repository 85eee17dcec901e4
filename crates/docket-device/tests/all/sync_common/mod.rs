//! A company with a relay in memory: devices are real stores, the wire can be cut and tampered with.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a helper that fails is a test that fails"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use docket_device::sync::{
    self, Answer, Body, Check, Options, Request, SyncError, SyncReport, Transport, TransportError,
};
use docket_device::verify;
use docket_device::{Draft, Mode, Store, company};
use docket_format::fact::Stamp;
use docket_format::{DocId, FactId, PersonId, TenantId, scope};
use docket_sync::testkit::Desk;
use docket_sync::wire::{self, Frames, put_frame};
use serde_json::json;
use tempfile::TempDir;

pub const NOW: i64 = 1_790_000_000_000;

pub fn now() -> Stamp {
    Stamp { wall_ms: NOW, boot: "TEST".into(), up_ms: 1 }
}

pub fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

/// The relay's side of the wire.
pub struct Shop {
    pub desk: Desk,
}

/// What one request was: path, bytes up, bytes down.
pub type Asked = (String, usize, usize);

/// Spoils bytes on their way.
pub type Spoil = Box<dyn FnMut(&mut Vec<u8>)>;

/// A device's end of the wire.
pub struct Link {
    pub shop: Rc<RefCell<Shop>>,
    pub url: String,
    /// The request ends after so many bytes.
    pub cut_request: Option<usize>,
    /// The answer to `/v1/sync` ends after so many bytes.
    pub cut_answer: Option<usize>,
    /// Spoils an answer to `/v1/sync`.
    pub spoil: Option<Spoil>,
    pub asked: Vec<Asked>,
    /// The last answer to `/v1/sync`.
    pub last: Vec<u8>,
}

pub struct Relay(pub Rc<RefCell<Shop>>);

impl Relay {
    pub fn new(tenant: TenantId, seed: u8) -> Self {
        let desk = Desk::new(tenant, [seed; 32], [seed; 16]);
        Self(Rc::new(RefCell::new(Shop { desk })))
    }

    pub fn link(&self) -> Link {
        Link {
            shop: self.0.clone(),
            url: "memory:".into(),
            cut_request: None,
            cut_answer: None,
            spoil: None,
            asked: Vec::new(),
            last: Vec::new(),
        }
    }

    /// The log is gone; a new one begins under the same key.
    pub fn wipe(&self, epoch: u8) {
        let mut shop = self.0.borrow_mut();
        shop.desk.log = docket_sync::relay::MemoryLog::new(shop.desk.tenant, [epoch; 16]);
        shop.desk.refresh();
    }
}

/// The whole frames of the beginning of a body, ended properly: what a relay takes in of a request that is cut.
fn whole_frames(body: &[u8], cut: usize) -> Vec<u8> {
    let mut frames = Frames::new();
    frames.push(&body[..cut.min(body.len())]);
    let mut out = Vec::new();
    while let Some(frame) = frames.next_frame().unwrap() {
        if frame.kind != wire::END {
            put_frame(&mut out, frame.kind, &frame.payload);
        }
    }
    put_frame(&mut out, wire::END, &[]);
    out
}

impl Transport for Link {
    fn url(&self) -> &str {
        &self.url
    }

    fn call(&mut self, request: Request<'_>) -> Result<Answer<'_>, TransportError> {
        let mut body = Vec::new();
        match request.body {
            Body::Bytes(bytes) => body = bytes,
            Body::Pieces(next) => {
                while let Some(piece) = next() {
                    body.extend(piece);
                }
            }
        }
        let mut shop = self.shop.borrow_mut();
        let is_sync = request.path == "/v1/sync";
        if let Some(cut) = self.cut_request.filter(|cut| is_sync && *cut < body.len()) {
            let part = whole_frames(&body, cut);
            // A greeting that did not come whole is nothing; pages that did are taken in.
            let _ = shop.desk.answer(request.path, request.token, &part);
            self.asked.push((request.path.into(), cut, 0));
            return Err(TransportError::cut("the request was cut"));
        }
        let answer = shop.desk.answer(request.path, request.token, &body);
        let (status, mut bytes) = match answer {
            Ok(bytes) => (200, bytes),
            Err((status, problem)) => (status, problem.encode_bytes()),
        };
        if is_sync && status == 200 {
            self.last.clone_from(&bytes);
            if let Some(spoil) = &mut self.spoil {
                spoil(&mut bytes);
            }
        }
        self.asked.push((request.path.into(), body.len(), bytes.len()));
        let cut = self.cut_answer.filter(|cut| is_sync && *cut < bytes.len());
        bytes.truncate(cut.unwrap_or(bytes.len()));
        let mut pieces = bytes.chunks(7_000).map(<[u8]>::to_vec).collect::<Vec<_>>().into_iter();
        let mut cut = cut;
        Ok(Answer {
            status,
            retry_after_s: None,
            pieces: Box::new(move || match pieces.next() {
                Some(piece) => Ok(Some(piece)),
                None if cut.take().is_some() => Err(TransportError::cut("the answer was cut")),
                None => Ok(None),
            }),
        })
    }
}

pub struct Device {
    pub dir: TempDir,
    pub store: Store,
    pub link: Link,
}

impl Device {
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn reopen(&mut self) {
        self.store = Store::open(self.dir.path(), Mode::ReadWrite).unwrap();
    }

    pub fn try_sync(&mut self, options: Options) -> Result<SyncReport, SyncError> {
        sync::sync(&mut self.store, &mut self.link, options, &now, &mut |_| {})
    }

    /// Synchronises and asks that all of it went well.
    pub fn sync(&mut self) -> SyncReport {
        let report = self.try_sync(Options::default()).unwrap();
        assert!(report.is_whole(), "{report:?}");
        report
    }

    pub fn check(&mut self) -> SyncReport {
        let report = self.try_sync(Options { check: Check::Now, ..Options::default() }).unwrap();
        assert!(report.is_whole(), "{report:?}");
        report
    }

    pub fn write(&mut self, doc: DocId, kind: &str, body: serde_json::Value) -> FactId {
        self.store.write(doc, &[Draft::new(kind, body)], &now()).unwrap()[0]
    }

    pub fn note(&mut self, doc: DocId, text: &str) -> FactId {
        self.write(doc, "noted", json!({"text": text}))
    }

    pub fn job(&mut self) -> DocId {
        let body = json!({"dk": "job", "regs": {"kind": "repair", "appliances": 1}});
        self.store.create_doc(&[Draft::new("created", body)], &now()).unwrap().0
    }

    pub fn jobs(&mut self, count: usize) -> Vec<DocId> {
        (0..count).map(|_| self.job()).collect()
    }

    /// Shows documents to a person's devices.
    pub fn show(&mut self, id: &str, docs: &[DocId]) -> FactId {
        let doc = scope::doc(self.store.tenant(), &person(id));
        if self.store.facts(doc).unwrap().is_empty() {
            self.write(doc, "created", json!({"dk": "scope", "regs": {"person": id}}));
        }
        let docs: Vec<String> = docs.iter().map(ToString::to_string).collect();
        self.write(doc, "entered", json!({"docs": docs}))
    }

    pub fn invite(&mut self, id: &str, role: &str) -> String {
        let until = NOW + 24 * 3_600_000;
        company::invite(&mut self.store, &person(id), id, role, until, &now()).unwrap().code.to_string()
    }

    pub fn verified(&self) {
        let report = verify::verify(&self.store, None).unwrap();
        assert!(report.ok(), "{report:?}");
    }

    /// Every fact here, by document.
    pub fn facts(&self) -> BTreeMap<DocId, Vec<FactId>> {
        let mut all = BTreeMap::new();
        self.store
            .for_each_doc(|doc, _| {
                all.insert(doc, self.store.facts(doc)?.into_iter().map(|fact| fact.id).collect());
                Ok::<_, docket_device::StoreError>(())
            })
            .unwrap();
        all
    }

    /// A copy of the whole directory, as a backup program makes it.
    pub fn copied(&self) -> TempDir {
        let to = tempfile::tempdir().unwrap();
        self.store.conn().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        copy(self.dir.path(), to.path());
        to
    }

    pub fn generation(&self) -> i64 {
        self.store
            .conn()
            .query_row("SELECT generation + (SELECT coalesce(max(id), 0) FROM change) FROM meta", [], |row| row.get(0))
            .unwrap()
    }
}

pub fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A company with an admin's device and a relay that knows it.
pub fn company() -> (Relay, Device) {
    let dir = tempfile::tempdir().unwrap();
    let founded = company::found(dir.path(), "Cellar & Sons", &person("A-1"), "Ada", &now()).unwrap();
    let relay = Relay::new(founded.tenant, 7);
    let link = relay.link();
    let mut office = Device { dir, store: founded.store, link };
    office.sync();
    (relay, office)
}

/// A device that joined through the relay, before its first synchronisation.
pub fn joined(relay: &Relay, office: &mut Device, id: &str, role: &str) -> Device {
    let code = office.invite(id, role);
    office.sync();
    let dir = tempfile::tempdir().unwrap();
    let mut link = relay.link();
    let enrolled = sync::enrol(dir.path(), &code, &mut link, &now()).unwrap();
    assert_eq!((enrolled.role.as_str(), enrolled.company.as_str()), (role, "Cellar & Sons"));
    Device { dir, store: enrolled.store, link }
}

/// The same facts and heads on both, everywhere.
pub fn same(one: &Device, other: &Device) {
    let (own, theirs) = (one.facts(), other.facts());
    for doc in own.keys().chain(theirs.keys()) {
        let count = |facts: &BTreeMap<DocId, Vec<FactId>>| facts.get(doc).map_or(0, Vec::len);
        assert!(own.get(doc) == theirs.get(doc), "{doc}: {} and {} facts", count(&own), count(&theirs));
    }
    for doc in own.keys() {
        assert_eq!(one.store.heads(*doc).unwrap(), other.store.heads(*doc).unwrap(), "{doc}");
    }
    one.verified();
    other.verified();
}
