//! The score card of managers: the results of the outlets that they answer for, rolled up (D-C8).

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::card::{self, Subject};
use super::metric::{Figures, Values};
use super::outlets::METRICS;
use super::{Cell, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

/// For each outlet those who answer for it.
type Above = BTreeMap<String, BTreeSet<String>>;

/// The managers, best first; peers are those who run an outlet, or those who only supervise. `figures` are the outlets'.
pub(super) fn managers(sql: &Connection, period: Period, figures: &Figures) -> Result<Sheet, StoreError> {
    let query = "SELECT m.outlet, m.person, m.direct,
                        coalesce((SELECT t.name FROM v_technician t WHERE t.person = m.person AND t.name <> '' LIMIT 1),
                                 (SELECT d.name FROM v_device d WHERE d.person = m.person AND d.name <> '' LIMIT 1))
                   FROM v_manager m";
    let mut above = Above::new();
    let mut people: BTreeMap<String, (Option<String>, bool, i64)> = BTreeMap::new();
    for (outlet, person, direct, name) in rows(sql, query, period, |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?, row.get(3)?))
    })? {
        let (_, runs_one, outlets) = people.entry(person.clone()).or_insert((name, false, 0));
        *runs_one |= direct;
        *outlets += 1;
        above.entry(outlet).or_default().insert(person);
    }
    let subjects = people.into_iter().map(|(key, (name, runs_one, outlets))| Subject {
        key,
        about: vec![Cell::Text(name.unwrap_or_default()), Cell::Number(outlets)],
        peers: if runs_one { "runs" } else { "supervises" }.to_owned(),
    });
    let mut columns = vec![
        column("person", "Manager", Unit::Text),
        column("name", "Name", Unit::Text),
        column("outlets", "Outlets", Unit::Count),
    ];
    columns.extend(card::columns(METRICS));
    Ok(Sheet {
        id: "managers",
        title: "Managers",
        rows_of: "D-C8 D-E7",
        columns,
        rows: card::rows(METRICS, subjects.collect(), &rolled_up(figures, &above)),
        chart: Some("score"),
    })
}

/// Sums of the outlets' figures for each person above them.
fn rolled_up(figures: &Figures, above: &Above) -> Figures {
    let sum = |values: &Values| {
        let mut sums = Values::new();
        for (outlet, (of, value)) in values {
            for person in above.get(outlet).into_iter().flatten() {
                let sum = sums.entry(person.clone()).or_default();
                *sum = (sum.0.saturating_add(*of), sum.1.saturating_add(*value));
            }
        }
        sums
    };
    Figures { now: figures.now.iter().map(sum).collect(), before: figures.before.iter().map(sum).collect() }
}
