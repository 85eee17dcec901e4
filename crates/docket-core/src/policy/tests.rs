//! A policy is read strictly, and what is wrong is named by line and column.

use super::*;
use crate::grade::Grade;

const GOOD: &str = r#"name = "small"
version = "1"
starts = "2026-01-01"
roles = ["inspector"]

[[template]]
id = "t"
version = "2"
kind = ["installation"]
order = [["A", "1"], ["*", "E"]]

[[template.step]]
id = "A1"
group = "A"
title = "Earth"
answer = { type = "reading", unit = "ohm", max = "4" }

[[template.step]]
id = "1"
group = "1"
title = "Work"
core = true
answer = { type = "bool", pass = true }

[[template.step]]
id = "E1"
group = "E"
title = "Clean"
answer = { type = "choice", options = ["yes", "no"], pass = ["yes"] }

[[gate]]
id = "safety"
kinds = ["installation"]
needs = ["A1"]

[clocks]
crew_window_min = 60

[grades]
levels = ["junior"]

[[grades.rule]]
grade = "C"
certificate = "junior"

[dispatch]
default = "C"
difficulty = { hard = "B" }

[authority]
step = ["technician", "inspector"]

[[product]]
id = "fridge"
title = "Fridge"
difficulty = "hard"
"#;

fn parse(text: &str) -> Result<Policy, PolicyError> {
    Policy::parse(text, "p.toml")
}

#[test]
fn the_shipped_packs_are_read() {
    for name in ["haier", "default"] {
        let policy = Policy::parse(builtin(name).unwrap(), name).unwrap_or_else(|bad| panic!("{bad} {:?}", bad.hint));
        assert_eq!(policy.name, name);
        for kind in ["installation", "repair"] {
            let template = policy.template(kind, None).unwrap();
            let groups: BTreeSet<Group> = template.steps.iter().map(|step| step.group).collect();
            assert_eq!(groups.len(), Group::VISIT.len(), "D-H1: the 1 and all five, and the card");
            assert_eq!(policy.gates_of(kind).count(), 1);
        }
    }
    assert_eq!(builtin("nobody"), None);
}

#[test]
fn a_small_policy_is_read_as_written() {
    let policy = parse(GOOD).unwrap();
    assert_eq!(policy.starts, time::date("2026-01-01"));
    let template = policy.template("installation", None).unwrap();
    assert_eq!(template.pin(), "t@2");
    assert_eq!(template.before, [(0, 1), (0, 2), (1, 2)]);
    assert_eq!(policy.template("anything", Some("t@2")), Some(template), "a pinned template wins over the kind");
    assert_eq!(policy.template("anything", Some("t@1")), None);
    assert!(policy.authority.may_state("inspector", "step") && !policy.authority.may_state("admin", "step"));
    assert!(!policy.authority.may_state("admin", "cancelled"), "what is not listed may be stated by nobody");
    assert_eq!(policy.dispatch.difficulty.get("hard"), Some(&Grade::B));
    assert_ne!(policy.digest, parse(&format!("{GOOD}\n")).unwrap().digest, "pinned by its text");
}

/// Replaces one piece of the good policy, and gives the refusal.
fn refusal(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from}");
    parse(&GOOD.replace(from, to)).unwrap_err().to_string()
}

#[test]
fn every_refusal_names_its_line_and_column() {
    let mut wrong = Vec::new();
    for (from, to, expect) in [
        ("version = \"1\"", "version = 1", "p.toml:2:11: `version` must be a string"),
        ("name = \"small\"\n", "", "p.toml:1:1: the policy lacks `name`"),
        ("\nroles", "\ncolour", "p.toml:4:1: unknown key `colour` in the policy"),
        ("2026-01-01", "1.1.2026", "p.toml:3:10: `1.1.2026` is not a day"),
        (
            "roles = [\"inspector\"]",
            "roles = [\"An Inspector\"]",
            "p.toml:4:10: `An Inspector` is not a role: expected 1 to 40 characters of a-z, 0-9, `_` or `-`, as in technician",
        ),
        ("type = \"reading\"", "type = \"tex\"", "p.toml:16:19: unknown answer type \"tex\""),
        ("unit = \"ohm\"", "unit = \"ohms\"", "p.toml:16:37: unknown unit \"ohms\""),
        (
            "max = \"4\"",
            "max = \"4,0\"",
            "p.toml:16:50: `4,0` is not a decimal: expected digits with at most one point, as in 0.35 or -12",
        ),
        ("max = \"4\"", "max = 4.0", "p.toml:16:50: `max` must be a string"),
        ("max = \"4\"", "min = \"5\", max = \"4\"", "p.toml:16:61: no reading is from 5 to 4"),
        ("max = \"4\"", "most = \"4\"", "p.toml:16:44: unknown key `most` in answer"),
        ("group = \"E\"", "group = \"F\"", "p.toml:27:9: unknown group \"F\""),
        ("id = \"E1\"", "id = \"A1\"", "p.toml:26:6: step `A1` appears twice"),
        ("id = \"E1\"", "id = \"B\"", "p.toml:26:6: step \"B\" has the name of another group"),
        ("id = \"E1\"", "id = \"E 1\"", "p.toml:26:6: \"E 1\" is no step id"),
        ("\"yes\", \"no\"", "\"yes\", \"yes\"", "p.toml:29:47: option `yes` appears twice"),
        ("pass = [\"yes\"]", "pass = [\"maybe\"]", "p.toml:29:62: \"maybe\" passes but is not an option"),
        ("core = true\n", "", "p.toml:6:1: the template has no core step"),
        ("[\"*\", \"E\"]", "[\"C\", \"E\"]", "p.toml:10:23: `order` names \"C\", but no step has that id or group"),
        (
            "[\"*\", \"E\"]",
            "[\"1\", \"A\"]",
            "p.toml:10:22: the order has a cycle: step \"A1\" would have to come before itself",
        ),
        ("[\"*\", \"E\"]", "[\"E\", \"*\"]", "p.toml:10:28: `*` can only come first"),
        ("[\"*\", \"E\"]", "[\"E\"]", "p.toml:10:22: an entry of `order` is a pair"),
        ("needs = [\"A1\"]", "needs = [\"A9\"]", "p.toml:34:10: template \"t\" has no step \"A9\""),
        ("needs = [\"A1\"]", "needs = [\"1\"]", "p.toml:34:10: step \"1\" can't be passed before the core step"),
        ("needs = [\"A1\"]", "needs = [\"E1\"]", "p.toml:34:10: step \"E1\" can't be passed before the core step"),
        ("kinds = [\"installation\"]", "kinds = [\"repair\"]", "p.toml:33:10: no template is for kind \"repair\""),
        ("_min = 60", "_min = -1", "p.toml:37:19: `crew_window_min` must be a whole number from 0 to 1440"),
        ("_min = 60", "_min = \"60\"", "p.toml:37:19: `crew_window_min` must be a whole number from 0 to 1440"),
        ("crew_window_min", "repair_min", "p.toml:37:1: unknown key `repair_min` in clocks"),
        ("grade = \"C\"", "grade = \"Z\"", "p.toml:43:9: `Z` is not a grade: expected A+, A, B, C or ungraded"),
        ("certificate = \"junior\"", "certificate = \"master\"", "p.toml:44:15: unknown certificate level \"master\""),
        ("certificate = \"junior\"", "holds = \"A\"", "p.toml:42:1: grade C can only rest on a lower one"),
        ("default = \"C\"", "default = \"ungraded\"", "p.toml:47:11: ungraded people never go alone (D-H2)"),
        ("\nstep = [", "\nstepp = [", "p.toml:51:1: unknown fact kind \"stepp\""),
        ("\"technician\", \"inspector\"", "\"technician\", \"boss\"", "p.toml:51:23: unknown role \"boss\""),
        ("difficulty = \"hard\"", "difficulty = \"harder\"", "p.toml:56:14: unknown difficulty \"harder\""),
        ("[clocks]", "[clocks", "p.toml:36:8: not TOML: unclosed table, expected `]`"),
    ] {
        let found = refusal(from, to);
        if found != expect {
            wrong.push((found, expect));
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn a_second_template_for_a_kind_could_never_be_reached() {
    let second = &GOOD[GOOD.find("[[template]]").unwrap()..GOOD.find("[[gate]]").unwrap()];
    let two = GOOD.replace("[[gate]]", &format!("{}[[gate]]", second.replace("id = \"t\"", "id = \"u\"")));
    assert!(parse(&two).unwrap_err().to_string().contains("a template for kind `installation` appears twice"));
}

#[test]
fn a_refusal_says_what_would_have_been_right() {
    let bad = parse(&GOOD.replace("\"reading\"", "\"tex\"")).unwrap_err();
    assert_eq!(bad.hint.as_deref(), Some("expected one of: reading, choice, bool, text, photo, signature, none"));
}

#[test]
fn size_is_limited() {
    let filler = |len: usize| format!("{GOOD}# {}", "x".repeat(len - GOOD.len() - 2));
    assert!(parse(&filler(limits::POLICY_BYTES - 1)).is_ok());
    assert!(parse(&filler(limits::POLICY_BYTES)).is_ok());
    assert!(parse(&filler(limits::POLICY_BYTES + 1)).is_err());
}

#[test]
fn nothing_that_is_not_a_policy_makes_the_reader_panic() {
    for end in 0..GOOD.len() {
        let _ = parse(&GOOD[..end]);
    }
    for text in ["", "\0", "=", "[[[", "name = [[[[[[[[[[]]]]]]]]]]", "é = 1", "template = 1", "[authority]\nstep = 1"]
    {
        assert!(parse(text).is_err(), "{text:?}");
    }
    let deep = format!("name = {}", "[".repeat(100_000));
    assert!(parse(&deep).is_err());
}

const CLOCK: &str = r#"
[[clock]]
id = "contact"
row = "D-C1"
title = "Contact"
kinds = ["repair"]
when = { severity = ["urgent"] }
start = ["received"]
stop = [{ fact = "contacted", reached = true, purpose = ["first", "solution"] }]
deadline = { minutes = 30 }
pauses = ["customer"]
calendar = "mo-fr 08:00-18:00"
"#;

#[test]
fn every_refusal_of_a_clock_names_its_place() {
    let whole = format!("{GOOD}{CLOCK}");
    assert_eq!(parse(&whole).unwrap().clock_rules.len(), 1);
    let first = GOOD.lines().count();
    let mut wrong = Vec::new();
    for (from, to, line, expect) in [
        ("id = \"contact\"", "id = \"Contact\"", 3, "6: \"Contact\" is no clock id"),
        ("kinds = ", "kind = ", 6, "1: unknown key `kind` in clock"),
        ("severity", "weather", 7, "10: no clock depends on `weather`"),
        ("[\"received\"]", "[]", 8, "9: nothing starts the clock"),
        ("[\"received\"]", "[\"arived\"]", 8, "10: unknown fact kind \"arived\""),
        ("fact = \"contacted\"", "fact = \"called\"", 9, "9: unknown fact kind \"called\""),
        ("reached = true", "rang = true", 9, "31: `contacted` has no field `rang`"),
        ("reached = true", "reached = 1", 9, "41: `reached` of `contacted` must be true or false"),
        (
            "\"solution\"]",
            "\"chat\"]",
            9,
            "57: `purpose` of `contacted` must be one of: first, solution, progress, part_arrived, result, other",
        ),
        ("minutes = 30", "minutes = 0", 10, "24: `minutes` must be a whole number from 1 to 527040"),
        ("minutes = 30", "hours = 30", 10, "12: the deadline has no rule"),
        ("minutes = 30", "minutes = 30, daily = 1", 10, "12: the deadline has several rules: minutes, daily"),
        ("minutes = 30", "tiers = { a = 1 }, by = \"moon\"", 10, "38: no clock depends on `moon`"),
        ("minutes = 30", "sunset = true", 10, "12: `sunset` needs a `fallback`"),
        ("minutes = 30", "sunset = true, fallback = \"25:00\"", 10, "40: \"25:00\" is no time of day"),
        (
            "deadline = { minutes = 30 }\npauses = [\"customer\"]\ncalendar = \"mo-fr 08:00-18:00\"",
            "deadline = { appointment = true }",
            8,
            "9: an appointment's clock is per visit, and has neither `start` nor `stop`",
        ),
        ("minutes = 30", "daily = 1", 11, "11: only a span of time can pause"),
        ("\"customer\"", "\"weather\"", 11, "11: nothing pauses for \"weather\""),
        ("18:00\"", "08:00\"", 12, "12: \"mo-fr 08:00-08:00\" are no opening hours"),
        ("calendar =", "per = \"part\"\ncalendar =", 8, "9: only a job is `received`"),
        (
            "calendar =",
            "until = [\"completed\"]\ncalendar =",
            12,
            "9: `until` ends duties that recur: `daily`, `gap_min`",
        ),
    ] {
        let text = CLOCK.replace(from, to);
        assert_ne!(text, CLOCK, "{from}");
        // TOML needs a clock's keys before the next table, so that the clock comes last.
        let found = parse(&format!("{GOOD}{text}")).map_or_else(|bad| bad.to_string(), |_| "accepted".to_owned());
        let expect = format!("p.toml:{}:{expect}", first + line);
        if found != expect {
            wrong.push((found, expect));
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn a_zone_must_be_one() {
    let with = |zone: &str| parse(&GOOD.replace("roles =", &format!("zone = \"{zone}\"\nroles =")));
    assert_eq!(with("Asia/Shanghai").unwrap().zone.as_deref(), Some("Asia/Shanghai"));
    assert_eq!(with("Asia/Peking").unwrap_err().to_string(), "p.toml:4:8: `Asia/Peking` is no time zone");
}
