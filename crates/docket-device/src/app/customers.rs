//! Customers: what they bought and are covered for (D-E10, D-H10).

use std::sync::Arc;

use docket_core::coverage::Holding;
use docket_core::view::CustomerView;
use docket_core::{Policy, Record, Site, fold_customer, money};
use docket_format::{DocId, Fact, FactId};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::error::AppError;
use super::goods::day;
use super::job::{Job, one_fact};
use super::session::Session;
use super::{body, record};
use crate::project::evidence::DocEvidence;

/// A customer's document with what is needed to fold it.
pub struct Customer {
    /// The document.
    pub doc: DocId,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// The company's policy.
    pub policy: Arc<Policy>,
    evidence: DocEvidence,
}

impl Customer {
    /// Loads the customer that `typed` names: a start of their code, their number, their document id, or a job of theirs.
    pub fn find(session: &Session, typed: &str) -> Result<Self, AppError> {
        let doc = match session.resolve(typed, "customer") {
            Ok(doc) => doc,
            Err(none) => match Job::find(session, typed) {
                Ok(Job { customer: Some((doc, _)), .. }) => doc,
                _ => return Err(none),
            },
        };
        Self::load(session, doc)
    }

    /// Loads a customer's document.
    pub fn load(session: &Session, doc: DocId) -> Result<Self, AppError> {
        let facts = session.facts(doc)?;
        let (policy, evidence) = (session.policy()?, session.evidence(doc, &facts)?);
        Ok(Self { doc, facts, policy, evidence })
    }

    /// The customer as the facts tell them.
    pub fn view(&self) -> CustomerView<'_> {
        let record = Record { doc: self.doc, facts: &self.facts, evidence: &self.evidence, site: &Site::NOWHERE };
        fold_customer(&record, &self.policy)
    }

    /// What the customer bought, is covered for, and was cared for with.
    pub fn holding(&self) -> Holding {
        Holding::of_view(&self.view())
    }
}

/// Records a fact of a customer; gives it and warnings.
fn state(
    session: &mut Session,
    customer: &Customer,
    kind: &str,
    entries: Map<String, Value>,
) -> Result<(FactId, Vec<String>), AppError> {
    let written = record::record(session, customer.doc, "customer", kind, entries)?;
    Ok((written.fact, written.warnings))
}

/// Something that a customer bought.
#[derive(Debug, Clone, Default)]
pub struct NewPurchase {
    /// The product's id.
    pub product: String,
    /// YYYY-MM-DD.
    pub on: String,
    /// The serial number.
    pub serial: Option<String>,
    /// The price as typed, and its currency.
    pub price: Option<(String, String)>,
}

/// Records a purchase.
pub fn bought(
    session: &mut Session,
    customer: &Customer,
    new: &NewPurchase,
) -> Result<(FactId, Vec<String>), AppError> {
    let on = day(&new.on)?;
    if on > session.today() {
        return Err(AppError::refused(format!("bought {on}: that day has not come")));
    }
    let known = |one: &docket_core::coverage::Purchase| one.serial.is_some() && one.serial == new.serial;
    if let Some(before) = customer.holding().purchases.iter().find(|one| known(one)) {
        let serial = new.serial.as_deref().unwrap_or_default();
        return Err(AppError::refused(format!("serial number {serial} is recorded already, bought {}", before.on)));
    }
    let mut entries = body([("product", new.product.as_str().into()), ("on", on.to_string().into())]);
    entries.extend(new.serial.as_deref().map(|serial| ("serial".to_owned(), serial.into())));
    if let Some((amount, currency)) = &new.price {
        let currency: money::Currency =
            currency.parse().map_err(|bad: money::BadCurrency| AppError::refused(bad.to_string()))?;
        let minor = money::parse(amount, currency).map_err(|bad| AppError::refused(bad.to_string()))?;
        entries.insert("minor".into(), minor.into());
        entries.insert("currency".into(), currency.as_str().into());
    }
    state(session, customer, "bought", entries)
}

/// A coverage that was agreed on.
#[derive(Debug, Clone, Default)]
pub struct NewCoverage {
    /// What: hardware, `on_site`, software, extended, contract, lifetime, upkeep.
    pub what: String,
    /// The first day, YYYY-MM-DD.
    pub from: String,
    /// The last day.
    pub until: Option<String>,
    /// For the appliance's life.
    pub life: bool,
    /// Further fields: product, serial, level, outlet, technician.
    pub texts: Vec<(&'static str, String)>,
    /// Months between planned inspections.
    pub inspect_months: Option<u32>,
}

/// Records a coverage.
pub fn cover(session: &mut Session, customer: &Customer, new: &NewCoverage) -> Result<(FactId, Vec<String>), AppError> {
    let from = day(&new.from)?;
    let until: Option<Date> = new.until.as_deref().map(day).transpose()?;
    match until {
        Some(_) if new.life => return Err(AppError::refused("a coverage for life has no last day")),
        Some(until) if until < from => {
            return Err(AppError::refused(format!("from {from} until {until}: it never holds")));
        }
        None if !new.life && new.what != "lifetime" => {
            return Err(
                AppError::refused("a coverage has a last day, or is for life").hint("--until 2029-03-01, or --life")
            );
        }
        _ => {}
    }
    let rules = &customer.policy.coverage;
    let level = new.texts.iter().find(|(name, _)| *name == "level").map(|(_, level)| level);
    if let Some(level) = level.filter(|level| !rules.levels.iter().any(|known| known.id == **level)) {
        let known: Vec<&str> = rules.levels.iter().map(|known| known.id.as_str()).collect();
        return Err(AppError::refused(format!("policy {} has no service level `{level}`", customer.policy.name))
            .hint(format!("one of: {}", known.join(", "))));
    }
    let mut entries = body([("what", new.what.as_str().into()), ("from", from.to_string().into())]);
    entries.extend(until.map(|until| ("until".to_owned(), until.to_string().into())));
    if new.life || new.what == "lifetime" {
        entries.insert("life".into(), true.into());
    }
    entries.extend(new.texts.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())));
    entries.extend(new.inspect_months.map(|months| ("inspect_months".to_owned(), months.into())));
    state(session, customer, "coverage", entries)
}

/// Ends a coverage before its time.
pub fn end(
    session: &mut Session,
    customer: &Customer,
    coverage: &str,
    why: &str,
) -> Result<(FactId, Vec<String>), AppError> {
    if why.trim().is_empty() {
        return Err(AppError::refused("an empty reason says nothing"));
    }
    let agreed = customer.facts.iter().filter(|fact| fact.kind() == "coverage");
    let fact = one_fact(agreed, coverage, &customer.doc.short())?.id;
    let holding = customer.holding();
    let standing = holding.coverages.iter().find(|one| one.fact == fact);
    match standing.map(|one| one.ended) {
        Some(Some(ended)) => Err(AppError::refused(format!("this coverage was ended {ended}"))),
        None => Err(AppError::refused("this coverage has no effect")),
        Some(None) => {
            state(session, customer, "ended", body([("coverage", fact.to_string().into()), ("why", why.into())]))
        }
    }
}
