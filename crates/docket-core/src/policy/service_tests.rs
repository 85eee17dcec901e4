//! The policy's sections about requests, resolutions and the call-back: read strictly, every refusal with its place.

use super::{HandledBy, Policy, StatedBy};

const GOOD: &str = r#"name = "p"
version = "1"
[resolution.repaired]
call_back = true
first_time_fix = true
[resolution.refused_unsafe]
by = "refused"
unpenalised = true
[closing]
call_back = true
bad_score_below = 60
[intake]
channels = ["phone"]
record_within_min = 30
complete = ["product", "text"]
[[nature]]
id = "network"
title = "Network"
handled_by = "headquarters"
[[nature]]
id = "line"
parent = "network"
title = "Line"
[[escalation]]
to = "task_force"
contact = "T"
[[form]]
id = "f"
title = "F"
collect = ["text"]
classify = ["nature"]
handle = ["accepted"]
feed_back = ["called_back"]
summarise = ["resolution"]
"#;

fn refusal(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    Policy::parse(&GOOD.replacen(from, to, 1), "p.toml").unwrap_err().to_string()
}

#[test]
fn d_c6_resolutions_natures_and_contacts_are_read() {
    let policy = Policy::parse(GOOD, "p.toml").unwrap();
    let repaired = policy.resolution("repaired").unwrap();
    assert!(repaired.call_back && repaired.first_time_fix && !repaired.unpenalised);
    assert_eq!(policy.resolution("refused_unsafe").unwrap().by, StatedBy::Refused);
    assert!(policy.resolution("vanished").is_none());
    assert_eq!(policy.nature("line").unwrap().handled_by, HandledBy::Headquarters, "as its parent");
    assert_eq!(policy.escalation[0].contact, "T");
    assert!(policy.closing.call_back);
}

#[test]
fn what_makes_no_sense_is_refused_with_line_and_column() {
    for (from, to, expect) in [
        ("call_back = true\nfirst", "call_bakc = true\nfirst", "p.toml:4:1: unknown key `call_bakc` in repaired"),
        ("by = \"refused\"", "by = \"dreamt\"", "p.toml:7:6: no fact `dreamt` states a resolution"),
        (
            "bad_score_below = 60",
            "bad_score_below = 101",
            "p.toml:11:19: `bad_score_below` must be a whole number from 0 to 100",
        ),
        (
            "record_within_min = 30",
            "record_within_min = -1",
            "p.toml:14:21: `record_within_min` must be a whole number",
        ),
        ("\"product\", \"text\"", "\"text\", \"text\"", "p.toml:15:21: register `text` appears twice"),
        ("id = \"line\"", "id = \"network\"", "p.toml:21:6: nature `network` appears twice"),
        ("parent = \"network\"", "parent = \"line\"", "p.toml:22:10: no nature `line` stands above this one"),
        ("\"headquarters\"", "\"nobody\"", "p.toml:19:14: `nobody` handles no requests"),
        ("summarise = [\"resolution\"]", "summarise = []", "p.toml:27:1: the form's part `summarise` asks for nothing"),
        ("\"task_force\"", "\"army\"", "p.toml:25:6: unknown level \"army\""),
    ] {
        let found = refusal(from, to);
        assert!(found.starts_with(expect), "{found}\n{expect}");
    }
}
