//! The visit report on paper: what was done, who signed over what, and what changed since.

use docket_core::money;
use docket_device::app::visit_report::{Line, Signature, VisitReport};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::{page, said};
use crate::i18n;
use crate::times;

/// The page, self-contained.
pub(crate) fn render(report: &VisitReport, company: &str, zone: &TimeZone) -> String {
    let title = format!("{} {}", i18n::text("Visit report"), report.code);
    let body = html! {
        main.visit {
            header { span { (said(company)) } b { (report.code) } }
            h1 { (i18n::text("Visit report")) }
            dl {
                (pair("Customer", report.customer.as_deref()))
                (pair("Address", report.address.as_deref()))
                (pair("Work", report.kind.as_deref()))
                (pair("Product", report.product.as_deref()))
                (pair("Serial number", report.serial.as_deref()))
                (pair("Result", report.resolution.as_deref()))
            }
            @for (person, arrived, ended) in &report.visits {
                p.soft { (person.as_deref().unwrap_or("?")) ": " (times::show(*arrived, zone)) " – "
                    (ended.map_or_else(|| "…".to_owned(), |ended| times::show(ended, zone))) }
            }
            table {
                thead { tr { th { "" } th { (i18n::text("Step")) } th { (i18n::text("Answer")) } th { (i18n::text("By")) } } }
                tbody { @for line in &report.lines { (row(line)) } }
            }
            @if !report.charges.lines.is_empty() { (charges(report)) }
            @for signature in &report.signatures { (signed(signature, zone)) }
            @if report.signatures.is_empty() { p.stale { (i18n::text("Nobody has signed.")) } }
            footer { (i18n::text("Digest of the answers")) ": " code { (report.answers) } }
        }
    };
    page(&title, include_str!("visit.css"), &body)
}

fn pair(label: &str, value: Option<&str>) -> Markup {
    html! { @if let Some(value) = value { dt { (i18n::text(label)) } dd { (said(&i18n::text(&i18n::word(value)))) } } }
}

fn row(line: &Line) -> Markup {
    // An answer that nobody asked for is no fault.
    let good = matches!(line.state, "ok" | "not_asked");
    html! {
        tr.bad[!good] {
            td { (line.step) @if line.appliance > 0 { "/" (line.appliance) } }
            td { (said(&line.title)) }
            td {
                (said(line.answer.as_deref().unwrap_or(if good { "✓" } else { "" })))
                @if !good { " " em { (i18n::text(&i18n::word(line.state))) } }
                @if let Some(was) = &line.signed_as {
                    div.stale { (i18n::text("when signed: ")) (said(was)) }
                }
            }
            td { (line.person.as_deref().unwrap_or("")) }
        }
    }
}

fn charges(report: &VisitReport) -> Markup {
    let amount = |minor: i64, code: &str| {
        code.parse().map_or_else(|_| minor.to_string(), |currency| money::show(minor, currency))
    };
    html! {
        h2 { (i18n::text("Charges")) }
        table { tbody {
            @for line in &report.charges.lines {
                tr { td { (said(&line.item)) } td.n { (line.qty) } td.n { (amount(line.minor, &line.currency)) } td { (line.currency) } }
            }
            @for (currency, total) in &report.charges.total {
                tr.total { td { (i18n::text("Total")) } td {} td.n { (amount(*total, currency)) } td { (currency) } }
            }
        } }
    }
}

fn signed(signature: &Signature, zone: &TimeZone) -> Markup {
    let when = signature.at_ms.map(|at| times::show(at, zone)).unwrap_or_default();
    html! {
        section.signature.stale[signature.stale] {
            b { (said(&signature.name)) } " (" (i18n::text(&i18n::word(&signature.role))) ") " (when)
            p {
                @if signature.stale {
                    (i18n::text("This signature is stale: answers were changed after it was given. The differences are marked above."))
                } @else {
                    (i18n::text("This signature covers every answer above."))
                }
            }
            code { (signature.answers) }
        }
    }
}
