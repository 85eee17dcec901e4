//! How a request is answered before somebody goes: taken over, classed, the customer contacted, the fault guessed, passed
//! up (D-C1, D-E1, D-H16, D-E8, S).

use docket_core::Policy;
use docket_core::policy::HandledBy;
use docket_core::view::Register;
use docket_format::{DocId, FactId};
use serde_json::{Map, Value};

use super::after::{filled, put, text};
use super::error::AppError;
use super::job::{Job, short};
use super::record;
use super::session::Session;
use super::visit::Recorded;
use super::{body, outlet_doc};
use crate::store::Draft;

/// A talk with the customer.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// `first`, `solution`, `progress`, `part_arrived`, `result` or `other`.
    pub purpose: String,
    /// Phone, e-mail …: an open list.
    pub channel: Option<String>,
    /// Somebody answered.
    pub reached: bool,
    /// The way to solve it was agreed.
    pub solution: bool,
    /// `customer`, `contact` or `owner` (D-K2).
    pub who: Option<String>,
    /// How often it rang (D-E12).
    pub rings: Option<i64>,
    /// In words.
    pub text: Option<String>,
    /// When it was, if it is written down later: RFC 3339.
    pub when: Option<String>,
}

/// Records a talk with the customer.
pub fn contact(session: &mut Session, job: &Job, contact: &Contact) -> Result<Recorded, AppError> {
    if !contact.reached && contact.solution {
        return Err(AppError::refused("nobody was reached, so nothing was agreed"));
    }
    let entries = [
        ("purpose", text(Some(&contact.purpose))),
        ("channel", text(contact.channel.as_deref())),
        ("reached", Some(Value::from(contact.reached))),
        ("solution", contact.solution.then(|| Value::from(true))),
        ("who", text(contact.who.as_deref())),
        ("rings", contact.rings.map(Value::from)),
        ("text", text(contact.text.as_deref())),
        ("when", text(contact.when.as_deref())),
    ];
    let warnings = channel_warning(&job.policy, contact.channel.as_deref());
    put(session, job, "contacted", filled(entries), warnings)
}

/// The list of channels is open: another name is kept, and asked about (D-H7).
pub(super) fn channel_warning(policy: &Policy, channel: Option<&str>) -> Vec<String> {
    let known = &policy.intake.channels;
    let odd = channel.filter(|channel| !known.is_empty() && !known.iter().any(|name| name == channel));
    odd.map(|odd| format!("`{}` is a new channel; known ones: {}", short(odd), known.join(", "))).into_iter().collect()
}

/// Takes a request over as its handling specialist: the clocks of its severity start (D-S1 to D-S4).
pub fn accept(session: &mut Session, job: &Job, severity: Option<&str>) -> Result<Recorded, AppError> {
    let view = job.view();
    let mut warnings = Vec::new();
    if let Some(first) = view.events.iter().find(|event| event.kind == "accepted") {
        let who = first.person.as_ref().map(|person| format!(" by {person}")).unwrap_or_default();
        warnings.push(format!("accepted{who} before"));
    }
    put(session, job, "accepted", filled([("severity", text(severity))]), warnings)
}

/// How a request is classed (D-E1).
#[derive(Debug, Clone, Default)]
pub struct Class {
    /// The region.
    pub region: Option<String>,
    /// The nature, out of the policy's tree.
    pub nature: Option<String>,
    /// The severity.
    pub severity: Option<String>,
    /// `outlet` or `headquarters`; as the policy says for the nature where nothing is said.
    pub handled_by: Option<String>,
    /// Why it is classed anew.
    pub why: Option<String>,
}

/// Classes a request, or classes it anew.
pub fn classify(session: &mut Session, job: &Job, class: &Class) -> Result<Recorded, AppError> {
    let view = job.view();
    let by_policy = class.nature.as_deref().map(|nature| nature_of(job, nature)).transpose()?.flatten();
    let handled_by = class.handled_by.as_deref().or(by_policy.map(HandledBy::as_str));
    let given = [
        ("region", class.region.as_deref()),
        ("nature", class.nature.as_deref()),
        ("severity", class.severity.as_deref()),
        ("handled_by", handled_by),
    ];
    let (mut registers, mut over, mut changed) = (Map::new(), Vec::<FactId>::new(), Vec::new());
    for (name, value) in given.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        let live = view.registers.get(name);
        if live.and_then(Register::agreed).and_then(Value::as_str) == Some(value) {
            continue;
        }
        over.extend(live.into_iter().flat_map(Register::over));
        let before = live.and_then(Register::value).and_then(Value::as_str);
        if let Some(before) = before.filter(|_| matches!(name, "nature" | "region")) {
            changed.push(format!("{name} was {before}"));
        }
        registers.insert(name.to_owned(), value.into());
    }
    if registers.is_empty() {
        return Err(AppError::refused("it is classed so already").hint("--nature, --region, --severity, --handled-by"));
    }
    if !changed.is_empty() && class.why.is_none() {
        return Err(AppError::refused(format!("classing anew needs a reason: {}", changed.join(", ")))
            .hint("--reason WHY; it counts as a classification error"));
    }
    over.sort_unstable();
    over.dedup();
    let over: Vec<Value> = over.iter().map(|fact| Value::from(fact.to_string())).collect();
    let entries = [
        ("regs", Some(Value::Object(registers))),
        ("over", (!over.is_empty()).then_some(Value::Array(over))),
        ("why", text(class.why.as_deref())),
    ];
    put(session, job, "classified", filled(entries), changed)
}

/// Who handles requests of this nature. A nature that is not in the policy's tree is refused.
fn nature_of(job: &Job, nature: &str) -> Result<Option<HandledBy>, AppError> {
    let natures = &job.policy.natures;
    match job.policy.nature(nature) {
        Some(known) => Ok(Some(known.handled_by)),
        None if natures.is_empty() => Ok(None),
        None => {
            let known = natures.iter().map(|known| match &known.parent {
                None => format!("{:<24} {}", known.id, known.title),
                Some(_) => format!("  {:<22} {}", known.id, known.title),
            });
            Err(AppError::refused(format!("`{}` is no nature of policy {}", short(nature), job.policy.name))
                .details(known))
        }
    }
}

/// To whom a job is passed up.
#[derive(Debug, Clone, Default)]
pub struct Escalation {
    /// `head_of_department`, `company_leader`, `named_contact` or `task_force`.
    pub to: String,
    /// The department whose contact is meant.
    pub department: Option<String>,
    /// Who; the policy's contact where nobody is named.
    pub person: Option<String>,
    /// In words.
    pub text: Option<String>,
}

/// Passes a job up (D-E8).
pub fn escalate(session: &mut Session, job: &Job, to: &Escalation) -> Result<Recorded, AppError> {
    let level = || job.policy.escalation.iter().filter(|contact| contact.to == to.to);
    let known = match &to.department {
        None => level().next(),
        Some(department) => {
            let found = level().find(|contact| contact.department.as_ref() == Some(department));
            Some(found.ok_or_else(|| {
                let names = level().filter_map(|contact| contact.department.clone());
                AppError::refused(format!("the policy has no {} of `{}`", to.to, short(department))).details(names)
            })?)
        }
    };
    let person = to.person.clone().or_else(|| known.map(|contact| contact.contact.clone()));
    let reach = known.map(|known| match &known.phone {
        Some(phone) => format!("{}, {phone}", known.contact),
        None => known.contact.clone(),
    });
    let entries = [("to", text(Some(&to.to))), ("person", text(person.as_deref())), ("text", text(to.text.as_deref()))];
    let mut recorded = put(session, job, "escalated", filled(entries), Vec::new())?;
    recorded.warnings.extend(reach.map(|reach| format!("now tell them: {reach}")));
    Ok(recorded)
}

/// Records what the fault is thought to be, before anybody has seen it (D-H16).
pub fn diagnose(
    session: &mut Session,
    job: &Job,
    fault: Option<&str>,
    remote: bool,
    said: Option<&str>,
) -> Result<Recorded, AppError> {
    let view = job.view();
    let product = job.policy.products.iter().find(|product| view.str("product") == Some(&product.id));
    let odd = fault.zip(product).filter(|(fault, product)| !product.faults.iter().any(|known| known.id == *fault));
    let warnings = odd.map(|(fault, product)| {
        let known: Vec<&str> = product.faults.iter().map(|known| known.id.as_str()).collect();
        format!("`{}` is not in the fault catalogue of {}: {}", short(fault), product.id, known.join(", "))
    });
    let entries = [("fault", text(fault)), ("remote", Some(Value::from(remote))), ("text", text(said))];
    put(session, job, "diagnosed", filled(entries), warnings.into_iter().collect())
}

/// Feeds something back inside the company, in an outlet's own document (D-E8). Gives the fact and warnings.
pub fn feed_back(
    session: &mut Session,
    outlet: &str,
    about: &str,
    to: Option<&str>,
    said: Option<&str>,
) -> Result<(DocId, FactId, Vec<String>), AppError> {
    let doc = outlet_doc(session, outlet);
    let entries = [("about", text(Some(about))), ("to", text(to)), ("text", text(said))];
    let mut warnings = Vec::new();
    let draft = record::checked(session, "outlet", "fed_back", filled(entries), &mut warnings)?;
    let mut drafts = Vec::new();
    if session.facts(doc)?.is_empty() {
        let registers = body([("outlet", Value::from(outlet))]);
        let first = body([("dk", "outlet".into()), ("regs", Value::Object(registers))]);
        drafts.push(Draft { kind: "created".into(), body: first });
    }
    drafts.push(draft);
    let facts = session.write(doc, &drafts)?;
    let fact = facts.last().copied().ok_or_else(|| AppError::refused("nothing was written"))?;
    Ok((doc, fact, warnings))
}
