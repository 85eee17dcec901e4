//! A list of jobs.

use docket_device::app::lists::JobRow;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::{t, word};
use crate::page::{Span, Table, bad, faint, strong};
use crate::times;

/// Prints jobs as a table; says on standard error when a limit cut them.
pub(super) fn jobs(context: &Context, jobs: &[JobRow], total: u64) -> Done {
    let zone = context.zone();
    context.out.show(&json!({"total": total, "shown": jobs.len(), "jobs": jobs}), |page| {
        if jobs.is_empty() {
            page.say("no jobs");
            return;
        }
        let mut table = Table::new(&["job", "number", "status", "what", "crew", "received", "where"]).firm(&[1, 2, 5]);
        for row in jobs {
            let text = |value: &Option<String>| Span::from(value.as_deref().unwrap_or_default());
            let status = match row.conflicts {
                0 if row.retained => faint(t(&format!("{} (retained)", row.status))),
                0 => Span::from(word(&row.status)),
                _ => bad(t(&format!("{} (conflict)", row.status))),
            };
            let received = row.received_ms.map(|ms| times::day(ms, &zone)).unwrap_or_default();
            let what = [row.kind.as_deref().map(word), row.product.as_deref().map(Into::into)];
            let what: Vec<_> = what.into_iter().flatten().collect();
            let place = row.address.as_ref().or(row.outlet.as_ref()).cloned();
            table.row([
                strong(&row.code),
                text(&row.number),
                status,
                what.join(" ").into(),
                row.crew.join(", ").into(),
                received.into(),
                text(&place),
            ]);
        }
        page.table(&table);
    })?;
    if (jobs.len() as u64) < total {
        context.out.note(format!("{} of {total} jobs; --limit 0 shows all", jobs.len()));
    }
    Ok(Exit::Clean)
}
