//! The score card of technicians (D-E7, D-H18, D-C7, D-C8).

use rusqlite::Connection;

use super::card::{self, Subject};
use super::metric::{Figures, How, Metric, Source, figure};
use super::{Cell, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

/// Visits.
const VISIT: Source = Source::of("v_visit", "person", "arrived_ms");
/// Jobs that somebody brought to an end.
const COURSE: Source = Source::of("v_course", "resolved_by", "resolved_ms");
/// Customers that were asked.
const CALL_BACK: Source = Source::of("v_callback b JOIN v_course c USING (job)", "c.resolved_by", "b.at_ms");
/// Surveys.
const SURVEY: Source =
    Source::of("v_feedback f JOIN v_course c USING (job)", "c.resolved_by", "f.at_ms").only("f.source = 'surveyed'");
/// Complaints.
const COMPLAINT: Source = Source::of("v_complaint k JOIN v_course c USING (job)", "c.resolved_by", "k.complained_ms");
/// Ratings.
const RATING: Source = Source::of("v_event e JOIN v_technician t USING (job)", "t.person", "e.at_ms")
    .only("e.kind = 'rated' AND e.of = 'technician'");

const METRICS: &[Metric] = &[
    figure("visits", "Visits", How::Count, VISIT, "1", "1"),
    figure("on_time", "On time", How::Good, VISIT, "late_min IS NOT NULL", "late_min <= 0"),
    figure(
        "within_limit",
        "Within the time allowed",
        How::Good,
        VISIT,
        "outcome = 'completed' AND spent_min IS NOT NULL AND limit_min IS NOT NULL",
        "spent_min <= limit_min",
    ),
    figure("first_time_fix", "First-time fix", How::Good, COURSE, "first_time_fix IS NOT NULL", "first_time_fix"),
    figure("signed", "Signed by the customer", How::Good, VISIT, "outcome = 'completed'", "signed"),
    figure("satisfaction", "Satisfaction", How::Mean, CALL_BACK, "b.score IS NOT NULL", "b.score"),
    figure("bad_answers", "Bad answers", How::Bad, CALL_BACK, "b.reached", "b.bad_answer"),
    figure("surveys", "Surveys by third parties", How::Mean, SURVEY, "f.relation = 'third_party'", "f.score"),
    figure("own_surveys", "Own surveys", How::Told, SURVEY, "f.relation = 'own'", "f.score"),
    figure("complaints", "Complaints", How::Count, COMPLAINT, "1", "1"),
    figure(
        "rating",
        "Rated by supervisors, peers, customers, shoppers",
        How::Mean,
        RATING,
        "1",
        "json_extract(e.body, '$.score')",
    ),
];

/// The technicians, best first; peers are technicians of one grade.
pub(super) fn technicians(sql: &Connection, period: Period) -> Result<Sheet, StoreError> {
    let subjects = rows(sql, "SELECT person, name, outlet, grade FROM v_technician", period, |row| {
        let text = |index: usize| row.get::<_, Option<String>>(index).map(Option::unwrap_or_default);
        let (name, outlet, grade) = (text(1)?, text(2)?, text(3)?);
        let about = [name, outlet, grade.clone()].into_iter().map(Cell::Text).collect();
        Ok(Subject { key: row.get(0)?, about, peers: grade })
    })?;
    let mut columns = vec![
        column("person", "Technician", Unit::Text),
        column("name", "Name", Unit::Text),
        column("outlet", "Outlet", Unit::Text),
        column("grade", "Grade", Unit::Text),
    ];
    columns.extend(card::columns(METRICS));
    Ok(Sheet {
        id: "technicians",
        title: "Technicians",
        rows_of: "D-E7 D-H18 D-C7 D-C8",
        columns,
        rows: card::rows(METRICS, subjects, &Figures::read(sql, METRICS, period)?),
        chart: Some("score"),
    })
}
