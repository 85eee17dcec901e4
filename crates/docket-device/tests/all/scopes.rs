//! Scopes follow crews: who comes in is shown the job and what it needs, who leaves is not; nobody without the right
//! to dispatch can show anybody anything.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails should say where")]

use std::collections::BTreeSet;

use docket_device::app::inbox::{self, Verdict};
use docket_device::app::jobs::{self, Assignment, NewJob};
use docket_device::app::{Job, Session, scope};
use docket_device::bundle::{self, Export};
use docket_device::{Draft, Store, company};
use docket_format::fact::Stamp;
use docket_format::{DocId, PersonId};
use serde_json::json;
use tempfile::TempDir;

struct Device {
    _dir: TempDir,
    session: Session,
}

fn now() -> Stamp {
    Stamp { wall_ms: NOW, boot: "TEST".into(), up_ms: 1 }
}

const NOW: i64 = 1_790_000_000_000;

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

fn office() -> Device {
    let dir = tempfile::tempdir().unwrap();
    let founded = company::found(dir.path(), "Cellar & Sons", &person("A-1"), "Ada", &now()).unwrap();
    Device { _dir: dir, session: Session::of(founded.store, Some(NOW)) }
}

impl Device {
    fn enrol(&mut self, id: &str, role: &str) -> Device {
        let expires = NOW + 3_600_000;
        let invited = company::invite(self.session.store_mut(), &person(id), id, role, expires, &now()).unwrap();
        let welcome = self.export(Export { welcome: true, ..Export::default() });
        let dir = tempfile::tempdir().unwrap();
        let joined = company::join(dir.path(), &invited.code.to_string(), &welcome, &now()).unwrap();
        let mut device = Device { _dir: dir, session: Session::of(joined.store, Some(NOW)) };
        let back = device.export(Export::default());
        self.import(&back);
        device
    }

    fn export(&mut self, what: Export<'_>) -> Vec<u8> {
        bundle::export(self.session.store_mut(), &what, &now()).unwrap().bytes
    }

    fn import(&mut self, bytes: &[u8]) {
        let report = bundle::import(self.session.store_mut(), bytes, "test", &now()).unwrap();
        assert!(report.is_whole(), "{report:?}");
    }

    fn job(&mut self) -> DocId {
        let customer = vec![("name", "Zhang".to_owned())];
        let new =
            NewJob { kind: "repair".into(), product: "fridge".into(), appliances: 1, customer, ..NewJob::default() };
        jobs::new_job(&mut self.session, &new).unwrap().0
    }

    fn assign(&mut self, doc: DocId, crew: &[&str]) {
        let job = Job::load(&self.session, doc).unwrap();
        let crew = crew.iter().map(|id| person(id)).collect();
        let to = Assignment { crew, overridden: Some("test".into()), ..Assignment::default() };
        jobs::assign(&mut self.session, &job, &to).unwrap();
    }

    fn customer(&self, doc: DocId) -> DocId {
        Job::load(&self.session, doc).unwrap().customer.unwrap().0
    }

    fn shown(&self, id: &str) -> BTreeSet<DocId> {
        scope::of(self.session.store(), &person(id)).unwrap().scope.docs()
    }

    fn scope_facts(&self, id: &str) -> Vec<String> {
        let doc = docket_format::scope::doc(self.session.tenant(), &person(id));
        let mut facts = self.session.facts(doc).unwrap();
        facts.sort_by_key(|fact| match fact.header.origin {
            docket_format::fact::Origin::Device { n, .. } => n,
            docket_format::fact::Origin::Import { .. } => 0,
        });
        facts.iter().map(|fact| fact.kind().to_owned()).collect()
    }
}

fn kinds_held(store: &Store) -> BTreeSet<String> {
    store.status().unwrap().docs.into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn assigning_shows_the_job_and_its_customer_once_and_taking_back_ends_it() {
    let mut office = office();
    let (job, other) = (office.job(), office.job());
    let docs: BTreeSet<DocId> = [job, office.customer(job)].into();
    office.assign(job, &["T-1"]);
    assert_eq!(office.shown("T-1"), docs);
    assert_eq!(office.scope_facts("T-1"), ["created", "entered"]);
    office.assign(job, &["T-1"]);
    assert_eq!(office.scope_facts("T-1"), ["created", "entered"], "the same crew again says nothing new");
    office.assign(job, &["T-1", "T-2"]);
    assert_eq!((office.shown("T-1"), office.shown("T-2")), (docs.clone(), docs.clone()));
    office.assign(job, &["T-2"]);
    assert_eq!(office.scope_facts("T-1"), ["created", "entered", "left"]);
    assert_eq!((office.shown("T-1"), office.shown("T-2")), (BTreeSet::new(), docs.clone()));
    let gone = scope::of(office.session.store(), &person("T-1")).unwrap().gone();
    assert_eq!(gone, docs);
    office.assign(other, &["T-2"]);
    office.assign(job, &[]);
    assert_eq!(office.shown("T-2"), [other, office.customer(other)].into());
    let job = Job::load(&office.session, other).unwrap();
    jobs::cancel(&mut office.session, &job, "bought elsewhere").unwrap();
    assert_eq!(office.shown("T-2").len(), 2, "a job that is called off is still shown");
}

#[test]
fn assigning_the_same_crew_repairs_what_was_assigned_before_scopes_were_kept() {
    let mut office = office();
    let job = office.job();
    let old = Draft::new("assigned", json!({"regs": {"crew": ["T-1"]}}));
    office.session.write(job, &[old]).unwrap();
    assert_eq!(office.shown("T-1"), BTreeSet::new());
    office.assign(job, &["T-1"]);
    assert_eq!(office.shown("T-1").len(), 2);
    // Taken back by an older version: the tag is still live.
    let over = Job::load(&office.session, job).unwrap().view().registers["crew"].over();
    let over: Vec<String> = over.iter().map(ToString::to_string).collect();
    let old = Draft::new("assigned", json!({"regs": {"crew": ["T-2"]}, "over": over}));
    office.session.write(job, &[old]).unwrap();
    office.assign(job, &["T-2"]);
    assert_eq!((office.shown("T-1").len(), office.shown("T-2").len()), (0, 2));
}

#[test]
fn another_document_that_the_office_names_comes_into_the_crews_scopes() {
    let mut office = office();
    let (job, stranger) = (office.job(), office.job());
    let stranger = office.customer(stranger);
    office.assign(job, &["T-1"]);
    let loaded = Job::load(&office.session, job).unwrap();
    jobs::set(&mut office.session, &loaded, "landlord", &stranger.to_string(), &[]).unwrap();
    assert_eq!(office.shown("T-1"), [job, office.customer(job), stranger].into());
    let loaded = Job::load(&office.session, job).unwrap();
    jobs::set(&mut office.session, &loaded, "landlord", "nobody", &[]).unwrap();
    assert_eq!(office.shown("T-1"), [job, office.customer(job)].into(), "and leaves them with it");
}

#[test]
fn deciding_between_two_customers_or_two_crews_moves_the_scopes_along() {
    let mut office = office();
    let (job, elsewhere) = (office.job(), office.job());
    let (customer, second) = (office.customer(job), office.customer(elsewhere));
    office.assign(job, &["T-1"]);
    // As a second import of an edited row makes them: neither names the other.
    office.session.write(job, &[Draft::new("set", json!({"r": "customer", "v": second.to_string()}))]).unwrap();
    office.session.write(job, &[Draft::new("assigned", json!({"regs": {"crew": ["T-2"]}, "seen": []}))]).unwrap();
    for (register, keep) in [("customer", second.to_string()), ("crew", "T-2".to_owned())] {
        let items = inbox::list(&office.session, false).unwrap();
        let item = items.iter().find(|item| item.summary.starts_with(register)).unwrap();
        inbox::decide(&mut office.session, &item.id, Verdict::Keep(Some(&keep)), "asked").unwrap();
        match register {
            "customer" => assert_eq!(office.shown("T-1"), [job, second].into()),
            _ => assert_eq!((office.shown("T-1"), office.shown("T-2")), (BTreeSet::new(), [job, second].into())),
        }
    }
    assert_ne!(customer, second);
}

#[test]
fn nobody_without_the_right_to_dispatch_shows_anybody_anything() {
    let mut office = office();
    let mut tao = office.enrol("T-1", "technician");
    let (job, stranger) = (office.job(), office.job());
    let stranger = office.customer(stranger);
    office.assign(job, &["T-1"]);
    tao.import(&office.export(Export { to: Some("T-1"), ..Export::default() }));
    let own = docket_format::scope::doc(tao.session.tenant(), &person("T-1"));
    tao.session.write(own, &[Draft::new("entered", json!({"docs": [stranger.to_string()]}))]).unwrap();
    // Nor does naming a stranger's document in the job make the office show it at the next dispatch.
    tao.session.write(job, &[Draft::new("set", json!({"r": "note", "v": stranger.to_string()}))]).unwrap();
    tao.assign(job, &["T-1", "T-2"]);
    office.import(&tao.export(Export::default()));
    assert_eq!(office.scope_facts("T-2"), Vec::<String>::new());
    office.assign(job, &["T-1", "T-2"]);
    for device in [&office, &tao] {
        assert!(!device.shown("T-1").contains(&stranger));
    }
    assert_eq!(office.shown("T-2"), [job, office.customer(job)].into());
    let to = office.export(Export { to: Some("T-1"), full: true, ..Export::default() });
    tao.import(&to);
    assert_eq!(tao.session.store().info(stranger).unwrap(), None);
}

#[test]
fn a_bundle_for_a_technician_has_their_scope_and_nobody_elses() {
    let mut office = office();
    let mut tao = office.enrol("T-1", "technician");
    office.enrol("T-2", "technician");
    let (mine, theirs) = (office.job(), office.job());
    office.assign(mine, &["T-1"]);
    office.assign(theirs, &["T-2"]);
    tao.import(&office.export(Export { to: Some("T-1"), ..Export::default() }));
    let held = |doc| tao.session.store().info(doc).unwrap().is_some();
    let tenant = tao.session.tenant();
    assert!(held(mine) && held(docket_format::scope::doc(tenant, &person("T-1"))));
    assert!(!held(theirs) && !held(docket_format::scope::doc(tenant, &person("T-2"))));
    assert!(kinds_held(tao.session.store()).contains("scope"));
    assert_eq!(scope::retained_jobs(&tao.session).unwrap(), []);
    office.assign(mine, &["T-2"]);
    tao.import(&office.export(Export { to: Some("T-1"), ..Export::default() }));
    assert_eq!(scope::retained_jobs(&tao.session).unwrap(), [mine]);
    assert_eq!(tao.session.store().status().unwrap().parked, 0);
}
