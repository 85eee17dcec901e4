//! D-H13: the customer's own word on the five against the technician's claim. D-H14: hazards, and telling the seller.

use docket_core::view::Sign;
use serde_json::{Value, json};

use crate::story::Story;

fn contradicted(story: &Story) -> Vec<String> {
    let signs = story.view().signs;
    signs.into_iter().filter(|sign| sign.sign == "five_contradicted").map(|sign| sign.key).collect()
}

fn five(no: &str) -> Value {
    "ABCDE"
        .chars()
        .map(|letter| (letter.to_string(), Value::Bool(!no.contains(letter))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn served() -> Story {
    let mut story = Story::job("installation");
    story.good_visit("T1");
    story
}

#[test]
fn d_h13_the_customers_no_against_the_technicians_yes_is_a_sign_for_each_letter() {
    let mut story = served();
    assert_eq!(contradicted(&story), [""; 0], "nobody was asked");
    let fact = story.put("T1", "confirmed", json!({"five": five("BE"), "name": "W. Li"}));
    assert_eq!(contradicted(&story), ["B", "E"]);
    let view = story.view();
    let sign: &Sign = view.signs.iter().find(|sign| sign.key == "B").unwrap();
    assert_eq!((sign.row, sign.fact), ("D-H13", Some(fact)));
    assert!(view.steps.iter().all(|step| step.status.as_str() != "failed"), "the claim itself stays as it was made");
}

#[test]
fn d_h13_who_confirms_all_five_contradicts_nothing() {
    let mut story = served();
    story.put("T1", "confirmed", json!({"five": five(""), "name": "W. Li"}));
    assert_eq!(contradicted(&story), [""; 0]);
}

#[test]
fn d_h13_the_last_word_on_a_letter_counts_and_silence_is_no_word() {
    let mut story = served();
    story.put("T1", "confirmed", json!({"five": five(""), "name": "W. Li"}));
    let asked = |five: Value| json!({"reached": true, "five": five});
    // The role in front of the name: only some may call back. The supervisor may.
    story.put("S1", "called_back", asked(five("D")));
    assert_eq!(contradicted(&story), ["D"]);
    story.put("S1", "called_back", json!({"reached": true, "satisfied": true}));
    assert_eq!(contradicted(&story), ["D"], "who is not asked about the five takes nothing back");
}

#[test]
fn d_h13_a_step_that_was_not_done_contradicts_no_customer_who_says_so() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.step("T1", "B1", false);
    story.step("T1", "E1", true);
    story.put("T1", "confirmed", json!({"five": five("ABCD"), "name": "W. Li"}));
    assert_eq!(contradicted(&story), [""; 0], "A, C and D have no answer, B says no");
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.step("T1", "B1", false);
    story.put("T1", "confirmed", json!({"five": five(""), "name": "W. Li"}));
    assert_eq!(contradicted(&story), ["B"], "the other way round is a contradiction too");
}

#[test]
fn d_h13_a_word_about_an_earlier_visit_says_nothing_about_the_one_that_counts() {
    let mut story = served();
    story.put("T1", "confirmed", json!({"five": five("B"), "name": "W. Li"}));
    story.now += 24 * 3_600_000;
    story.put("D1", "reopened", json!({"why": "guidance again"}));
    story.good_visit("T1");
    assert_eq!(contradicted(&story), [""; 0]);
}

#[test]
fn d_h13_a_failed_test_was_made_all_the_same() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.ohm("T1", "50");
    story.put("T1", "reading", json!({"step": "A2", "v": "5", "unit": "megaohm"}));
    story.step("T1", "A3", "earth_missing");
    story.step("T1", "A4", true);
    story.put("T1", "confirmed", json!({"five": five("BCDE"), "name": "W. Li"}));
    assert_eq!(contradicted(&story), [""; 0]);
}

#[test]
fn d_h14_a_hazard_that_was_left_while_the_work_was_done_is_a_sign() {
    let signs = |remove: Option<&str>| {
        let mut story = Story::job("installation");
        story.put("T1", "arrived", json!({}));
        let by = if remove == Some("T1") { json!({"hk": "earth", "removed_by": "T1"}) } else { json!({"hk": "earth"}) };
        let hazard = story.put("T1", "hazard", by);
        if remove == Some("later") {
            story.put("T1", "hazard_removed", json!({"hazard": hazard.to_string()}));
        }
        story.put("T1", "completed", json!({"resolution": "installed"}));
        let signs = story.view().signs;
        signs.into_iter().filter(|sign| sign.sign == "hazard_left").count()
    };
    assert_eq!((signs(None), signs(Some("T1")), signs(Some("later"))), (1, 0, 0));
}

#[test]
fn d_h14_refused_as_unsafe_the_seller_must_be_told() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.put("T1", "hazard", json!({"hk": "no_earth", "extent": "flat", "households": 1}));
    story.put("T1", "refused", json!({"reason": "unsafe"}));
    let told = |story: &Story| story.view().signs.iter().all(|sign| sign.sign != "seller_not_told");
    assert!(!told(&story));
    story.put("D1", "told_seller", json!({}));
    assert!(told(&story));
    assert!(story.view().signs.is_empty(), "a hazard that stopped the work is no fault of anybody's");
}
