//! Packs include packs: each rule once, whatever road leads to it; what can't be found or leads round is refused where
//! it is named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails should say where"
)]

use std::collections::{BTreeMap, BTreeSet};

use crate::audit_common::Sheet;
use docket_device::audit::{Pack, Source, check, shipped_names};

fn rule(id: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\nseverity = \"minor\"\nrow = \"D-H1\"\ntitle = \"t\"\nmessage = \"m\"\nkey = []\n\
         sql = \"SELECT doc AS subject FROM v_job\"\n"
    )
}

fn ids(pack: &Pack) -> Vec<&str> {
    pack.rules.iter().map(|rule| rule.id.as_str()).collect()
}

/// Reads the first of these files; the others can be included.
fn read(files: &[(&str, String)]) -> Result<Pack, String> {
    let known: BTreeMap<&str, &String> = files.iter().map(|(name, text)| (*name, text)).collect();
    let lookup = |name: &str, _: &str| {
        let text = known.get(name).ok_or("there is no such file")?;
        Ok(Source { file: name.to_owned(), text: (*text).clone() })
    };
    Pack::parse_with(&files[0].1, files[0].0, &lookup).map_err(|error| error.to_string())
}

#[test]
fn an_included_packs_rules_come_first_and_once() {
    let a = "name = \"a\"\ninclude = [\"b.toml\", \"c.toml\"]\n".to_owned() + &rule("own");
    let b = "name = \"b\"\ninclude = [\"d.toml\"]\n".to_owned() + &rule("b");
    let c = "name = \"c\"\ninclude = [\"d.toml\"]\n".to_owned() + &rule("c");
    let d = "name = \"d\"\n".to_owned() + &rule("d");
    let pack = read(&[("a.toml", a), ("b.toml", b), ("c.toml", c), ("d.toml", d)]).unwrap();
    assert_eq!((pack.name.as_str(), ids(&pack)), ("a", vec!["d", "b", "c", "own"]));
}

#[test]
fn what_cannot_be_included_is_refused_where_it_is_named() {
    let a = |more: &str| format!("name = \"a\"\ninclude = [{more}]\n");
    let unknown = Pack::parse(&(a("\"haier\", \"heier\"") + &rule("x")), "a.toml").unwrap_err().to_string();
    assert!(unknown.starts_with("a.toml:2:21: can't include `heier`: no pack"), "{unknown}");
    assert!(unknown.ends_with("did you mean `haier`?"), "{unknown}");
    let missing = read(&[("a.toml", a("\"b.toml\""))]).unwrap_err();
    assert_eq!(missing, "a.toml:2:12: can't include `b.toml`: there is no such file");
    let round = read(&[("a.toml", a("\"b.toml\"")), ("b.toml", "name = \"b\"\ninclude = [\"a.toml\"]\n".into())]);
    assert_eq!(round.unwrap_err(), "b.toml:2:12: includes itself: a.toml → b.toml → a.toml");
    let own = read(&[("a.toml", a("\"a.toml\""))]).unwrap_err();
    assert_eq!(own, "a.toml:2:12: includes itself: a.toml → a.toml");
    let twice = read(&[("a.toml", a("\"b.toml\"") + &rule("x")), ("b.toml", "name = \"b\"\n".to_owned() + &rule("x"))]);
    assert_eq!(twice.unwrap_err(), "a.toml:4:6: rule `x`: is there twice: b.toml has it too");
    let inside = read(&[("a.toml", a("\"b.toml\"")), ("b.toml", "name = 1\n".to_owned() + &rule("x"))]).unwrap_err();
    assert!(inside.starts_with("b.toml:1:8: "), "{inside}");
    let empty = read(&[("a.toml", a("\"b.toml\"")), ("b.toml", "name = \"b\"\n".into())]).unwrap_err();
    assert!(empty.contains("1 to 500 rules, not 0"), "{empty}");
    let deep: Vec<(String, String)> =
        (0..9).map(|n| (format!("{n}.toml"), format!("name = \"x\"\ninclude = [\"{}.toml\"]\n", n + 1))).collect();
    let deep: Vec<(&str, String)> = deep.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    assert_eq!(read(&deep).unwrap_err(), "7.toml:2:12: packs lie at most 8 deep in one another");
}

#[test]
fn the_whole_of_what_is_included_is_bounded() {
    let many = |from: usize| (from..from + 300).map(|n| rule(&format!("r{n}"))).collect::<String>();
    let a = "name = \"a\"\ninclude = [\"b.toml\"]\n".to_owned() + &many(0);
    let b = "name = \"b\"\n".to_owned() + &many(300);
    assert!(read(&[("a.toml", a), ("b.toml", b)]).unwrap_err().contains("at most 500 rules"));
}

#[test]
fn packs_named_side_by_side_share_the_rules_that_both_include() {
    let haier = || Pack::shipped("haier").unwrap().unwrap();
    let both = Pack::join(vec![haier(), Pack::builtin().unwrap()]).unwrap();
    assert_eq!(both.name, "haier+default");
    assert_eq!(both.rules.len(), Pack::builtin().unwrap().rules.len());
    assert_eq!(Pack::join(vec![haier(), haier()]).unwrap().rules.len(), haier().rules.len());
    let other = Pack::parse(&("name = \"ours\"\n".to_owned() + &rule(&haier().rules[0].id)), "ours.toml").unwrap();
    let error = Pack::join(vec![haier(), other]).unwrap_err().to_string();
    assert!(error.starts_with("ours.toml:3:6: ") && error.ends_with("shipped:haier.toml has it too"), "{error}");
}

#[test]
fn the_default_is_every_operators_rules_and_its_own() {
    let default = Pack::builtin().unwrap();
    let all: BTreeSet<&str> = ids(&default).into_iter().collect();
    for name in shipped_names() {
        // A pack that only others fill yet has no rules of its own.
        let Some(Ok(pack)) = Pack::shipped(name) else { continue };
        assert_eq!(pack.name, name);
        assert!(ids(&pack).iter().all(|id| all.contains(id)), "{name}");
    }
    assert!(all.contains("missing-step") && all.contains("unresolved-conflict"));
    check(&mut Sheet::clean().sql, &default).unwrap();
    assert!(Pack::shipped("nobody").is_none());
}

#[test]
fn the_pack_on_the_page_is_sound() {
    let page = include_str!("../../../../docs/audit.md");
    let text = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let lookup = |name: &str, _: &str| {
        assert_eq!(name, "more/evening.toml");
        Ok(Source { file: name.to_owned(), text: "name = \"more\"\n".to_owned() + &rule("evening") })
    };
    let pack = Pack::parse_with(text, "ours.toml", &lookup).unwrap();
    check(&mut Sheet::clean().sql, &pack).unwrap();
    // The mistake that the page shows is shown like that.
    let slip = text.replace("person, arrived_ms,", "person, arived_ms,");
    let slip = Pack::parse_with(&slip, "ours.toml", &lookup).unwrap();
    let error = check(&mut Sheet::clean().sql, &slip).unwrap_err();
    assert!(page.contains(&format!("error: {error}\n")), "{error}");
}

#[test]
fn rules_written_as_one_pack_are_the_same_rules() {
    let default = Pack::builtin().unwrap();
    let flat = Pack::parse(&default.to_toml(), "flat.toml").unwrap();
    assert_eq!(ids(&flat), ids(&default));
    for (flat, rule) in flat.rules.iter().zip(&default.rules) {
        assert_eq!((&flat.sql, &flat.key, &flat.message), (&rule.sql, &rule.key, &rule.message), "{}", rule.id);
        assert_eq!(
            (flat.severity, &flat.row, &flat.title, &flat.types),
            (rule.severity, &rule.row, &rule.title, &rule.types)
        );
    }
}
