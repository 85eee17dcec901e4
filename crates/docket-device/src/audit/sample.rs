//! A reproducible sample of visits for inspection and call-back (D-E6, D-C2): the same seed over the same records draws
//! the same visits on every device, whatever order the records came in.
//!
//! Strata are outlet × kind of job. Each outlet has the same number of seats, shared out among its kinds in proportion
//! to their visits (Huntington–Hill, so that every kind has a seat where there are enough). Within a stratum a digest of
//! seed, document and visit decides. A larger sample holds the smaller one. Visits with a bad answer are always in it,
//! beside what was drawn (D-C2).

use std::collections::{BTreeMap, BTreeSet};

use docket_format::{DocId, digest};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::finding::rfc3339;
use crate::error::StoreError;

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub struct Draw<'a> {
    /// Any text: another seed, another sample.
    pub seed: &'a str,
    /// Visits to draw at each outlet.
    pub per_outlet: usize,
    /// Only visits that ended at or after this, milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// Only visits that ended, and answers given, before this, milliseconds since 1970.
    pub as_of_ms: i64,
    /// A score below this is a bad answer.
    pub bad_below: i64,
}

/// A visit in the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// The job.
    pub doc: DocId,
    /// Its code.
    pub code: String,
    /// Its outlet; empty if none is recorded.
    pub outlet: String,
    /// Its kind; empty if none is recorded.
    pub kind: String,
    /// The visit: the fact id of the arrival.
    pub visit: String,
    /// Who was there, sorted.
    pub people: Vec<String>,
    /// When it ended, milliseconds since 1970.
    pub ended_ms: i64,
    /// Whether the seed drew it.
    pub drawn: bool,
    /// What the customer was not content with; `None` = nothing is known.
    pub bad: Option<String>,
}

/// A stratum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stratum {
    /// The outlet.
    pub outlet: String,
    /// The kind of job.
    pub kind: String,
    /// Visits in it.
    pub visits: usize,
    /// Of them drawn.
    pub drawn: usize,
    /// Of them with a bad answer.
    pub bad: usize,
}

/// A sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The seed.
    pub seed: String,
    /// As of when, milliseconds since 1970.
    pub as_of_ms: i64,
    /// The strata, by outlet and kind.
    pub strata: Vec<Stratum>,
    /// The visits, by outlet, kind and draw.
    pub picks: Vec<Pick>,
}

/// A visit and its place in the draw.
type Ranked = ([u8; 16], Pick);

/// Draws.
pub fn sample(sql: &Connection, draw: &Draw<'_>) -> Result<Sample, StoreError> {
    let mut outlets: BTreeMap<String, BTreeMap<String, Vec<Ranked>>> = BTreeMap::new();
    for pick in population(sql, draw)? {
        let kinds = outlets.entry(pick.outlet.clone()).or_default();
        kinds.entry(pick.kind.clone()).or_default().push((lot(draw.seed, &pick), pick));
    }
    let mut sample =
        Sample { seed: draw.seed.to_owned(), as_of_ms: draw.as_of_ms, strata: Vec::new(), picks: Vec::new() };
    for (outlet, mut kinds) in outlets {
        let sizes: Vec<usize> = kinds.values().map(Vec::len).collect();
        let seats = seats(draw.per_outlet, &sizes);
        for ((kind, visits), seats) in kinds.iter_mut().zip(seats) {
            visits.sort_unstable_by(|a, b| (a.0, &a.1.visit).cmp(&(b.0, &b.1.visit)));
            visits.iter_mut().take(seats).for_each(|(_, pick)| pick.drawn = true);
            sample.strata.push(Stratum {
                outlet: outlet.clone(),
                kind: kind.clone(),
                visits: visits.len(),
                drawn: seats,
                bad: visits.iter().filter(|(_, pick)| pick.bad.is_some()).count(),
            });
            let kept = visits.drain(..).map(|(_, pick)| pick).filter(|pick| pick.drawn || pick.bad.is_some());
            sample.picks.extend(kept);
        }
    }
    Ok(sample)
}

/// The digest that decides: no part of it can be read as another, and no clock or insertion order takes part.
fn lot(seed: &str, pick: &Pick) -> [u8; 16] {
    let framed = [&(seed.len() as u64).to_be_bytes(), seed.as_bytes(), pick.doc.as_bytes(), pick.visit.as_bytes()];
    digest::labelled16("docket-sample", &framed)
}

/// Shares seats out in proportion (Huntington–Hill): one by one to the group with the highest size² / (n (n + 1)), where
/// a group without a seat comes before all others. So more seats never take one away.
fn seats(seats: usize, sizes: &[usize]) -> Vec<usize> {
    let mut taken = vec![0_usize; sizes.len()];
    for _ in 0..seats.min(sizes.iter().sum()) {
        let open = sizes.iter().zip(&taken).enumerate().filter(|(_, (size, taken))| taken < size);
        let next = open.max_by(|(a, (size_a, taken_a)), (b, (size_b, taken_b))| {
            let weight =
                |size: &usize, taken: &usize| ((*size as u128).pow(2), (*taken as u128) * (*taken as u128 + 1));
            let ((size_a, by_a), (size_b, by_b)) = (weight(size_a, taken_a), weight(size_b, taken_b));
            // a/b > c/d by cross-multiplying; a denominator of 0 is endless.
            let order = match (by_a, by_b) {
                (0, 0) => size_a.cmp(&size_b),
                (0, _) => core::cmp::Ordering::Greater,
                (_, 0) => core::cmp::Ordering::Less,
                _ => size_a.saturating_mul(by_b).cmp(&size_b.saturating_mul(by_a)),
            };
            order.then(b.cmp(a))
        });
        if let Some(seat) = next.map(|(group, _)| group).and_then(|group| taken.get_mut(group)) {
            *seat += 1;
        }
    }
    taken
}

/// Every completed visit of the period, with what the customer said of it.
fn population(sql: &Connection, draw: &Draw<'_>) -> Result<Vec<Pick>, StoreError> {
    let mut statement = sql.prepare_cached(
        "SELECT v.doc, j.id, j.code, coalesce(j.outlet, ''), coalesce(j.kind, ''), v.visit, max(v.ended_ms),
                group_concat(v.person, ',' ORDER BY v.person)
           FROM p_visit v JOIN p_job j ON j.doc = v.doc
          WHERE v.outcome = 'completed' AND v.ended_ms >= ?1 AND v.ended_ms < ?2
          GROUP BY v.doc, v.visit",
    )?;
    let mut rows = statement.query(params![draw.from_ms.unwrap_or(i64::MIN), draw.as_of_ms])?;
    let mut by_job: BTreeMap<i64, Vec<Pick>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let doc = DocId::from_bytes(row.get(1)?).ok_or_else(|| StoreError::corrupt("a document without id"))?;
        let people: BTreeSet<String> =
            row.get::<_, Option<String>>(7)?.iter().flat_map(|people| people.split(',')).map(str::to_owned).collect();
        by_job.entry(row.get(0)?).or_default().push(Pick {
            doc,
            code: row.get(2)?,
            outlet: row.get(3)?,
            kind: row.get(4)?,
            visit: row.get(5)?,
            people: people.into_iter().collect(),
            ended_ms: row.get(6)?,
            drawn: false,
            bad: None,
        });
    }
    for (job, answer) in bad_answers(sql, draw)? {
        if let Some(pick) = by_job.get_mut(&job).and_then(|visits| about(visits, &answer)) {
            let said = pick.bad.get_or_insert_default();
            // Sorted and each once: in which order two answers came must not show.
            let mut all: BTreeSet<&str> = said.split("; ").filter(|said| !said.is_empty()).collect();
            all.insert(&answer.what);
            *said = all.into_iter().collect::<Vec<_>>().join("; ");
        }
    }
    Ok(by_job.into_values().flatten().collect())
}

/// What a customer was not content with.
struct BadAnswer {
    what: String,
    visit: Option<String>,
    at_ms: Option<i64>,
}

/// The visit that an answer is about: the one it names, else the last one before it, else the last.
fn about<'v>(visits: &'v mut [Pick], answer: &BadAnswer) -> Option<&'v mut Pick> {
    let place = |of: &dyn Fn(&Pick) -> bool| {
        let fit = visits.iter().enumerate().filter(|(_, pick)| of(pick));
        fit.max_by_key(|(_, pick)| (pick.ended_ms, pick.visit.clone())).map(|(place, _)| place)
    };
    let named = place(&|pick| Some(&pick.visit) == answer.visit.as_ref());
    let before = || place(&|pick| answer.at_ms.is_some_and(|at| pick.ended_ms <= at));
    let place = named.or_else(before).or_else(|| place(&|_| true))?;
    visits.get_mut(place)
}

fn bad_answers(sql: &Connection, draw: &Draw<'_>) -> Result<Vec<(i64, BadAnswer)>, StoreError> {
    let mut statement = sql.prepare_cached(
        "SELECT doc, at_ms, body FROM p_event WHERE kind IN ('called_back', 'surveyed') AND coalesce(at_ms, 0) < ?1",
    )?;
    let mut rows = statement.query([draw.as_of_ms])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let body: Value = serde_json::from_str(&row.get::<_, String>(2)?).unwrap_or_default();
        let no = |key: &str| body.get(key).and_then(Value::as_bool) == Some(false);
        let left_out = body.get("five").and_then(Value::as_object);
        let left_out = left_out.into_iter().flatten().filter(|(_, done)| **done == Value::Bool(false));
        let mut what: Vec<String> = Vec::new();
        what.extend(no("satisfied").then(|| "not satisfied".to_owned()));
        what.extend(no("solved").then(|| "not solved".to_owned()));
        let score = body.get("score").and_then(Value::as_i64).filter(|&score| score < draw.bad_below);
        what.extend(score.map(|score| format!("score {score}")));
        what.extend(left_out.map(|(letter, _)| format!("{letter} was left out")));
        if !what.is_empty() {
            let visit = body.get("visit").and_then(Value::as_str).map(str::to_owned);
            found.push((row.get(0)?, BadAnswer { what: what.join(", "), visit, at_ms: row.get(1)? }));
        }
    }
    Ok(found)
}

impl Pick {
    /// Why it is in the sample.
    pub fn why(&self) -> String {
        match (self.drawn, &self.bad) {
            (true, Some(bad)) => format!("drawn; {bad}"),
            (false, Some(bad)) => bad.clone(),
            _ => "drawn".to_owned(),
        }
    }
}

impl Sample {
    /// As JSON: the visits, and the strata with their sizes, so that results can be weighted.
    pub fn to_json(&self) -> Value {
        let strata = self.strata.iter().map(|stratum| {
            json!({"outlet": stratum.outlet, "kind": stratum.kind, "visits": stratum.visits, "drawn": stratum.drawn,
                   "bad": stratum.bad})
        });
        let visits = self.picks.iter().map(|pick| {
            json!({"doc": pick.doc.to_string(), "code": pick.code, "outlet": pick.outlet, "kind": pick.kind,
                   "visit": pick.visit, "people": pick.people, "ended_at": rfc3339(pick.ended_ms), "drawn": pick.drawn,
                   "bad": pick.bad, "why": pick.why()})
        });
        json!({"seed": self.seed, "as_of": rfc3339(self.as_of_ms), "strata": strata.collect::<Vec<_>>(),
               "visits": visits.collect::<Vec<_>>()})
    }

    /// As CSV: one line a visit.
    pub fn write_csv(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(["code", "outlet", "kind", "ended_at", "people", "drawn", "why", "doc", "visit"])?;
        for pick in &self.picks {
            let (drawn, doc) = (u8::from(pick.drawn).to_string(), pick.doc.to_string());
            let (ended, people, why) = (rfc3339(pick.ended_ms), pick.people.join(","), pick.why());
            writer.write_record([
                &pick.code,
                &pick.outlet,
                &pick.kind,
                &ended,
                &people,
                &drawn,
                &why,
                &doc,
                &pick.visit,
            ])?;
        }
        writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_in_proportion_and_every_kind_has_one() {
        assert_eq!(seats(10, &[90, 10]), [9, 1]);
        assert_eq!(seats(3, &[1000, 5, 1]), [1, 1, 1]);
        assert_eq!(seats(2, &[5, 1000, 5]), [1, 1, 0], "the largest first, then in order");
        assert_eq!(seats(100, &[3, 2]), [3, 2], "no more than there are");
        assert_eq!(seats(5, &[]), [0_usize; 0]);
        let many: Vec<Vec<usize>> = (0..200).map(|n| seats(n, &[70, 41, 3, 88])).collect();
        assert!(many.array_windows().all(|[a, b]| a.iter().zip(b).all(|(a, b)| a <= b)), "more seats take none away");
    }
}
