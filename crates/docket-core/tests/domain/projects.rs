//! D-H19: project work's hold points.

use serde_json::json;

use crate::goods::signs;
use crate::story::Story;

fn project() -> Story {
    let mut story = Story::job("installation");
    story.site.group = Some("engineering".into());
    story.put("T1", "plan_submitted", json!({}));
    story
}

fn work(story: &mut Story) {
    story.put("T1", "arrived", json!({}));
    story.safe("T1");
    story.step("T1", "1", true);
}

#[test]
fn d_h19_every_hold_point_kept_gives_no_sign() {
    let mut story = project();
    story.put("M1", "plan_approved", json!({}));
    work(&mut story);
    story.put("W1", "works_witnessed", json!({}));
    story.put("A1", "works_accepted", json!({"passed": true}));
    story.put("T1", "completed", json!({"resolution": "installed"}));
    assert_eq!(signs(&story), [""; 0]);
}

#[test]
fn d_h19_the_plan_is_approved_before_the_core_step_and_not_by_its_author() {
    let mut late = project();
    work(&mut late);
    assert_eq!(signs(&late), ["core_before_plan"]);
    late.put("M1", "plan_approved", json!({}));
    assert_eq!(signs(&late), ["core_before_plan"]);
    late.site.group = Some("urban".into());
    assert_eq!(signs(&late), [""; 0], "no project work");
    let mut own = project();
    own.put("M1", "plan_submitted", json!({}));
    own.put("M1", "plan_approved", json!({}));
    assert_eq!(signs(&own), ["plan_self_approved"]);
}

#[test]
fn d_h19_the_witness_is_not_the_doer_and_the_acceptor_did_none_of_the_work() {
    let mut alone = project();
    alone.put("M1", "plan_approved", json!({}));
    alone.put("S1", "arrived", json!({}));
    alone.safe("S1");
    alone.step("S1", "1", true);
    assert_eq!(signs(&alone), [""; 0], "not completed yet");
    let mut nobody = alone.clone();
    nobody.put("S1", "completed", json!({"resolution": "installed"}));
    assert_eq!(signs(&nobody), ["works_not_accepted", "works_not_witnessed"]);
    alone.put("S1", "works_witnessed", json!({}));
    alone.put("S1", "works_accepted", json!({"passed": true}));
    alone.put("S1", "completed", json!({"resolution": "installed"}));
    assert_eq!(signs(&alone), ["acceptor_is_doer", "witness_is_doer"]);
    alone.put("W1", "works_witnessed", json!({}));
    assert_eq!(signs(&alone), ["acceptor_is_doer"], "another pair of eyes");
}
