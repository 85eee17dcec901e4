//! Known problems (D-E2, D-E3, D-E8): one document for each, with notes, linked by the jobs that show it. They hold
//! nothing of customers, so every device has them, offline too (D-E16).

use docket_core::view::{ProblemView, Register};
use docket_core::{Policy, Record, Site, fold_problem};
use docket_format::{DocId, Fact, FactId};
use serde_json::{Map, Value};
use std::sync::Arc;

use super::after::{filled, put, text};
use super::body;
use super::error::AppError;
use super::job::Job;
use super::session::Session;
use super::visit::Recorded;
use crate::error::StoreError;
use crate::project::evidence::DocEvidence;
use crate::store::Draft;

/// A problem's registers.
#[derive(Debug, Clone, Default)]
pub struct NewProblem {
    /// What it is, in one line.
    pub title: String,
    /// The product.
    pub product: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Whom to ask: the department's named contact.
    pub contact: Option<String>,
    /// What is known about it.
    pub text: Option<String>,
}

/// Records a problem.
pub fn new(session: &mut Session, new: &NewProblem) -> Result<DocId, AppError> {
    if new.title.trim().is_empty() {
        return Err(AppError::refused("a problem needs a title"));
    }
    let registers = filled([
        ("title", text(Some(&new.title))),
        ("product", text(new.product.as_deref())),
        ("model", text(new.model.as_deref())),
        ("contact", text(new.contact.as_deref())),
        ("state", text(Some("open"))),
    ]);
    let first = body([("dk", "problem".into()), ("regs", Value::Object(registers))]);
    let mut drafts = vec![Draft { kind: "created".into(), body: first }];
    drafts.extend(new.text.as_deref().map(noted).transpose()?);
    session.create(&drafts)
}

/// Adds what was learnt about a problem.
pub fn note(session: &mut Session, problem: DocId, said: &str) -> Result<FactId, AppError> {
    let facts = session.write(problem, &[noted(said)?])?;
    facts.first().copied().ok_or_else(|| AppError::refused("nothing was written"))
}

fn noted(said: &str) -> Result<Draft, AppError> {
    if said.trim().is_empty() {
        return Err(AppError::refused("an empty note says nothing"));
    }
    Ok(Draft { kind: "noted".into(), body: body([("text", said.into())]) })
}

/// Sets where a problem stands: `open`, `solved`, or the company's own word.
pub fn set_state(session: &mut Session, problem: &Problem, state: &str) -> Result<FactId, AppError> {
    let view = problem.view();
    let over = view.registers.get("state").map(Register::over).unwrap_or_default();
    let over: Vec<Value> = over.into_iter().map(|fact| Value::from(fact.to_string())).collect();
    let mut entries: Map<String, Value> = body([("r", "state".into()), ("v", state.into())]);
    if !over.is_empty() {
        entries.insert("over".into(), Value::Array(over));
    }
    let facts = session.write(problem.doc, &[Draft { kind: "set".into(), body: entries }])?;
    facts.first().copied().ok_or_else(|| AppError::refused("nothing was written"))
}

/// Says that a job shows a known problem.
pub fn link(session: &mut Session, job: &Job, problem: DocId) -> Result<Recorded, AppError> {
    let named = problem.to_string();
    let view = job.view();
    if let Some(before) =
        view.events.iter().find(|event| event.kind == "linked" && event.str("problem") == Some(&named))
    {
        return Ok(Recorded { facts: vec![before.fact], status: None, warnings: Vec::new(), already: true });
    }
    put(session, job, "linked", filled([("problem", Some(named.into()))]), Vec::new())
}

/// A problem's document.
pub struct Problem {
    /// The document.
    pub doc: DocId,
    facts: Vec<Fact>,
    policy: Arc<Policy>,
    evidence: DocEvidence,
}

impl Problem {
    /// Loads the problem that `typed` names by a start of its code, or its document id.
    pub fn find(session: &Session, typed: &str) -> Result<Self, AppError> {
        let doc = session.resolve(typed, "problem")?;
        let facts = session.facts(doc)?;
        let (policy, evidence) = (session.policy()?, session.evidence(doc, &facts)?);
        Ok(Self { doc, facts, policy, evidence })
    }

    /// The problem as its facts tell it.
    pub fn view(&self) -> ProblemView<'_> {
        let record = Record { doc: self.doc, facts: &self.facts, evidence: &self.evidence, site: &Site::NOWHERE };
        fold_problem(&record, &self.policy)
    }
}

/// A row of the list of problems.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ProblemRow {
    /// The document.
    pub doc: String,
    /// Its code.
    pub code: String,
    /// What it is.
    pub title: Option<String>,
    /// The product.
    pub product: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Where it stands.
    pub state: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// Jobs that show it.
    pub jobs: i64,
    /// Notes about it.
    pub notes: i64,
}

/// The known problems, those that most jobs show first.
pub fn list(session: &Session, product: Option<&str>, state: Option<&str>) -> Result<Vec<ProblemRow>, AppError> {
    let run = || -> rusqlite::Result<Vec<ProblemRow>> {
        let mut statement = session.store().conn().prepare(
            "SELECT doc, code, title, product, model, state, contact, jobs, notes FROM v_problem
              WHERE (?1 IS NULL OR product = ?1) AND (?2 IS NULL OR state = ?2) ORDER BY jobs DESC, title, doc",
        )?;
        let rows = statement.query_map((product, state), |row| {
            Ok(ProblemRow {
                doc: row.get(0)?,
                code: row.get(1)?,
                title: row.get(2)?,
                product: row.get(3)?,
                model: row.get(4)?,
                state: row.get(5)?,
                contact: row.get(6)?,
                jobs: row.get(7)?,
                notes: row.get(8)?,
            })
        })?;
        rows.collect()
    };
    Ok(run().map_err(StoreError::from)?)
}

/// The codes of the jobs that show a problem.
pub fn jobs_of(session: &Session, problem: DocId) -> Result<Vec<String>, AppError> {
    let run = || -> rusqlite::Result<Vec<String>> {
        let query = "SELECT DISTINCT code FROM v_event
                      WHERE kind = 'linked' AND json_extract(body, '$.problem') = ?1 ORDER BY code";
        session.store().conn().prepare(query)?.query_map([problem.to_string()], |row| row.get(0))?.collect()
    };
    Ok(run().map_err(StoreError::from)?)
}
