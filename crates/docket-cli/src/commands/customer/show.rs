use clap::Args;
use docket_core::coverage::{Coverage, Holding};
use docket_device::app::customers::Customer;
use docket_device::app::inbox;
use docket_format::FactId;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{Page, Span, Table, faint, strong, warn};

/// Show a customer: fields, purchases, coverages, care
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket customer show M3TR")]
pub(crate) struct Show {
    /// The customer, or a job of theirs
    customer: String,
}

impl Show {
    pub(super) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let customer = Customer::find(&session, &self.customer)?;
        let (view, holding) = (customer.view(), customer.holding());
        let code = customer.doc.short();
        let answer = json!({"doc": customer.doc.to_string(), "code": code, "view": view, "holding": holding});
        context.out.show(&answer, |page| {
            page.line([strong(&code), format!("  {}", view.str("name").unwrap_or("no name")).into()]);
            let mut fields = Table::new(&[]);
            for (name, register) in view.registers.iter().filter(|(name, _)| **name != "name") {
                let live: Vec<String> = register.live.iter().map(|set| inbox::plain(set.value)).collect();
                let text = live.join(" ≠ ");
                fields.row([faint(name), if register.conflict { warn(text) } else { Span::from(text) }]);
            }
            page.indented(&fields);
            purchases(page, &holding);
            coverages(page, &holding);
            care(page, &holding);
        })?;
        Ok(Exit::Clean)
    }
}

fn short(fact: FactId) -> String {
    fact.to_string().chars().take(8).collect()
}

fn purchases(page: &mut Page, holding: &Holding) {
    if holding.purchases.is_empty() {
        return;
    }
    page.title("Bought");
    let mut table = Table::new(&["day", "product", "serial", "record"]);
    for one in &holding.purchases {
        table.row([
            one.on.to_string().into(),
            one.product.as_str().into(),
            one.serial.as_deref().unwrap_or_default().into(),
            faint(short(one.fact)),
        ]);
    }
    page.indented(&table);
}

fn coverages(page: &mut Page, holding: &Holding) {
    if holding.coverages.is_empty() {
        return;
    }
    page.title("Agreed coverages");
    let mut table = Table::new(&["what", "from", "until", "about", "record"]);
    for one in &holding.coverages {
        let until = match (one.ended, one.last_day()) {
            (Some(ended), _) => warn(t(&format!("ended {ended}"))),
            (None, Some(until)) => until.to_string().into(),
            (None, None) => "for life".into(),
        };
        table.row([(&one.what).into(), one.from.to_string().into(), until, about(one).into(), faint(short(one.fact))]);
    }
    page.indented(&table);
}

fn about(one: &Coverage) -> String {
    let months = one.inspect_months.map(|months| format!("inspected every {months} months"));
    let named = [
        one.level.as_ref().map(|level| format!("level {level}")),
        one.product.clone(),
        one.serial.clone(),
        one.outlet.as_ref().map(|outlet| format!("outlet {outlet}")),
        one.technician.as_ref().map(|technician| format!("technician {technician}")),
        months,
    ];
    named.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn care(page: &mut Page, holding: &Holding) {
    if holding.cared.is_empty() {
        return;
    }
    page.title("Cared for");
    let mut table = Table::new(&["day", "what"]);
    for (event, due) in &holding.cared {
        table.row([due.to_string().into(), event.replace('_', " ").into()]);
    }
    page.indented(&table);
}
