//! What is recorded about goods, parts, faults, money and hold points (D-H4, D-H15, D-H19, D-E4, D-E5, D-E9). Records are
//! facts: only what makes no sense is refused.

use docket_core::money::{self, Currency};
use docket_core::time::date;
use docket_format::FactId;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::error::AppError;
use super::job::{Job, short};
use super::session::Session;
use super::visit::{Recorded, current_visit};
use super::{body, record};

/// Records a catalogued fact of a job, in this person's visit if there is one. Fields without a value are left out.
pub fn state<'e>(
    session: &mut Session,
    job: &Job,
    kind: &str,
    entries: impl IntoIterator<Item = (&'static str, Option<Value>)> + 'e,
) -> Result<Recorded, AppError> {
    let given = entries.into_iter().filter_map(|(key, value)| Some((key, value?)));
    write(session, job, kind, body(given))
}

fn write(session: &mut Session, job: &Job, kind: &str, mut entries: Map<String, Value>) -> Result<Recorded, AppError> {
    if let Some(visit) = current_visit(session, &job.view()) {
        entries.insert("visit".into(), visit.to_string().into());
    }
    let written = record::record(session, job.doc, "job", kind, entries)?;
    Ok(Recorded { facts: vec![written.fact], status: None, warnings: written.warnings, already: false })
}

/// Sends a unit on. Without a local test that shows its fault this is refused where the policy asks for one (D-E5),
/// unless somebody says why it goes all the same.
pub fn send_on(session: &mut Session, job: &Job, to: &str, forced: Option<&str>) -> Result<Recorded, AppError> {
    let view = job.view();
    let tested = view.events.iter().any(|event| event.kind == "tested" && event.flag("shows_fault") == Some(true));
    if job.policy.sending.tested_for.contains(to) && !tested && forced.is_none() {
        let code = job.doc.short();
        return Err(AppError::refused(format!("no local test shows the fault, so nothing goes to {to}"))
            .hint(format!("docket fault test {code} --shows-fault yes   records one"))
            .hint("--force REASON sends it all the same; the audit will ask"));
    }
    state(session, job, "sent_on", [("to", Some(to.into())), ("why", forced.map(Value::from))])
}

/// Money taken on a job.
#[derive(Debug, Clone, Copy)]
pub struct NewCharge<'a> {
    /// The item, as the price list names it.
    pub item: &'a str,
    /// How much for all of them, as typed.
    pub amount: &'a str,
    /// ISO 4217; `None` = the one of the price list.
    pub currency: Option<&'a str>,
    /// How many.
    pub qty: Option<u32>,
    /// The appliance from 1.
    pub appliance: Option<u32>,
}

/// Records a charge: the amount is for all of them together.
pub fn charge(session: &mut Session, job: &Job, new: &NewCharge) -> Result<Recorded, AppError> {
    if new.item.trim().is_empty() {
        return Err(AppError::refused("a charge needs an item"));
    }
    let currency = currency(session, job, new)?;
    let minor = money::parse(new.amount, currency).map_err(|bad| AppError::refused(bad.to_string()))?;
    state(
        session,
        job,
        "charged",
        [
            ("item", Some(new.item.into())),
            ("minor", Some(minor.into())),
            ("currency", Some(currency.as_str().into())),
            ("qty", new.qty.map(Value::from)),
            ("appliance", new.appliance.map(Value::from)),
        ],
    )
}

fn currency(session: &Session, job: &Job, new: &NewCharge) -> Result<Currency, AppError> {
    if let Some(text) = new.currency {
        return text.parse().map_err(|bad: money::BadCurrency| AppError::refused(bad.to_string()));
    }
    let mut listed: Vec<Currency> =
        job.policy.prices.prices_of(new.item, session.today()).map(|price| price.currency).collect();
    listed.dedup();
    match listed.as_slice() {
        [one] => Ok(*one),
        [] => Err(AppError::refused(format!("`{}` is not on the price list of {}", short(new.item), job.policy.name))
            .hint("say in what was paid: --currency CNY")),
        _ => Err(AppError::refused(format!("`{}` has prices in several currencies", short(new.item)))
            .hint("say which: --currency CNY")),
    }
}

/// A day as typed.
pub(super) fn day(text: &str) -> Result<Date, AppError> {
    date(text).ok_or_else(|| AppError::refused(format!("`{}` is not a day", short(text))).hint("as in 2026-03-01"))
}

/// The signs of broken duties that show at these facts, in words.
pub fn signs_at(job: &Job, facts: &[FactId]) -> Vec<String> {
    let signs = job.view().signs;
    let about = signs.iter().filter(|sign| sign.fact.is_some_and(|fact| facts.contains(&fact)));
    about.map(|sign| format!("a finding ({}): {}", sign.row, sign.detail)).collect()
}
