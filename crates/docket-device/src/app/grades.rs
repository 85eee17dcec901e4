//! What technicians are qualified for (D-H2): evidence in, grades out.

use docket_core::grade::{self, Change, Course, Credential, Grade, Graded};
use docket_core::{Issue, Record, Site, fold_technician};
use docket_format::{DocId, FactId, PersonId};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::body;
use super::error::AppError;
use super::session::Session;
use crate::store::Draft;

/// A technician that this store knows.
#[derive(Debug, Clone)]
pub struct Known {
    /// Who.
    pub person: PersonId,
    /// The name, if recorded.
    pub name: Option<String>,
    /// Their evidence.
    pub credentials: Vec<Credential>,
    /// Courses that they had (D-E14).
    pub courses: Vec<Course>,
    /// What a person must look at: self-recorded evidence.
    pub issues: Vec<Issue>,
}

/// A new piece of evidence.
#[derive(Debug, Clone, Default)]
pub struct NewEvidence {
    /// `certificate`, `exam`, `interview` or `service`.
    pub kind: &'static str,
    /// The level of a certificate or exam.
    pub level: Option<String>,
    /// Who issued it; for service, whom it was for.
    pub issuer: String,
    /// YYYY-MM-DD.
    pub issued: Option<String>,
    /// YYYY-MM-DD.
    pub expires: Option<String>,
    /// Service: its first day.
    pub from: Option<String>,
    /// Service: its last day.
    pub to: Option<String>,
}

/// A technician's document.
pub(super) fn doc(session: &Session, person: &PersonId) -> DocId {
    DocId::derived(session.tenant(), "technician", "docket", person.as_str())
}

/// What this store knows about a technician; without evidence if nothing is recorded.
pub fn one(session: &Session, person: &PersonId) -> Result<Known, AppError> {
    let doc = doc(session, person);
    let facts = session.facts(doc)?;
    let (policy, evidence) = (session.policy()?, session.evidence(doc, &facts)?);
    let view = fold_technician(&Record { doc, facts: &facts, evidence: &evidence, site: &Site::NOWHERE }, &policy);
    let name = view.str("name").map(str::to_owned).or_else(|| session.name_of(person));
    Ok(Known {
        person: person.clone(),
        name,
        credentials: view.credentials,
        courses: view.courses,
        issues: view.issues,
    })
}

/// Every technician: of the roster, and with evidence here.
pub fn all(session: &Session) -> Result<Vec<Known>, AppError> {
    session.technicians()?.iter().map(|person| one(session, person)).collect()
}

/// A grade on a day.
pub fn grade_on(session: &Session, known: &Known, on: Date) -> Result<Graded, AppError> {
    let policy = session.policy()?;
    Ok(grade::grade(&known.credentials, on, &policy))
}

/// Every change of a grade up to and on a day.
pub fn history(session: &Session, known: &Known, until: Date) -> Result<Vec<Change>, AppError> {
    Ok(grade::history(&known.credentials, until, &*session.policy()?))
}

/// The grades of these people today.
pub(super) fn of_people(session: &Session, people: &[PersonId]) -> Result<Vec<(PersonId, Graded)>, AppError> {
    let on = session.today();
    people.iter().map(|person| Ok((person.clone(), grade_on(session, &one(session, person)?, on)?))).collect()
}

/// Records a piece of evidence. Gives the fact and warnings.
pub fn add(session: &mut Session, person: &PersonId, new: &NewEvidence) -> Result<(FactId, Vec<String>), AppError> {
    check(new)?;
    let today = session.today();
    let texts = [
        ("level", new.level.as_deref()),
        ("issuer", Some(new.issuer.as_str())),
        ("issued", new.issued.as_deref()),
        ("expires", new.expires.as_deref()),
        ("from", new.from.as_deref()),
        ("to", new.to.as_deref()),
    ];
    let entries = texts.into_iter().filter_map(|(key, value)| Some((key, Value::from(value?))));
    let evidence = body([("ek", Value::from(new.kind))].into_iter().chain(entries));
    dates(&evidence, today)?;
    let mut drafts = first(session, person)?;
    let doc = doc(session, person);
    drafts.push(Draft { kind: "evidence".into(), body: evidence });
    let facts = session.write(doc, &drafts)?;
    let mut warnings = Vec::new();
    if session.person().as_ref() == Some(person) {
        warnings.push("you recorded evidence about yourself: it does not count until somebody else records it".into());
    }
    let fact = facts.last().copied().ok_or_else(|| AppError::refused("nothing was written"))?;
    Ok((fact, warnings))
}

/// The fact that makes a technician's document, if it is not there.
pub(super) fn first(session: &Session, person: &PersonId) -> Result<Vec<Draft>, AppError> {
    if !session.facts(doc(session, person))?.is_empty() {
        return Ok(Vec::new());
    }
    let mut registers = body([("person", person.as_str().into())]);
    if let Some(name) = session.name_of(person) {
        registers.insert("name".into(), name.into());
    }
    let entries = [("dk", Value::from("technician")), ("regs", Value::Object(registers))];
    Ok(vec![Draft { kind: "created".into(), body: body(entries) }])
}

fn check(new: &NewEvidence) -> Result<(), AppError> {
    let need = |present: bool, what: &str, option: &str| {
        if present { Ok(()) } else { Err(AppError::refused(format!("a {} needs {what}", new.kind)).hint(option)) }
    };
    match new.kind {
        "service" => {
            need(new.from.is_some(), "its first day", "--from 2016-09-01")?;
        }
        "certificate" => need(new.level.is_some(), "a level", "--level junior, intermediate or advanced")?,
        "exam" => {
            let level = new.level.as_deref().unwrap_or_default();
            need(
                level.parse::<Grade>().is_ok_and(|grade| grade != Grade::Ungraded),
                "a grade",
                "--level C, B, A or A+",
            )?;
        }
        _ => {}
    }
    need(new.kind == "service" || new.issued.is_some(), "the day it was issued", "--issued 2019-03-01")?;
    Ok(())
}

/// Dates that make no sense, or lie ahead.
fn dates(evidence: &Map<String, Value>, today: Date) -> Result<(), AppError> {
    if let Some(fault) = grade::date_fault(evidence) {
        return Err(AppError::refused(fault));
    }
    // A day of grace: the issuer's calendar may be a day ahead of this device's.
    let latest = today.tomorrow().unwrap_or(today);
    for name in ["issued", "from"] {
        let day = evidence.get(name).and_then(Value::as_str).and_then(docket_core::time::date);
        if let Some(day) = day.filter(|day| *day > latest) {
            return Err(AppError::refused(format!("`{name}` {day} lies in the future"))
                .hint("record evidence once it is issued"));
        }
    }
    Ok(())
}
