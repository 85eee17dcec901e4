//! What the office does with jobs: take in, assign, cancel, reopen, change a field.

use std::collections::BTreeSet;

use docket_core::grade::Grade;
use docket_core::view::{JobView, Register, Registers};
use docket_core::{Policy, UnixMs, dispatch};
use docket_format::{DocId, FactId, PersonId};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::error::AppError;
use super::hand_over;
use super::job::{Job, one_fact, short};
use super::scope::{self, Planned};
use super::session::Session;
use super::{body, grades};
use crate::store::Draft;

/// Kinds of jobs where the policy has no catalogue of its own (D-H21).
const KINDS: [&str; 13] = [
    "installation",
    "repair",
    "delivery",
    "design",
    "acceptance",
    "maintenance",
    "inspection",
    "software_upgrade",
    "exchange",
    "part_supply",
    "consultation",
    "training",
    "complaint",
];

/// Registers that live in the customer's document.
pub const CUSTOMER_FIELDS: [&str; 13] = [
    "name", "phone", "address", "postcode", "lat", "lon", "group", "email", "owner", "birthday", "since", "vip",
    "language",
];

/// A new job.
#[derive(Debug, Clone, Default)]
pub struct NewJob {
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub product: String,
    /// How many appliances.
    pub appliances: u32,
    /// Further registers: name and value.
    pub registers: Vec<(&'static str, String)>,
    /// The customer's registers; empty = no customer known.
    pub customer: Vec<(&'static str, String)>,
    /// The agreed time, RFC 3339, and the tolerance in minutes.
    pub appointment: Option<(String, Option<u32>)>,
    /// Why an outlet that may not take it takes it all the same.
    pub overridden: Option<String>,
}

impl NewJob {
    /// A register that was given.
    fn register(&self, name: &str) -> Option<&str> {
        self.registers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// The day on which the request came in, by the calendar of the place where it did.
fn received(session: &Session, new: &NewJob) -> Date {
    let day = new.register("received_at").and_then(|at| docket_core::time::date(at.get(..10)?));
    day.unwrap_or_else(|| session.today())
}

/// Takes a new job in; gives its document and warnings.
pub fn new_job(session: &mut Session, new: &NewJob) -> Result<(DocId, Vec<String>), AppError> {
    let policy = session.policy_on(new.register("outlet"), received(session, new))?;
    let template = policy.template(&new.kind, None);
    let known = kinds(&policy);
    if !known.contains(new.kind.as_str()) {
        let known: Vec<&str> = known.into_iter().collect();
        return Err(AppError::refused(format!("`{}` is no kind of job", short(&new.kind)))
            .hint(format!("one of: {}", known.join(", "))));
    }
    let mut warnings = Vec::new();
    if template.is_none() {
        warnings.push(format!("policy {} has no checklist for jobs of kind {}", policy.name, new.kind));
    }
    warnings.extend(outlet_may(session, new)?);
    let channel = new.registers.iter().find(|(name, _)| *name == "channel").map(|(_, value)| value.as_str());
    warnings.extend(super::requests::channel_warning(&policy, channel));
    let mut registers = body([
        ("kind", new.kind.as_str().into()),
        ("product", new.product.as_str().into()),
        ("appliances", new.appliances.into()),
        ("policy", policy.digest.to_string().into()),
    ]);
    if let Some(template) = template {
        registers.insert("template".into(), template.pin().into());
    }
    put(&mut registers, &new.registers);
    // Whoever takes it in handles it until it is handed over (D-E13).
    if policy.outlets.handler
        && let Some(person) = session.person()
    {
        registers.entry("handler").or_insert_with(|| person.as_str().into());
    }
    if !new.customer.is_empty() {
        let mut customer = Map::new();
        put(&mut customer, &new.customer);
        let doc = session.create(&[first("customer", customer)])?;
        registers.insert("customer".into(), doc.to_string().into());
    }
    let mut created = first("job", registers);
    created.body.extend(new.overridden.iter().map(|why| ("override".to_owned(), Value::from(why.as_str()))));
    let mut drafts = vec![created];
    if let Some((at, window)) = &new.appointment {
        drafts.push(scheduled(at, *window, Vec::new(), Vec::new()));
    }
    Ok((session.create(&drafts)?, warnings))
}

/// The kinds of job that may be taken in: the policy's catalogue (D-H21), else those with a checklist and the usual ones.
fn kinds(policy: &Policy) -> BTreeSet<&str> {
    if !policy.kinds.is_empty() {
        return policy.kinds.iter().map(|kind| kind.id.as_str()).collect();
    }
    policy.templates.iter().flat_map(|template| template.kinds.iter().map(String::as_str)).chain(KINDS).collect()
}

/// Refuses an outlet that may not take a new job, unless a reason is given; gives warnings (D-E6, D-H6).
fn outlet_may(session: &Session, new: &NewJob) -> Result<Vec<String>, AppError> {
    let Some(outlet) = new.register("outlet") else { return Ok(Vec::new()) };
    let obstacles = super::dispatch::obstacles_at_intake(session, outlet, new.register("mode"))?;
    hand_over::judged_at_intake(&obstacles.unwrap_or_default(), new.overridden.as_deref())
}

fn first(kind: &str, registers: Map<String, Value>) -> Draft {
    Draft { kind: "created".into(), body: body([("dk", kind.into()), ("regs", Value::Object(registers))]) }
}

fn put(into: &mut Map<String, Value>, registers: &[(&'static str, String)]) {
    into.extend(registers.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))));
}

fn scheduled(at: &str, window: Option<u32>, appointment: Vec<FactId>, window_min: Vec<FactId>) -> Draft {
    let mut registers = body([("appointment", at.into())]);
    let mut over = appointment;
    if let Some(minutes) = window {
        registers.insert("window_min".into(), minutes.into());
        over.extend(window_min);
    }
    let entries = [("regs", Value::Object(registers))].into_iter().chain(naming(over));
    Draft { kind: "scheduled".into(), body: body(entries) }
}

fn naming(mut over: Vec<FactId>) -> Option<(&'static str, Value)> {
    over.sort_unstable();
    over.dedup();
    let over: Vec<Value> = over.iter().map(|fact| Value::from(fact.to_string())).collect();
    (!over.is_empty()).then_some(("over", Value::Array(over)))
}

fn live(registers: &Registers, name: &str) -> Vec<FactId> {
    registers.get(name).map(Register::over).unwrap_or_default()
}

/// What `docket job assign` asks for.
#[derive(Debug, Clone, Default)]
pub struct Assignment {
    /// The crew; empty takes the job back.
    pub crew: Vec<PersonId>,
    /// The agreed time, RFC 3339, and the tolerance in minutes.
    pub appointment: Option<(String, Option<u32>)>,
    /// Why somebody below the least grade goes.
    pub overridden: Option<String>,
    /// The service vehicle (D-H9).
    pub vehicle: Option<String>,
    /// Why others go than the customer's contract names (D-H10).
    pub elsewhere: Option<String>,
}

/// Gives a job to a crew. Gives warnings.
pub fn assign(session: &mut Session, job: &Job, to: &Assignment) -> Result<Vec<String>, AppError> {
    let plan = plan(session, job, to, [])?;
    session.write_all(job.doc, &plan.drafts, &plan.scopes)?;
    Ok(plan.warnings)
}

/// What an assignment writes.
pub(super) struct Plan {
    /// Into the job.
    pub(super) drafts: Vec<Draft>,
    /// Into people's scopes.
    pub(super) scopes: Vec<(DocId, Vec<Draft>)>,
    /// What its author should know.
    pub(super) warnings: Vec<String>,
}

/// Checks an assignment and lays out what it writes; `more` goes into its fact.
pub(super) fn plan(
    session: &Session,
    job: &Job,
    to: &Assignment,
    more: impl IntoIterator<Item = (&'static str, Value)>,
) -> Result<Plan, AppError> {
    let view = job.view();
    if !view.status.is_open() {
        return Err(AppError::refused(format!("this job is {}", view.status.as_str()))
            .hint(format!("docket job reopen {} --reason WHY   opens it again", job.doc.short())));
    }
    let mut warnings = Vec::new();
    if !to.crew.is_empty() {
        warnings.extend(check_grades(session, job, &view, to)?);
        check_contract(session, job, &view, to)?;
        let obstacles = super::dispatch::obstacles_of_crew(session, job, &view, &to.crew)?;
        warnings.extend(hand_over::judged(&obstacles, to.overridden.as_deref(), &job.doc.short())?);
    }
    let crew: Vec<Value> = to.crew.iter().map(|person| person.as_str().into()).collect();
    let mut registers = body([("crew", Value::Array(crew))]);
    let mut over = live(&view.registers, "crew");
    if !view.registers.contains_key("policy") {
        registers.insert("policy".into(), job.policy.digest.to_string().into());
        over.extend(live(&view.registers, "policy"));
    }
    if let Some(vehicle) = &to.vehicle {
        registers.insert("vehicle".into(), vehicle.as_str().into());
        over.extend(live(&view.registers, "vehicle"));
    }
    let overridden = to.overridden.as_deref().map(|reason| ("override", Value::from(reason)));
    let elsewhere = to.elsewhere.as_deref().map(|reason| ("elsewhere", Value::from(reason)));
    let overridden = overridden.into_iter().chain(elsewhere);
    let seen = [("seen", seen(&view, &to.crew))];
    let entries =
        [("regs", Value::Object(registers))].into_iter().chain(naming(over)).chain(overridden).chain(seen).chain(more);
    let mut drafts = vec![Draft { kind: "assigned".into(), body: body(entries) }];
    if let Some((at, window)) = &to.appointment {
        let (appointment, window_min) = (live(&view.registers, "appointment"), live(&view.registers, "window_min"));
        drafts.push(scheduled(at, *window, appointment, window_min));
    }
    let scopes = scope::follow(session, job, &view, &Planned { crew: Some(to.crew.clone()), register: None })?;
    Ok(Plan { drafts, scopes, warnings })
}

/// Most arrivals that an assignment names as seen: a fact has at most 16 KiB.
const SEEN: usize = 256;

/// The arrivals known here of people outside a crew: what else they recorded on the job later is late work.
pub(super) fn seen(view: &JobView, crew: &[PersonId]) -> Value {
    let arrivals = view.visits.iter().flat_map(|visit| &visit.arrivals).rev();
    // Late work stays late: who sends a third crew must not make it regular by having seen it.
    let others = arrivals
        .filter(|one| one.late_work.is_none() && one.person.as_ref().is_some_and(|person| !crew.contains(person)));
    others.take(SEEN).map(|arrival| Value::from(arrival.fact.to_string())).collect()
}

fn check_grades(session: &Session, job: &Job, view: &JobView, to: &Assignment) -> Result<Vec<String>, AppError> {
    let need = super::dispatch::need(job, view);
    let crew = grades::of_people(session, &to.crew)?;
    if dispatch::crew_may_go(&need, crew.iter().map(|(_, graded)| graded.grade)) {
        return Ok(Vec::new());
    }
    let shown: Vec<String> =
        crew.iter().map(|(person, graded)| format!("{person}: {}", describe(graded.grade))).collect();
    let reasons = need.reasons.iter().map(|reason| format!("needed: {reason}"));
    if to.overridden.is_some() {
        return Ok(vec![format!("nobody of this crew has grade {}: {}", need.grade, shown.join(", "))]);
    }
    Err(AppError::refused(format!("nobody of this crew has grade {}", need.grade))
        .details(shown.into_iter().chain(reasons))
        .hint(format!("docket dispatch explain {}   shows who has", job.doc.short()))
        .hint("--override REASON sends them all the same; the audit keeps it"))
}

/// A contract that names who comes is kept, unless somebody says why not (D-H10).
fn check_contract(session: &Session, job: &Job, view: &JobView, to: &Assignment) -> Result<(), AppError> {
    let asked = view.str("received_at").and_then(UnixMs::parse).and_then(UnixMs::utc_date);
    let day = asked.unwrap_or_else(|| session.today());
    let contract = job.site.holding().designated(view.str("product"), view.str("serial"), day);
    let Some(contract) = contract.filter(|_| to.elsewhere.is_none()) else { return Ok(()) };
    let mut others = Vec::new();
    if let Some((named, outlet)) = contract.outlet.as_deref().zip(view.str("outlet"))
        && named != outlet
    {
        others.push(format!("outlet {named}, not {outlet}"));
    }
    if let Some(named) = contract.technician.as_deref()
        && !to.crew.iter().any(|person| person.as_str() == named)
    {
        others.push(format!("technician {named}"));
    }
    if others.is_empty() {
        return Ok(());
    }
    Err(AppError::refused(format!("the customer's {} names {}", contract.what, others.join(" and ")))
        .hint("--elsewhere REASON sends others all the same; the reason is kept"))
}

fn describe(grade: Grade) -> String {
    match grade {
        Grade::Ungraded => "ungraded, may ride along, never alone".into(),
        grade => format!("grade {grade}"),
    }
}

/// Calls a job off.
pub fn cancel(session: &mut Session, job: &Job, why: &str) -> Result<FactId, AppError> {
    let view = job.view();
    if !view.status.is_open() {
        return Err(AppError::refused(format!("this job is {} already", view.status.as_str())));
    }
    say(session, job, "cancelled", why)
}

/// Opens a job again.
pub fn reopen(session: &mut Session, job: &Job, why: &str) -> Result<FactId, AppError> {
    let view = job.view();
    if view.status.is_open() {
        return Err(AppError::refused(format!("this job is open: {}", view.status.as_str())));
    }
    say(session, job, "reopened", why)
}

fn say(session: &mut Session, job: &Job, kind: &str, why: &str) -> Result<FactId, AppError> {
    if why.trim().is_empty() {
        return Err(AppError::refused("an empty reason says nothing"));
    }
    let facts = session.write(job.doc, &[Draft { kind: kind.into(), body: body([("why", why.into())]) }])?;
    facts.first().copied().ok_or_else(|| AppError::refused("nothing was written"))
}

/// A field after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The new fact; `None` = the field had this value already.
    pub fact: Option<FactId>,
    /// The values that it replaced.
    pub replaced: Vec<Value>,
    /// Values that still stand beside it: a conflict.
    pub beside: Vec<Value>,
}

/// Changes one field. `over` names the earlier values that the user was shown; empty = those that now stand.
pub fn set(session: &mut Session, job: &Job, field: &str, value: &str, over: &[String]) -> Result<Changed, AppError> {
    check_field(field)?;
    let view = job.view();
    let customer = job.customer_view();
    let of_customer = CUSTOMER_FIELDS.contains(&field) && !view.registers.contains_key(field);
    let (doc, registers, facts) = match (of_customer, &customer, &job.customer) {
        (false, _, _) => (job.doc, &view.registers, &job.facts),
        (true, Some(view), Some((doc, facts))) => (*doc, &view.registers, facts),
        (true, _, _) => {
            return Err(AppError::refused(format!("this job has no customer, so no {field}")));
        }
    };
    let register = registers.get(field);
    let value = typed(field, value, register)?;
    let standing = register.map(|register| register.live.as_slice()).unwrap_or_default();
    let shown: Vec<FactId> = if over.is_empty() {
        standing.iter().map(|set| set.fact).collect()
    } else {
        let ids = over.iter().map(|typed| one_fact(facts.iter(), typed, &job.doc.short()).map(|fact| fact.id));
        ids.collect::<Result<_, _>>()?
    };
    if over.is_empty() && !standing.is_empty() && standing.iter().all(|set| *set.value == value) {
        return Ok(Changed { fact: None, replaced: Vec::new(), beside: Vec::new() });
    }
    let (named, left): (Vec<_>, Vec<_>) = standing.iter().partition(|set| shown.contains(&set.fact));
    let replaced = named.iter().map(|set| set.value.clone()).collect();
    let beside = left.iter().filter(|set| *set.value != value).map(|set| set.value.clone()).collect();
    let scopes = if doc == job.doc && scope::names_documents(standing, &value) {
        let planned = Planned { crew: None, register: Some((field, &value, &shown)) };
        scope::follow(session, job, &view, &planned)?
    } else {
        Vec::new()
    };
    let entries = [("r", Value::from(field)), ("v", value)].into_iter().chain(naming(shown));
    let fact = session.write_all(doc, &[Draft { kind: "set".into(), body: body(entries) }], &scopes)?;
    Ok(Changed { fact: fact.first().copied(), replaced, beside })
}

fn check_field(field: &str) -> Result<(), AppError> {
    let named = (1..=40).contains(&field.len())
        && field.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
    if !named {
        return Err(AppError::refused(format!("`{}` is no field's name", short(field)))
            .hint("a field's name is 1 to 40 characters of a-z, 0-9 and _, as `docket job show` prints it"));
    }
    match field {
        "crew" => Err(AppError::refused("the crew is set by assigning").hint("docket job assign JOB PERSON …")),
        "outlet" | "handler" => {
            Err(AppError::refused(format!("who is responsible changes by handing over, not `{field}`"))
                .hint("docket job hand-over JOB --outlet OUTLET --reason WHY"))
        }
        "policy" | "template" | "customer" | "kind" => {
            Err(AppError::refused(format!("`{field}` is fixed when the job is taken in")))
        }
        _ => Ok(()),
    }
}

fn typed(field: &str, text: &str, register: Option<&Register>) -> Result<Value, AppError> {
    let number =
        matches!(field, "appliances" | "window_min") || register.and_then(Register::value).is_some_and(Value::is_i64);
    if number {
        let number = text.trim().parse::<i64>().ok().filter(|&n| n >= i64::from(field == "appliances"));
        return number
            .map(Value::from)
            .ok_or_else(|| AppError::refused(format!("{field} is a number, not `{}`", short(text))));
    }
    if matches!(field, "appointment" | "received_at") && UnixMs::parse(text).is_none() {
        return Err(AppError::refused(format!("{field} is a time, not `{}`", short(text)))
            .hint("write it as in 2026-03-02T09:00:00+01:00"));
    }
    Ok(Value::from(text))
}
