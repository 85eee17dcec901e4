//! How a record made on site is answered: one line, and what the person should know.

use docket_core::checklist::Checklist;
use docket_core::view::Effect;
use docket_device::app::visit::Recorded;
use docket_device::app::{Job, Session, goods};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{faint, good, strong, warn};

/// Prints a record, its warnings and the next step.
pub(crate) fn tell(context: &Context, session: &Session, job: &Job, recorded: &Recorded) -> Done {
    let after = Job::load(session, job.doc)?;
    let view = after.view();
    let mut warnings = recorded.warnings.clone();
    let new = view.timeline.iter().filter(|entry| recorded.facts.contains(&entry.fact));
    warnings.extend(new.filter(|entry| entry.effect != Effect::Applied).map(|entry| match entry.effect {
        Effect::Unauthorised => {
            format!(
                "kept, but without effect: the policy does not let the role {} state `{}`",
                session.role(),
                entry.kind
            )
        }
        effect => format!("kept, but without effect: {}", effect.as_str().replace('_', " ")),
    }));
    warnings.extend(goods::signs_at(&after, &recorded.facts));
    for warning in &warnings {
        context.out.warn(warning);
    }
    let checklist = Checklist::of(&view, &after.policy);
    let next = checklist.next().filter(|_| view.status.is_open()).map(|step| match step.appliance {
        0 => format!("{} {}", step.step, step.title),
        appliance => format!("{} {} (appliance {appliance})", step.step, step.title),
    });
    let facts: Vec<String> = recorded.facts.iter().map(ToString::to_string).collect();
    let answer = json!({
        "code": job.doc.short(), "facts": facts, "already": recorded.already, "status": view.status,
        "step_status": recorded.status, "warnings": warnings, "next": next,
    });
    context.out.show(&answer, |page| {
        let what = if recorded.already { warn(t("recorded already")) } else { good(t("recorded")) };
        let shown: Vec<String> = facts.iter().map(|fact| fact.chars().take(8).collect()).collect();
        page.line([strong(job.doc.short()), "  ".into(), what, "  ".into(), faint(shown.join(" "))]);
        if let Some(next) = &next {
            page.line([faint(t("next  ")), next.into()]);
        }
    })?;
    Ok(Exit::Clean)
}
