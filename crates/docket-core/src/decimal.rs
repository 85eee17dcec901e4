//! Exact decimals: a reading of `0.1` ohm is a tenth, not the nearest binary fraction.

use core::fmt;
use core::str::FromStr;

/// Digits kept after the point.
const FRACTION_DIGITS: usize = 18;
/// Digits accepted before the point.
const WHOLE_DIGITS: usize = 18;
const ONE: i128 = 10_i128.pow(FRACTION_DIGITS as u32);

/// An exact decimal of at most 18 digits before and 18 after the point. `0.30` equals `0.3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i128);

/// A text is not a decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decimal: expected digits with at most one point, as in 0.35 or -12")]
pub struct BadDecimal(String);

impl FromStr for Decimal {
    type Err = BadDecimal;

    /// Accepts `-? digits (. digits)?`: no exponent, no plus, no separators, no white space.
    fn from_str(text: &str) -> Result<Self, BadDecimal> {
        parse(text).ok_or_else(|| BadDecimal(text.chars().take(60).collect()))
    }
}

fn parse(text: &str) -> Option<Decimal> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (digits, ""),
    };
    let plain = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
    if whole.is_empty() || whole.len() > WHOLE_DIGITS || fraction.len() > FRACTION_DIGITS {
        return None;
    }
    if !plain(whole) || !plain(fraction) {
        return None;
    }
    let mut scaled = whole.parse::<i128>().ok()?.checked_mul(ONE)?;
    if !fraction.is_empty() {
        let missing = (FRACTION_DIGITS - fraction.len()) as u32;
        scaled += fraction.parse::<i128>().ok()?.checked_mul(10_i128.pow(missing))?;
    }
    Some(Decimal(if negative { -scaled } else { scaled }))
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let size = self.0.unsigned_abs();
        let (whole, fraction) = (size / ONE.unsigned_abs(), size % ONE.unsigned_abs());
        if fraction == 0 {
            return f.pad(&format!("{sign}{whole}"));
        }
        let digits = format!("{fraction:0FRACTION_DIGITS$}");
        f.pad(&format!("{sign}{whole}.{}", digits.trim_end_matches('0')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn decimals_compare_by_value_and_print_without_padding() {
        assert_eq!(decimal("0.30"), decimal("0.3"));
        assert!(decimal("0.1") < decimal("0.11") && decimal("-2") < decimal("-1.999999999999999999"));
        assert!(decimal("10") > decimal("9.5"), "not compared as text");
        assert_eq!(decimal("-000.500").to_string(), "-0.5");
        assert_eq!(
            decimal("999999999999999999.000000000000000001").to_string(),
            "999999999999999999.000000000000000001"
        );
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_refused() {
        let long = "1".repeat(19);
        for bad in ["", "-", ".5", "5.", "1.2.3", "+1", "1e3", " 1", "1,5", "٣", "NaN", "--1", "1.-2", &long] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad:?}");
        }
    }
}
