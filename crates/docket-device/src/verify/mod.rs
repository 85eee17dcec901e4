//! `docket verify`: who recorded what, proven from this store alone, without a server (DESIGN §3).
//!
//! Bottom up: the roster's signatures, then every seal's signature and leaves, then every change's hash, every fact's
//! digest, every author's chain, and that a seal reaches it.

mod chains;
mod seals;

use std::collections::BTreeMap;

use docket_format::roster::{self, Roster};
use docket_format::{Author, DocId, Fact, FactId};

use crate::company;
use crate::error::StoreError;
use crate::store::{ChangeRow, Store};
use seals::Sealed;

/// What is wrong, or not proven, about something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A signature or leaf does not fit, or two facts share one number.
    Forged,
    /// Bytes are not those that their hash or chain says.
    Altered,
    /// Facts are missing below one that is proven to exist.
    Gap,
    /// No seal reaches the fact.
    Unsealed,
    /// The roster does not know the device.
    UnknownDevice,
}

impl Verdict {
    /// The word that the command line and JSON show.
    pub fn word(self) -> &'static str {
        match self {
            Self::Forged => "forged",
            Self::Altered => "altered",
            Self::Gap => "gap",
            Self::Unsealed => "unsealed",
            Self::UnknownDevice => "unknown-device",
        }
    }
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flaw {
    /// What kind.
    pub verdict: Verdict,
    /// Where; `None` for the store or a seal.
    pub doc: Option<DocId>,
    /// Which fact, if it is one.
    pub fact: Option<FactId>,
    /// In words.
    pub detail: String,
}

/// What verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Documents looked at.
    pub documents: u64,
    /// Facts looked at.
    pub facts: u64,
    /// Facts that a valid seal (or a roster signature) proves.
    pub proven: u64,
    /// This device's own facts and imports that it has not sealed yet: they are proven at the next hand-over.
    pub own_unsealed: u64,
    /// Facts of revoked devices beyond what counts, and imported ones for which only such devices or technicians vouch:
    /// kept as claims.
    pub claims: u64,
    /// Chains (author in a document) after whose last fact nothing proves that no later one is withheld.
    pub tail_unknown: u64,
    /// Seals checked.
    pub seals: u64,
    /// What is wrong, sorted.
    pub flaws: Vec<Flaw>,
}

impl Report {
    /// Whether everything is as it should be.
    pub fn ok(&self) -> bool {
        self.flaws.is_empty()
    }
}

/// Verifies the whole store, or one document.
pub fn verify(store: &Store, only: Option<DocId>) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let roster_facts = match store.facts(store.roster_doc()) {
        Ok(facts) => facts,
        Err(error) => {
            report.flaws.push(altered(store.roster_doc(), &error));
            Vec::new()
        }
    };
    let roster = Roster::fold(store.tenant(), &roster_facts);
    let sealed = Sealed::check(store, &roster, &mut report)?;
    let docs = match only {
        Some(doc) => vec![doc],
        None => documents(store)?,
    };
    for doc in docs {
        report.documents += 1;
        match store.changes(doc) {
            Ok(changes) => Document { store, roster: &roster, sealed: &sealed, doc }.check(&changes, &mut report),
            Err(error) => report.flaws.push(altered(doc, &error)),
        }
    }
    report.flaws.sort();
    Ok(report)
}

fn documents(store: &Store) -> Result<Vec<DocId>, StoreError> {
    store.sql(|sql| {
        let mut statement = sql.prepare_cached("SELECT doc FROM doc WHERE changes > 0 ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut docs = Vec::new();
        while let Some(row) = rows.next()? {
            docs.push(DocId::from_bytes(row.get(0)?).ok_or_else(|| StoreError::corrupt("a document without id"))?);
        }
        Ok(docs)
    })
}

fn altered(doc: DocId, error: &StoreError) -> Flaw {
    Flaw { verdict: Verdict::Altered, doc: Some(doc), fact: None, detail: error.to_string() }
}

struct Document<'a> {
    store: &'a Store,
    roster: &'a Roster,
    sealed: &'a Sealed,
    doc: DocId,
}

impl Document<'_> {
    fn check(&self, changes: &[ChangeRow], report: &mut Report) {
        let mut facts: BTreeMap<FactId, Fact> = BTreeMap::new();
        for (key, text) in changes.iter().flat_map(|change| &change.facts) {
            match Fact::read(self.doc, *key, text.as_bytes()) {
                Ok(fact) => {
                    facts.insert(fact.id, fact);
                }
                Err(reason) => report.flaws.push(self.flaw(Verdict::Altered, Some(*key), reason.to_string())),
            }
        }
        report.facts += facts.len() as u64;
        let mut chains: BTreeMap<Author, Vec<&Fact>> = BTreeMap::new();
        for fact in facts.values() {
            match fact.author() {
                Some(author) if self.is_roster_fact(fact) => self.check_roster_fact(author, fact, report),
                Some(author) => chains.entry(author).or_default().push(fact),
                None => self.check_import(fact, report),
            }
            if let (Some(author), true) = (fact.author(), self.is_roster_fact(fact)) {
                chains.entry(author).or_default().push(fact);
            }
        }
        for (author, chain) in chains {
            self.check_chain(author, &chain, report);
        }
    }

    fn is_roster_fact(&self, fact: &Fact) -> bool {
        self.doc == roster::doc(self.roster.tenant) && company::is_roster_fact(fact)
    }

    fn check_roster_fact(&self, author: Author, fact: &Fact, report: &mut Report) {
        let key = self.roster.key(author.device);
        match key.map(|key| roster::verify_fact(self.roster.tenant, fact, key)) {
            Some(Ok(())) => report.proven += 1,
            Some(Err(bad)) => report.flaws.push(self.flaw(Verdict::Forged, Some(fact.id), bad.to_string())),
            None => {
                let detail = format!("device {} is not in the roster", author.device);
                report.flaws.push(self.flaw(Verdict::UnknownDevice, Some(fact.id), detail));
            }
        }
    }

    fn check_import(&self, fact: &Fact, report: &mut Report) {
        if let Some(counts) = self.sealed.imported(self.doc, fact.id) {
            report.proven += 1;
            report.claims += u64::from(!counts);
        } else if self.sealed.own_unvouched.contains(&fact.id) {
            report.own_unsealed += 1;
        } else {
            let detail = "no device vouches for this imported fact".to_owned();
            report.flaws.push(self.flaw(Verdict::Unsealed, Some(fact.id), detail));
        }
    }

    fn flaw(&self, verdict: Verdict, fact: Option<FactId>, detail: String) -> Flaw {
        Flaw { verdict, doc: Some(self.doc), fact, detail }
    }
}
