//! The part of `docket job show` that comes after the visit: how it ended, what the customer said, which duties were broken.

use docket_core::view::{Event, JobView};
use jiff::tz::TimeZone;

use crate::i18n::t;
use crate::page::{Page, Span, bad, faint, good, warn};
use crate::times;

/// How the job ended, and what the customer said.
pub(super) fn show(page: &mut Page, view: &JobView, zone: &TimeZone) {
    let mut lines: Vec<(&str, Span)> = Vec::new();
    if let Some(resolution) = &view.course.resolution {
        let asked = match (view.course.called_back, resolution.call_back) {
            (Some(_), _) => "; the customer was asked",
            (None, true) => "; the customer is still to be asked",
            (None, false) => "",
        };
        lines.push(("resolution", format!("{}{asked}", resolution.id.replace('_', " ")).into()));
    }
    if let Some(repeat) = view.course.repeat {
        lines.push(("once was not enough", warn(repeat.as_str())));
    }
    for event in view.events.iter().filter(|event| matches!(event.kind, "called_back" | "surveyed")) {
        lines.push((if event.kind == "surveyed" { "survey" } else { "call-back" }, answer(event, zone)));
    }
    for event in view.events.iter().filter(|event| event.kind == "complained") {
        lines.push(("complaint", complaint(view, event, zone)));
    }
    if !lines.is_empty() {
        page.title("Afterwards");
        page.pairs(lines);
    }
    if !view.signs.is_empty() {
        page.title("Duties");
        for sign in &view.signs {
            page.line([faint(format!("  {}  ", sign.row)), sign.detail.as_str().into()]);
        }
    }
}

fn answer(event: &Event<'_>, zone: &TimeZone) -> Span {
    let when = when(event, zone);
    if event.flag("reached") == Some(false) {
        return faint(t(&format!("not reached{when}")));
    }
    let yes_no = |field: &str, name: &str| {
        event.flag(field).map(|yes| if yes { name.to_owned() } else { format!("not {name}") })
    };
    let score = event.int("score").map(|score| format!("score {score}"));
    let said: Vec<String> =
        [yes_no("satisfied", "satisfied"), yes_no("solved", "solved"), score].into_iter().flatten().collect();
    let text = format!("{}{when}", said.join(", "));
    if said.iter().any(|part| part.starts_with("not ")) { bad(text) } else { text.into() }
}

fn complaint(view: &JobView, made: &Event<'_>, zone: &TimeZone) -> Span {
    let id = made.fact.to_string();
    let about =
        |kind: &str| view.events.iter().rfind(|event| event.kind == kind && event.str("complaint") == Some(&id));
    let cause = made.str("cause").unwrap_or_default();
    let result = about("handled").and_then(|event| event.str("result"));
    match (about("answered"), result) {
        (Some(told), result) => {
            good(t(&format!("{cause}: {}, told{}", result.unwrap_or("no result"), when(told, zone))))
        }
        (None, Some(result)) => warn(t(&format!("{cause}: {result}, not told yet{}", when(made, zone)))),
        (None, None) => bad(t(&format!("{cause}: open{}", when(made, zone)))),
    }
}

fn when(event: &Event<'_>, zone: &TimeZone) -> String {
    let by = event.person.as_ref().map(|person| format!(" by {person}")).unwrap_or_default();
    event.at_ms.map(|at| format!("{by}, {}", times::show(at.0, zone))).unwrap_or(by)
}
