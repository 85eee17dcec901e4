//! A job on a form: the five parts filled in from its record (D-E8).

use docket_core::UnixMs;
use docket_core::policy::{self, Asked, Form};
use docket_core::view::{Event, JobView, Register};
use serde_json::Value;

use super::error::AppError;
use super::job::{Job, short};

/// One line of a form.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// The part: collect, classify, handle, `feed_back` or summarise.
    pub part: &'static str,
    /// What is asked for.
    pub name: String,
    /// What the record says; `None` = nothing yet.
    pub value: Option<String>,
}

/// The form that is meant: the one named, else the policy's first.
pub fn find<'j>(job: &'j Job, typed: Option<&str>) -> Result<&'j Form, AppError> {
    let forms = &job.policy.forms;
    let found = match typed {
        Some(typed) => forms.iter().find(|form| form.id == typed),
        None => forms.first(),
    };
    found.ok_or_else(|| {
        let known = forms.iter().map(|form| format!("{:<12} {}", form.id, form.title));
        let what = typed.map_or("no form".to_owned(), |typed| format!("no form `{}`", short(typed)));
        AppError::refused(format!("policy {} has {what}", job.policy.name)).details(known)
    })
}

/// Fills a form in.
pub fn fill(job: &Job, form: &Form) -> Vec<Line> {
    let view = job.view();
    let parts = policy::PARTS.into_iter().zip(&form.parts);
    let lines = parts.flat_map(|(part, names)| names.iter().map(move |name| (part, name)).collect::<Vec<_>>());
    lines.map(|(part, name)| Line { part, name: name.clone(), value: value(job, &view, name) }).collect()
}

fn value(job: &Job, view: &JobView, name: &str) -> Option<String> {
    match policy::asked(name) {
        Asked::Figure => figure(view, name),
        Asked::Fact => view.events.iter().rfind(|event| event.kind == name).map(told),
        Asked::Register => {
            let own = view.registers.get(name).and_then(Register::value).map(shown);
            // A customer's registers are the customer's: a form asks for them all the same.
            own.or_else(|| job.customer_view()?.registers.get(name)?.value().map(shown))
        }
    }
}

fn figure(view: &JobView, name: &str) -> Option<String> {
    let course = &view.course;
    match name {
        "resolution" => course.resolution.as_ref().map(|resolution| resolution.id.to_owned()),
        "first_time_fix" => course.first_time_fix.map(|fixed| if fixed { "yes" } else { "no" }.to_owned()),
        "work_visits" => Some(course.work_visits.to_string()),
        "completeness" => course.completeness.map(|percent| format!("{percent} %")),
        "intake_corrections" => Some(course.intake_corrections.to_string()),
        "reclassified" => Some(course.reclassified.to_string()),
        "problem" => view
            .events
            .iter()
            .rfind(|event| event.kind == "linked")
            .and_then(|event| event.str("problem"))
            .map(str::to_owned),
        _ => None,
    }
}

/// A fact in one line: its time and its fields, without the links to other facts.
fn told(event: &Event<'_>) -> String {
    let when = event.at_ms.and_then(UnixMs::rfc3339).unwrap_or_default();
    let fields =
        event.body.iter().filter(|(name, _)| !matches!(name.as_str(), "visit" | "when" | "complaint" | "over"));
    let fields: Vec<String> = fields.map(|(name, value)| format!("{name} {}", shown(value))).collect();
    [when, fields.join(", ")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
