//! Who is shown what (DESIGN §5): reading people's scope documents, and the facts that dispatching writes into them.
//!
//! A scope follows a job's crew: somebody who comes in is shown the job and what it needs, somebody who leaves is not
//! any longer. What their device holds stays there, *retained*: kept, hidden from the day's list, never deleted.

use std::collections::BTreeSet;

use docket_core::view::{JobView, LiveSet};
use docket_core::{Evidence as _, Standing};
use docket_format::fact::Origin;
use docket_format::scope::{self, ENTERED_DOCS, LEFT_TAGS, Scope};
use docket_format::{DocId, Fact, FactId, PersonId};
use serde_json::{Map, Value};

use super::body;
use super::error::AppError;
use super::job::Job;
use super::session::Session;
use crate::error::StoreError;
use crate::project::evidence::DocEvidence;
use crate::store::Draft;
use crate::store::{Store, read::row_of};

/// A person's scope as this store knows it.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    /// Whether the scope document is here.
    pub known: bool,
    /// What is in sight.
    pub scope: Scope,
    /// What ever was.
    pub ever: BTreeSet<DocId>,
}

impl Sight {
    /// What was in sight and is not any longer.
    pub fn gone(&self) -> BTreeSet<DocId> {
        let docs = self.scope.docs();
        self.ever.iter().filter(|doc| !docs.contains(doc)).copied().collect()
    }
}

/// Reads a person's scope: facts stated by devices whose role may dispatch.
pub fn of(store: &Store, person: &PersonId) -> Result<Sight, StoreError> {
    let doc = scope::doc(store.tenant(), person);
    let facts = store.facts(doc)?;
    if facts.is_empty() {
        return Ok(Sight::default());
    }
    let sql = store.conn();
    let evidence = match row_of(sql, doc)? {
        Some(row) => DocEvidence::load(sql, row, &facts)?,
        None => DocEvidence::default(),
    };
    // What a device stated after it was revoked shows nobody anything, at the relay neither.
    let may = |fact: &Fact| {
        let who = fact.author().and_then(|author| evidence.person(author));
        who.is_some_and(|who| scope::may_dispatch(who.role.as_str())) && evidence.standing(fact.id) != Standing::Claim
    };
    let entered = facts.iter().filter(|fact| may(fact)).filter_map(|fact| match scope::step(fact) {
        Some(scope::Step::Enter(docs)) => Some(docs),
        _ => None,
    });
    Ok(Sight { known: true, ever: entered.flatten().collect(), scope: Scope::fold(&facts, may) })
}

/// Documents that this device holds although its person is no longer shown them. Empty where the person sees
/// everything, or no scope document of theirs is here.
pub fn retained(session: &Session) -> Result<BTreeSet<DocId>, AppError> {
    let Some(person) = session.person().filter(|_| !scope::sees_all(&session.role())) else {
        return Ok(BTreeSet::new());
    };
    Ok(of(session.store(), &person)?.gone())
}

/// The retained documents that are jobs held here.
pub fn retained_jobs(session: &Session) -> Result<Vec<DocId>, AppError> {
    let mut jobs = Vec::new();
    for doc in retained(session)? {
        if session.store().info(doc)?.is_some_and(|info| info.changes > 0 && info.kind.as_deref() == Some("job")) {
            jobs.push(doc);
        }
    }
    Ok(jobs)
}

/// What a job is about to become: registers that the facts being written will set, over those that stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Planned<'a> {
    /// The crew; `None` = as it stands.
    pub(super) crew: Option<Vec<PersonId>>,
    /// One other register and its new value; the sets that it names no longer stand.
    pub(super) register: Option<(&'a str, &'a Value, &'a [FactId])>,
}

/// The facts that make everybody's scope fit a job's crew, for the transaction that changes the job. None where all
/// fits already, or where this device's role may not dispatch.
pub(super) fn follow(
    session: &Session,
    job: &Job,
    view: &JobView,
    planned: &Planned<'_>,
) -> Result<Vec<(DocId, Vec<Draft>)>, AppError> {
    if !scope::may_dispatch(&session.role()) {
        return Ok(Vec::new());
    }
    let crew: BTreeSet<PersonId> = match &planned.crew {
        Some(crew) => crew.iter().cloned().collect(),
        None => standing_crew(view),
    };
    let docs = closure(session, job, view, planned)?;
    let mut writes = Vec::new();
    for person in crew.iter().cloned().chain(ever_sent(job)).collect::<BTreeSet<_>>() {
        let wanted = if crew.contains(&person) { docs.as_slice() } else { &[] };
        let drafts = fit(session, &person, job.doc, wanted)?;
        if !drafts.is_empty() {
            writes.push((scope::doc(session.tenant(), &person), drafts));
        }
    }
    Ok(writes)
}

/// Makes scopes fit the crews of those of these documents that are assigned jobs, as they now stand.
pub(super) fn follow_all(session: &mut Session, docs: &[DocId]) -> Result<(), AppError> {
    if !scope::may_dispatch(&session.role()) {
        return Ok(());
    }
    for doc in docs {
        let assigned = session.store().conn().query_row(
            "SELECT EXISTS (SELECT 1 FROM doc d JOIN p_job j ON j.doc = d.id WHERE d.doc = ?1 AND j.crew <> '')",
            [doc.as_bytes()],
            |row| row.get::<_, bool>(0),
        );
        if !assigned.map_err(StoreError::from)? {
            continue;
        }
        let job = Job::load(session, *doc)?;
        let writes = follow(session, &job, &job.view(), &Planned::default())?;
        if let Some(((doc, drafts), also)) = writes.split_first() {
            session.write_all(*doc, drafts, also)?;
        }
    }
    Ok(())
}

/// Everybody in a crew that stands: two while nobody decided between them.
fn standing_crew(view: &JobView) -> BTreeSet<PersonId> {
    let live = view.registers.get("crew").into_iter().flat_map(|crew| &crew.live);
    live.flat_map(|set| people(set.value)).collect()
}

pub(super) fn people(crew: &Value) -> Vec<PersonId> {
    crew.as_array().into_iter().flatten().filter_map(|person| person.as_str()?.parse().ok()).collect()
}

/// Everybody whom any fact of the job ever put into a crew.
fn ever_sent(job: &Job) -> impl Iterator<Item = PersonId> {
    job.facts.iter().flat_map(|fact| {
        let many = fact.body.get("regs").and_then(|regs| regs.get("crew"));
        let one = fact.body.get("v").filter(|_| fact.str("r") == Some("crew"));
        many.into_iter().chain(one).flat_map(people).collect::<Vec<_>>()
    })
}

/// The job, and the documents that its registers name, as far as whoever named them is shown everything anyway: else a
/// technician could name a stranger's document and be shown it at the next dispatch.
fn closure(session: &Session, job: &Job, view: &JobView, planned: &Planned<'_>) -> Result<Vec<DocId>, AppError> {
    let evidence = session.evidence(job.doc, &job.facts)?;
    let trusted = |set: &LiveSet| {
        let Some(fact) = job.fact_by_id(set.fact) else { return false };
        let first =
            matches!(fact.kind(), "created" | "imported") || matches!(fact.header.origin, Origin::Import { .. });
        let who = evidence.person_of(fact);
        first || who.is_some_and(|who| scope::sees_all(who.role.as_str()))
    };
    let mut named: BTreeSet<DocId> = BTreeSet::new();
    for (name, register) in &view.registers {
        let stays = |set: &&LiveSet| {
            !planned.register.is_some_and(|(changed, _, over)| changed == *name && over.contains(&set.fact))
        };
        named.extend(
            register.live.iter().filter(stays).filter(|set| trusted(set)).filter_map(|set| named_by(set.value)),
        );
    }
    named.extend(planned.register.and_then(|(_, value, _)| named_by(value)));
    named.remove(&job.doc);
    let mut docs = vec![job.doc];
    for doc in named {
        let kind = session.store().info(doc)?.and_then(|info| info.kind);
        // A job is shown to its own crew, and somebody's scope to that person.
        let other = kind.as_deref().is_some_and(|kind| scope::is_common(kind) || matches!(kind, "job" | "scope"));
        if !other && docs.len() < ENTERED_DOCS {
            docs.push(doc);
        }
    }
    Ok(docs)
}

/// Whether changing a register from what stands to `value` may change what a crew must be shown.
pub(super) fn names_documents(standing: &[LiveSet], value: &Value) -> bool {
    standing.iter().map(|set| set.value).chain([value]).any(|value| named_by(value).is_some())
}

fn named_by(value: &Value) -> Option<DocId> {
    value.as_str()?.parse().ok()
}

/// What makes a person's scope show exactly these documents for a job; nothing = none.
fn fit(session: &Session, person: &PersonId, job: DocId, wanted: &[DocId]) -> Result<Vec<Draft>, AppError> {
    let sight = of(session.store(), person)?;
    if sight.scope.docs_for(job) == wanted.iter().copied().collect() {
        return Ok(Vec::new());
    }
    let mut drafts = Vec::new();
    if !sight.known {
        let regs = body([("person", Value::from(person.as_str()))]);
        drafts.push(draft("created", body([("dk", "scope".into()), ("regs", Value::Object(regs))])));
    }
    if !wanted.is_empty() {
        let docs = wanted.iter().map(|doc| Value::from(doc.to_string())).collect();
        drafts.push(draft("entered", body([("docs", Value::Array(docs))])));
    }
    for tags in sight.scope.tags_for(job).chunks(LEFT_TAGS) {
        let over = tags.iter().map(|tag| Value::from(tag.to_string())).collect();
        drafts.push(draft("left", body([("over", Value::Array(over))])));
    }
    Ok(drafts)
}

fn draft(kind: &str, body: Map<String, Value>) -> Draft {
    Draft { kind: kind.to_owned(), body }
}
