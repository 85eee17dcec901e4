//! One figure of a score card: a query that gives, for each subject, of how many and how much.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{Cell, Period, Unit, column, rows};
use crate::error::StoreError;

/// A figure of a score card.
pub(super) struct Metric {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) how: How,
    /// Gives `key`, `of`, `value` over `:from`, `:until`.
    pub(super) query: &'static str,
}

/// What is made of `of` and `value`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// `value` itself.
    Count,
    /// `value` of `of`: more is better, and it weighs in the score.
    Good,
    /// `value` of `of`: less is better, and it weighs in the score.
    Bad,
    /// `value` of `of`, told and not weighed.
    Share,
    /// The mean of `of` values out of 100; it weighs in the score.
    Mean,
}

/// A figure's value for each subject.
pub(super) type Values = BTreeMap<String, (i64, i64)>;

impl Metric {
    pub(super) fn read(&self, sql: &Connection, period: Period) -> Result<Values, StoreError> {
        let found = rows(sql, self.query, period, |row| {
            Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Option<i64>>(2)?))
        })?;
        let known = found.into_iter().filter_map(|(key, of, value)| Some((key?, (of?, value.unwrap_or(0)))));
        Ok(known.collect())
    }

    pub(super) fn column(&self) -> super::Column {
        let unit = match self.how {
            How::Count => Unit::Count,
            How::Good | How::Bad | How::Share => Unit::PerMille,
            How::Mean => Unit::TenthsOfPoint,
        };
        column(self.id, self.title, unit)
    }

    /// What stands in the table.
    pub(super) fn cell(&self, values: &Values, key: &str) -> Cell {
        match (self.how, values.get(key)) {
            (How::Count, found) => Cell::Number(found.map_or(0, |(_, value)| *value)),
            (How::Mean, Some(&(of, value))) if of > 0 => Cell::Number(rounded(value.saturating_mul(10), of)),
            (_, Some(&(of, value))) if of > 0 => Cell::Number(rounded(value.saturating_mul(1_000), of)),
            _ => Cell::Unknown,
        }
    }

    /// What it adds to the score, in tenths of a point of 100; `None` = it does not weigh, or nothing is known.
    pub(super) fn points(&self, values: &Values, key: &str) -> Option<i64> {
        let &(of, value) = values.get(key).filter(|(of, _)| *of > 0)?;
        match self.how {
            How::Good => Some(rounded(value.saturating_mul(1_000), of)),
            How::Bad => Some(1_000_i64.saturating_sub(rounded(value.saturating_mul(1_000), of)).max(0)),
            How::Mean => Some(rounded(value.saturating_mul(10), of)),
            How::Count | How::Share => None,
        }
    }
}

/// Rounded half up.
pub(super) fn rounded(value: i64, of: i64) -> i64 {
    value.saturating_mul(2).saturating_add(of).div_euclid(of.saturating_mul(2).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON_TIME: Metric = Metric { id: "on_time", title: "On time", how: How::Good, query: "" };

    #[test]
    fn shares_round_half_up_and_nothing_of_nothing_is_unknown() {
        let values = Values::from([("a".into(), (3, 2)), ("b".into(), (0, 0)), ("c".into(), (2_000, 1_001))]);
        assert_eq!(ON_TIME.cell(&values, "a"), Cell::Number(667));
        assert_eq!(ON_TIME.cell(&values, "b"), Cell::Unknown);
        assert_eq!(ON_TIME.cell(&values, "c"), Cell::Number(501));
        assert_eq!(ON_TIME.points(&values, "b"), None);
        let bad = Metric { how: How::Bad, ..ON_TIME };
        assert_eq!(bad.points(&values, "a"), Some(333));
    }
}
