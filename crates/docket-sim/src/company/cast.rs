//! Who works there: headquarters, outlets by level, their managers and technicians, with the evidence of their grades.

use serde_json::{Value, json};

use super::flaw::{Blot, Flaw, certificate, exam, tell_outlet, trained};
use super::ledger::Ledger;
use super::page::{Scribe, Sheet};
use super::{DAY_MS, FIRST_DAY_MS, Plan, Planted, pilot};

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
    /// What is wrong with a technician's file.
    pub(super) flaw: Option<Flaw>,
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

/// An outlet whose own file is at fault.
#[derive(Debug, Clone)]
pub(super) struct OddOutlet {
    pub(super) id: String,
    pub(super) blot: Blot,
    place: Place,
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
    /// None where no defects are wanted; nor technicians with a flaw.
    pub(super) odd_outlets: Vec<OddOutlet>,
    /// The digest of a policy that is not for any of the outlets.
    pub(super) pilot: String,
    pub(super) dispatcher: usize,
    pub(super) representative: usize,
    pub(super) salesperson: usize,
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
            people.push(Person { id, role, outlet, grade, flaw: None });
            people.len() - 1
        };
        let mut central = |id: &str, role| hire(id.to_owned(), role, None, "");
        let dispatcher = central("D-001", "dispatcher");
        let representative = central("R-001", "representative");
        let salesperson = central("Y-001", "salesperson");
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
            let (id, place) = (format!("O-{index:04}"), place_of(index));
            Outlet { id, level: level(index), place, manager, technicians, trainee, caller }
        });
        let outlets = outlets.collect();
        // With defects: of each kind of faulty file one for every two hundred outlets.
        let copies = if plan.defects_per_mille == 0 { 0 } else { 1 + count / 200 };
        for copy in 0..copies {
            people.extend(Flaw::ALL.into_iter().zip(b'A'..).map(|(flaw, letter)| {
                let id = format!("T-{}{copy:03}", char::from(letter));
                Person { id, role: flaw.role(), outlet: Some(copy % count), grade: "B", flaw: Some(flaw) }
            }));
        }
        let odd = (0..copies)
            .flat_map(|copy| Blot::ALL.into_iter().zip(b'A'..).map(move |(blot, letter)| (copy, blot, letter)));
        let odd_outlets = odd.map(|(copy, blot, letter)| OddOutlet {
            id: format!("O-{}{copy:03}", char::from(letter)),
            blot,
            place: place_of(copy),
        });
        let odd_outlets = odd_outlets.collect();
        Self {
            people,
            outlets,
            odd_outlets,
            pilot: pilot::pin(),
            dispatcher,
            representative,
            salesperson,
            specialist,
            caller,
            supervisor,
            technical_manager,
            works_supervisor,
            acceptor,
        }
    }

    /// Whoever's turn it is of the technicians with this flaw.
    pub(super) fn flawed(&self, flaw: Flaw, turn: usize) -> Option<usize> {
        let all: Vec<usize> =
            (0..).zip(&self.people).filter(|(_, one)| one.flaw == Some(flaw)).map(|(n, _)| n).collect();
        all.get(turn.checked_rem(all.len())?).copied()
    }

    /// An outlet that was dropped.
    pub(super) fn dropped(&self) -> Option<&OddOutlet> {
        self.odd_outlets.iter().find(|outlet| outlet.blot == Blot::Dropped)
    }

    /// Writes down outlets and technicians; gives what is at fault with their own files.
    pub(super) fn introduce(&self, scribe: &Scribe, ledger: &mut Ledger) -> Result<Vec<Planted>, String> {
        let mut planted = Vec::new();
        let regular = self.outlets.iter().map(|outlet| (outlet.id.as_str(), outlet.level, outlet.place, None));
        let odd = self.odd_outlets.iter();
        let odd = odd.map(|outlet| (outlet.id.as_str(), "franchised", outlet.place, Some(outlet.blot)));
        for (id, level, place, blot) in regular.chain(odd) {
            let sheet = self.introduce_outlet(scribe, id, level, place, blot)?;
            let doc = sheet.arrival.change.doc;
            ledger.take(sheet)?;
            let rules = blot.map_or(&[][..], Blot::rules);
            planted.extend((!rules.is_empty()).then_some(Planted { rules, doc }));
        }
        let people = (0..).zip(&self.people);
        for (who, person) in
            people.filter(|(_, one)| one.flaw.is_some() || matches!(one.role, "technician" | "call_back_agent"))
        {
            let sheet = self.introduce_person(scribe, who, person)?;
            let doc = sheet.arrival.change.doc;
            ledger.take(sheet)?;
            let rules = person.flaw.map_or(&[][..], Flaw::rules);
            planted.extend((!rules.is_empty()).then_some(Planted { rules, doc }));
        }
        Ok(planted)
    }

    fn introduce_outlet(
        &self,
        scribe: &Scribe,
        id: &str,
        level: &str,
        place: Place,
        blot: Option<Blot>,
    ) -> Result<Sheet, String> {
        let regs = json!({
            "outlet": id, "name": format!("{} {id}", place.town), "level": level, "zone": "Asia/Shanghai",
            "lat": place.lat, "lon": place.lon, "region": place.region, "market": place.market,
            "supervised_by": "S-001",
        });
        let doc = scribe.derived("outlet", id);
        let mut page = scribe.page(doc);
        page.put(self.supervisor, LONG_AGO_MS, "created", json!({"dk": "outlet", "regs": regs}))?;
        tell_outlet(&mut page, self, blot, LONG_AGO_MS)?;
        page.close()
    }

    fn introduce_person(&self, scribe: &Scribe, who: usize, person: &Person) -> Result<Sheet, String> {
        let mut regs = json!({"person": person.id, "name": person.id});
        let outlet = person.outlet.and_then(|outlet| self.outlets.get(outlet));
        if let (Some(outlet), Some(regs)) = (outlet, regs.as_object_mut()) {
            regs.insert("outlet".into(), Value::from(outlet.id.as_str()));
            regs.insert("lat".into(), Value::from(outlet.place.lat));
            regs.insert("lon".into(), Value::from(outlet.place.lon));
        }
        let doc = scribe.derived("technician", &person.id);
        let mut page = scribe.page(doc);
        page.put(self.supervisor, LONG_AGO_MS, "created", json!({"dk": "technician", "regs": regs}))?;
        if let Some(flaw) = person.flaw {
            flaw.write(&mut page, who, self.supervisor, LONG_AGO_MS)?;
        } else if person.role == "technician" {
            page.put(self.supervisor, LONG_AGO_MS, "trained", trained())?;
            for evidence in evidence(person.grade) {
                page.put(self.supervisor, LONG_AGO_MS, "evidence", evidence)?;
            }
        }
        page.close()
    }
}

/// When outlets and technicians were written down.
pub(super) const LONG_AGO_MS: i64 = FIRST_DAY_MS - 30 * DAY_MS;

fn place_of(index: usize) -> Place {
    PLACES.get(index % PLACES.len()).copied().unwrap_or(PLACES[0])
}

/// What proves a grade (D-H2): everything that it and those below it ask for.
fn evidence(grade: &str) -> Vec<Value> {
    let exam = |grade: &str| exam(grade, "2025-05-05");
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
