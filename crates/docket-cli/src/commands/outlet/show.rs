use clap::Args;
use docket_core::view::OutletView;
use docket_device::app::outlets::{Outlet, field};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{Page, Table, bad, faint, good, strong};
use crate::times;

/// Show an outlet: fields, standing, inspections, calls
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket outlet show QD-001")]
pub(crate) struct Show {
    /// The outlet
    outlet: String,
}

impl Show {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let outlet = Outlet::find(&session, &self.outlet)?;
        let view = outlet.view();
        let answer =
            json!({"outlet": outlet.id, "score": view.inspection_score(), "standing": view.standing(), "view": view});
        context.out.show(&answer, |page| {
            let standing = view.standing().map_or(faint(t("no standing recorded")), |now| match now.state {
                "authorised" => good(now.state),
                "dropped" => bad(now.state),
                other => other.into(),
            });
            page.line([strong(&outlet.id), "  ".into(), standing]);
            page.pairs(field::FIELDS.into_iter().filter_map(|name| Some((name, view.str(name)?.into()))));
            history(page, context, &view);
        })?;
        Ok(Exit::Clean)
    }
}

fn history(page: &mut Page, context: &Context, view: &OutletView<'_>) {
    let zone = context.zone();
    let day = |at: Option<docket_core::UnixMs>| at.map(|at| times::show(at.0, &zone)).unwrap_or_default();
    if !view.standings.is_empty() {
        let mut table = Table::new(&[]);
        for standing in &view.standings {
            table.row([day(standing.since_ms).into(), standing.state.into(), faint(standing.why.unwrap_or_default())]);
        }
        page.title("Standing");
        page.indented(&table);
    }
    if !view.inspections.is_empty() {
        let mut table = Table::new(&[]);
        for one in &view.inspections {
            let verdict = if one.passed { good(t("passed")) } else { bad(t("failed")) };
            let score = one.score.map(|score| score.to_string()).unwrap_or_default();
            table.row([
                day(one.at_ms).into(),
                one.how.into(),
                verdict,
                score.into(),
                one.item.unwrap_or_default().into(),
            ]);
        }
        page.title(format!("Inspections: {} of 100", view.inspection_score().unwrap_or_default()));
        page.indented(&table);
    }
    if !view.calls.is_empty() {
        let mut table = Table::new(&[]);
        for call in &view.calls {
            let answered = call.responded_ms.map_or(bad(t("no response")), |at| day(Some(at)).into());
            let id: String = call.fact.to_string().chars().take(8).collect();
            table.row([day(call.at_ms).into(), call.from.into(), answered, faint(id)]);
        }
        page.title("Calls");
        page.indented(&table);
    }
    for sign in &view.signs {
        page.line([bad("! "), sign.detail.as_str().into(), faint(format!(" ({})", sign.row))]);
    }
}
