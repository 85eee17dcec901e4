//! What the fields of an outlet may hold. The same checks for what people type and what a file has.

use docket_core::Policy;
use docket_core::dispatch::{LATITUDE, LONGITUDE, degrees};
use jiff::tz::TimeZoneDatabase;

/// An outlet's fields besides its id, in the order in which people are shown them.
pub const FIELDS: [&str; 10] =
    ["name", "level", "zone", "lat", "lon", "region", "market", "hours", "supervised_by", "contact"];

/// Levels where the policy names none (D-H6).
const LEVELS: [&str; 5] = ["technical_center", "community", "star", "franchised", "headquarters"];

/// States of standing (D-E6).
pub const STANDINGS: [&str; 4] = ["assessed", "contracted", "authorised", "dropped"];

/// Longest text of a field, in characters.
const LONGEST: usize = 200;
/// Longest id, in characters.
const LONGEST_ID: usize = 40;

/// Checks an outlet's id.
pub fn id(text: &str) -> Result<String, String> {
    let text = text.trim();
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if text.is_empty() {
        Err("is empty".to_owned())
    } else if text.chars().count() > LONGEST_ID || !text.chars().all(good) {
        Err(format!("is no outlet's id: 1 to {LONGEST_ID} letters, digits, `-`, `_`, `.` or `/`"))
    } else {
        Ok(text.to_owned())
    }
}

/// Checks a field's value; gives it as the record has it.
pub fn value(field: &str, text: &str, policy: &Policy) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return Err(format!("has more than {LONGEST} characters"));
    }
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(format!("holds the control character U+{:04X}", u32::from(control)));
    }
    match field {
        "level" => one_of(text, &levels(policy)),
        "zone" => match TimeZoneDatabase::bundled().get(text) {
            Ok(_) => Ok(text.to_owned()),
            Err(_) => Err(format!("`{text}` is no time zone; write it as in Asia/Shanghai")),
        },
        "lat" => on_globe(text, LATITUDE),
        "lon" => on_globe(text, LONGITUDE),
        "standing" => one_of(text, &STANDINGS),
        _ => Ok(text.to_owned()),
    }
}

fn levels(policy: &Policy) -> Vec<&str> {
    if policy.outlets.modes.is_empty() {
        return LEVELS.to_vec();
    }
    policy.outlets.modes.keys().map(String::as_str).collect()
}

fn one_of(text: &str, known: &[&str]) -> Result<String, String> {
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is none of: {}", known.join(", ")))
}

fn on_globe(text: &str, most: f64) -> Result<String, String> {
    match degrees(text, most) {
        Some(_) => Ok(text.to_owned()),
        None => Err(format!("`{text}` is no number of degrees from -{most} to {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_hold_what_they_are_named_after() {
        let policy = Policy::parse(docket_core::policy::HAIER, "haier").unwrap();
        let check = |field: &str, text: &str, good: bool| {
            assert_eq!(value(field, text, &policy).is_ok(), good, "{field} {text}: {:?}", value(field, text, &policy));
        };
        for (field, text) in [
            ("zone", "Asia/Shanghai"),
            ("lat", "-36.1"),
            ("lon", " 180 "),
            ("level", "star"),
            ("standing", "authorised"),
            ("name", "青岛"),
        ] {
            check(field, text, true);
        }
        for (field, text) in [
            ("zone", "Qingdao"),
            ("lat", "90.01"),
            ("lat", "1e1"),
            ("lat", "--1"),
            ("lat", "-"),
            ("lon", "-180.5"),
            ("level", "palace"),
            ("standing", "famous"),
            ("name", "a\u{1b}[2J"),
        ] {
            check(field, text, false);
        }
        assert!(id("QD-001").is_ok() && id("青岛/1").is_ok());
        assert!(id(" ").is_err() && id("a b").is_err() && id("a,b").is_err() && id(&"x".repeat(41)).is_err());
    }
}
