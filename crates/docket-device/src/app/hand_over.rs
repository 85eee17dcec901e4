//! Who answers for a job: exactly one outlet and handler at any time (D-E13).

use docket_core::dispatch::Obstacle;
use docket_core::view::{JobView, Register};
use docket_format::{FactId, PersonId};
use serde_json::Value;

use super::error::AppError;
use super::job::Job;
use super::session::Session;
use super::{body, dispatch};
use crate::store::Draft;

/// What `docket job hand-over` asks for.
#[derive(Debug, Clone, Default)]
pub struct HandOver {
    /// The outlet that is responsible from now on; `None` = as it stands.
    pub outlet: Option<String>,
    /// The person there; `None` = nobody named if the outlet changes, else as it stands.
    pub handler: Option<PersonId>,
    /// Why.
    pub why: String,
    /// Why an outlet that may not take it takes it all the same.
    pub overridden: Option<String>,
}

/// A job with another outlet or handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// The fact.
    pub fact: FactId,
    /// Who was responsible before.
    pub from: Option<String>,
    /// What the dispatcher should know.
    pub warnings: Vec<String>,
}

/// Hands a job over.
pub fn hand_over(session: &mut Session, job: &Job, to: &HandOver) -> Result<HandedOver, AppError> {
    let view = job.view();
    if !view.status.is_open() {
        return Err(AppError::refused(format!("this job is {}", view.status.as_str()))
            .hint(format!("docket job reopen {} --reason WHY   opens it again", job.doc.short())));
    }
    if to.why.trim().is_empty() {
        return Err(AppError::refused("an empty reason says nothing"));
    }
    let (before, after) = (view.str("outlet"), to.outlet.as_deref());
    let moves = after.is_some_and(|outlet| before != Some(outlet));
    let handler = to.handler.as_ref().map(PersonId::as_str);
    if !moves && (handler.is_none() || handler == view.str("handler")) {
        return Err(AppError::refused("nothing changes: this outlet and handler are responsible already"));
    }
    let mut warnings = Vec::new();
    if let Some(outlet) = after.filter(|_| moves) {
        warnings = may_take(session, job, &view, outlet, to.overridden.as_deref())?;
    }
    let mut registers = body([]);
    let mut over = Vec::new();
    if let Some(outlet) = after.filter(|_| moves) {
        registers.insert("outlet".into(), outlet.into());
        over.extend(standing(&view, "outlet"));
    }
    // Whoever handled it at another outlet doesn't any more.
    let was_handled = view.str("handler").is_some_and(|handler| !handler.is_empty());
    if handler.is_some() || (moves && was_handled) {
        registers.insert("handler".into(), handler.unwrap_or_default().into());
        over.extend(standing(&view, "handler"));
    }
    let mut fields = body([("regs", Value::Object(registers)), ("why", to.why.trim().into())]);
    if !over.is_empty() {
        fields.insert("over".into(), over.iter().map(ToString::to_string).collect());
    }
    if let Some(reason) = &to.overridden {
        fields.insert("override".into(), reason.as_str().into());
    }
    let from = before.map(str::to_owned);
    let facts = session.write(job.doc, &[Draft { kind: "assigned".into(), body: fields }])?;
    let fact = facts.first().copied().ok_or_else(|| AppError::refused("nothing was written"))?;
    Ok(HandedOver { fact, from, warnings })
}

fn standing(view: &JobView<'_>, register: &str) -> Vec<FactId> {
    view.registers.get(register).map(Register::over).unwrap_or_default()
}

/// Refuses an outlet that may not take a job, unless a reason is given; gives warnings.
pub(super) fn may_take(
    session: &Session,
    job: &Job,
    view: &JobView<'_>,
    outlet: &str,
    overridden: Option<&str>,
) -> Result<Vec<String>, AppError> {
    let obstacles = dispatch::obstacles_of_outlet(session, job, view, outlet)?;
    let Some(obstacles) = obstacles else {
        return Ok(vec![format!("outlet {outlet} is not known here: nobody checked whether it may take this job")]);
    };
    judged(&obstacles, overridden, &job.doc.short())
}

/// What stands in the way: refused, or warned of where a reason was given.
pub(super) fn judged(
    obstacles: &[(Obstacle, String)],
    overridden: Option<&str>,
    job: &str,
) -> Result<Vec<String>, AppError> {
    judged_at_intake(obstacles, overridden)
        .map_err(|refused| refused.hint(format!("docket dispatch recommend {job}   shows who may take it")))
}

/// As [`judged`], for a job that is not there yet.
pub(super) fn judged_at_intake(
    obstacles: &[(Obstacle, String)],
    overridden: Option<&str>,
) -> Result<Vec<String>, AppError> {
    let Some((_, first)) = obstacles.first() else { return Ok(Vec::new()) };
    let lines = obstacles.iter().map(|(obstacle, why)| format!("{why} ({})", obstacle.row()));
    if overridden.is_some() {
        return Ok(lines.collect());
    }
    Err(AppError::refused(first.clone())
        .details(lines.skip(1))
        .hint("--override REASON sends it all the same; the audit keeps it"))
}
