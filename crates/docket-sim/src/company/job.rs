//! One job from the call to the call-back.

use docket_core::Policy;
use docket_faultvfs::Rng;
use docket_format::DocId;
use serde_json::json;

use super::cast::{Cast, Outlet};
use super::page::{Scribe, Sheet};
use super::script::Script;
use super::{DAY_MS, Defect, FIRST_DAY_MS, HOUR_MS, MINUTE_MS, goods, visit};

/// Working days over which the jobs are spread.
const DAYS: i64 = 180;
/// Jobs of an outlet in a week: each of its technicians in turn, four slots a day.
const WEEK: usize = 28;

pub(super) struct Job {
    pub(super) number: u32,
    pub(super) defect: Option<Defect>,
    /// It ends before anybody comes.
    pub(super) open: bool,
}

/// What a job is about, and who works on it.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) cast: &'a Cast,
    pub(super) outlet: &'a Outlet,
    pub(super) kind: &'static str,
    /// The customer's group.
    pub(super) group: &'static str,
    pub(super) technician: usize,
    pub(super) received_ms: i64,
    pub(super) appliances: u32,
}

impl Job {
    /// Writes the job and its customer; gives the job's document and the time of its last record.
    pub(super) fn tell(
        &self,
        rng: &mut Rng,
        cast: &Cast,
        policy: &Policy,
        scribe: &Scribe,
        sheets: &mut Vec<Sheet>,
    ) -> Result<(DocId, i64), String> {
        let setting = self.setting(rng, cast)?;
        let number = format!("J{:07}", self.number);
        let (product, model) = rng.pick(&goods::PRODUCTS).copied().unwrap_or(("refrigerator", "BCD-216"));
        let customer = self.customer(rng, &setting, product, scribe)?;
        let of = customer.arrival.change.doc;
        sheets.push(customer);
        let doc = scribe.derived("job", &number);
        let tell = |setting: &Setting<'_>| self.good(setting, (product, model), of, policy);
        if self.defect.is_some_and(|defect| defect.job.again) {
            let mut page = scribe.page(scribe.derived("job", &format!("{number}-0")));
            let earlier = Setting { received_ms: setting.received_ms - HOUR_MS, ..setting };
            let mut script = tell(&earlier)?;
            script.stop_before("departed");
            script.write(&mut page, policy)?;
            sheets.push(page.close()?);
        }
        let mut script = tell(&setting)?;
        if self.open {
            script.stop_before("departed");
        }
        if let Some(defect) = self.defect {
            (defect.plant)(&mut script, &setting);
        }
        let mut page = scribe.page(doc);
        let until_ms = script.write(&mut page, policy)?;
        sheets.push(page.close()?);
        Ok((doc, until_ms))
    }

    /// A job as it should be.
    fn good(
        &self,
        setting: &Setting<'_>,
        (product, model): (&str, &str),
        customer: DocId,
        policy: &Policy,
    ) -> Result<Script, String> {
        let mut script = Script::default();
        intake(&mut script, setting, product, model, customer, &self.serial());
        let template = policy.template(setting.kind, None).ok_or("no checklist for this kind of job")?;
        let (kind, group) = (Some(setting.kind), Some(setting.group));
        let asked = docket_core::policy::Setting { kind, product: Some(product), group, ..Default::default() };
        let mode = policy.mode(&asked).map(|mode| mode.id.as_str());
        plan_and_visit(&mut script, setting, template, &docket_core::policy::Setting { mode, ..asked });
        after(&mut script, setting);
        Ok(script)
    }

    fn serial(&self) -> String {
        format!("SN{:010}", 4_000_000_000_u64 + u64::from(self.number))
    }

    fn setting<'a>(&self, rng: &mut Rng, cast: &'a Cast) -> Result<Setting<'a>, String> {
        let wanted = self.defect.map(|defect| defect.job);
        let group = wanted.map_or_else(|| group(rng), |wanted| wanted.group);
        // A week of one outlet after the other, as their devices' records would come in.
        let number = self.number as usize;
        let (week, rest) = (number / (cast.outlets.len() * WEEK), number % (cast.outlets.len() * WEEK));
        let (place, turn) = (rest / WEEK, week * WEEK + rest % WEEK);
        // From the outlet whose turn it is, the next that may take such a job (D-H6).
        let turns = cast.outlets.iter().cycle().skip(place).take(cast.outlets.len());
        let outlet =
            turns.into_iter().find(|outlet| may_take(outlet.level, group)).ok_or("no outlet for this group")?;
        let kind = match wanted.and_then(|wanted| wanted.kind) {
            Some(kind) => kind,
            None if matches!(group, "whole_set" | "engineering") || rng.chance(2, 5) => "installation",
            None => "repair",
        };
        // The groups that ask for more than the least grade (D-H3).
        let fit = match group {
            "vip" | "engineering" => 2,
            "whole_set" => 3,
            _ => outlet.technicians.len(),
        };
        let technician = match wanted.and_then(|wanted| wanted.flaw) {
            Some(flaw) => cast.flawed(flaw, turn),
            None => outlet.technicians.get(turn % fit).copied(),
        };
        let technician = technician.ok_or("no technician")?;
        let day = (turn as i64 / 4) % DAYS;
        let minute = rng.below(240) as i64;
        let received_ms = FIRST_DAY_MS + day * DAY_MS + 9 * HOUR_MS + minute * MINUTE_MS;
        let appliances = if rng.chance(1, 10) { 2 } else { 1 };
        Ok(Setting { cast, outlet, kind, group, technician, received_ms, appliances })
    }

    fn customer(&self, rng: &mut Rng, setting: &Setting<'_>, product: &str, scribe: &Scribe) -> Result<Sheet, String> {
        let customer = goods::customer(rng, self.number);
        let wanted = self.defect.map(|defect| defect.job);
        let doc = scribe.derived("customer", &format!("C{:07}", self.number));
        let owner = wanted.filter(|wanted| wanted.owner).map(|_| "Z-001");
        let mut regs = json!({"name": customer.name, "phone": customer.phone, "address": customer.address,
                              "group": setting.group, "lat": setting.outlet.place.lat,
                              "lon": setting.outlet.place.lon});
        if let (Some(owner), Some(regs)) = (owner, regs.as_object_mut()) {
            regs.insert("owner".to_owned(), owner.into());
        }
        let mut page = scribe.page(doc);
        let (who, at_ms) = (setting.cast.representative, setting.received_ms - MINUTE_MS);
        page.put(who, at_ms, "created", json!({"dk": "customer", "regs": regs}))?;
        if wanted.is_none_or(|wanted| wanted.covered) {
            let bought = json!({"product": product, "on": "2025-12-20", "serial": self.serial()});
            page.put(who, at_ms, "bought", bought)?;
        }
        if wanted.is_some_and(|wanted| wanted.contract) {
            let contract = json!({"what": "contract", "from": "2025-12-20", "until": "2030-12-19", "outlet": "O-9999"});
            page.put(who, at_ms, "coverage", contract)?;
        }
        page.close()
    }
}

/// The call, and the outlet's first answer.
fn intake(script: &mut Script, at: &Setting<'_>, product: &str, model: &str, customer: DocId, serial: &str) {
    let cast = at.cast;
    let received = docket_core::UnixMs(at.received_ms).rfc3339().unwrap_or_default();
    let person = cast.people.get(cast.representative).map(|person| person.id.clone());
    let regs = json!({
        "kind": at.kind, "product": product, "model": model, "serial": serial, "appliances": at.appliances,
        "customer": customer.to_string(), "outlet": at.outlet.id, "channel": "phone", "received_at": received,
        "handler": person, "own_initiative": at.group == "engineering",
        // What every grade may do.
        "difficulty": "easy", "nature": "hardware", "severity": "general", "region": at.outlet.place.region,
    });
    script.add(cast.representative, at.received_ms, "created", json!({"dk": "job", "regs": regs}));
    script.add(cast.specialist, at.received_ms + 4 * MINUTE_MS, "accepted", json!({"severity": "general"}));
    let first = json!({"purpose": "first", "channel": "phone", "reached": true, "solution": true});
    script.add(at.outlet.manager, at.received_ms + 15 * MINUTE_MS, "contacted", first);
}

/// The dispatch, and the visit on the next day.
fn plan_and_visit(
    script: &mut Script,
    at: &Setting<'_>,
    template: &docket_core::policy::Template,
    asked: &docket_core::policy::Setting<'_>,
) {
    let cast = at.cast;
    let planned_ms = at.received_ms + 30 * MINUTE_MS;
    let visit_ms = at.received_ms + DAY_MS;
    let appointment = docket_core::UnixMs(visit_ms).rfc3339().unwrap_or_default();
    let regs = json!({"appointment": appointment, "window_min": 60});
    script.add(cast.dispatcher, planned_ms, "scheduled", json!({"regs": regs}));
    let crew = cast.people.get(at.technician).map(|person| person.id.clone()).unwrap_or_default();
    let regs = json!({"crew": [crew], "vehicle": format!("V-{}", at.outlet.id)});
    script.add(cast.dispatcher, planned_ms + MINUTE_MS, "assigned", json!({"regs": regs}));
    if at.kind == "installation" {
        script.add(at.outlet.manager, visit_ms - 3 * HOUR_MS, "delivered", json!({"goods": "as ordered"}));
    }
    if at.group == "engineering" {
        script.add(at.technician, planned_ms + 5 * MINUTE_MS, "plan_submitted", json!({}));
        script.add(cast.technical_manager, planned_ms + 50 * MINUTE_MS, "plan_approved", json!({}));
    }
    script.add(at.technician, visit_ms - 40 * MINUTE_MS, "departed", json!({"km": 12}));
    script.add(at.technician, visit_ms, "arrived", json!({}));
    let done_ms = visit::work(script, template, asked, at.technician, at.appliances, visit_ms + MINUTE_MS);
    let five = json!({"A": true, "B": true, "C": true, "D": true, "E": true});
    let confirmed = json!({"five": five, "name": "customer", "visit": "@arrived"});
    script.add(at.technician, done_ms, "confirmed", confirmed);
    let found = json!({"cause": "defect", "fault": "worn_part", "visit": "@arrived"});
    if at.group == "engineering" {
        script.add(cast.works_supervisor, done_ms - 2 * MINUTE_MS, "works_witnessed", json!({}));
        script.add(cast.acceptor, done_ms - MINUTE_MS, "works_accepted", json!({"passed": true}));
    }
    if at.kind == "repair" {
        script.add(at.technician, done_ms + MINUTE_MS, "found", found);
    }
    let resolution = if at.kind == "installation" { "installed" } else { "repaired" };
    let completed = json!({"resolution": resolution, "visit": "@arrived"});
    script.add(at.technician, done_ms + 2 * MINUTE_MS, "completed", completed);
}

/// The centre calls back.
fn after(script: &mut Script, at: &Setting<'_>) {
    let Some(ended_ms) = script.get("completed").map(|act| act.at_ms) else { return };
    let five = json!({"A": true, "B": true, "C": true, "D": true, "E": true});
    let good =
        json!({"reached": true, "satisfied": true, "score": 95, "solved": true, "channel": "call", "five": five});
    script.add(at.cast.caller, ended_ms + 3 * HOUR_MS, "called_back", good);
}

/// Most customers are ordinary (D-H5).
fn group(rng: &mut Rng) -> &'static str {
    match rng.below(100) {
        0..=49 => "urban",
        50..=84 => "rural",
        85..=92 => "vip",
        93..=96 => "whole_set",
        _ => "engineering",
    }
}

/// Whether outlets of a level serve a group of customers, as the default policy has it.
fn may_take(level: &str, group: &str) -> bool {
    match group {
        "engineering" => level == "technical_center",
        "vip" | "whole_set" => level != "franchised",
        _ => true,
    }
}
