//! A job with what is needed to fold it.

use std::sync::Arc;

use docket_core::policy::Template;
use docket_core::view::{CustomerView, JobView};
use docket_core::{Policy, Record, Site, UnixMs, fold_customer, fold_job};
use docket_format::{DocId, Fact, FactId, crockford};

use super::error::AppError;
use super::session::Session;
use super::visit;
use crate::project::evidence::DocEvidence;

/// A job's facts, its customer's, and the policy that judges them.
pub struct Job {
    /// The document.
    pub doc: DocId,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// The policy that it pins, or the company's.
    pub policy: Arc<Policy>,
    /// Its customer's document and facts, if it names one that is here.
    pub customer: Option<(DocId, Vec<Fact>)>,
    evidence: DocEvidence,
    /// What its outlet and customer say about it.
    pub site: Site,
    customer_evidence: DocEvidence,
    now: UnixMs,
}

impl Job {
    /// Loads the job that `typed` names: any unique start of its code, its external number, or its document id.
    pub fn find(session: &Session, typed: &str) -> Result<Self, AppError> {
        let doc = session.resolve(typed, "job")?;
        Self::load(session, doc)
    }

    /// Loads a job's document.
    pub fn load(session: &Session, doc: DocId) -> Result<Self, AppError> {
        let facts = session.facts(doc)?;
        let policy = session.policy_for(&facts)?;
        let evidence = session.evidence(doc, &facts)?;
        let customer_evidence = DocEvidence::default();
        let site = session.site(&facts)?;
        let now = session.now_ms();
        let mut job = Self { doc, facts, policy, customer: None, evidence, site, customer_evidence, now };
        let customer = job.view().str("customer").and_then(|text| text.parse::<DocId>().ok());
        if let Some(customer) = customer {
            let facts = session.facts(customer)?;
            job.customer_evidence = session.evidence(customer, &facts)?;
            job.customer = (!facts.is_empty()).then_some((customer, facts));
        }
        Ok(job)
    }

    /// The job as its facts tell it.
    pub fn view(&self) -> JobView<'_> {
        self.view_at(self.now)
    }

    /// As [`Job::view`], at another time.
    pub fn view_at(&self, now: UnixMs) -> JobView<'_> {
        let record = Record { doc: self.doc, facts: &self.facts, evidence: &self.evidence, site: &self.site };
        fold_job(&record, &self.policy, now)
    }

    /// As [`Job::view`], judged by another policy.
    pub fn view_under<'a>(&'a self, policy: &'a Policy) -> JobView<'a> {
        let record = Record { doc: self.doc, facts: &self.facts, evidence: &self.evidence, site: &self.site };
        fold_job(&record, policy, self.now)
    }

    /// Its customer as the customer's facts tell it.
    pub fn customer_view(&self) -> Option<CustomerView<'_>> {
        let (doc, facts) = self.customer.as_ref()?;
        let record = Record { doc: *doc, facts, evidence: &self.customer_evidence, site: &Site::NOWHERE };
        Some(fold_customer(&record, &self.policy))
    }

    /// The template of its checklist, or why there is none.
    pub fn template(&self, view: &JobView) -> Result<&Template, AppError> {
        visit::template(self, view)
    }

    /// The fact that `typed` names: any unique start of its id.
    pub fn fact(&self, typed: &str) -> Result<&Fact, AppError> {
        one_fact(self.facts.iter(), typed, &self.doc.short())
    }

    /// A fact by its id.
    pub fn fact_by_id(&self, id: FactId) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.id == id)
    }
}

/// The one of `facts` whose id starts with what was typed.
pub(super) fn one_fact<'f>(
    facts: impl Iterator<Item = &'f Fact>,
    typed: &str,
    job: &str,
) -> Result<&'f Fact, AppError> {
    let log = format!("docket job log {job}   lists the records with their ids");
    let prefix = crockford::normalise_prefix(typed).filter(|prefix| !prefix.is_empty());
    let Some(prefix) = prefix else {
        return Err(AppError::refused(format!("`{}` is no record's id", short(typed))).hint(log));
    };
    let mut found: Vec<&Fact> = facts.filter(|fact| fact.id.to_string().starts_with(&prefix)).collect();
    match (found.pop(), found.is_empty()) {
        (Some(fact), true) => Ok(fact),
        (None, _) => Err(AppError::refused(format!("no record of this job starts with `{prefix}`")).hint(log)),
        (Some(last), false) => {
            found.push(last);
            let shown = found.iter().map(|fact| format!("{}  {}", fact.id, fact.kind()));
            Err(AppError::refused(format!("`{prefix}` names {} records", found.len()))
                .details(shown)
                .hint("type more characters"))
        }
    }
}

pub(super) fn short(typed: &str) -> String {
    typed.chars().take(60).collect()
}
