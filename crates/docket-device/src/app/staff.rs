//! What is recorded about people besides their grades: training, rewards, penalties, ratings (D-E6, D-E7, D-E14).

use docket_core::dispatch::Place;
use docket_core::view::Register;
use docket_core::{Record, Site, fold_technician};
use docket_format::PersonId;
use serde_json::{Map, Value};

use super::error::AppError;
use super::record::{self, Written};
use super::session::Session;
use super::{body, grades};
use crate::store::Draft;

/// Fields of a technician that people may set.
pub const FIELDS: [&str; 6] = ["name", "outlet", "post", "skills", "lat", "lon"];

/// States something about a person: `trained`, `rewarded`, `penalised`, `rated`.
pub fn state(
    session: &mut Session,
    person: &PersonId,
    kind: &str,
    fields: Map<String, Value>,
) -> Result<Written, AppError> {
    let day = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    if kind == "trained" && !day("until").is_empty() && day("until") < day("on") {
        return Err(AppError::refused(format!("until {} is before {}: it never counts", day("until"), day("on"))));
    }
    let mut warnings = Vec::new();
    let stated = record::checked(session, "technician", kind, fields, &mut warnings)?;
    write(session, person, stated, warnings)
}

/// Sets a field of a technician over the values that now stand.
pub fn set(session: &mut Session, person: &PersonId, field: &str, text: &str) -> Result<Written, AppError> {
    if !FIELDS.contains(&field) {
        return Err(AppError::refused(format!("a person has no field `{}`", super::job::short(field)))
            .hint(format!("one of: {}", FIELDS.join(", "))));
    }
    let text = text.trim();
    let place = match field {
        "lat" => Place::of(Some(text), Some("0")).is_some(),
        "lon" => Place::of(Some("0"), Some(text)).is_some(),
        _ => true,
    };
    if !place {
        return Err(AppError::refused(format!("{field}: `{}` is no number of degrees", super::job::short(text))));
    }
    let value = match field {
        "skills" => {
            let skills = text.split(',').map(str::trim).filter(|skill| !skill.is_empty());
            Value::Array(skills.map(Value::from).collect())
        }
        _ => Value::from(text),
    };
    let doc = grades::doc(session, person);
    let facts = session.facts(doc)?;
    let (policy, evidence) = (session.policy()?, session.evidence(doc, &facts)?);
    let view = fold_technician(&Record { doc, facts: &facts, evidence: &evidence, site: &Site::NOWHERE }, &policy);
    let over = view.registers.get(field).map(Register::over).unwrap_or_default();
    let mut entries = body([("r", field.into()), ("v", value)]);
    if !over.is_empty() {
        entries.insert("over".into(), over.iter().map(ToString::to_string).collect());
    }
    write(session, person, Draft { kind: "set".into(), body: entries }, Vec::new())
}

/// Writes into a person's document, which is made if it is not there.
fn write(session: &mut Session, person: &PersonId, draft: Draft, warnings: Vec<String>) -> Result<Written, AppError> {
    let doc = grades::doc(session, person);
    let mut drafts = grades::first(session, person)?;
    drafts.push(draft);
    let facts = session.write(doc, &drafts)?;
    let fact = facts.last().copied().ok_or_else(|| AppError::refused("nothing was written"))?;
    Ok(Written { fact, warnings })
}
