//! The score card of outlets (D-C8, D-E5, D-E6, D-E7, D-H18, D-H23).

use rusqlite::Connection;

use super::card::{self, Subject};
use super::metric::{Figures, How, Metric, Source, figure};
use super::{Cell, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

/// Requests.
const JOBS: Source = Source::of("v_job", "outlet", "received_ms");
/// Requests that a device worked on.
const INTAKE: Source = Source::of("v_course", "outlet", "received_ms");
/// Jobs that came to an end.
const COURSE: Source = Source::of("v_course", "outlet", "resolved_ms");
/// First contacts.
const CONTACT: Source = Source::of("v_clock c JOIN v_job j USING (job)", "j.outlet", "c.start_ms")
    .only("c.clock = 'contact' AND c.verdict IN ('met', 'breached')");
/// Faults that were looked for.
const FAULT: Source = Source::of("v_fault", "outlet", "at_ms");
/// Customers that were asked.
const CALL_BACK: Source = Source::of("v_callback", "outlet", "at_ms");
/// Surveys.
const SURVEY: Source =
    Source::of("v_feedback f JOIN v_job j USING (job)", "j.outlet", "f.at_ms").only("f.source = 'surveyed'");
/// Complaints.
const COMPLAINT: Source = Source::of("v_complaint k JOIN v_job j USING (job)", "j.outlet", "k.complained_ms");
/// Inspections.
const INSPECTION: Source = Source::of("v_event e JOIN v_outlet o USING (job)", "o.outlet", "e.at_ms")
    .only("e.kind = 'inspected' AND e.of = 'outlet'");

/// The figures of an outlet, and of those who answer for it.
pub(super) const METRICS: &[Metric] = &[
    figure("jobs", "Jobs", How::Count, JOBS, "1", "1"),
    figure("contacted_in_time", "Contacted in time", How::Good, CONTACT, "1", "c.verdict = 'met'"),
    figure("first_time_fix", "First-time fix", How::Good, COURSE, "first_time_fix IS NOT NULL", "first_time_fix"),
    figure("repeats", "Repeat repairs", How::Bad, COURSE, "kind = 'repair'", "repeat = 'fault'"),
    figure("no_fault", "No fault found", How::Share, FAULT, "1", "no_fault"),
    figure("misuse", "Misuse", How::Share, FAULT, "1", "misuse"),
    figure(
        "repaired_here",
        "Repaired without headquarters",
        How::Share,
        COURSE,
        "kind = 'repair'",
        "job NOT IN (SELECT job FROM v_event WHERE kind = 'sent_on')",
    ),
    figure("satisfaction", "Satisfaction", How::Mean, CALL_BACK, "score IS NOT NULL", "score"),
    figure("bad_answers", "Bad answers", How::Bad, CALL_BACK, "reached", "bad_answer"),
    figure("surveys", "Surveys by third parties", How::Mean, SURVEY, "f.relation = 'third_party'", "f.score"),
    figure("own_surveys", "Own surveys", How::Told, SURVEY, "f.relation = 'own'", "f.score"),
    figure("complaints", "Complaints", How::Count, COMPLAINT, "1", "1"),
    figure("inspections", "Inspections passed", How::Good, INSPECTION, "1", "json_extract(e.body, '$.passed')"),
    figure("complete_requests", "Complete requests", How::Mean, INTAKE, "completeness IS NOT NULL", "completeness"),
];

/// The outlets, best first; peers are outlets of one level.
pub(super) fn outlets(sql: &Connection, period: Period, figures: &Figures) -> Result<Sheet, StoreError> {
    let query = "SELECT outlet, name, level, standing FROM v_outlet WHERE outlet IS NOT NULL
                 UNION ALL
                 SELECT DISTINCT outlet, '', '', '' FROM v_job
                  WHERE outlet IS NOT NULL AND outlet NOT IN (SELECT outlet FROM v_outlet WHERE outlet IS NOT NULL)";
    let subjects = rows(sql, query, period, |row| {
        let text = |index: usize| row.get::<_, Option<String>>(index).map(Option::unwrap_or_default);
        let (name, level, standing) = (text(1)?, text(2)?, text(3)?);
        let about = [name, level.clone(), standing].into_iter().map(Cell::Text).collect();
        Ok(Subject { key: row.get(0)?, about, peers: level })
    })?;
    let mut columns = vec![
        column("outlet", "Outlet", Unit::Text),
        column("name", "Name", Unit::Text),
        column("level", "Level", Unit::Text),
        column("standing", "Standing", Unit::Text),
    ];
    columns.extend(card::columns(METRICS));
    Ok(Sheet {
        id: "outlets",
        title: "Outlets",
        rows_of: "D-C8 D-E5 D-E6 D-E7 D-H18 D-H23",
        columns,
        rows: card::rows(METRICS, subjects, figures),
        chart: Some("score"),
    })
}
