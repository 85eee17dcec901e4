//! How figures read.

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

/// With commas between thousands.
pub(crate) fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if value < 0 { format!("-{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_kept_apart() {
        assert_eq!([0, 999, 1_000, -5_388_405].map(grouped), ["0", "999", "1,000", "-5,388,405"]);
    }
}
