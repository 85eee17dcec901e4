//! How the figures of a report read.

use docket_device::report::{Cell, Column, Unit};

use crate::i18n;

/// A value as people read it.
pub(crate) fn said(column: &Column, cell: &Cell) -> String {
    let tenths = |value: i64| format!("{}{}.{}", if value < 0 { "-" } else { "" }, value.abs() / 10, value.abs() % 10);
    match (cell, column.unit) {
        (Cell::Text(text), _) => i18n::text(&i18n::word(text)).into_owned(),
        (Cell::Unknown, _) => "–".to_owned(),
        (Cell::Number(value), Unit::PerMille) => format!("{} %", tenths(*value)),
        (Cell::Number(value), Unit::Change) if *value > 0 => format!("+{}", tenths(*value)),
        (Cell::Number(value), Unit::TenthsOfPoint | Unit::Change) => tenths(*value),
        (Cell::Number(value), _) => value.to_string(),
    }
}
