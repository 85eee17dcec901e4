//! How a job went as a whole: one row for each job that somebody worked on with a device.

use docket_core::Policy;
use docket_core::view::{Course, JobView};
use docket_format::PersonId;
use rusqlite::Connection;

use super::Target;
use super::rows::{Table, put, row};
use crate::error::StoreError;

const COURSE: Table = Table {
    name: "p_course",
    columns: &[
        "resolution",
        "resolved_ms",
        "resolved_by",
        "call_back",
        "called_back",
        "first_time_fix",
        "repeat",
        "unpenalised",
        "work_visits",
        "cause",
        "recorded_ms",
        "completeness",
        "intake_corrections",
        "reclassified",
        "nature",
        "region",
        "severity",
        "handled_by",
        "requester",
        "site_contact",
        "own_initiative",
        "model",
        "whole_set",
    ],
    keys: 0,
};

pub(super) fn put_course(
    sql: &Connection,
    target: &Target<'_>,
    view: &JobView<'_>,
    policy: &Policy,
) -> Result<(), StoreError> {
    // A job that only ever was a row of a file has no course that anybody here could answer for.
    if target.facts.iter().all(|fact| fact.author().is_none()) {
        return put(sql, &COURSE, target, Vec::new());
    }
    let course: &Course<'_> = &view.course;
    let resolution = course.resolution.as_ref();
    let text = |register: &str| view.str(register).map(str::to_owned);
    let own = view.registers.get("own_initiative").and_then(docket_core::view::Register::value);
    let cells = row![
        resolution.map(|resolution| resolution.id.to_owned()),
        resolution.and_then(|resolution| resolution.at_ms).map(|at| at.0),
        resolution.and_then(|resolution| resolution.person.as_ref()).map(PersonId::to_string),
        resolution.is_some_and(|resolution| resolution.call_back),
        course.called_back.map(|fact| fact.to_string()),
        course.first_time_fix,
        course.repeat.map(|repeat| repeat.as_str().to_owned()),
        resolution.is_some_and(|resolution| resolution.unpenalised),
        course.work_visits,
        course.cause.map(str::to_owned),
        course.recorded_ms.map(|at| at.0),
        course.completeness,
        course.intake_corrections,
        course.reclassified,
        text("nature"),
        text("region"),
        text("severity"),
        text("handled_by"),
        text("requester"),
        text("site_contact"),
        own.map(super::shown),
        text("model"),
        policy.whole_set.is_for(view.group, view.mode, view.kind()),
    ];
    put(sql, &COURSE, target, vec![cells])
}
