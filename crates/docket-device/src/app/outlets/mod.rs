//! Outlets (D-H6, D-E6): made, changed, shown, listed, imported.

pub mod field;
pub mod import;
pub mod list;

use docket_core::view::{OutletView, Register, Registers};
use docket_core::{Policy, Record, Site, fold_outlet};
use docket_format::{DocId, Fact, FactId};
use serde_json::{Map, Value};
use std::sync::Arc;

use super::body;
use super::error::AppError;
use super::record::{self, Written};
use super::session::Session;
use crate::project::evidence::DocEvidence;
use crate::store::Draft;

/// An outlet's document with what is needed to fold it.
pub struct Outlet {
    /// Its id, as people write it.
    pub id: String,
    /// The document.
    pub doc: DocId,
    /// Its facts; empty for an outlet that is not known here.
    pub facts: Vec<Fact>,
    policy: Arc<Policy>,
    evidence: DocEvidence,
}

/// An outlet's document: the same on every device that names it.
pub fn doc(session: &Session, id: &str) -> DocId {
    DocId::derived(session.tenant(), "outlet", "docket", id)
}

impl Outlet {
    /// An outlet that is known here.
    pub fn find(session: &Session, id: &str) -> Result<Self, AppError> {
        let outlet = Self::load(session, id)?;
        if outlet.facts.is_empty() {
            return Err(AppError::refused(format!("no outlet `{}` is known here", super::job::short(id)))
                .hint("docket outlet list   shows those that are"));
        }
        Ok(outlet)
    }

    /// An outlet, known here or not.
    pub fn load(session: &Session, id: &str) -> Result<Self, AppError> {
        let id = field::id(id).map_err(|why| AppError::refused(format!("`{}` {why}", super::job::short(id))))?;
        let doc = doc(session, &id);
        let facts = session.facts(doc)?;
        let (policy, evidence) = (session.policy()?, session.evidence(doc, &facts)?);
        Ok(Self { id, doc, facts, policy, evidence })
    }

    /// The outlet as its facts tell it.
    pub fn view(&self) -> OutletView<'_> {
        let record = Record { doc: self.doc, facts: &self.facts, evidence: &self.evidence, site: &Site::NOWHERE };
        fold_outlet(&record, &self.policy)
    }
}

/// Makes an outlet. `fields` are names of [`field::FIELDS`] and values.
pub fn new(session: &mut Session, id: &str, fields: &[(&str, &str)]) -> Result<DocId, AppError> {
    let outlet = Outlet::load(session, id)?;
    if !outlet.facts.is_empty() {
        return Err(AppError::refused(format!("outlet {} is there already", outlet.id))
            .hint(format!("docket outlet set {} FIELD VALUE   changes it", outlet.id)));
    }
    let mut registers = body([("outlet", outlet.id.as_str().into())]);
    for (name, text) in fields {
        registers.insert((*name).to_owned(), checked(name, text, &outlet.policy)?.into());
    }
    half_a_place(&registers)?;
    session.write(outlet.doc, &[created(registers)])?;
    Ok(outlet.doc)
}

fn created(registers: Map<String, Value>) -> Draft {
    Draft { kind: "created".into(), body: body([("dk", "outlet".into()), ("regs", Value::Object(registers))]) }
}

fn checked(name: &str, text: &str, policy: &Policy) -> Result<String, AppError> {
    if !field::FIELDS.contains(&name) {
        return Err(AppError::refused(format!("an outlet has no field `{}`", super::job::short(name)))
            .hint(format!("one of: {}", field::FIELDS.join(", "))));
    }
    field::value(name, text, policy).map_err(|why| AppError::refused(format!("{name}: {why}")))
}

fn half_a_place(registers: &Map<String, Value>) -> Result<(), AppError> {
    if registers.contains_key("lat") == registers.contains_key("lon") {
        return Ok(());
    }
    Err(AppError::refused("half a place: give both lat and lon, or neither"))
}

/// Changes one field over the values that now stand; `None` = it had this value already.
pub fn set(session: &mut Session, id: &str, name: &str, text: &str) -> Result<Option<FactId>, AppError> {
    let outlet = Outlet::find(session, id)?;
    let value = Value::from(checked(name, text, &outlet.policy)?);
    let view = outlet.view();
    let Some(draft) = change(&view.registers, name, &value) else { return Ok(None) };
    let facts = session.write(outlet.doc, &[draft])?;
    Ok(facts.first().copied())
}

/// The fact that makes a register this value; `None` where it is.
fn change(registers: &Registers<'_>, name: &str, value: &Value) -> Option<Draft> {
    let standing = registers.get(name);
    if standing.is_some_and(|register| !register.conflict && register.value() == Some(value)) {
        return None;
    }
    let over: Vec<Value> = standing.map(Register::over).unwrap_or_default().iter().map(text_of).collect();
    let mut entries = body([("r", name.into()), ("v", value.clone())]);
    if !over.is_empty() {
        entries.insert("over".into(), Value::Array(over));
    }
    Some(Draft { kind: "set".into(), body: entries })
}

fn text_of(fact: &FactId) -> Value {
    fact.to_string().into()
}

/// States something about an outlet: `standing`, `inspected`, `called_in`, `responded`, `rated` …
pub fn state(session: &mut Session, id: &str, kind: &str, fields: Map<String, Value>) -> Result<Written, AppError> {
    let outlet = Outlet::find(session, id)?;
    record::record(session, outlet.doc, "outlet", kind, fields)
}

/// Answers a call (D-C3); `call` is any start of the call's id, the only open one when left out.
pub fn respond(session: &mut Session, id: &str, call: Option<&str>, text: Option<&str>) -> Result<Written, AppError> {
    let outlet = Outlet::find(session, id)?;
    let view = outlet.view();
    let named = match call {
        Some(typed) => {
            let calls = outlet.facts.iter().filter(|fact| fact.kind() == "called_in");
            super::job::one_fact(calls, typed, &outlet.id)?.id
        }
        None => the_open_call(&view)?,
    };
    let mut fields = body([("to", named.to_string().into())]);
    if let Some(text) = text {
        fields.insert("text".into(), text.into());
    }
    drop(view);
    record::record(session, outlet.doc, "outlet", "responded", fields)
}

fn the_open_call(view: &OutletView<'_>) -> Result<FactId, AppError> {
    let mut open = view.calls.iter().filter(|call| call.response.is_none());
    match (open.next(), open.count()) {
        (Some(call), 0) => Ok(call.fact),
        (None, _) => Err(AppError::refused("no call of this outlet waits for a response")),
        (Some(call), more) => {
            let shown = call.at_ms.and_then(docket_core::UnixMs::rfc3339).unwrap_or_default();
            Err(AppError::refused(format!("{} calls wait for a response", more + 1))
                .hint(format!("name one: --to {}   came {shown}", call.fact)))
        }
    }
}
