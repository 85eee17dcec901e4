//! Figures: for each key (a person, an outlet, a month) of how many and how much, added up row by row.
//!
//! Figures of one source are read together, in one pass over its rows. The sums are made here, not by SQL: the database
//! would sort every row by its key first, and would look up what a view joins though nobody asks for it.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{Cell, Period, Unit, column};
use crate::error::StoreError;

/// Rows of the views, each of somebody and of some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Source {
    /// What stands after FROM.
    pub(super) from: &'static str,
    /// Whom a row counts for; NULL = nobody.
    pub(super) key: &'static str,
    /// When, milliseconds since 1970.
    pub(super) at: &'static str,
    /// What else holds for every row.
    pub(super) only: &'static str,
}

impl Source {
    pub(super) const fn of(from: &'static str, key: &'static str, at: &'static str) -> Self {
        Self { from, key, at, only: "TRUE" }
    }

    /// With a condition that holds for every row.
    pub(super) const fn only(self, only: &'static str) -> Self {
        Self { only, ..self }
    }
}

/// A figure.
pub(super) struct Metric {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) how: How,
    pub(super) source: Source,
    /// Whether a row counts: 1, else 0 or NULL.
    pub(super) of: &'static str,
    /// How much it counts; NULL = 0.
    pub(super) value: &'static str,
}

/// A figure; `of` and `value` as in [`Metric`].
pub(super) const fn figure(
    id: &'static str,
    title: &'static str,
    how: How,
    source: Source,
    of: &'static str,
    value: &'static str,
) -> Metric {
    Metric { id, title, how, source, of, value }
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
    /// The mean of `of` values out of 100, told and not weighed.
    Told,
}

/// A figure's value for each key: of how many, how much.
pub(super) type Values = BTreeMap<String, (i64, i64)>;

/// The figures of a period and of the one before, in the metrics' order.
pub(super) struct Figures {
    pub(super) now: Vec<Values>,
    pub(super) before: Vec<Values>,
}

impl Figures {
    /// Reads what the metrics say of the period and of the one before.
    pub(super) fn read(sql: &Connection, metrics: &[Metric], period: Period) -> Result<Self, StoreError> {
        let empty = || metrics.iter().map(|_| Values::new()).collect::<Vec<_>>();
        let mut figures = Self { now: empty(), before: empty() };
        for (first, metric) in metrics.iter().enumerate() {
            let is_read = metrics.iter().take(first).any(|other| other.source == metric.source);
            if !is_read {
                figures.read_source(sql, metrics, metric.source, period)?;
            }
        }
        Ok(figures)
    }

    fn read_source(
        &mut self,
        sql: &Connection,
        metrics: &[Metric],
        source: Source,
        period: Period,
    ) -> Result<(), StoreError> {
        let own: Vec<(usize, &Metric)> = metrics.iter().enumerate().filter(|(_, one)| one.source == source).collect();
        let mut statement = sql.prepare(&query(source, &own))?;
        let mut rows = statement.query([period.before().from_ms, period.until_ms])?;
        let mut sums: BTreeMap<String, Vec<[(i64, i64); 2]>> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let ValueRef::Text(key) = row.get_ref(0)? else { continue };
            let Ok(key) = core::str::from_utf8(key) else { continue };
            let when = usize::from(row.get::<_, i64>(1)? < period.from_ms);
            if !sums.contains_key(key) {
                sums.insert(key.to_owned(), vec![[(0, 0); 2]; own.len()]);
            }
            for (index, sum) in sums.get_mut(key).into_iter().flatten().enumerate() {
                if number(row.get_ref(2 + 2 * index)?) != 1 {
                    continue;
                }
                let value = number(row.get_ref(3 + 2 * index)?);
                if let Some((of, much)) = sum.get_mut(when) {
                    (*of, *much) = (of.saturating_add(1), much.saturating_add(value));
                }
            }
        }
        for (key, sums) in sums {
            for ((place, _), [now, before]) in own.iter().zip(sums) {
                for (all, sum) in [(&mut self.now, now), (&mut self.before, before)] {
                    if let Some(values) = all.get_mut(*place).filter(|_| sum.0 > 0) {
                        values.insert(key.clone(), sum);
                    }
                }
            }
        }
        Ok(())
    }
}

fn query(source: Source, metrics: &[(usize, &Metric)]) -> String {
    let Source { from, key, at, only } = source;
    let mut columns = vec![key, at];
    columns.extend(metrics.iter().flat_map(|(_, one)| [one.of, one.value]));
    let columns = columns.join(", ");
    format!("SELECT {columns} FROM {from} WHERE {at} >= ?1 AND {at} < ?2 AND {only}")
}

/// What is no number counts nothing.
fn number(value: ValueRef<'_>) -> i64 {
    match value {
        ValueRef::Integer(number) => number,
        _ => 0,
    }
}

impl Metric {
    pub(super) fn column(&self) -> super::Column {
        let unit = match self.how {
            How::Count => Unit::Count,
            How::Good | How::Bad | How::Share => Unit::PerMille,
            How::Mean | How::Told => Unit::TenthsOfPoint,
        };
        column(self.id, self.title, unit)
    }

    /// What stands in the table.
    pub(super) fn cell(&self, values: &Values, key: &str) -> Cell {
        match (self.how, values.get(key)) {
            (How::Count, found) => Cell::Number(found.map_or(0, |(_, value)| *value)),
            (How::Mean | How::Told, Some(&(of, value))) => share(value, of, 10),
            (_, Some(&(of, value))) => share(value, of, 1_000),
            (_, None) => Cell::Unknown,
        }
    }

    /// What it adds to the score, in tenths of a point of 100; `None` = it does not weigh, or nothing is known.
    pub(super) fn points(&self, values: &Values, key: &str) -> Option<i64> {
        let &(of, value) = values.get(key).filter(|(of, _)| *of > 0)?;
        match self.how {
            How::Good => Some(rounded(value.saturating_mul(1_000), of)),
            How::Bad => Some(1_000_i64.saturating_sub(rounded(value.saturating_mul(1_000), of)).max(0)),
            How::Mean => Some(rounded(value.saturating_mul(10), of)),
            How::Count | How::Share | How::Told => None,
        }
    }
}

/// `value` of `of`, in parts of `whole`; unknown of nothing.
pub(super) fn share(value: i64, of: i64, whole: i64) -> Cell {
    if of > 0 { Cell::Number(rounded(value.saturating_mul(whole), of)) } else { Cell::Unknown }
}

/// Rounded half up.
pub(super) fn rounded(value: i64, of: i64) -> i64 {
    value.saturating_mul(2).saturating_add(of).div_euclid(of.saturating_mul(2).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON_TIME: Metric = figure("on_time", "On time", How::Good, Source::of("", "", ""), "", "");

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
