//! A score card: figures, a score, its trend and where it lies among peers (D-E7).
//!
//! The score is the mean of the figures that weigh and are known, each out of 100. The trend is the score less that of
//! the period before. The percentile is the share of peers with a lower score. Sorted by score: the leaderboard (D-C7).

use super::metric::{Figures, Metric, Values};
use super::{Cell, Column, Unit, column};

/// Somebody or something with a score.
pub(super) struct Subject {
    pub(super) key: String,
    /// What is told about it beside the figures.
    pub(super) about: Vec<Cell>,
    /// Who is compared with whom: only those with equal peers' names.
    pub(super) peers: String,
}

/// The figures' columns, the score's included.
pub(super) fn columns(metrics: &[Metric]) -> Vec<Column> {
    let mut columns = vec![
        column("score", "Score", Unit::TenthsOfPoint),
        column("trend", "Trend", Unit::Change),
        column("percentile", "Percentile", Unit::PerMille),
    ];
    columns.extend(metrics.iter().map(Metric::column));
    columns
}

/// A row for each subject about whom anything is known in the period, best score first.
pub(super) fn rows(metrics: &[Metric], subjects: Vec<Subject>, figures: &Figures) -> Vec<Vec<Cell>> {
    let Figures { now, before } = figures;
    let subjects = subjects.into_iter().filter(|subject| now.iter().any(|values| values.contains_key(&subject.key)));
    let mut scored: Vec<(Option<i64>, Option<i64>, Subject)> = subjects
        .map(|subject| (score(metrics, now, &subject.key), score(metrics, before, &subject.key), subject))
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.2.key.cmp(&b.2.key)));
    let mut peers: Vec<(String, i64)> =
        scored.iter().filter_map(|(score, _, subject)| Some((subject.peers.clone(), (*score)?))).collect();
    peers.sort_unstable();
    let rows = scored.into_iter().map(|(score, earlier, subject)| {
        let mut row = vec![Cell::Text(subject.key.clone())];
        row.extend(subject.about);
        row.push(number(score));
        row.push(number(score.zip(earlier).map(|(now, then)| now - then)));
        row.push(number(score.and_then(|score| percentile(&peers, &subject.peers, score))));
        row.extend(metrics.iter().zip(now).map(|(metric, values)| metric.cell(values, &subject.key)));
        row
    });
    rows.collect()
}

fn number(value: Option<i64>) -> Cell {
    value.map_or(Cell::Unknown, Cell::Number)
}

fn score(metrics: &[Metric], values: &[Values], key: &str) -> Option<i64> {
    let points: Vec<i64> =
        metrics.iter().zip(values).filter_map(|(metric, values)| metric.points(values, key)).collect();
    let count = points.len() as i64;
    (count > 0).then(|| super::metric::rounded(points.iter().sum(), count))
}

/// The share of the other peers that have a lower score, per mille; nobody without peers has one. `peers` are sorted: a
/// company has tens of thousands of technicians.
fn percentile(peers: &[(String, i64)], mine: &str, score: i64) -> Option<i64> {
    let first = peers.partition_point(|(name, _)| name.as_str() < mine);
    let end = peers.partition_point(|(name, _)| name.as_str() <= mine);
    let lower = peers.partition_point(|(name, other)| (name.as_str(), *other) < (mine, score));
    let (others, below) = (end as i64 - first as i64 - 1, lower as i64 - first as i64);
    (others > 0).then(|| super::metric::rounded(below * 1_000, others))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentile_is_the_share_of_peers_with_a_lower_score() {
        let peers: Vec<(String, i64)> = [("A", 5), ("B", 1), ("B", 3), ("B", 3), ("B", 9), ("C", 0)]
            .map(|(name, score)| (name.into(), score))
            .into();
        for (mine, score, expect) in
            [("A", 5, None), ("B", 1, Some(0)), ("B", 3, Some(333)), ("B", 9, Some(1_000)), ("D", 2, None)]
        {
            assert_eq!(percentile(&peers, mine, score), expect, "{mine} {score}");
        }
    }
}
