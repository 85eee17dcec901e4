//! Who works there: headquarters, outlets by level, their managers and technicians, with the evidence of their grades.

use docket_core::Policy;
use docket_format::DocId;
use serde_json::{Value, json};

use super::ledger::Ledger;
use super::{DAY_MS, FIRST_DAY_MS, Plan};

/// A person with a device of their own.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// The staff number.
    pub(super) id: String,
    pub(super) role: &'static str,
    /// Index of the outlet; `None` = headquarters.
    pub(super) outlet: Option<usize>,
    /// `A+`, `A`, `B`, `C`: the grade that a technician's evidence gives.
    pub(super) grade: &'static str,
}

#[derive(Debug, Clone)]
pub(super) struct Outlet {
    pub(super) id: String,
    pub(super) level: &'static str,
    pub(super) place: Place,
    /// Indices of its people.
    pub(super) manager: usize,
    /// One of each grade, the highest first.
    pub(super) technicians: Vec<usize>,
    /// Rides along, and has no grade.
    pub(super) trainee: usize,
    /// Answers the telephone of this outlet.
    pub(super) caller: usize,
}

/// A town: name, region, market tier, degrees north and east.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) town: &'static str,
    pub(super) region: &'static str,
    pub(super) market: &'static str,
    pub(super) lat: &'static str,
    pub(super) lon: &'static str,
}

const fn place(
    town: &'static str,
    region: &'static str,
    market: &'static str,
    lat: &'static str,
    lon: &'static str,
) -> Place {
    Place { town, region, market, lat, lon }
}

const PLACES: [Place; 8] = [
    place("Qingdao", "east", "tier1", "36.0671", "120.3826"),
    place("Jinan", "east", "tier1", "36.6512", "117.1201"),
    place("Hefei", "east", "tier2", "31.8206", "117.2272"),
    place("Mianyang", "southwest", "tier2", "31.4675", "104.6796"),
    place("Harbin", "north", "tier2", "45.8038", "126.5350"),
    place("Urumqi", "northwest", "tier3", "43.8256", "87.6168"),
    place("Sanya", "south", "tier3", "18.2528", "109.5119"),
    place("Lhasa", "southwest", "tier3", "29.6520", "91.1721"),
];

/// Most outlets: the scale target of D-H6.
const MOST_OUTLETS: usize = 5_338;

pub(super) struct Cast {
    pub(super) people: Vec<Person>,
    pub(super) outlets: Vec<Outlet>,
    pub(super) dispatcher: usize,
    pub(super) representative: usize,
    pub(super) specialist: usize,
    pub(super) caller: usize,
    pub(super) supervisor: usize,
    pub(super) technical_manager: usize,
    pub(super) works_supervisor: usize,
    pub(super) acceptor: usize,
}

impl Cast {
    /// One outlet for about 250 jobs, four technicians each, one of every grade.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut people = Vec::new();
        let mut hire = |id: String, role, outlet, grade| {
            people.push(Person { id, role, outlet, grade });
            people.len() - 1
        };
        let mut central = |id: &str, role| hire(id.to_owned(), role, None, "");
        let dispatcher = central("D-001", "dispatcher");
        let representative = central("R-001", "representative");
        let specialist = central("H-001", "handling_specialist");
        let caller = central("K-001", "call_back_agent");
        let supervisor = central("S-001", "supervisor");
        let technical_manager = central("M-001", "technical_manager");
        let works_supervisor = central("W-001", "works_supervisor");
        let acceptor = central("X-001", "acceptor");
        let count = (plan.jobs as usize / 250).clamp(4, MOST_OUTLETS);
        let outlets = (0..count).map(|index| {
            let manager = hire(format!("O-{index:04}-M"), "outlet_manager", Some(index), "");
            let technicians = ["A+", "A", "B", "C"].into_iter().enumerate();
            let technicians =
                technicians.map(|(n, grade)| hire(format!("T-{index:04}-{n}"), "technician", Some(index), grade));
            let technicians = technicians.collect();
            let trainee = hire(format!("T-{index:04}-9"), "technician", Some(index), "");
            let caller = hire(format!("K-{index:04}"), "call_back_agent", Some(index), "");
            let place = PLACES.get(index % PLACES.len()).copied().unwrap_or(PLACES[0]);
            Outlet { id: format!("O-{index:04}"), level: level(index), place, manager, technicians, trainee, caller }
        });
        let outlets = outlets.collect();
        Self {
            people,
            outlets,
            dispatcher,
            representative,
            specialist,
            caller,
            supervisor,
            technical_manager,
            works_supervisor,
            acceptor,
        }
    }

    /// Writes down outlets and technicians.
    pub(super) fn introduce(&self, ledger: &mut Ledger, policy: &Policy) -> Result<(), String> {
        let long_ago = FIRST_DAY_MS - 30 * DAY_MS;
        for outlet in &self.outlets {
            let place = outlet.place;
            let regs = json!({
                "outlet": outlet.id, "name": format!("{} {}", place.town, outlet.id), "level": outlet.level,
                "zone": "Asia/Shanghai", "lat": place.lat, "lon": place.lon, "region": place.region,
                "market": place.market, "supervised_by": "S-001",
            });
            let doc = ledger.derived("outlet", &outlet.id);
            let mut page = ledger.page(doc);
            page.put(self.supervisor, long_ago, "created", json!({"dk": "outlet", "regs": regs}))?;
            for (days, state) in [(0, "assessed"), (1, "contracted"), (2, "authorised")] {
                page.put(self.supervisor, long_ago + days * DAY_MS, "standing", json!({"state": state}))?;
            }
            page.close()?;
        }
        for person in
            self.people.iter().filter(|person| person.role == "technician" || person.role == "call_back_agent")
        {
            let outlet = person.outlet.and_then(|outlet| self.outlets.get(outlet));
            let doc = ledger.derived("technician", &person.id);
            self.introduce_person(ledger, doc, person, outlet, long_ago)?;
        }
        let _ = policy;
        Ok(())
    }

    fn introduce_person(
        &self,
        ledger: &mut Ledger,
        doc: DocId,
        person: &Person,
        outlet: Option<&Outlet>,
        at_ms: i64,
    ) -> Result<(), String> {
        let mut regs = json!({"person": person.id, "name": person.id});
        if let (Some(outlet), Some(regs)) = (outlet, regs.as_object_mut()) {
            regs.insert("outlet".into(), Value::from(outlet.id.as_str()));
            regs.insert("lat".into(), Value::from(outlet.place.lat));
            regs.insert("lon".into(), Value::from(outlet.place.lon));
        }
        let mut page = ledger.page(doc);
        page.put(self.supervisor, at_ms, "created", json!({"dk": "technician", "regs": regs}))?;
        if person.role == "technician" {
            page.put(self.supervisor, at_ms, "trained", json!({"course": "induction", "on": "2019-03-01"}))?;
        }
        for evidence in evidence(person.grade) {
            page.put(self.supervisor, at_ms, "evidence", evidence)?;
        }
        page.close()
    }
}

/// What proves a grade (D-H2): everything that it and those below it ask for.
fn evidence(grade: &str) -> Vec<Value> {
    let certificate =
        |level: &str| json!({"ek": "certificate", "level": level, "issuer": "State", "issued": "2020-05-04"});
    let exam = |grade: &str| json!({"ek": "exam", "level": grade, "issuer": "Brand", "issued": "2025-05-05"});
    let service = json!({"ek": "service", "issuer": "Brand", "from": "2019-03-01"});
    let interview =
        json!({"ek": "interview", "by_role": "product_support_manager", "issuer": "Brand", "issued": "2025-06-01"});
    match grade {
        "A+" => vec![certificate("advanced"), exam("A"), exam("A+"), interview, service],
        "A" => vec![certificate("advanced"), exam("A"), service],
        "B" => vec![certificate("intermediate"), exam("B"), service],
        "C" => vec![certificate("junior"), exam("C"), service],
        _ => Vec::new(),
    }
}

/// Levels in about the shares of D-H6: 38, 300, 1,000 and 4,000 of 5,338.
fn level(index: usize) -> &'static str {
    match index % 140 {
        0 => "technical_center",
        1..=8 => "community",
        9..=34 => "star",
        _ => "franchised",
    }
}
