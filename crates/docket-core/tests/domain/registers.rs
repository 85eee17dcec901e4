//! DESIGN §2: multi-value registers and the conflict ledger.

use docket_core::IssueKind;
use serde_json::json;

use crate::story::Story;

#[test]
fn a_set_that_was_not_shown_another_conflicts_with_it_until_decided() {
    let mut story = Story::job("repair");
    let created = story.facts[0].id;
    let a = story.set("D1", "product", &json!("refrigerator"), &[created]);
    let b = story.set("S1", "product", &json!("air_conditioner"), &[created]);
    let issue = story.issue(IssueKind::Conflict);
    assert_eq!(issue.register.as_deref(), Some("product"));
    assert_eq!(issue.options.len(), 2);
    assert!(story.view().registers["product"].agreed().is_none());
    let over = [a.to_string(), b.to_string()];
    story.put("S1", "decided", json!({"r": "product", "v": "refrigerator", "over": over, "why": "asked"}));
    assert_eq!(story.issues(IssueKind::Conflict), []);
    assert_eq!(story.view().str("product"), Some("refrigerator"));
}

#[test]
fn equal_values_never_conflict() {
    let mut story = Story::job("repair");
    let created = story.facts[0].id;
    story.set("D1", "product", &json!("refrigerator"), &[created]);
    story.set("S1", "product", &json!("refrigerator"), &[created]);
    let view = story.view();
    assert_eq!(view.registers["product"].live.len(), 2);
    assert_eq!(view.registers["product"].over().len(), 2);
    assert!(!view.registers["product"].conflict);
}

#[test]
fn two_supervisors_deciding_differently_conflict_again() {
    let mut story = Story::job("repair");
    let created = story.facts[0].id;
    let a = story.set("D1", "product", &json!("refrigerator"), &[created]);
    let b = story.set("S1", "product", &json!("air_conditioner"), &[created]);
    let over = [a.to_string(), b.to_string()];
    story.put("S1", "decided", json!({"r": "product", "v": "refrigerator", "over": over, "why": "asked"}));
    story.put("S2", "decided", json!({"r": "product", "v": "air_conditioner", "over": over, "why": "saw"}));
    assert_eq!(story.issue(IssueKind::Conflict).facts.len(), 2);
}

#[test]
fn an_edited_row_of_a_file_is_one_conflict() {
    let mut story = Story::empty();
    story.import(&json!({"kind": "repair", "product": "refrigerator", "channel": "phone"}));
    assert_eq!(story.view().issues, []);
    story.import(&json!({"kind": "repair", "product": "air_conditioner", "channel": "phone"}));
    let view = story.view();
    assert_eq!(view.conflicts().map(|(name, _)| name).collect::<Vec<_>>(), ["product"]);
    assert_eq!(view.issues.len(), 1);
}

#[test]
fn naming_a_set_of_one_register_leaves_the_others_alone() {
    let mut story = Story::job("repair");
    let created = story.facts[0].id;
    story.set("D1", "product", &json!("refrigerator"), &[created]);
    let view = story.view();
    assert_eq!(view.kind(), Some("repair"), "`created` still stands for its other registers");
    assert_eq!(view.appliances(), 1);
}
