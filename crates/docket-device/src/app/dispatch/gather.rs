//! Who there is: outlets and technicians as the projections have them, for one day.

use std::collections::{BTreeMap, BTreeSet};

use docket_core::dispatch::{Outlet, Place, Technician};
use docket_core::grade::{Grade, Graded};
use docket_format::{DocId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

use crate::app::error::AppError;
use crate::app::grades;
use crate::app::session::Session;
use crate::error::StoreError;

/// The day of a job.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day {
    pub(super) date: Date,
    from_ms: i64,
    until_ms: i64,
    /// The job itself: it is no load on anybody.
    job: DocId,
}

impl Day {
    /// The day of the appointment where it takes place, else today.
    pub(super) fn of(job: DocId, appointment: Option<&str>, today: Date) -> Self {
        let local = appointment.and_then(|text| Pieces::parse(text).ok());
        let offset = local.as_ref().and_then(Pieces::to_numeric_offset).unwrap_or(Offset::UTC);
        let date = local.map_or(today, |pieces| pieces.date());
        let begin = |day: Date| offset.to_timestamp(day.at(0, 0, 0, 0)).map_or(i64::MIN, Timestamp::as_millisecond);
        let until_ms = date.tomorrow().map_or(i64::MAX, begin);
        Self { date, from_ms: begin(date), until_ms, job }
    }
}

/// An outlet's row.
#[derive(Debug, Clone, Default)]
pub(super) struct Stand {
    id: String,
    name: Option<String>,
    level: Option<String>,
    standing: Option<String>,
    region: Option<String>,
    place: Option<Place>,
    score: Option<u32>,
    load: u32,
}

impl Stand {
    fn outlet(&self) -> Outlet<'_> {
        Outlet {
            id: &self.id,
            name: self.name.as_deref(),
            level: self.level.as_deref(),
            standing: self.standing.as_deref(),
            region: self.region.as_deref(),
            place: self.place,
            score: self.score,
            load: self.load,
            best: None,
        }
    }

    /// With the best grade among those of `staff` who belong to it.
    pub(super) fn with_staff<'a>(&'a self, staff: &[Staff]) -> Outlet<'a> {
        let own = staff.iter().filter(|one| one.outlet.as_deref() == Some(self.id.as_str()));
        Outlet { best: own.map(|one| one.graded.grade).max(), ..self.outlet() }
    }
}

/// Every outlet that this store knows, by id. `job` is no load on its own outlet.
pub(super) fn outlets(session: &Session, job: Option<DocId>) -> Result<BTreeMap<String, Stand>, AppError> {
    let run = || -> rusqlite::Result<BTreeMap<String, Stand>> {
        let sql = session.store().conn();
        let mut loads: BTreeMap<String, u32> = BTreeMap::new();
        let query = "SELECT outlet, count(*) FROM p_job WHERE status NOT IN ('closed', 'cancelled')
                        AND status IN ('new', 'assigned', 'on_site', 'no_access') AND outlet IS NOT NULL AND id IS NOT ?1 GROUP BY outlet";
        let mut statement = sql.prepare(query)?;
        let mut rows = statement.query([job.as_ref().map(DocId::as_bytes)])?;
        while let Some(row) = rows.next()? {
            loads.insert(row.get(0)?, row.get(1)?);
        }
        let query = "SELECT outlet, name, level, standing, region, lat, lon, score FROM p_outlet";
        let mut statement = sql.prepare(query)?;
        let stands = statement.query_map([], |row| {
            let id: String = row.get(0)?;
            let (lat, lon): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
            let stand = Stand {
                name: row.get(1)?,
                level: row.get(2)?,
                standing: row.get(3)?,
                region: row.get(4)?,
                place: Place::of(lat.as_deref(), lon.as_deref()),
                score: row.get(7)?,
                load: loads.get(&id).copied().unwrap_or(0),
                id: id.clone(),
            };
            Ok((id, stand))
        })?;
        stands.collect()
    };
    Ok(run().map_err(StoreError::from)?)
}

/// A technician on one day.
#[derive(Debug, Clone)]
pub(super) struct Staff {
    pub(super) person: PersonId,
    name: Option<String>,
    outlet: Option<String>,
    graded: Graded,
    skills: Vec<String>,
    pub(super) untrained: Vec<String>,
    place: Option<Place>,
    load: u32,
}

impl Staff {
    fn new(person: PersonId, on: Date, courses: &[String]) -> Self {
        let graded = Graded { grade: Grade::Ungraded, on, reasons: Vec::new(), next: None, missing: Vec::new() };
        Self {
            person,
            name: None,
            outlet: None,
            graded,
            skills: Vec::new(),
            untrained: courses.to_vec(),
            place: None,
            load: 0,
        }
    }

    pub(super) fn candidate<'a>(&'a self, places: &'a BTreeMap<String, Stand>) -> Technician<'a> {
        Technician {
            person: self.person.as_str(),
            name: self.name.as_deref(),
            graded: self.graded.clone(),
            skills: &self.skills,
            untrained: self.untrained.clone(),
            place: self.place,
            load: self.load,
            outlet: self.outlet.as_ref().and_then(|id| places.get(id)).map(Stand::outlet),
        }
    }
}

/// Technicians by staff number: everybody whom the roster calls one or of whom there is a document, or only these.
/// `whole` also finds out what each one's next grade needs.
pub(super) fn staff(
    session: &Session,
    day: &Day,
    whole: bool,
    only: Option<&[PersonId]>,
) -> Result<Vec<Staff>, AppError> {
    let policy = session.policy()?;
    let courses = policy.training.courses("technician");
    let mut found: BTreeMap<String, Staff> = BTreeMap::new();
    let wanted: BTreeSet<&str> = only.into_iter().flatten().map(PersonId::as_str).collect();
    let takes = |person: &str| only.is_none() || wanted.contains(person);
    let run = |found: &mut BTreeMap<String, Staff>| -> rusqlite::Result<()> {
        let sql = session.store().conn();
        let mut statement = sql.prepare(
            "SELECT person, nullif(name, '') FROM p_device WHERE role = 'technician' AND person IS NOT NULL",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let person: String = row.get(0)?;
            let Some(id) = person.parse().ok().filter(|_| takes(&person)) else { continue };
            let mut staff = Staff::new(id, day.date, courses);
            staff.name = row.get(1)?;
            found.insert(person, staff);
        }
        documented(sql, day, found, &takes)?;
        loads(sql, day, found)
    };
    run(&mut found).map_err(StoreError::from)?;
    for person in only.into_iter().flatten() {
        found.entry(person.to_string()).or_insert_with(|| Staff::new(person.clone(), day.date, courses));
    }
    if whole {
        for staff in found.values_mut() {
            staff.graded = grades::grade_on(session, &grades::one(session, &staff.person)?, day.date)?;
        }
    }
    Ok(found.into_values().collect())
}

fn documented(
    sql: &rusqlite::Connection,
    day: &Day,
    found: &mut BTreeMap<String, Staff>,
    takes: &dyn Fn(&str) -> bool,
) -> rusqlite::Result<()> {
    let mut statement = sql.prepare(
        "SELECT t.person, t.name, t.outlet, t.lat, t.lon, t.skills,
                (SELECT g.grade FROM p_grade g WHERE g.person = t.person AND g.from_ms <= ?1
                  ORDER BY g.from_ms DESC LIMIT 1),
                (SELECT u.missing FROM p_unready u WHERE u.doc = t.doc AND u.from_ms <= ?1 AND ?1 < u.until_ms)
           FROM p_technician t",
    )?;
    // Grades and courses count from midnight UTC of their day: the end of the job's day has seen it.
    let at = docket_core::time::DAY_MS - 1 + day.date_utc_ms();
    let mut rows = statement.query([at])?;
    while let Some(row) = rows.next()? {
        let person: String = row.get(0)?;
        let Some(id) = person.parse().ok().filter(|_| takes(&person)) else { continue };
        let staff = found.entry(person).or_insert_with(|| Staff::new(id, day.date, &[]));
        staff.name = row.get::<_, Option<String>>(1)?.or(staff.name.take());
        staff.outlet = row.get(2)?;
        let (lat, lon): (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
        staff.place = Place::of(lat.as_deref(), lon.as_deref());
        staff.skills = list(row.get(5)?);
        let grade: Option<String> = row.get(6)?;
        staff.graded.grade = grade.and_then(|grade| grade.parse().ok()).unwrap_or(Grade::Ungraded);
        staff.untrained = list(row.get(7)?);
    }
    Ok(())
}

impl Day {
    /// Midnight UTC of the date.
    fn date_utc_ms(&self) -> i64 {
        Offset::UTC.to_timestamp(self.date.at(0, 0, 0, 0)).map_or(0, Timestamp::as_millisecond)
    }
}

fn list(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Open jobs that are agreed for this day, by person.
fn loads(sql: &rusqlite::Connection, day: &Day, found: &mut BTreeMap<String, Staff>) -> rusqlite::Result<()> {
    let mut statement = sql.prepare(
        "SELECT crew FROM p_job WHERE status NOT IN ('closed', 'cancelled') AND status IN ('assigned', 'on_site')
            AND appointment_ms >= ?1 AND appointment_ms < ?2 AND id <> ?3",
    )?;
    let mut rows = statement.query((day.from_ms, day.until_ms, day.job.as_bytes()))?;
    while let Some(row) = rows.next()? {
        let crew: String = row.get(0)?;
        for person in crew.split(',').map(str::trim) {
            if let Some(staff) = found.get_mut(person) {
                staff.load += 1;
            }
        }
    }
    Ok(())
}
