//! Who is due for care in a span of days, and the jobs that come of it (D-H5, D-H11, D-E11).

use docket_core::care::{self, Due};
use docket_core::coverage::Holding;
use docket_core::time::date;
use docket_format::DocId;
use jiff::civil::Date;
use rusqlite::OptionalExtension as _;
use serde_json::Value;

use super::error::AppError;
use super::session::Session;
use super::{body, record};
use crate::error::StoreError;
use crate::project::cover;
use crate::store::Draft;

/// A customer's care event.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Entry {
    /// The customer's code.
    pub code: String,
    /// The customer's name.
    pub name: Option<String>,
    /// The customer's telephone number.
    pub phone: Option<String>,
    /// The outlet: the one that the contract names, else that of the customer's newest job.
    pub outlet: Option<String>,
    /// What is due.
    #[serde(flatten)]
    pub due: Due,
    /// The code of the job that was made of it.
    pub made: Option<String>,
    /// The customer's document.
    #[serde(skip)]
    pub customer: DocId,
}

/// A customer as the projections know them.
struct Known {
    id: [u8; 16],
    row: i64,
    name: Option<String>,
    phone: Option<String>,
    group: Option<String>,
    birthday: Option<Date>,
}

/// Everything that is due from the first to the last day: by day, then customer. `outlet` picks one outlet's customers.
pub fn list(session: &Session, first: Date, last: Date, outlet: Option<&str>) -> Result<Vec<Entry>, AppError> {
    let policy = session.policy()?;
    let sql = session.store().conn();
    let mut entries = Vec::new();
    for known in customers(session).map_err(StoreError::from)? {
        let held = cover::of_customer(sql, known.row)?;
        let holding = Holding { group: known.group.clone(), birthday: known.birthday, ..held };
        let due = care::due(&holding, &policy, first, last);
        if due.is_empty() {
            continue;
        }
        let (Some(customer), near) = (DocId::from_bytes(known.id), newest_outlet(session, &known)?) else { continue };
        for due in due {
            let place = due.outlet.clone().or_else(|| near.clone());
            if outlet.is_some() && place.as_deref() != outlet {
                continue;
            }
            entries.push(Entry {
                code: customer.short(),
                name: known.name.clone(),
                phone: known.phone.clone(),
                outlet: place,
                made: made(session, customer, &due)?,
                due,
                customer,
            });
        }
    }
    entries.sort_by(|a, b| (a.due.due, &a.name, a.customer).cmp(&(b.due.due, &b.name, b.customer)));
    Ok(entries)
}

fn customers(session: &Session) -> rusqlite::Result<Vec<Known>> {
    let query = "SELECT id, doc, name, phone, grp, birthday FROM p_customer ORDER BY doc";
    let mut statement = session.store().conn().prepare(query)?;
    let rows = statement.query_map([], |row| {
        Ok(Known {
            id: row.get(0)?,
            row: row.get(1)?,
            name: row.get(2)?,
            phone: row.get(3)?,
            group: row.get(4)?,
            birthday: row.get::<_, Option<String>>(5)?.as_deref().and_then(date),
        })
    })?;
    rows.collect()
}

fn newest_outlet(session: &Session, known: &Known) -> Result<Option<String>, AppError> {
    let query = "SELECT outlet FROM p_job WHERE customer = ?1 AND outlet IS NOT NULL ORDER BY received_ms DESC LIMIT 1";
    let mut statement = session.store().conn().prepare_cached(query).map_err(StoreError::from)?;
    Ok(statement.query_row([known.id], |row| row.get(0)).optional().map_err(StoreError::from)?)
}

/// What names the job of a care event: the same on every device, so that two offices make one job.
fn key(customer: DocId, due: &Due) -> String {
    let about = due.about.map(|about| about.to_string()).unwrap_or_default();
    format!("care/{}/{customer}/{}/{about}", due.event, due.due)
}

fn job_of(session: &Session, customer: DocId, due: &Due) -> DocId {
    DocId::derived(session.tenant(), "job", "docket", &key(customer, due))
}

fn made(session: &Session, customer: DocId, due: &Due) -> Result<Option<String>, AppError> {
    let job = job_of(session, customer, due);
    Ok(session.store().info(job)?.map(|_| job.short()))
}

/// Makes jobs of what is due, is not done and has none yet. Gives how many were made.
pub fn make_jobs(session: &mut Session, entries: &mut [Entry]) -> Result<usize, AppError> {
    let mut count = 0;
    for entry in entries.iter_mut().filter(|entry| !entry.due.done && entry.made.is_none()) {
        let Some(kind) = entry.due.job.clone() else { continue };
        let doc = job_of(session, entry.customer, &entry.due);
        let draft = first(session, entry, &kind)?;
        session.write(doc, &[draft])?;
        entry.made = Some(doc.short());
        count += 1;
    }
    Ok(count)
}

/// The job's first fact. Nothing in it depends on who writes it or when: two devices that make the same job agree.
fn first(session: &Session, entry: &Entry, kind: &str) -> Result<Draft, AppError> {
    let policy = session.policy()?;
    let due = &entry.due;
    let mut registers = body([
        ("kind", kind.into()),
        ("appliances", 1.into()),
        ("customer", entry.customer.to_string().into()),
        ("policy", policy.digest.to_string().into()),
        ("channel", "care".into()),
        ("care", due.event.as_str().into()),
        ("received_at", format!("{}T00:00:00Z", due.due).into()),
        ("requested_by", due.due.to_string().into()),
        ("text", due.title.as_str().into()),
    ]);
    let texts = [("product", &due.product), ("serial", &due.serial), ("outlet", &entry.outlet)];
    registers.extend(texts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into()))));
    if let Some(template) = policy.template(kind, None) {
        registers.insert("template".into(), template.pin().into());
    }
    let body = body([("dk", "job".into()), ("regs", Value::Object(registers))]);
    Ok(Draft { kind: "created".into(), body })
}

/// Records that a customer was cared for.
pub fn done(session: &mut Session, customer: DocId, event: &str, due: &str) -> Result<Vec<String>, AppError> {
    let policy = session.policy()?;
    if !policy.care.iter().any(|rule| rule.event == event) {
        let known: Vec<&str> = policy.care.iter().map(|rule| rule.event.as_str()).collect();
        return Err(AppError::refused(format!(
            "policy {} has no care event `{}`",
            policy.name,
            super::job::short(event)
        ))
        .hint(format!("one of: {}", known.join(", "))));
    }
    let Some(due) = date(due) else {
        return Err(AppError::refused(format!("`{}` is not a day", super::job::short(due))).hint("as in 2026-03-01"));
    };
    let entries = body([("event", event.into()), ("due", due.to_string().into())]);
    Ok(record::record(session, customer, "customer", "cared", entries)?.warnings)
}
