//! Every clock of the shipped packs, row by row. Times are minutes after 08:00 UTC on Monday 2026-03-02.

use std::sync::LazyLock;

use docket_core::time::MINUTE_MS;
use docket_core::view::{ClockState, ClockVerdict, TimeEvidence};
use docket_core::{Policy, Record, Site, UnixMs, clock, fold_job};
use docket_format::FactId;
use serde_json::{Value, json};

use crate::story::{MORNING, Story};

static DEFAULT: LazyLock<Policy> = LazyLock::new(|| shipped("default"));

fn shipped(name: &str) -> Policy {
    Policy::parse(docket_core::policy::builtin(name).unwrap(), name).unwrap()
}

fn minutes(at: i64) -> UnixMs {
    UnixMs(MORNING + at * MINUTE_MS)
}

/// A job told minute by minute, judged by the union of all packs.
struct Told {
    story: Story,
    site: Site,
}

impl Told {
    /// A demand of this kind that came in at 08:00.
    fn job(kind: &str) -> Self {
        let mut story = Story::empty();
        let regs =
            json!({"kind": kind, "product": "washing_machine", "appliances": 1, "received_at": "2026-03-02T08:00:00Z"});
        story.put("D1", "created", json!({"dk": "job", "regs": regs}));
        Self { story, site: Site::NOWHERE }
    }

    fn in_zone(mut self, zone: &str) -> Self {
        self.site.zone = Some(zone.to_owned());
        self
    }

    fn at(&mut self, minute: i64, device: &str, kind: &str, body: Value) -> FactId {
        self.story.now = minutes(minute).0;
        self.story.put(device, kind, body)
    }

    fn say(&mut self, minute: i64, kind: &str, body: Value) -> FactId {
        self.at(minute, "S1", kind, body)
    }

    /// The clocks of this id as of a minute.
    fn all(&self, id: &str, minute: i64) -> Vec<ClockState<'_>> {
        let record = Record { site: &self.site, ..self.story.record(&self.story.facts) };
        fold_job(&record, &DEFAULT, minutes(minute)).clocks.into_iter().filter(|clock| clock.id == id).collect()
    }

    fn one(&self, id: &str, minute: i64) -> ClockState<'_> {
        let mut all = self.all(id, minute);
        assert_eq!(all.len(), 1, "{id}: {all:?}");
        all.remove(0)
    }

    /// State, due minute and slack in minutes.
    #[track_caller]
    fn is(&self, id: &str, minute: i64, state: ClockVerdict, due: i64, slack: i64) {
        let clock = self.one(id, minute);
        let found = (clock.state, clock.due_ms, clock.slack_ms);
        assert_eq!(found, (state, Some(minutes(due)), Some(slack * MINUTE_MS)), "{id} at {minute}");
    }
}

const DAY: i64 = 24 * 60;
use ClockVerdict::{Breached, Met, Paused, Running, Undecidable};

#[test]
fn d_c1_the_outlet_contacts_within_thirty_minutes() {
    let mut job = Told::job("repair");
    job.is("contact", 10, Running, 30, 20);
    job.say(5, "paused", json!({"for": "customer"}));
    job.say(10, "contacted", json!({"purpose": "first", "reached": false}));
    job.is("contact", 31, Breached, 30, -1);
    job.say(30, "contacted", json!({"purpose": "first"}));
    job.is("contact", 500, Met, 30, 0);
    let mut late = Told::job("repair");
    late.say(31, "contacted", json!({"purpose": "first"}));
    late.is("contact", 500, Breached, 30, -1);
}

#[test]
fn d_c1_two_times_of_receipt_make_it_undecidable() {
    let mut job = Told::job("repair");
    let first = job.story.facts[0].id;
    job.story.set("S1", "received_at", &json!("2026-03-02T07:00:00Z"), &[first]);
    job.story.set("D2", "received_at", &json!("2026-03-02T06:00:00Z"), &[first]);
    let clock = job.one("contact", 10);
    assert_eq!((clock.state, clock.why), (Undecidable, Some("when the demand came in is in conflict")));
}

#[test]
fn d_c1_what_only_a_file_says_is_over_has_no_contact_to_judge() {
    let mut story = Story::empty();
    story
        .import(&json!({"kind": "repair", "received_at": "2020-01-01T08:00:00Z", "closed_at": "2020-01-02T08:00:00Z"}));
    let job = Told { story, site: Site::NOWHERE };
    assert_eq!(job.all("contact", 0), []);
    let mut story = Story::empty();
    story.import(&json!({"kind": "repair", "received_at": "2026-03-02T08:00:00Z"}));
    Told { story, site: Site::NOWHERE }.is("contact", 31, Breached, 30, -1);
}

#[test]
fn d_c2_the_customer_is_asked_within_a_day_of_the_service() {
    let mut job = Told::job("repair");
    job.at(60, "T1", "arrived", json!({}));
    assert_eq!(job.all("call_back", 70), []);
    job.at(100, "T1", "completed", json!({"resolution": "repaired"}));
    job.say(200, "called_back", json!({"reached": false}));
    job.is("call_back", 200, Running, 100 + DAY, DAY - 100);
    job.say(101 + DAY, "called_back", json!({"reached": true}));
    job.is("call_back", 9 * DAY, Breached, 100 + DAY, -1);
    let mut invalid = Told::job("repair");
    invalid.say(20, "completed", json!({"resolution": "invalid"}));
    assert_eq!(invalid.all("call_back", DAY), [], "D-C6: nobody is asked about that");
    let mut remote = Told::job("consultation");
    remote.say(20, "completed", json!({"resolution": "solved_remotely"}));
    remote.say(120, "called_back", json!({"reached": true}));
    remote.is("call_back", 9 * DAY, Met, 20 + DAY, DAY - 100);
}

#[test]
fn d_c2_the_serving_outlets_own_call_stops_nothing() {
    let mut job = Told::job("consultation");
    job.site.staff = Some(["S2".parse().unwrap()].into());
    job.say(20, "completed", json!({"resolution": "solved_remotely"}));
    job.at(60, "S2", "called_back", json!({"reached": true}));
    job.is("call_back", 120, Running, 20 + DAY, DAY - 100);
    job.at(90, "S1", "called_back", json!({"reached": true}));
    job.is("call_back", 120, Met, 20 + DAY, DAY - 70);
}

/// An outlet in Qingdao, and the clocks of its calls.
fn outlet(regs: &Value) -> Told {
    let mut story = Story::empty();
    story.put("S1", "created", json!({"dk": "outlet", "regs": regs}));
    Told { story, site: Site::NOWHERE }
}

fn calls(told: &Told, minute: i64) -> Vec<ClockState<'_>> {
    docket_core::fold_calls(&told.story.record(&told.story.facts), &DEFAULT, minutes(minute))
}

#[test]
fn d_c3_who_calls_gets_a_response_by_sundown() {
    // 16:00 in Qingdao. The sun sets there at 17:53:38, as the almanac has it.
    let regs = json!({"outlet": "QD-01", "zone": "Asia/Shanghai", "lat": "36.067", "lon": "120.383"});
    let mut qingdao = outlet(&regs);
    let first = qingdao.say(0, "called_in", json!({"from": "supplier"}));
    let second = qingdao.say(10, "called_in", json!({"from": "colleague"}));
    let after = qingdao.say(120, "called_in", json!({"from": "customer"}));
    qingdao.say(113, "responded", json!({"to": second.to_string()}));
    qingdao.say(115, "responded", json!({"to": first.to_string()}));
    let clocks = calls(&qingdao, 125);
    let found: Vec<_> = clocks.iter().map(|clock| (clock.scope, clock.state)).collect();
    assert_eq!(found, [(Some(first), Breached), (Some(second), Met), (Some(after), Running)]);
    let sunset = UnixMs::parse("2026-03-02T09:53:38Z").unwrap().0;
    assert!((clocks[0].due_ms.unwrap().0 - sunset).abs() <= 60_000, "{:?}", clocks[0].due_ms);
    let next = UnixMs::parse("2026-03-03T09:54:34Z").unwrap().0;
    assert!((clocks[2].due_ms.unwrap().0 - next).abs() <= 60_000, "called after sunset: the next one");
    // Nobody said where it is, or two people said different things.
    let mut nowhere = outlet(&json!({"outlet": "QD-01"}));
    nowhere.say(0, "called_in", json!({"from": "supplier"}));
    assert_eq!(calls(&nowhere, 5)[0].why, Some("where the outlet is is not known"));
    let mut torn = outlet(&regs);
    torn.say(0, "called_in", json!({"from": "supplier"}));
    torn.story.set("D1", "lat", &json!("52.5"), &[]);
    assert_eq!(calls(&torn, 5)[0].state, Undecidable);
}

#[test]
fn d_c3_the_midnight_sun_has_the_rules_fallback() {
    let mut tromso = outlet(&json!({"outlet": "TR", "zone": "Europe/Oslo", "lat": "69.650", "lon": "18.956"}));
    tromso.story.now = UnixMs::parse("2026-06-21T08:00:00Z").unwrap().0;
    tromso.story.put("S1", "called_in", json!({"from": "customer"}));
    let due = calls(&tromso, 0)[0].due_ms.unwrap();
    assert_eq!(due, UnixMs::parse("2026-06-21T18:00:00+02:00").unwrap());
}

#[test]
fn d_c4_the_complainant_is_told_by_the_deadline() {
    let mut job = Told::job("complaint");
    let first = job.say(0, "complained", json!({"cause": "rude", "about": "attitude"}));
    let second = job.say(60, "complained", json!({"cause": "dented", "about": "packaging"}));
    job.say(100, "handled", json!({"complaint": second.to_string(), "result": "a new box"}));
    job.say(120, "answered", json!({"complaint": second.to_string()}));
    let clocks = job.all("complaint", 3 * DAY);
    let found: Vec<_> = clocks.iter().map(|clock| (clock.scope, clock.state)).collect();
    assert_eq!(found, [(Some(first), Breached), (Some(second), Met)]);
}

#[test]
fn d_k1_only_quality_and_packaging_have_a_days_deadline() {
    let mut job = Told::job("complaint");
    job.say(0, "complained", json!({"cause": "rude", "about": "attitude"}));
    let quality = job.say(60, "complained", json!({"cause": "scratched", "about": "quality"}));
    job.is("answer", 60 + DAY, Running, 60 + DAY, 0);
    assert_eq!(job.one("answer", 0).scope, Some(quality));
    job.say(61 + DAY, "answered", json!({"complaint": quality.to_string()}));
    job.is("answer", 9 * DAY, Breached, 60 + DAY, -1);
}

#[test]
fn d_h15_the_part_is_at_the_outlet_within_the_markets_hours() {
    for (market, hours) in [("tier1", 6), ("tier2", 24), ("tier3", 36)] {
        let mut job = Told::job("repair");
        job.site.market = Some(market.to_owned());
        job.say(0, "part", json!({"part": "PUMP", "state": "requested"}));
        job.say(10, "part", json!({"part": "PUMP", "state": "shipped"}));
        job.is("part", 60, Running, hours * 60, (hours - 1) * 60);
        job.say(hours * 60 + 1, "part", json!({"part": "PUMP", "state": "received"}));
        job.is("part", 9 * DAY, Breached, hours * 60, -1);
    }
    let mut nowhere = Told::job("repair");
    nowhere.say(0, "part", json!({"part": "PUMP", "state": "requested"}));
    assert_eq!(nowhere.one("part", 60).why, Some("the outlet's market is not known"));
}

#[test]
fn d_h15_each_part_has_its_own_clock() {
    let mut job = Told::job("repair");
    job.site.market = Some("tier1".to_owned());
    job.say(0, "part", json!({"part": "PUMP", "state": "requested", "appliance": 1}));
    job.say(10, "part", json!({"part": "BELT", "state": "requested"}));
    job.say(20, "part", json!({"part": "PUMP", "state": "requested"}));
    job.say(100, "part", json!({"part": "PUMP", "state": "received"}));
    let stops = |job: &Told| -> Vec<_> { job.all("part", 200).iter().map(|clock| clock.stop_ms).collect() };
    assert_eq!(stops(&job), [Some(minutes(100)), None, None], "the first of two equal requests");
    job.say(110, "cancelled", json!({"why": "sold"}));
    let states: Vec<_> = job.all("part", 9 * DAY).iter().map(|clock| clock.state).collect();
    assert_eq!(states, [Met, ClockVerdict::NotApplicable, ClockVerdict::NotApplicable]);
}

#[test]
fn d_k4_the_customer_is_told_when_the_part_has_come() {
    let mut job = Told::job("repair");
    job.say(0, "part", json!({"part": "PUMP", "state": "requested"}));
    assert_eq!(job.all("told", 10), []);
    job.say(60, "part", json!({"part": "PUMP", "state": "received"}));
    job.say(70, "contacted", json!({"purpose": "progress"}));
    job.is("told", 80, Running, 60 + DAY, DAY - 20);
    job.say(90, "contacted", json!({"purpose": "part_arrived"}));
    job.is("told", 9 * DAY, Met, 60 + DAY, DAY - 30);
}

#[test]
fn d_e4_a_counter_repair_takes_a_day_and_waits_for_parts() {
    let mut job = Told::job("repair");
    job.say(5, "handed_in", json!({"when": "2026-03-02T08:00:00Z"}));
    job.is("repair", 60, Running, DAY, DAY - 60);
    assert_eq!(job.one("repair", 60).evidence, TimeEvidence::Stated);
    job.say(120, "paused", json!({"for": "part"}));
    job.is("repair", 5 * DAY, Paused, DAY, DAY - 120);
    job.say(120 + DAY, "resumed", json!({}));
    job.is("repair", 2 * DAY, Running, 2 * DAY, 0);
    job.say(200 + DAY, "paused", json!({"for": "break"}));
    job.is("repair", 2 * DAY + 1, Breached, 2 * DAY, -1);
    job.say(2 * DAY - 1, "ready", json!({}));
    job.is("repair", 9 * DAY, Met, 2 * DAY, 1);
    job.say(3 * DAY, "handed_in", json!({}));
    let states: Vec<_> = job.all("repair", 3 * DAY).iter().map(|clock| clock.state).collect();
    assert_eq!(states, [Met, Running], "the same appliance comes again");
}

#[test]
fn d_h4_work_that_breaks_off_for_a_part_still_waits_when_the_next_visit_begins() {
    let mut job = Told::job("repair");
    job.at(0, "T1", "arrived", json!({}));
    job.at(40, "T1", "paused", json!({"for": "part"}));
    job.at(400, "T1", "arrived", json!({}));
    job.at(440, "T1", "completed", json!({"resolution": "repaired"}));
    let clocks = job.all("service", DAY);
    let found: Vec<_> = clocks.iter().map(|clock| (clock.visit, clock.state, clock.slack_ms)).collect();
    assert_eq!(found, [(Some(0), Paused, Some(20 * MINUTE_MS)), (Some(1), Met, Some(20 * MINUTE_MS))]);
}

#[test]
fn d_k2_waiting_at_a_locked_door_is_no_work_and_no_breach() {
    let mut job = Told::job("repair");
    job.at(0, "T1", "arrived", json!({}));
    job.at(1, "T1", "paused", json!({"for": "customer"}));
    job.at(41, "T1", "resumed", json!({}));
    job.is("service", 50, Running, 100, 50);
    job.at(50, "T1", "no_access", json!({}));
    assert_eq!(job.one("service", 9 * DAY).state, ClockVerdict::NotApplicable);
    // On the counter too: who can't be reached can't be kept waiting for.
    let mut counter = Told::job("repair");
    counter.say(0, "handed_in", json!({}));
    counter.at(60, "T1", "no_access", json!({}));
    assert_eq!(counter.one("repair", 3 * DAY).state, Paused);
    counter.say(120, "contacted", json!({"purpose": "other"}));
    counter.is("repair", 130, Running, DAY + 60, DAY - 70);
}

fn accepted(severity: &str) -> Told {
    let mut job = Told::job("consultation");
    job.say(0, "accepted", json!({"severity": severity}));
    job
}

#[test]
fn d_s1_a_general_fault_is_answered_within_a_day_with_a_way_to_solve_it() {
    let mut job = accepted("general");
    job.say(60, "contacted", json!({"purpose": "first", "solution": false}));
    job.is("general_contact", 61, Running, DAY, DAY - 61);
    job.say(DAY - 5, "contacted", json!({"purpose": "solution", "solution": true}));
    job.is("general_contact", 9 * DAY, Met, DAY, 5);
    for other in ["urgent_contact", "urgent_head", "urgent_daily", "critical_contact", "complaint_contact"] {
        assert_eq!(job.all(other, DAY), [], "{other}");
    }
}

#[test]
fn d_s2_an_urgent_fault_has_eight_hours_and_is_escalated() {
    let mut job = accepted("urgent");
    job.say(8 * 60 + 1, "contacted", json!({"purpose": "solution", "solution": true}));
    job.is("urgent_contact", DAY, Breached, 480, -1);
    job.say(8 * 60, "escalated", json!({"to": "head_of_department"}));
    job.is("urgent_head", DAY, Met, 480, 0);
}

#[test]
fn d_s2_a_day_without_contact_is_a_lapse_that_stays() {
    let mut job = accepted("urgent").in_zone("Asia/Shanghai");
    // Monday 16:00 in Shanghai. The first whole day is Tuesday; it ends 32 hours later.
    let end_of = |day: i64| (8 + 24 * day) * 60;
    job.is("urgent_daily", 60, Running, end_of(1), end_of(1) - 60);
    job.say(end_of(1) - 1, "contacted", json!({"purpose": "progress"}));
    job.is("urgent_daily", end_of(1), Running, end_of(2), DAY);
    job.is("urgent_daily", end_of(2) + 1, Breached, end_of(2), -1);
    job.say(end_of(2) + 60, "contacted", json!({"purpose": "progress"}));
    job.is("urgent_daily", 9 * DAY, Breached, end_of(2), -60);
}

#[test]
fn d_s2_a_fault_that_is_solved_needs_no_contact_any_more() {
    let mut job = accepted("urgent");
    job.say(300, "completed", json!({"resolution": "solved_remotely"}));
    assert_eq!(job.one("urgent_daily", 9 * DAY).state, Met);
}

#[test]
fn d_s3_a_critical_fault_tells_the_head_and_the_leader_within_four_hours() {
    let mut job = accepted("critical");
    job.say(30, "escalated", json!({"to": "head_of_department"}));
    job.say(239, "contacted", json!({"purpose": "first"}));
    job.is("critical_contact", 300, Met, 240, 1);
    job.is("critical_head", 300, Met, 240, 210);
    job.is("critical_leader", 300, Breached, 240, -60);
    job.is("critical_continuous", 300, Running, 239 + 480, 419);
    job.say(500, "contacted", json!({"purpose": "progress", "reached": false}));
    job.is("critical_continuous", 981, Breached, 980, -1);
}

#[test]
fn d_s4_a_complaint_is_treated_as_critical() {
    let mut job = accepted("complaint");
    job.say(241, "contacted", json!({"purpose": "first"}));
    job.is("complaint_contact", 300, Breached, 240, -1);
    job.is("complaint_head", 300, Breached, 240, -60);
    job.is("complaint_leader", 300, Breached, 240, -60);
    assert_eq!(job.one("complaint_continuous", 300).state, Running);
}

#[test]
fn d_s2_the_register_wins_and_two_severities_are_undecidable() {
    let mut job = accepted("urgent");
    let first = job.say(10, "classified", json!({"regs": {"severity": "general"}, "over": []}));
    job.is("general_contact", 20, Running, DAY, DAY - 20);
    assert_eq!(job.all("urgent_contact", 20), []);
    job.story.set("D2", "severity", &json!("urgent"), &[]);
    assert_ne!(first, job.story.facts.last().unwrap().id);
    for id in ["general_contact", "urgent_contact"] {
        assert_eq!(job.one(id, 20).why, Some("what it depends on is in conflict"), "{id}");
    }
}

#[test]
fn d_k5_every_clock_of_the_union_is_judged_alone_and_the_earliest_is_next() {
    let mut job = accepted("urgent");
    job.site.market = Some("tier1".to_owned());
    job.say(5, "part", json!({"part": "PUMP", "state": "requested"}));
    let record = Record { site: &job.site, ..job.story.record(&job.story.facts) };
    let next = |minute: i64| {
        let clocks = fold_job(&record, &DEFAULT, minutes(minute)).clocks;
        let times: Vec<clock::Times> = clocks.iter().map(|clock| clock.times).collect();
        let next = clock::next_due(&times, minutes(minute)).copied();
        clocks.iter().find(|clock| Some(clock.times) == next).map(|clock| clock.id.to_owned())
    };
    assert_eq!(next(10).as_deref(), Some("contact"));
    assert_eq!(next(31).as_deref(), Some("part"), "what is overdue is not next");
    assert_eq!(next(366).as_deref(), Some("urgent_contact"));
    assert_eq!(next(9 * DAY), None);
}

#[test]
fn clocks_that_the_rows_say_never_pause_name_no_pauses() {
    for name in ["haier", "changhong", "hengji", "severity", "default"] {
        for rule in &shipped(name).clock_rules {
            let never = ["D-C1", "D-C2", "D-C3"].contains(&rule.row.as_str()) || rule.row.starts_with("D-S");
            assert!(!never || rule.pauses.is_empty(), "{name} {}", rule.id);
        }
    }
}

#[test]
fn the_union_has_every_clock_of_every_operator() {
    for name in ["haier", "changhong", "hengji", "severity"] {
        for rule in shipped(name).clock_rules {
            assert!(DEFAULT.clock_rules.contains(&rule), "{name} {}", rule.id);
        }
    }
}

#[test]
fn a_job_called_off_in_time_has_missed_nothing() {
    let mut job = Told::job("repair");
    job.say(20, "cancelled", json!({"why": "repaired it alone"}));
    assert_eq!(job.one("contact", 9 * DAY).state, ClockVerdict::NotApplicable);
    let mut late = Told::job("repair");
    late.say(40, "cancelled", json!({"why": "nobody called"}));
    late.is("contact", 9 * DAY, Breached, 30, -10);
}

#[test]
fn a_time_written_down_later_is_the_weakest_evidence_and_before_the_start_it_is_suspect() {
    let mut job = Told::job("repair");
    job.say(100, "contacted", json!({"purpose": "first", "when": "2026-03-02T08:20:00Z"}));
    job.is("contact", 200, Met, 30, 10);
    assert_eq!(job.one("contact", 200).evidence, TimeEvidence::Stated);
    let mut early = accepted("general");
    let solution = json!({"purpose": "solution", "solution": true, "when": "2026-03-02T07:00:00Z"});
    early.say(100, "contacted", solution);
    let clock = early.one("general_contact", 200);
    assert!(clock.suspect && clock.state == Met, "{clock:?}");
}

/// A record full of one kind of fact must not make the fold quadratic.
#[test]
fn thousands_of_requests_are_judged_at_once() {
    let mut job = Told::job("repair");
    for index in 0..2_000 {
        let state = if index % 2 == 0 { "requested" } else { "received" };
        job.story.put("S1", "part", json!({"part": "PUMP", "state": state}));
        job.story.now -= MINUTE_MS;
        job.story.now += 1;
    }
    assert_eq!(job.all("part", DAY).len(), 1_000);
}
