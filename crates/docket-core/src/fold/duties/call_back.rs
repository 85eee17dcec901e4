//! What the customer answers when asked afterwards, and by whom (D-C2, D-H18). The centre asks; a bad answer puts the visit
//! in the inspections' sample.

use serde_json::Value;

use super::{Duty, Signs};
use crate::catalogue::FIVE;
use crate::view::Event;

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    for event in duty.of_kind("called_back") {
        let person = event.person.as_ref();
        if let (Some(person), Some(why)) = (person, duty.known.askers.objection(person)) {
            signs.about(("own_outlet", "D-C2"), event.fact.to_string(), format!("{person} asked, who {why}"), event);
        }
    }
    let least = duty.known.policy.closing.bad_score_below;
    for event in duty.of_kind("called_back").filter(|event| event.flag("reached") == Some(true)) {
        let bad = complaints(event, least);
        if !bad.is_empty() {
            signs.about(("bad_answer", "D-C2"), event.fact.to_string(), bad.join("; "), event);
        }
    }
    for event in duty.of_kind("surveyed") {
        if let (Some(score), Some(least)) = (event.int("score"), least)
            && score < least
        {
            signs.about(("bad_survey", "D-C8"), event.fact.to_string(), format!("score {score}, below {least}"), event);
        }
    }
}

/// What is bad about an answer.
fn complaints(event: &Event<'_>, least: Option<i64>) -> Vec<String> {
    let mut bad = Vec::new();
    if event.flag("satisfied") == Some(false) {
        bad.push("not satisfied".to_owned());
    }
    if event.flag("solved") == Some(false) {
        bad.push("not solved".to_owned());
    }
    if let (Some(score), Some(least)) = (event.int("score"), least)
        && score < least
    {
        bad.push(format!("score {score}, below {least}"));
    }
    let five = event.body.get("five");
    let missed = FIVE.iter().filter(|part| five.and_then(|five| five.get(**part)) == Some(&Value::Bool(false)));
    let missed: Vec<&str> = missed.copied().collect();
    if !missed.is_empty() {
        bad.push(format!("not done, says the customer: {}", missed.join(", ")));
    }
    bad
}
