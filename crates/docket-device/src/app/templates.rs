//! Bringing open jobs to another policy and its checklists: rehearsed first, then written in one transaction.
//!
//! Nothing that was recorded changes: answers stay where they are and are judged by the other checklist. A rehearsal
//! says of each answer whether it stays, moves to another step, is judged otherwise or has no place any more, and which
//! steps become required.

use std::collections::BTreeMap;
use std::sync::Arc;

use docket_core::Policy;
use docket_core::checklist::Checklist;
use docket_core::policy::{Template, adoption};
use docket_core::view::{JobView, Register, StepState, StepStatus};
use docket_format::{DocId, FactId};
use serde_json::Value;

use super::body;
use super::error::AppError;
use super::job::Job;
use super::policies;
use super::session::Session;
use crate::error::StoreError;
use crate::store::Draft;

/// What migrating does to one job.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Plan {
    /// The job's document.
    #[serde(serialize_with = "as_text")]
    pub doc: DocId,
    /// Its code.
    pub code: String,
    /// The policy and the template that it has.
    pub from: [Option<String>; 2],
    /// Those that it gets.
    pub to: [Option<String>; 2],
    /// Why it is left as it is; `None` = it is brought over.
    pub left: Option<String>,
    /// Answers that stay and are judged as before.
    pub kept: Vec<Place>,
    /// Answers that count for another step, in another part of the visit, or no longer appliance by appliance.
    pub moved: Vec<Change>,
    /// Answers that are judged otherwise: by other limits, or because the step is not asked any more.
    pub judged_anew: Vec<Change>,
    /// Answers that have no place in the other checklist: kept, and shown as such.
    pub without_place: Vec<Place>,
    /// Steps that become required and have no answer.
    pub newly_required: Vec<Place>,
    /// Steps that were required, have no answer, and need none any more.
    pub no_longer_required: Vec<Place>,
}

/// A step, for one appliance (from 1) or for the visit (0).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Place {
    /// The step.
    pub step: String,
    /// The appliance.
    pub appliance: u32,
    /// What the step says.
    pub title: String,
}

/// An answer before and after.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// Where it was.
    pub from: Place,
    /// Where it is.
    pub to: Place,
    /// How it stood.
    pub was: &'static str,
    /// How it stands.
    pub is: &'static str,
}

fn as_text<S: serde::Serializer>(doc: &DocId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(doc)
}

/// The policy that `named` means: a pack adopted here, or a shipped one, by name. A file is the caller's business.
pub fn known(session: &Session, named: &str) -> Result<Option<Arc<Policy>>, AppError> {
    for digest in adoption::newest_first(&session.adoptions()?) {
        if let Some(policy) = session.policy_of(digest)?.filter(|policy| policy.name == named) {
            return Ok(Some(policy));
        }
    }
    policies::shipped(named).map(|text| policies::parse(text, named).map(Arc::new)).transpose()
}

/// Every job that is open, by code.
pub fn open_jobs(session: &Session) -> Result<Vec<DocId>, AppError> {
    let query = "SELECT id FROM p_job WHERE status NOT IN ('closed', 'cancelled', 'done', 'refused') ORDER BY code";
    let run = || -> rusqlite::Result<Vec<[u8; 16]>> {
        session.store().conn().prepare(query)?.query_map([], |row| row.get(0))?.collect()
    };
    Ok(run().map_err(StoreError::from)?.into_iter().filter_map(DocId::from_bytes).collect())
}

/// What bringing these jobs to `target` would do. Writes nothing.
pub fn rehearse(session: &Session, target: &Policy, jobs: &[DocId]) -> Result<Vec<Plan>, AppError> {
    jobs.iter().map(|doc| Ok(plan(&Job::load(session, *doc)?, target))).collect()
}

/// Brings jobs to `target`, all in one transaction or none, for a reason that each keeps. Gives what was done; a job that
/// is there already, or can't be brought over, is left as it is, so a second run does what a first one could not.
pub fn migrate(session: &mut Session, target: &Policy, jobs: &[DocId], why: &str) -> Result<Vec<Plan>, AppError> {
    if why.trim().is_empty() {
        return Err(AppError::refused("an empty reason says nothing"));
    }
    if session.policy_of(target.digest)?.is_none() {
        return Err(AppError::refused(format!("{} {} was never adopted here", target.name, target.version))
            .hint("docket policy adopt FILE   makes it the company's; then migrate"));
    }
    let role = session.role();
    let mut writes = Vec::new();
    let mut plans = Vec::new();
    for doc in jobs {
        let job = Job::load(session, *doc)?;
        let mut plan = plan(&job, target);
        if plan.left.is_none() {
            let barred = [&*job.policy, target].into_iter().find(|policy| !may(policy, &role));
            match barred {
                Some(policy) => {
                    plan.left = Some(format!("policy {} does not let the role {role} set a job's policy", policy.name));
                }
                None => writes.push((*doc, drafts(&job.view(), &plan, why))),
            }
        }
        plans.push(plan);
    }
    if let Some(((doc, drafts), also)) = writes.split_first() {
        session.write_all(*doc, drafts, also)?;
    }
    Ok(plans)
}

fn may(policy: &Policy, role: &str) -> bool {
    let registers = ["policy", "template"];
    policy.authority.may_state(role, "set") && registers.iter().all(|name| policy.authority.may_set(role, name))
}

fn drafts(view: &JobView<'_>, plan: &Plan, why: &str) -> Vec<Draft> {
    let set = |register: &str, value: &Option<String>| {
        let value = value.as_deref()?;
        let standing = view.registers.get(register);
        if standing.and_then(Register::value).and_then(Value::as_str) == Some(value) {
            return None;
        }
        let over: Vec<Value> =
            standing.map(Register::over).unwrap_or_default().iter().map(|fact| fact.to_string().into()).collect();
        let mut entries = vec![("r", Value::from(register)), ("v", value.into()), ("why", why.into())];
        if !over.is_empty() {
            entries.push(("over", Value::Array(over)));
        }
        Some(Draft { kind: "set".into(), body: body(entries) })
    };
    let [policy, template] = &plan.to;
    [set("policy", policy), set("template", template)].into_iter().flatten().collect()
}

fn plan(job: &Job, target: &Policy) -> Plan {
    let (old, new) = (job.view(), job.view_under(target));
    let kind = old.kind().unwrap_or_default();
    let template = target.template(kind, old.str("template"));
    let mut plan = Plan {
        doc: job.doc,
        code: job.doc.short(),
        from: [old.str("policy").map(str::to_owned), old.str("template").map(str::to_owned)],
        to: [Some(target.digest.to_string()), template.map(Template::pin)],
        left: None,
        kept: Vec::new(),
        moved: Vec::new(),
        judged_anew: Vec::new(),
        without_place: Vec::new(),
        newly_required: Vec::new(),
        no_longer_required: Vec::new(),
    };
    plan.left = if !old.status.is_open() {
        Some(format!("it is {}", old.status.as_str()))
    } else if plan.from == plan.to {
        Some("it is there already".into())
    } else if template.is_none() && old.str("template").is_some() {
        Some(format!("policy {} has no checklist for jobs of kind {kind}", target.name))
    } else {
        None
    };
    if plan.left.is_none() {
        compare(&mut plan, &Checklist::of(&old, &job.policy), &Checklist::of(&new, target));
    }
    plan
}

fn compare(plan: &mut Plan, old: &Checklist<'_>, new: &Checklist<'_>) {
    let facts = |checklist: &Checklist<'_>| -> BTreeMap<FactId, usize> {
        let steps = checklist.steps.iter().enumerate();
        steps.flat_map(|(at, state)| state.answers.iter().map(move |answer| (answer.fact, at))).collect()
    };
    let (before, after) = (facts(old), facts(new));
    for (fact, at) in &before {
        let Some(was) = old.steps.get(*at) else { continue };
        let Some(is) = after.get(fact).and_then(|at| new.steps.get(*at)) else {
            plan.without_place.push(place(was));
            continue;
        };
        let change = || Change {
            from: place(was),
            to: place(is),
            was: status(was, *fact).as_str(),
            is: status(is, *fact).as_str(),
        };
        if (was.step, was.appliance, was.group) != (is.step, is.appliance, is.group) {
            plan.moved.push(change());
        } else if status(was, *fact) != status(is, *fact) {
            plan.judged_anew.push(change());
        } else {
            plan.kept.push(place(is));
        }
    }
    let open = |state: &StepState<'_>| state.required && state.status == StepStatus::Missing;
    let among = |steps: &[StepState<'_>], state: &StepState<'_>| {
        steps.iter().any(|other| open(other) && (other.step, other.appliance) == (state.step, state.appliance))
    };
    let only = |these: &[StepState<'_>], those: &[StepState<'_>]| -> Vec<Place> {
        these.iter().filter(|state| open(state) && !among(those, state)).map(place).collect()
    };
    plan.newly_required = only(&new.steps, &old.steps);
    plan.no_longer_required = only(&old.steps, &new.steps);
    plan.kept.sort();
    plan.without_place.sort();
    plan.moved.sort_by(|a, b| a.from.cmp(&b.from));
    plan.judged_anew.sort_by(|a, b| a.from.cmp(&b.from));
}

/// How one answer stands; a step that is not asked says so of all its answers.
fn status(state: &StepState<'_>, fact: FactId) -> StepStatus {
    let own = state.answers.iter().find(|answer| answer.fact == fact).map(|answer| answer.status);
    if state.status == StepStatus::NotAsked { StepStatus::NotAsked } else { own.unwrap_or(state.status) }
}

fn place(state: &StepState<'_>) -> Place {
    Place { step: state.step.to_owned(), appliance: state.appliance, title: state.title.to_owned() }
}
