//! One complete visit, as `--json` shows it.

use crate::story::Story;

#[test]
fn a_complete_visit_as_json() {
    let mut story = Story::job("installation");
    story.good_visit("T1");
    insta::assert_snapshot!(serde_json::to_string_pretty(&story.view()).unwrap());
}
