//! D-H1: which steps a visit is asked, in which order; and every fault of a checklist with its place.

use docket_core::checklist::Checklist;
use docket_core::view::{JobView, StepStatus};
use docket_core::{Policy, Record, Site, UnixMs, fold_job};
use serde_json::json;

use crate::story::Story;

const SMALL: &str = r#"name = "small"
version = "1"

[[product]]
id = "oven"
title = "Oven"

[[product]]
id = "fridge"
title = "Fridge"

[authority]
created = ["dispatcher"]
set = ["dispatcher"]
arrived = ["technician"]
step = ["technician"]
reading = ["technician"]

[dispatch]
group = { vip = "A", rural = "C" }

[[mode]]
id = "diamond"
title = "Diamond"
group = ["vip"]

[[mode.step]]
id = "V1"
group = "B"
title = "Birthday noted"
answer = { type = "bool", pass = true }

[[template]]
id = "t"
version = "2"
kind = ["installation", "repair"]
order = [["A", "1"], ["*", "E"]]
ordered = ["A"]
step = [
  { id = "A1", group = "A", title = "Earth", answer = { type = "reading", unit = "ohm", max = "4" }, per_appliance = true, was = ["A0"] },
  { id = "A2", group = "A", title = "Photo of the bad socket", answer = { type = "photo" }, per_appliance = true, when = { answer = { step = "A1", is = "failed" } } },
  { id = "A3", group = "A", title = "Polarity", answer = { type = "choice", options = ["right", "swapped", "none"], pass = ["right"] } },
  { id = "A4", group = "A", title = "Who swaps it", answer = { type = "text" }, when = { answer = { step = "A3", is = ["swapped", "none"] } } },
  { id = "A5", group = "A", title = "Oven's own fuse", answer = { type = "bool", pass = true }, when = { product = ["oven"] } },
  { id = "1", group = "1", title = "Work", answer = { type = "bool", pass = true }, core = true },
  { id = "1F", group = "1", title = "Old part shown", answer = { type = "bool", pass = true }, when = { kind = ["repair"] } },
  { id = "B1", group = "B", title = "Use", answer = { type = "bool", pass = true } },
  { id = "B2", group = "B", title = "Power cuts", answer = { type = "bool", pass = true }, when = { group = ["rural"] } },
  { id = "E1", group = "E", title = "Clean", answer = { type = "bool", pass = true } },
]
"#;

fn small() -> Policy {
    Policy::parse(SMALL, "small.toml").unwrap_or_else(|bad| panic!("{bad} {:?}", bad.hint))
}

fn group(name: &str) -> Site {
    Site { group: Some(name.to_owned()), ..Site::NOWHERE }
}

/// Folds under another policy and for a customer of a group.
fn fold<'a>(story: &'a Story, policy: &'a Policy, site: &'a Site) -> JobView<'a> {
    fold_job(&Record { site, ..story.record(&story.facts) }, policy, UnixMs(story.now))
}

/// A job at which T1 has arrived.
fn on_site(kind: &str, product: &str, appliances: u32) -> Story {
    let mut story = Story::empty();
    let regs = json!({"kind": kind, "product": product, "appliances": appliances});
    story.put("D1", "created", json!({"dk": "job", "regs": regs}));
    story.put("T1", "arrived", json!({}));
    story
}

fn ids(view: &JobView<'_>) -> Vec<String> {
    let place = |appliance: u32| if appliance == 0 { String::new() } else { format!("/{appliance}") };
    view.steps.iter().map(|state| format!("{}{}", state.step, place(state.appliance))).collect()
}

fn status(view: &JobView<'_>, step: &str, appliance: u32) -> Option<StepStatus> {
    view.steps.iter().find(|state| state.step == step && state.appliance == appliance).map(|state| state.status)
}

fn reading(story: &mut Story, appliance: u32, value: &str) {
    story.put("T1", "reading", json!({"step": "A1", "appliance": appliance, "v": value, "unit": "ohm"}));
}

#[test]
fn d_h1_steps_are_asked_by_kind_product_and_group() {
    let policy = small();
    for (kind, product, of, expect) in [
        ("repair", "fridge", "urban", &["A1/1", "A3", "1", "1F", "B1", "E1"][..]),
        ("installation", "oven", "urban", &["A1/1", "A3", "A5", "1", "B1", "E1"]),
        ("installation", "fridge", "rural", &["A1/1", "A3", "1", "B1", "B2", "E1"]),
        ("installation", "fridge", "vip", &["A1/1", "A3", "1", "B1", "V1", "E1"]),
    ] {
        let site = group(of);
        let mut story = Story::empty();
        story.put("D1", "created", json!({"dk": "job", "regs": {"kind": kind, "product": product}}));
        let before = fold(&story, &policy, &site);
        let ahead = Checklist::of(&before, &policy).steps.iter().map(|state| state.step.to_owned()).collect::<Vec<_>>();
        drop(before);
        story.put("T1", "arrived", json!({}));
        let view = fold(&story, &policy, &site);
        assert_eq!(ids(&view), expect, "{kind} {product} {of}");
        let plain: Vec<&str> = expect.iter().map(|id| id.trim_end_matches("/1")).collect();
        assert_eq!(ahead, plain, "what lies ahead is what is asked");
    }
}

#[test]
fn d_h1_a_step_hangs_on_an_answer_to_an_earlier_one_appliance_by_appliance() {
    let (policy, site) = (small(), group("urban"));
    let mut story = on_site("installation", "fridge", 2);
    reading(&mut story, 1, "0.5");
    reading(&mut story, 2, "9");
    let view = fold(&story, &policy, &site);
    assert_eq!((status(&view, "A2", 1), status(&view, "A2", 2)), (None, Some(StepStatus::Missing)));
    assert_eq!(status(&view, "A4", 0), None);
    drop(view);
    story.put("T1", "step", json!({"step": "A3", "v": "none"}));
    assert_eq!(status(&fold(&story, &policy, &site), "A4", 0), Some(StepStatus::Missing));
}

#[test]
fn d_h1_what_is_not_asked_is_neither_missing_nor_a_finding_and_its_answer_is_kept() {
    let (policy, site) = (small(), group("urban"));
    let mut story = on_site("installation", "fridge", 1);
    // Asked of ovens only; and a "no" that would fail. Done after clean-up, which would be out of order.
    story.put("T1", "step", json!({"step": "E1", "v": true}));
    let fact = story.put("T1", "step", json!({"step": "A5", "v": false}));
    let view = fold(&story, &policy, &site);
    let state = view.steps.iter().find(|state| state.step == "A5").unwrap();
    assert_eq!((state.status, state.required, state.answers[0].fact), (StepStatus::NotAsked, false, fact));
    assert!(view.order_breaks.is_empty(), "{:?}", view.order_breaks);
    let checklist = Checklist::of(&view, &policy);
    assert!(checklist.missing().chain(checklist.faulty()).all(|state| state.step != "A5"));
    let oven = on_site_with(&story, "oven");
    let view = fold(&oven, &policy, &site);
    assert_eq!(status(&view, "A5", 0), Some(StepStatus::Failed), "asked, the same answer is judged");
    assert_eq!(view.order_breaks.len(), 1);
}

/// The same records with another product.
fn on_site_with(story: &Story, product: &str) -> Story {
    let mut story = story.clone();
    let over: Vec<String> = story.facts[..1].iter().map(|fact| fact.id.to_string()).collect();
    story.put("D1", "set", json!({"r": "product", "v": product, "over": over}));
    story
}

#[test]
fn d_h1_the_steps_of_an_ordered_group_keep_their_order_those_of_another_do_not() {
    let (policy, site) = (small(), group("rural"));
    let mut story = on_site("installation", "fridge", 1);
    story.put("T1", "step", json!({"step": "A3", "v": "right"}));
    reading(&mut story, 1, "0.5");
    for step in ["1", "B2", "B1", "E1"] {
        story.put("T1", "step", json!({"step": step, "v": true}));
    }
    let view = fold(&story, &policy, &site);
    let breaks: Vec<_> = view.order_breaks.iter().map(|wrong| (wrong.step, wrong.before_step)).collect();
    assert_eq!(breaks, [("A1", "A3")], "B has no order of its own");
}

#[test]
fn d_h1_an_answer_under_an_earlier_versions_id_is_an_answer_to_the_step() {
    let (policy, site) = (small(), group("urban"));
    let mut story = on_site("installation", "fridge", 1);
    story.put("T1", "reading", json!({"step": "A0", "v": "0.5", "unit": "ohm"}));
    let view = fold(&story, &policy, &site);
    assert_eq!(status(&view, "A1", 1), Some(StepStatus::Ok));
    assert!(view.stray_answers.is_empty());
}

/// Each line stands for one mistake in an otherwise good checklist.
#[test]
fn d_h1_every_fault_of_a_checklist_is_named_by_line_and_column() {
    let mut said = String::new();
    for (title, from, to) in [
        ("a condition on a later step", "step = \"A1\", is = \"failed\"", "step = \"E1\", is = \"failed\""),
        ("a condition on itself", "step = \"A1\", is = \"failed\"", "step = \"A2\", is = \"answered\""),
        ("a condition on no step", "step = \"A1\", is = \"failed\"", "step = \"A7\", is = \"failed\""),
        ("an option that isn't one", "is = [\"swapped\", \"none\"]", "is = [\"swapped\", \"odd\"]"),
        ("an option that isn't one, alone", "is = [\"swapped\", \"none\"]", "is = \"odd\""),
        ("a number where a word belongs", "is = [\"swapped\", \"none\"]", "is = 3"),
        ("yes to a choice", "is = [\"swapped\", \"none\"]", "is = true"),
        (
            "a failure that can't be",
            "when = { group = [\"rural\"] }",
            "when = { answer = { step = \"A4\", is = \"failed\" } }",
        ),
        ("an unknown product", "product = [\"oven\"]", "product = [\"ovn\"]"),
        ("an unknown group", "group = [\"rural\"]", "group = [\"royal\"]"),
        ("an unknown mode", "when = { group = [\"rural\"] }", "when = { mode = [\"gold\"] }"),
        ("an empty list", "group = [\"rural\"]", "group = []"),
        ("a kind that the template isn't for", "when = { kind = [\"repair\"] }", "when = { kind = [\"delivery\"] }"),
        (
            "a mode that isn't for the group",
            "when = { group = [\"rural\"] }",
            "when = { group = [\"rural\"], mode = [\"diamond\"] }",
        ),
        ("a reading without a unit", "type = \"reading\", unit = \"ohm\",", "type = \"reading\","),
        ("no reading between the limits", "max = \"4\"", "min = \"5\", max = \"4\""),
        ("an unknown unit", "unit = \"ohm\"", "unit = \"furlong\""),
        ("an id twice", "id = \"B2\"", "id = \"B1\""),
        ("an id of a mode's step", "id = \"B2\"", "id = \"V1\""),
        ("an earlier id that still is one", "was = [\"A0\"]", "was = [\"A3\"]"),
        ("a cycle", "[\"*\", \"E\"]", "[\"1\", \"E\"], [\"E\", \"A\"]"),
        ("a cycle with an ordered group", "[\"*\", \"E\"]", "[\"A3\", \"A1\"]"),
        ("an ordered group that is no group", "ordered = [\"A\"]", "ordered = [\"A1\"]"),
        ("an order against a condition", "[\"*\", \"E\"]", "[\"A2\", \"A1\"]"),
        ("a form's group in a visit", "id = \"E1\", group = \"E\"", "id = \"E1\", group = \"handle\""),
        ("a step of a mode that no template takes", "id = \"V1\"\ngroup = \"B\"", "id = \"V1\"\ngroup = \"collect\""),
        (
            "a mode that is never chosen",
            "[[template]]\n",
            "[[mode]]\nid = \"gold\"\ntitle = \"Gold\"\ngroup = [\"vip\"]\n\n[[template]]\n",
        ),
        (
            "a kind that the catalogue lacks",
            "[dispatch]\n",
            "[[kind]]\nid = \"repair\"\ntitle = \"Repair\"\n\n[dispatch]\n",
        ),
    ] {
        assert_eq!(SMALL.matches(from).count(), 1, "{title}: {from}");
        let faults = Policy::faults(&SMALL.replace(from, to), "t.toml");
        assert!(!faults.is_empty(), "{title}");
        said = format!("{said}# {title}\n");
        for fault in faults {
            said = format!("{said}{fault}\n");
            said.extend(fault.hint.iter().map(|hint| format!("   hint: {hint}\n")));
        }
    }
    insta::assert_snapshot!(said);
    assert_eq!(Policy::faults(SMALL, "t.toml"), []);
}

#[test]
fn d_h1_several_faults_are_shown_at_once_in_the_order_of_the_file() {
    let bad = SMALL
        .replace("unit = \"ohm\"", "unit = \"ohms\"")
        .replace("[\"rural\"]", "[\"royal\"]")
        .replace("core = true", "cor = true");
    let faults = Policy::faults(&bad, "t.toml");
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines.len(), 3, "{faults:?}");
    assert!(lines.is_sorted());
    assert_eq!(Policy::parse(&bad, "t.toml").unwrap_err(), faults[0], "the reader stops at the first of them");
}

#[test]
fn d_h1_conditions_that_exclude_each_other_along_the_chain_are_a_fault() {
    let chained =
        "{ id = \"A6\", group = \"A\", title = \"x\", answer = { type = \"text\" }, when = { IT } },\n  { id = \"1\"";
    for (it, never) in [
        ("answer = { step = \"A5\", is = \"answered\" }", false),
        ("product = [\"fridge\"], answer = { step = \"A5\", is = \"answered\" }", true),
        ("product = [\"oven\"], answer = { step = \"A5\", is = false }", false),
    ] {
        let text = SMALL.replace("{ id = \"1\"", &chained.replace("IT", it));
        assert_eq!(!Policy::faults(&text, "t.toml").is_empty(), never, "{it}");
    }
    // Two steps that hang on one answer: who is asked after a swapped wire is never asked after a right one.
    let text = SMALL.replace(
        "{ id = \"1\"",
        "{ id = \"A6\", group = \"A\", title = \"x\", answer = { type = \"text\" }, when = { answer = { step = \"A4\", is = \"answered\" } } },\n  { id = \"1\"",
    );
    assert_eq!(Policy::faults(&text, "t.toml"), []);
}

#[test]
fn d_e8_forms_outside_and_inside_have_the_same_five_parts_and_what_is_unsolved_goes_to_a_named_contact() {
    let policy = Policy::parse(docket_core::policy::HAIER, "haier.toml").unwrap();
    let parts = |kind: &str| {
        let template = policy.template(kind, None).unwrap();
        assert!(template.form);
        let mut parts: Vec<_> = template.steps.iter().map(|step| step.group).collect();
        parts.dedup();
        parts
    };
    assert_eq!(parts("consultation"), docket_core::policy::Group::FORM);
    assert_eq!(parts("internal_feedback"), docket_core::policy::Group::FORM);
    let site = Site::NOWHERE;
    let mut story = Story::empty();
    story.put("D1", "created", json!({"dk": "job", "regs": {"kind": "complaint"}}));
    story.put("S1", "arrived", json!({}));
    story.put("S1", "step", json!({"step": "F3", "v": false}));
    let view = fold(&story, &policy, &site);
    assert_eq!(status(&view, "F3N", 0), Some(StepStatus::Missing), "to whom was it handed?");
    story.put("S1", "step", json!({"step": "F3", "v": true}));
    assert_eq!(status(&fold(&story, &policy, &site), "F3N", 0), None);
}

#[test]
fn d_e12_an_outlet_is_inspected_by_a_checklist_of_its_own() {
    let policy = Policy::parse(docket_core::policy::HAIER, "haier.toml").unwrap();
    let site = Site::NOWHERE;
    let mut story = Story::empty();
    story.put("D1", "created", json!({"dk": "job", "regs": {"kind": "outlet_inspection", "outlet": "QD-01"}}));
    story.put("S1", "arrived", json!({}));
    for (step, v) in [("O1", json!(true)), ("O2", json!(false)), ("O9", json!("to_be_put_right"))] {
        story.put("S1", "step", json!({"step": step, "v": v}));
    }
    let view = fold(&story, &policy, &site);
    let checklist = Checklist::of(&view, &policy);
    assert_eq!(checklist.missing().map(|state| state.step).collect::<Vec<_>>(), ["O3", "O4", "O5", "O9R"]);
    assert_eq!(checklist.faulty().map(|state| state.step).collect::<Vec<_>>(), ["O2", "O9"]);
    assert!(view.gates.is_empty());
}
