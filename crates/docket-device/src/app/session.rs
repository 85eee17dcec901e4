//! A store as use-cases see it: documents, policies, people, the time.

use std::cell::{OnceCell, RefCell};
use std::path::Path;
use std::sync::Arc;

use docket_core::policy::adoption::Adoption;
use docket_core::{AS, Policy, RELAY_TIME, Site, UnixMs};
use docket_format::fact::Stamp;
use docket_format::roster::Roster;
use docket_format::{ContentDigest, DeviceId, DocId, Fact, FactId, PersonId, TenantId};
use jiff::civil::Date;
use serde_json::Value;

use super::error::AppError;
use super::people::{self, Hand};
use crate::clock;
use crate::company;
use crate::error::StoreError;
use crate::project::evidence::DocEvidence;
use crate::project::policy::{self, Policies};
use crate::store::read::row_of;
use crate::store::{Draft, Mode, Store, Whereabouts};

/// The boot name of a pretended time: such stamps belong to no real boot.
const PRETENDED: &str = "PRETENDED";

/// Where a document's records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// Records held.
    pub facts: u64,
    /// Of them written by this device.
    pub own: u64,
    /// Of those, not yet in any bundle.
    pub unsealed: u64,
    /// Photos and signature images that stay here until they can be sent.
    pub blobs_unsent: u64,
    /// How many records are only here, at the relay, seen by a supervisor.
    pub places: Whereabouts,
}

/// An open store, the time, and what is looked up once.
pub struct Session {
    store: Store,
    pretended_ms: Option<i64>,
    hand: OnceCell<Hand>,
    policies: RefCell<Policies>,
}

impl Session {
    /// Opens the store in `dir`. `pretended_ms` stands in for the wall clock (rehearsals and tests).
    pub fn open(dir: &Path, mode: Mode, pretended_ms: Option<i64>) -> Result<Self, AppError> {
        Ok(Self::of(Store::open(dir, mode)?, pretended_ms))
    }

    /// Around a store that is open.
    pub fn of(store: Store, pretended_ms: Option<i64>) -> Self {
        Self { store, pretended_ms, hand: OnceCell::new(), policies: RefCell::default() }
    }

    /// The store by itself again.
    pub fn into_store(self) -> Store {
        self.store
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The store, for writing; what was looked up is forgotten.
    pub fn store_mut(&mut self) -> &mut Store {
        self.hand.take();
        self.policies.borrow_mut().forget();
        &mut self.store
    }

    /// What a fact written now says about the time.
    pub fn stamp(&self) -> Stamp {
        stamp(self.pretended_ms)
    }

    /// The wall clock.
    pub fn now_ms(&self) -> UnixMs {
        UnixMs(self.pretended_ms.unwrap_or_else(clock::wall_ms))
    }

    /// The day in UTC.
    pub fn today(&self) -> Date {
        self.now_ms().utc_date().unwrap_or_default()
    }

    /// The company.
    pub fn tenant(&self) -> TenantId {
        self.store.tenant()
    }

    /// This device.
    pub fn device(&self) -> DeviceId {
        self.store.device()
    }

    /// The roster as this store knows it.
    ///
    /// Checks every signature once for each state of it: for lists of devices. Who carries this device is answered by
    /// [`Session::person`].
    pub fn roster(&self) -> Result<Arc<Roster>, AppError> {
        Ok(company::roster(&self.store)?)
    }

    /// Who works on this device now: its own person, or who took it over (`docket as`); `None` while it is locked.
    pub fn person(&self) -> Option<PersonId> {
        match self.hand() {
            Hand::Own => self.owner(),
            Hand::Other { person, .. } => Some(person),
            Hand::Locked(_) => None,
        }
    }

    /// Who carries this device, whoever works on it.
    pub fn owner(&self) -> Option<PersonId> {
        self.of_device("person")?.parse().ok()
    }

    /// The role of who works on this device now; empty when the roster does not know it.
    pub fn role(&self) -> String {
        match self.hand() {
            Hand::Other { role, .. } => role,
            Hand::Own | Hand::Locked(_) => self.of_device("role").unwrap_or_default(),
        }
    }

    /// Who works on this device now.
    pub fn hand(&self) -> Hand {
        let found = || people::hand(self).unwrap_or_else(|error| Hand::Locked(error.to_string()));
        self.hand.get_or_init(found).clone()
    }

    /// Refuses what only the device's own person may do: the roster's facts are signed by its key and name nobody else.
    pub fn require_own(&self) -> Result<(), AppError> {
        match self.hand() {
            Hand::Own => Ok(()),
            Hand::Other { person, .. } => Err(AppError::refused(format!("{person} may not change the roster here"))
                .hint("docket as --end   gives the device back")),
            Hand::Locked(why) => Err(AppError::refused(why).hint("say who you are: docket as PERSON")),
        }
    }

    /// Names in facts who states them, where that is not the device's own person, and what is known of the relay's time.
    fn signed_by_hand(&self, drafts: &[Draft], known: Option<&Value>) -> Result<Vec<Draft>, AppError> {
        let mut drafts = drafts.to_vec();
        if let Some(known) = known {
            for draft in &mut drafts {
                draft.body.insert(RELAY_TIME.into(), known.clone());
            }
        }
        match self.hand() {
            Hand::Own => {}
            Hand::Other { person, .. } => {
                for draft in &mut drafts {
                    draft.body.insert(AS.into(), person.as_str().into());
                }
            }
            Hand::Locked(why) => {
                return Err(AppError::refused(why).hint("say who you are: docket as PERSON; or docket as --end"));
            }
        }
        Ok(drafts)
    }

    /// The relay's time at an instant, if this boot saw an exchange. Pretended times are of no boot.
    fn relay_time(&self, stamp: &Stamp) -> Result<Option<Value>, AppError> {
        if self.pretended_ms.is_some() {
            return Ok(None);
        }
        let relay = self.store.relay()?;
        let known = relay.and_then(|relay| relay.time?.at(stamp));
        Ok(known.map(|(at_ms, off_ms)| Value::from(vec![at_ms, off_ms])))
    }

    fn of_device(&self, column: &'static str) -> Option<String> {
        let query = format!("SELECT {column} FROM p_device WHERE device = ?1");
        let device = self.store.device();
        // A store whose tables can't be read fails at the next step, with a better message.
        self.store.conn().query_row(&query, [device.as_bytes()], |row| row.get(0)).ok().flatten()
    }

    /// A person's name by the roster.
    pub fn name_of(&self, person: &PersonId) -> Option<String> {
        let query = "SELECT name FROM (SELECT device, name, person FROM p_device
                       UNION ALL SELECT device, name, person FROM p_shared)
                      WHERE person = ?1 AND name <> '' ORDER BY device LIMIT 1";
        self.store.conn().query_row(query, [person.as_str()], |row| row.get(0)).ok()
    }

    /// What the fold may know about the authors of a document's facts.
    pub(super) fn evidence(&self, doc: DocId, facts: &[Fact]) -> Result<DocEvidence, AppError> {
        let sql = self.store.conn();
        Ok(match row_of(sql, doc)? {
            Some(row) => DocEvidence::load(sql, row, facts)?,
            None => DocEvidence::default(),
        })
    }

    /// What the outlet and the customer of the job with these facts say about it.
    pub(super) fn site(&self, facts: &[Fact]) -> Result<Site, AppError> {
        Ok(crate::project::site::of_job(self.store.conn(), facts)?)
    }

    /// The document that `typed` names.
    pub fn resolve(&self, typed: &str, kind: &str) -> Result<DocId, AppError> {
        Ok(self.store.resolve(typed, Some(kind))?)
    }

    /// A document's facts; empty for a document that is not here.
    pub fn facts(&self, doc: DocId) -> Result<Vec<Fact>, AppError> {
        Ok(self.store.facts(doc)?)
    }

    /// Writes facts of this device. A commit of which nobody knows whether it landed is submitted once more: what landed
    /// is found, not doubled.
    pub fn write(&mut self, doc: DocId, drafts: &[Draft]) -> Result<Vec<FactId>, AppError> {
        self.write_all(doc, drafts, &[])
    }

    /// As [`Session::write`], and in the same transaction facts into other documents. Names those of the first.
    pub fn write_all(
        &mut self,
        doc: DocId,
        drafts: &[Draft],
        also: &[(DocId, Vec<Draft>)],
    ) -> Result<Vec<FactId>, AppError> {
        let stamp = self.stamp();
        let known = self.relay_time(&stamp)?;
        let drafts = self.signed_by_hand(drafts, known.as_ref())?;
        let also: Vec<(DocId, Vec<Draft>)> = also
            .iter()
            .map(|(doc, drafts)| Ok((*doc, self.signed_by_hand(drafts, known.as_ref())?)))
            .collect::<Result<_, AppError>>()?;
        match self.store.write_all(doc, &drafts, &also, &stamp) {
            Err(StoreError::CommitUnknown { prepared: Some(prepared), .. }) => Ok(self.store.submit(&prepared)?),
            written => Ok(written?),
        }
    }

    /// Makes a document.
    pub fn create(&mut self, drafts: &[Draft]) -> Result<DocId, AppError> {
        let stamp = self.stamp();
        let known = self.relay_time(&stamp)?;
        let drafts = self.signed_by_hand(drafts, known.as_ref())?;
        match self.store.create_doc(&drafts, &stamp) {
            Err(StoreError::CommitUnknown { prepared: Some(prepared), .. }) => {
                self.store.submit(&prepared)?;
                Ok(prepared.doc)
            }
            made => Ok(made?.0),
        }
    }

    /// The company's policy: what new jobs pin.
    pub fn policy(&self) -> Result<Arc<Policy>, AppError> {
        Ok(self.policies.borrow_mut().current(self.store.conn())?)
    }

    /// Every adoption of a pack that is here.
    pub(super) fn adoptions(&self) -> Result<Vec<Adoption>, AppError> {
        Ok(policy::adoptions(self.store.conn())?)
    }

    /// The policy for what an outlet takes in on a day (D-E14).
    pub fn policy_on(&self, outlet: Option<&str>, day: Date) -> Result<Arc<Policy>, AppError> {
        Ok(self.policies.borrow_mut().in_force(self.store.conn(), outlet, day)?)
    }

    /// A pack that was adopted here, or is shipped.
    pub fn policy_of(&self, digest: ContentDigest) -> Result<Option<Arc<Policy>>, AppError> {
        Ok(self.policies.borrow_mut().by_digest(self.store.conn(), digest)?)
    }

    /// The policy that a document's facts pin, else the company's.
    pub fn policy_for(&self, facts: &[Fact]) -> Result<Arc<Policy>, AppError> {
        Ok(self.policies.borrow_mut().of_facts(self.store.conn(), facts)?)
    }

    /// Everyone whom the roster calls a technician, and everyone with evidence here, by staff number.
    pub fn technicians(&self) -> Result<Vec<PersonId>, AppError> {
        let mut people: Vec<PersonId> = {
            let run = || -> rusqlite::Result<Vec<String>> {
                let query = "SELECT person FROM p_device WHERE role = 'technician' AND person IS NOT NULL
                             UNION SELECT person FROM p_shared WHERE role = 'technician' AND seals IS NULL";
                self.store.conn().prepare(query)?.query_map([], |row| row.get(0))?.collect()
            };
            run().map_err(StoreError::from)?.iter().filter_map(|person| person.parse().ok()).collect()
        };
        for doc in self.store.docs_of_kind("technician")? {
            let facts = self.store.facts(doc)?;
            let registers = facts.iter().filter_map(|fact| fact.body.get("regs")?.get("person")?.as_str());
            people.extend(registers.filter_map(|person| person.parse().ok()));
        }
        people.sort();
        people.dedup();
        Ok(people)
    }

    /// What this device holds of a document and has not handed over yet.
    pub fn kept(&self, doc: DocId) -> Result<Kept, AppError> {
        let facts = self.facts(doc)?;
        let own = facts.iter().filter(|fact| fact.author() == Some(self.store.author())).count() as u64;
        let places = self.store.whereabouts(Some(doc))?;
        let photos = facts.iter().filter(|fact| fact.str("sha256").is_some()).count() as u64;
        Ok(Kept { facts: facts.len() as u64, own, unsealed: self.unsealed(doc)?, blobs_unsent: photos, places })
    }

    /// Own facts above this device's last seal, and imported ones that it has not vouched for yet.
    fn unsealed(&self, doc: DocId) -> Result<u64, AppError> {
        let query = "SELECT (SELECT coalesce(sum(c.n - c.sealed_n), 0) FROM chain c JOIN author a ON a.id = c.author
                              WHERE c.doc = d.id AND a.device = ?2 AND c.n > c.sealed_n)
                          + (SELECT count(*) FROM unvouched u WHERE u.doc = d.id)
                       FROM doc d WHERE d.doc = ?1";
        let device = self.store.device();
        let count = self.store.conn().query_row(query, (doc.as_bytes(), device.as_bytes()), |row| row.get::<_, i64>(0));
        Ok(count.map_err(StoreError::from)? as u64)
    }

    /// Stores a photo or signature image; its digest and type.
    pub(super) fn keep_blob(&mut self, bytes: &[u8]) -> Result<(String, &'static str), AppError> {
        let mime = mime(bytes).ok_or_else(|| {
            AppError::refused("this file is no picture that docket knows").hint("JPEG, PNG, WebP, GIF, HEIC or PDF")
        })?;
        Ok((self.store.blobs().put(bytes)?.to_string(), mime))
    }
}

/// What a fact written now says about the time.
pub fn stamp(pretended_ms: Option<i64>) -> Stamp {
    match pretended_ms {
        // The uptime runs with the pretended clock, so that a rehearsed visit has its length.
        Some(ms) => Stamp { wall_ms: ms, boot: PRETENDED.into(), up_ms: ms.max(0) },
        None => clock::now(),
    }
}

/// A picture's type by its first bytes; a file's name proves nothing.
fn mime(bytes: &[u8]) -> Option<&'static str> {
    let heads: [(&[u8], &str); 5] = [
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-", "application/pdf"),
    ];
    if let Some((_, mime)) = heads.iter().find(|(head, _)| bytes.starts_with(head)) {
        return Some(mime);
    }
    match (bytes.get(..4)?, bytes.get(4..8)?, bytes.get(8..12)?) {
        (b"RIFF", _, b"WEBP") => Some("image/webp"),
        (_, b"ftyp", b"heic" | b"heix" | b"mif1") => Some("image/heic"),
        _ => None,
    }
}
