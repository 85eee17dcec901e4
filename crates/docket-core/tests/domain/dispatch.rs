//! D-H3, D-H2, D-H6, D-H10, D-H23, D-C5, D-E6, D-E13, D-E14: who may be sent, who best, why not the others.

use docket_core::Policy;
use docket_core::dispatch::{
    Ask, Criterion, Demand, Need, Obstacle, Outlet, Place, Proposal, Technician, crew_may_go, least_grade, outlets,
    technicians,
};
use docket_core::grade::{Grade, Graded};
use jiff::civil::date;
use proptest::prelude::*;

use crate::story::HAIER;

fn demand(difficulty: Option<&'static str>, group: Option<&'static str>) -> Demand<'static> {
    Demand { difficulty, group, ..Demand::default() }
}

#[test]
fn d_h3_the_higher_of_difficulty_and_group_wins() {
    for (difficulty, group, expect) in [
        (None, None, Grade::C),
        (Some("easy"), None, Grade::C),
        (Some("expert"), Some("urban"), Grade::A),
        (Some("easy"), Some("vip"), Grade::A),
        (Some("hard"), Some("whole_set"), Grade::B),
        (Some("unheard of"), None, Grade::A),
    ] {
        assert_eq!(least_grade(&demand(difficulty, group), &HAIER).grade, expect, "{difficulty:?} {group:?}");
    }
}

#[test]
fn d_h3_a_fault_speaks_before_its_product_and_the_job_before_both() {
    let of = |difficulty, fault| {
        let demand = Demand { difficulty, fault, product: Some("air_conditioner"), group: None };
        least_grade(&demand, &HAIER).grade
    };
    assert_eq!(of(None, None), Grade::B);
    assert_eq!(of(None, Some("refrigerant_leak")), Grade::A);
    assert_eq!(of(None, Some("filter_clogged")), Grade::C);
    assert_eq!(of(Some("expert"), Some("filter_clogged")), Grade::A);
}

fn graded(grade: Grade) -> Graded {
    let (next, missing) = match grade {
        Grade::Ungraded => (Some(Grade::C), vec!["C exam".to_owned()]),
        _ => (None, Vec::new()),
    };
    Graded { grade, on: date(2026, 3, 2), reasons: Vec::new(), next, missing }
}

fn somebody(person: &'static str, grade: Grade) -> Technician<'static> {
    Technician {
        person,
        name: None,
        graded: graded(grade),
        skills: &[],
        untrained: Vec::new(),
        place: None,
        load: 0,
        outlet: None,
    }
}

fn needs(grade: Grade) -> Need {
    Need { grade, reasons: Vec::new() }
}

fn ask(need: &Need) -> Ask<'_> {
    Ask { need, product: None, mode: None, region: None, place: None, outlet: None, technician: None }
}

fn authorised(id: &'static str) -> Outlet<'static> {
    Outlet { id, standing: Some("authorised"), ..Outlet::default() }
}

fn ids(proposals: &[Proposal]) -> Vec<&str> {
    proposals.iter().map(|proposal| proposal.id.as_str()).collect()
}

fn stands_in_the_way(proposal: &Proposal) -> Vec<Obstacle> {
    proposal.obstacles.iter().map(|(obstacle, _)| *obstacle).collect()
}

#[test]
fn d_h3_the_least_sufficient_grade_comes_first_and_everybody_is_told_why_not() {
    let need = needs(Grade::B);
    let candidates = [
        somebody("T-1", Grade::Ungraded),
        somebody("T-2", Grade::C),
        somebody("T-3", Grade::APlus),
        somebody("T-4", Grade::B),
        somebody("T-5", Grade::A),
    ];
    let ranked = technicians(&ask(&need), &candidates, &HAIER);
    assert_eq!(ids(&ranked), ["T-4", "T-5", "T-3", "T-2", "T-1"]);
    assert_eq!(ranked[3].why(), "grade C is below B");
    assert_eq!(ranked[4].why(), "ungraded: may ride along, never alone; B needed; for C: C exam");
    assert_eq!(ranked.iter().filter(|one| one.may).count(), 3);
}

#[test]
fn d_h2_ungraded_people_ride_along_but_never_alone() {
    let need = least_grade(&demand(Some("easy"), None), &HAIER);
    assert!(!crew_may_go(&need, [Grade::Ungraded, Grade::Ungraded]));
    assert!(crew_may_go(&need, [Grade::Ungraded, Grade::C]));
    assert!(!crew_may_go(&need, []));
    let ranked = technicians(&ask(&need), &[somebody("T-1", Grade::Ungraded)], &HAIER);
    assert_eq!(stands_in_the_way(&ranked[0]), [Obstacle::Ungraded]);
}

#[test]
fn d_e6_and_d_h6_outlets_without_authority_or_of_the_wrong_level_may_not_take_a_job() {
    let policy = HAIER.clone();
    let need = needs(Grade::C);
    let asked = Ask { mode: Some("vip_five_star"), ..ask(&need) };
    let level = |id, level| Outlet { level: Some(level), ..authorised(id) };
    let candidates = [
        level("franchised", "franchised"),
        level("center", "technical_center"),
        Outlet { standing: Some("contracted"), ..level("new", "technical_center") },
        Outlet { standing: None, ..level("unknown", "technical_center") },
        Outlet { standing: Some("dropped"), ..level("dropped", "technical_center") },
    ];
    let ranked = outlets(&asked, &candidates, &policy);
    assert_eq!(ids(&ranked)[0], "center");
    let of = |id: &str| ranked.iter().find(|one| one.id == id).unwrap();
    assert!(of("center").may);
    assert_eq!(stands_in_the_way(of("franchised")), [Obstacle::Mode]);
    for (id, why) in [
        ("new", "outlet new is not authorised: only contracted"),
        ("unknown", "outlet unknown is not authorised: no standing recorded"),
        ("dropped", "outlet dropped is not authorised: dropped"),
    ] {
        assert_eq!((stands_in_the_way(of(id)), of(id).why().as_str()), (vec![Obstacle::Unauthorised], why));
    }
    // A technician of such an outlet may not go either.
    let mine = [Technician { outlet: Some(candidates[2]), ..somebody("T-1", Grade::A) }];
    assert_eq!(stands_in_the_way(&technicians(&asked, &mine, &policy)[0]), [Obstacle::Unauthorised]);
}

#[test]
fn d_h23_outlets_that_failed_inspections_rank_lower() {
    let need = needs(Grade::C);
    let scored = |id, score| Outlet { score, ..authorised(id) };
    let candidates = [scored("bad", Some(20)), scored("never", None), scored("good", Some(95))];
    let ranked = outlets(&ask(&need), &candidates, &HAIER);
    assert_eq!(ids(&ranked), ["good", "never", "bad"]);
    assert!(ranked.iter().all(|one| one.may), "low, not shut out");
    assert!(ranked[2].why().contains("inspections 20 of 100"), "{}", ranked[2].why());
    let staff = candidates.map(|outlet| Technician { outlet: Some(outlet), ..somebody(outlet.id, Grade::C) });
    assert_eq!(ids(&technicians(&ask(&need), &staff, &HAIER)), ["good", "never", "bad"]);
}

#[test]
fn d_c5_the_most_suitable_outlet_comes_with_its_reasons() {
    let need = needs(Grade::B);
    let here = Place::of(Some("36.0671"), Some("120.3826"));
    let asked = Ask { region: Some("shandong"), place: here, product: Some("fridge"), ..ask(&need) };
    let outlet = |id, region, lat, load, best| Outlet {
        region: Some(region),
        place: Place::of(Some(lat), Some("120.3826")),
        load,
        best: Some(best),
        ..authorised(id)
    };
    let candidates = [
        outlet("far", "shandong", "37", 0, Grade::B),
        outlet("busy", "shandong", "36.1", 3, Grade::B),
        outlet("near", "shandong", "36.1", 0, Grade::B),
        outlet("unfit", "shandong", "36.1", 0, Grade::C),
    ];
    let ranked = outlets(&asked, &candidates, &HAIER);
    assert_eq!(ids(&ranked), ["near", "far", "busy", "unfit"]);
    assert_eq!(ranked[0].why(), "has grade B; own region; no job open; 3.7 km; never inspected");
}

#[test]
fn d_e13_the_own_region_comes_first_and_others_may_help() {
    let need = needs(Grade::C);
    let asked = Ask { region: Some("shandong"), ..ask(&need) };
    let of = |id, region| Outlet { region, ..authorised(id) };
    let candidates = [of("a-other", Some("hebei")), of("b-unknown", None), of("c-own", Some("shandong"))];
    let ranked = outlets(&asked, &candidates, &HAIER);
    assert_eq!(ids(&ranked), ["c-own", "b-unknown", "a-other"]);
    assert!(ranked.iter().all(|one| one.may), "cross-region service is allowed");
}

#[test]
fn d_h10_a_contract_names_outlet_and_technician_and_others_need_a_reason() {
    let need = needs(Grade::C);
    let asked = Ask { outlet: Some("QD-1"), technician: Some("T-7"), ..ask(&need) };
    let ranked = outlets(&asked, &[authorised("A"), authorised("QD-1")], &HAIER);
    assert_eq!((ids(&ranked), stands_in_the_way(&ranked[1])), (vec!["QD-1", "A"], vec![Obstacle::NotDesignated]));
    let people = technicians(&asked, &[somebody("T-1", Grade::C), somebody("T-7", Grade::C)], &HAIER);
    assert_eq!((ids(&people), stands_in_the_way(&people[1])), (vec!["T-7", "T-1"], vec![Obstacle::NotDesignated]));
}

#[test]
fn d_e14_somebody_without_the_courses_of_the_post_needs_a_reason() {
    let need = needs(Grade::C);
    let candidates =
        [Technician { untrained: vec!["induction".into()], ..somebody("T-1", Grade::C) }, somebody("T-2", Grade::C)];
    let ranked = technicians(&ask(&need), &candidates, &HAIER);
    assert_eq!(ids(&ranked), ["T-2", "T-1"]);
    assert_eq!(ranked[1].why(), "lacks training: induction");
}

#[test]
fn d_h8_the_policy_names_what_decides_first() {
    let text = docket_core::policy::HAIER.replacen(
        "[dispatch]\n",
        "[dispatch]\norder = [\"load\", \"distance\"]\nstep_km = 1\n",
        1,
    );
    let policy = Policy::parse(&text, "haier.toml").unwrap();
    assert_eq!(policy.dispatch.order[..3], [Criterion::Load, Criterion::Distance, Criterion::Designated]);
    let need = needs(Grade::C);
    let busy = Technician { load: 2, ..somebody("T-1", Grade::C) };
    let free = somebody("T-2", Grade::A);
    let candidates = [busy, free];
    assert_eq!(ids(&technicians(&ask(&need), &candidates, &policy)), ["T-2", "T-1"]);
    assert_eq!(ids(&technicians(&ask(&need), &candidates, &HAIER)), ["T-1", "T-2"]);
    for (order, at) in [("[\"luck\"]", "unknown criterion"), ("[\"load\", \"load\"]", "appears twice")] {
        let text = docket_core::policy::HAIER.replacen("[dispatch]\n", &format!("[dispatch]\norder = {order}\n"), 1);
        let bad = Policy::parse(&text, "haier.toml").unwrap_err();
        assert!(bad.what.contains(at) && bad.line > 1 && bad.column > 1, "{bad}");
    }
}

const PLACES: [Option<(&str, &str)>; 4] = [None, Some(("36", "120")), Some(("36.01", "120")), Some(("-36", "-120"))];

/// Everything about a technician but the grade.
fn anybody() -> impl Strategy<Value = (u32, usize, usize, bool, Option<u32>)> {
    (0..4u32, 0..PLACES.len(), 0..3usize, any::<bool>(), proptest::option::of(0..=100u32))
}

fn built<'a>(
    person: &'a str,
    grade: Grade,
    (load, place, region, trained, score): (u32, usize, usize, bool, Option<u32>),
    skills: &'a [String],
) -> Technician<'a> {
    Technician {
        person,
        name: None,
        graded: graded(grade),
        skills,
        untrained: if trained { Vec::new() } else { vec!["induction".into()] },
        place: PLACES[place].and_then(|(lat, lon)| Place::of(Some(lat), Some(lon))),
        load,
        outlet: Some(Outlet { region: [None, Some("own"), Some("other")][region], score, ..authorised("O") }),
    }
}

proptest! {
    #[test]
    fn d_h3_a_better_grade_fit_never_ranks_below_all_else_equal(
        rest in anybody(), need in 1..5usize, a in 0..5usize, b in 0..5usize, swap in any::<bool>(), skilled in any::<bool>()
    ) {
        let skills = if skilled { vec!["fridge".to_owned()] } else { Vec::new() };
        let need = needs(Grade::ALL[need]);
        let asked = Ask { product: Some("fridge"), region: Some("own"), place: Place::of(Some("36"), Some("120")), ..ask(&need) };
        let (first, second) = if swap { ("T-1", "T-2") } else { ("T-2", "T-1") };
        let candidates = [built(first, Grade::ALL[a], rest, &skills), built(second, Grade::ALL[b], rest, &skills)];
        let ranked = technicians(&asked, &candidates, &HAIER);
        // How good a fit is: enough and little more, then nearly enough.
        let fit = |grade: Grade| {
            let above = grade as i32 - need.grade as i32;
            if above >= 0 { (0, above) } else { (1, -above) }
        };
        if fit(Grade::ALL[a]) < fit(Grade::ALL[b]) {
            prop_assert_eq!(&ranked[0].id, first);
        }
    }

    #[test]
    fn d_c5_the_order_of_candidates_makes_no_difference(
        all in proptest::collection::vec((anybody(), 0..5usize), 1..8), turn in 0..8usize
    ) {
        let need = needs(Grade::B);
        let asked = Ask { region: Some("own"), place: Place::of(Some("36"), Some("120")), ..ask(&need) };
        let names: Vec<String> = (0..all.len()).map(|number| format!("T-{number}")).collect();
        let mut candidates: Vec<Technician<'_>> = all.iter().zip(&names)
            .map(|((rest, grade), name)| built(name, Grade::ALL[*grade], *rest, &[])).collect();
        let ranked = technicians(&asked, &candidates, &HAIER);
        let turn = turn % candidates.len();
        candidates.rotate_left(turn);
        candidates.reverse();
        prop_assert_eq!(technicians(&asked, &candidates, &HAIER), ranked);
    }
}
