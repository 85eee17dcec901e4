//! The visit report on paper: what was done, who signed over what, and what changed since.

use docket_core::money;
use docket_device::app::visit_report::{Line, Signature, VisitReport};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::{Tongue, page, said};
use crate::i18n;
use crate::times;

/// The page, self-contained.
pub(crate) fn render(report: &VisitReport, company: &str, zone: &TimeZone, tongue: Tongue) -> String {
    let title = format!("{} {}", tongue.of("Visit report", "上门服务报告"), report.code);
    let t = |en, zh| tongue.of(en, zh);
    let body = html! {
        main.visit {
            header { span { (said(company)) } b { (report.code) } }
            h1 { (t("Visit report", "上门服务报告")) }
            dl {
                (pair(t("Customer", "客户"), report.customer.as_deref()))
                (pair(t("Address", "地址"), report.address.as_deref()))
                (pair(t("Work", "工作"), report.kind.as_deref()))
                (pair(t("Product", "产品"), report.product.as_deref()))
                (pair(t("Serial number", "序列号"), report.serial.as_deref()))
                (pair(t("Result", "结果"), report.resolution.as_deref()))
            }
            @for (person, arrived, ended) in &report.visits {
                p.soft { (person.as_deref().unwrap_or("?")) ": " (times::show(*arrived, zone)) " – "
                    (ended.map_or_else(|| "…".to_owned(), |ended| times::show(ended, zone))) }
            }
            table {
                thead { tr { th { "" } th { (t("Step", "步骤")) } th { (t("Answer", "结果")) } th { (t("By", "执行人")) } } }
                tbody { @for line in &report.lines { (row(line, tongue)) } }
            }
            @if !report.charges.lines.is_empty() { (charges(report, tongue)) }
            @for signature in &report.signatures { (signed(signature, zone, tongue)) }
            @if report.signatures.is_empty() { p.stale { (t("Nobody has signed.", "尚未签字。")) } }
            footer { (t("Digest of the answers", "结果摘要")) ": " code { (report.answers) } }
        }
    };
    page(tongue, &title, include_str!("visit.css"), &body)
}

fn pair(label: &str, value: Option<&str>) -> Markup {
    html! { @if let Some(value) = value { dt { (label) } dd { (said(&i18n::text(&value.replace('_', " ")))) } } }
}

fn row(line: &Line, tongue: Tongue) -> Markup {
    // An answer that nobody asked for is no fault.
    let good = matches!(line.state, "ok" | "not_asked");
    html! {
        tr.bad[!good] {
            td { (line.step) @if line.appliance > 0 { "/" (line.appliance) } }
            td { (said(&line.title)) }
            td {
                (said(line.answer.as_deref().unwrap_or(if good { "✓" } else { "" })))
                @if !good { " " em { (i18n::text(&line.state.replace('_', " "))) } }
                @if let Some(was) = &line.signed_as {
                    div.stale { (tongue.of("when signed: ", "签字时：")) (said(was)) }
                }
            }
            td { (line.person.as_deref().unwrap_or("")) }
        }
    }
}

fn charges(report: &VisitReport, tongue: Tongue) -> Markup {
    let amount = |minor: i64, code: &str| {
        code.parse().map_or_else(|_| minor.to_string(), |currency| money::show(minor, currency))
    };
    html! {
        h2 { (tongue.of("Charges", "收费")) }
        table { tbody {
            @for line in &report.charges.lines {
                tr { td { (said(&line.item)) } td.n { (line.qty) } td.n { (amount(line.minor, &line.currency)) } td { (line.currency) } }
            }
            @for (currency, total) in &report.charges.total {
                tr.total { td { (tongue.of("Total", "合计")) } td {} td.n { (amount(*total, currency)) } td { (currency) } }
            }
        } }
    }
}

fn signed(signature: &Signature, zone: &TimeZone, tongue: Tongue) -> Markup {
    let when = signature.at_ms.map(|at| times::show(at, zone)).unwrap_or_default();
    html! {
        section.signature.stale[signature.stale] {
            b { (said(&signature.name)) } " (" (i18n::text(&signature.role)) ") " (when)
            p {
                @if signature.stale {
                    (tongue.of(
                        "This signature is stale: answers were changed after it was given. The differences are marked above.",
                        "签字已失效：签字后有结果被修改，差异见上表。",
                    ))
                } @else {
                    (tongue.of("This signature covers every answer above.", "此签字涵盖以上全部结果。"))
                }
            }
            code { (signature.answers) }
        }
    }
}
