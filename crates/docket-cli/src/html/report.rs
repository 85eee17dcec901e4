//! Reports as one page: tables, and a chart beside each that is worth one.

use docket_device::report::{Cell, Column, Sheet, Unit};
use jiff::civil::Date;
use maud::{Markup, PreEscaped, html};

use super::{chart, page, said as theirs};
use crate::errors::CliError;
use crate::figures;
use crate::i18n;

/// The page, self-contained.
pub(crate) fn render(sheets: &[Sheet], from: Date, until: Date) -> Result<String, CliError> {
    let title = format!("{} {from} – {until}", i18n::text("Service report"));
    let parts = sheets.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    let body = html! {
        main.report {
            h1 { (title) }
            nav { @for sheet in sheets { a href=(format!("#{}", sheet.id)) { (i18n::text(sheet.title)) } } }
            @for part in parts { (part) }
        }
    };
    Ok(page(&title, include_str!("report.css"), &body))
}

fn part(sheet: &Sheet) -> Result<Markup, CliError> {
    let drawn = match sheet.chart.and_then(|id| sheet.columns.iter().position(|column| column.id == id)) {
        Some(index) if !sheet.rows.is_empty() => Some(picture(sheet, index)?),
        _ => None,
    };
    Ok(html! {
        section id=(sheet.id) {
            h2 { (i18n::text(sheet.title)) small { (sheet.rows_of) } }
            @if sheet.rows.is_empty() { p { (i18n::text("nothing in this period")) } } @else {
                @if let Some(drawn) = drawn { figure { (PreEscaped(drawn)) } }
                div.wide { table {
                    thead { tr { @for column in &sheet.columns { th.n[column.unit != Unit::Text] { (i18n::text(column.title)) } } } }
                    tbody { @for row in &sheet.rows { tr { @for (column, cell) in sheet.columns.iter().zip(row) { (cell_of(column, cell)) } } } }
                } }
            }
        }
    })
}

fn cell_of(column: &Column, cell: &Cell) -> Markup {
    html! { td.n[column.unit != Unit::Text] { (theirs(&figures::said(column, cell))) } }
}

fn picture(sheet: &Sheet, index: usize) -> Result<String, CliError> {
    let column = sheet.columns.get(index);
    let bars: Vec<(String, i64)> = sheet
        .rows
        .iter()
        .filter_map(|row| match (row.first()?, row.get(index)?) {
            (Cell::Text(label), Cell::Number(value)) => Some((label.clone(), *value)),
            _ => None,
        })
        .collect();
    chart::bars(&bars, |value| column.map_or_else(String::new, |column| figures::said(column, &Cell::Number(value))))
}
