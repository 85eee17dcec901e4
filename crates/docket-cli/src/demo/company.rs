//! The office: founds the company, imports the city's requests, appoints technicians, dispatches by grade.

use std::path::Path;

use docket_device::app::grades::NewEvidence;
use docket_device::app::jobs::Assignment;
use docket_device::app::lists::Filter;
use docket_device::app::{Job, grades, import, jobs, lists, policies, staff};
use docket_device::{Draft, company, sync};
use docket_format::{DocId, PersonId};
use serde_json::{Value, json};

use super::Device;
use super::road::Relay;
use crate::errors::{self, CliError};

/// 10,000 service requests of the City of Los Angeles, January 2020: see `fixtures/import/README.md`.
const REQUESTS: &[u8] = include_bytes!("../../../../fixtures/import/myla311-2020-01.csv.zst");
const REQUESTS_BYTES: usize = 4 * 1024 * 1024;
const MAP: &str = include_str!("../../../../fixtures/import/myla311.toml");

const HOUR_MS: i64 = 3_600_000;

/// Staff number, name, and what they hold: grades A, B and C (D-H2).
pub(super) const TECHNICIANS: [(&str, &str); 3] = [("T-A", "Ann"), ("T-B", "Bo"), ("T-C", "Cy")];

/// Who has nothing but bundles.
pub(super) const BY_BUNDLE: &str = "T-C";

/// The jobs that the story follows.
pub(super) struct Dispatched {
    /// An installation; its earth test will fail.
    pub(super) installation: DocId,
    /// A hard repair for two technicians, two appliances.
    pub(super) shared: DocId,
    /// A repair whose appointment is changed at both ends.
    pub(super) moved: DocId,
    /// A repair with a mis-tap.
    pub(super) mistapped: DocId,
}

pub(super) fn found(dir: &Path) -> Result<Device, CliError> {
    let admin = person("A-001")?;
    let stamp = docket_device::app::session::stamp(None);
    let founded = company::found(dir, "Harbour Lights", &admin, "Ada", &stamp)?;
    let mut office = Device::new("office", dir, founded.store);
    let text = policies::shipped("default").unwrap_or_default();
    policies::adopt(&mut office.session, text, "default.toml")?;
    Ok(office)
}

/// Imports the real file; gives the number of rows taken in.
pub(super) fn import_requests(office: &mut Device, folder: &Path) -> Result<u64, CliError> {
    let csv = zstd::bulk::decompress(REQUESTS, REQUESTS_BYTES)
        .map_err(|error| CliError::environment(format!("the demo's data can't be unpacked: {error}")))?;
    let file = folder.join("myla311-2020-01.csv");
    std::fs::write(&file, csv).map_err(|error| errors::file("write", &file, &error))?;
    let map = import::map(MAP, "myla311.toml")?;
    let report = import::run(&mut office.session, &file, &map, &folder.join("rejects.csv"), |_| {})
        .map_err(|error| CliError::environment(error.to_string()))?;
    Ok(report.new)
}

/// Invites three technicians. Two join through the relay; the third never meets it, and joins with a bundle.
pub(super) fn appoint(office: &mut Device, folder: &Path, relay: &mut Relay) -> Result<Vec<Device>, CliError> {
    let mut codes = Vec::new();
    for (id, name) in TECHNICIANS {
        let stamp = office.session.stamp();
        let until = stamp.wall_ms + 24 * HOUR_MS;
        let invited = company::invite(office.session.store_mut(), &person(id)?, name, "technician", until, &stamp)?;
        codes.push((id, invited.code.to_string()));
    }
    certify(office)?;
    relay.sync(office)?;
    let mut technicians = Vec::new();
    for (id, code) in codes {
        let dir = folder.join(id);
        let now = office.session.stamp();
        let store = if id == BY_BUNDLE {
            company::join(&dir, &code, &welcome(office)?, &now)?.store
        } else {
            sync::enrol(&dir, &code, &mut relay.transport()?, &now)?.store
        };
        let mut technician = Device::new(id, &dir, store);
        if id == BY_BUNDLE {
            let enrolment = technician.export(None)?;
            office.import(&enrolment)?;
        } else {
            relay.sync(&mut technician)?;
        }
        technicians.push(technician);
    }
    relay.sync(office)?;
    Ok(technicians)
}

/// What a newcomer needs before it is known to anybody: roster, policy, evidence; no jobs.
fn welcome(office: &mut Device) -> Result<Vec<u8>, CliError> {
    let stamp = office.session.stamp();
    let what = docket_device::bundle::Export { welcome: true, ..Default::default() };
    Ok(docket_device::bundle::export(office.session.store_mut(), &what, &stamp)?.bytes)
}

fn certify(office: &mut Device) -> Result<(), CliError> {
    let levels = [("advanced", "A", "2019-03-01"), ("intermediate", "B", "2021-05-01"), ("junior", "C", "2025-01-01")];
    for ((id, _), (certificate, exam, since)) in TECHNICIANS.into_iter().zip(levels) {
        let text = |text: &str| Some(text.to_owned());
        let of = |kind, level: Option<String>| NewEvidence {
            kind,
            level,
            issuer: "Harbour Lights".into(),
            issued: text(since),
            ..NewEvidence::default()
        };
        let service = NewEvidence { from: text(since), issued: None, ..of("service", None) };
        for evidence in [of("certificate", text(certificate)), of("exam", text(exam)), service] {
            grades::add(&mut office.session, &person(id)?, &evidence)?;
        }
        // The default policy asks for this course before the post (D-E14).
        let course = [("course", "induction"), ("on", since)];
        let course = course.into_iter().map(|(field, value)| (field.to_owned(), value.into())).collect();
        staff::state(&mut office.session, &person(id)?, "trained", course)?;
    }
    Ok(())
}

/// Takes four requests that the city left open, makes orders of them, and sends whoever has the grade.
pub(super) fn dispatch(office: &mut Device) -> Result<Dispatched, CliError> {
    let filter = Filter { kind: Some("streetlight_repair".into()), ..Filter::default() };
    let (rows, _) = lists::jobs(&office.session, &filter)?;
    let mut open = rows.into_iter().filter(|row| row.status != "closed").filter_map(|row| row.doc.parse().ok());
    let mut next = || open.next().ok_or_else(|| CliError::environment("the demo's data has too few open requests"));
    let jobs = Dispatched { installation: next()?, shared: next()?, moved: next()?, mistapped: next()? };
    order(office, jobs.installation, "installation", "water_heater", 1, &["T-B"])?;
    order(office, jobs.shared, "repair", "air_conditioner", 2, &["T-A", "T-B"])?;
    order(office, jobs.moved, "repair", "refrigerator", 1, &["T-A"])?;
    order(office, jobs.mistapped, "repair", "washing_machine", 1, &["T-C"])?;
    Ok(jobs)
}

fn order(
    office: &mut Device,
    doc: DocId,
    kind: &str,
    product: &str,
    appliances: u32,
    crew: &[&str],
) -> Result<(), CliError> {
    let job = Job::load(&office.session, doc)?;
    if !job.view().status.is_open() {
        jobs::reopen(&mut office.session, &job, "the lamp is out again")?;
    }
    let over = job.view().registers.get("kind").map(docket_core::view::Register::over).unwrap_or_default();
    let over: Vec<Value> = over.iter().map(|fact| fact.to_string().into()).collect();
    let set = |register: &str, value: Value, over: &[Value]| {
        Draft::new("set", json!({"r": register, "v": value, "over": over}))
    };
    let drafts = vec![
        set("kind", kind.into(), &over),
        set("product", product.into(), &[]),
        set("appliances", appliances.into(), &[]),
    ];
    office.session.write(doc, &drafts)?;
    let job = Job::load(&office.session, doc)?;
    let crew = crew.iter().map(|id| person(id)).collect::<Result<_, _>>()?;
    let appointment = rfc3339(office.session.now_ms().0 - 5 * 60_000)?;
    let assignment = Assignment { crew, appointment: Some((appointment, Some(60))), ..Assignment::default() };
    jobs::assign(&mut office.session, &job, &assignment)?;
    Ok(())
}

pub(super) fn person(id: &str) -> Result<PersonId, CliError> {
    id.parse().map_err(|error: docket_format::BadId| CliError::usage(error.to_string()))
}

pub(super) fn rfc3339(ms: i64) -> Result<String, CliError> {
    let at = jiff::Timestamp::from_millisecond(ms);
    at.map(|at| at.to_string()).map_err(|error| CliError::environment(format!("the clock stands at {ms} ms: {error}")))
}
