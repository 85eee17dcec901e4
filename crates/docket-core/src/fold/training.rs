//! Courses that were had (D-E14).

use crate::grade::Course;
use crate::time;
use crate::view::Event;

/// The `trained` facts among these events; one that ends before it begins never counts.
pub(super) fn courses(events: &[Event<'_>]) -> Vec<Course> {
    let courses = events.iter().filter(|event| event.kind == "trained").filter_map(|event| {
        let day = |field: &str| event.str(field).and_then(time::date);
        let (on, until) = (day("on")?, day("until"));
        let course = event.str("course")?.to_owned();
        until.is_none_or(|until| until >= on).then_some(Course { course, on, until })
    });
    courses.collect()
}
