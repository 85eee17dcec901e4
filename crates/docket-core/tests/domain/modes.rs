//! D-H5: group × product × industry → mode → its own steps, what is free, whom to care for. D-H21: kinds of job.

use docket_core::policy::Setting;
use docket_core::view::{JobView, StepStatus};
use docket_core::{Policy, Record, Site, UnixMs, fold_job};
use serde_json::json;

use crate::story::{HAIER, Story};

fn group(name: &str) -> Site {
    Site { group: Some(name.to_owned()), ..Site::NOWHERE }
}

fn fold<'a>(story: &'a Story, site: &'a Site) -> JobView<'a> {
    fold_job(&Record { site, ..story.record(&story.facts) }, &HAIER, UnixMs(story.now))
}

#[test]
fn d_h5_the_customers_group_gives_the_mode_and_the_mode_its_steps() {
    for (name, mode, asked) in [
        ("vip", "vip_five_star", Some("V1")),
        ("whole_set", "whole_set_one_stop", Some("W1")),
        ("engineering", "engineering_full_course", Some("P2")),
        ("urban", "installation_and_repair", None),
        ("rural", "installation_and_repair", None),
    ] {
        let site = group(name);
        let mut story = Story::job("installation");
        story.put("T1", "arrived", json!({}));
        let view = fold(&story, &site);
        assert_eq!((view.mode, view.group), (Some(mode), Some(name)));
        for step in ["V1", "W1", "P2"] {
            let state = view.steps.iter().find(|state| state.step == step);
            let expect = (asked == Some(step)).then_some(StepStatus::Missing);
            assert_eq!(state.map(|state| state.status), expect, "{name} {step}");
        }
    }
}

#[test]
fn d_h5_a_mode_that_a_person_chose_wins_and_one_that_nobody_knows_does_not() {
    let site = group("urban");
    let mut story = Story::job("installation");
    story.set("D1", "mode", &json!("vip_five_star"), &[]);
    assert_eq!(fold(&story, &site).mode, Some("vip_five_star"));
    let shown = fold(&story, &site).registers["mode"].over();
    story.set("D1", "mode", &json!("platinum"), &shown);
    assert_eq!(fold(&story, &site).mode, Some("installation_and_repair"));
}

#[test]
fn d_h5_the_narrowest_mode_that_fits_is_chosen_whatever_the_order_of_the_file() {
    let wide = "[[mode]]\nid = \"wide\"\ntitle = \"w\"\n";
    let vip = "[[mode]]\nid = \"vip\"\ntitle = \"v\"\ngroup = [\"vip\"]\nfree = [\"visit\"]\ncare = [\"greeting\"]\n";
    let oven =
        "[[mode]]\nid = \"oven\"\ntitle = \"o\"\ngroup = [\"vip\"]\nproduct = [\"oven\"]\nindustry = [\"hotels\"]\n";
    for order in [[wide, vip, oven], [oven, vip, wide], [vip, oven, wide]] {
        let text = format!("name = \"p\"\nversion = \"1\"\n{}", order.concat());
        let policy = Policy::parse(&text, "p.toml").unwrap();
        let of = |group, product, industry| {
            let setting = Setting { group, product, industry, ..Setting::default() };
            policy.mode(&setting).map(|mode| mode.id.as_str())
        };
        assert_eq!(of(None, None, None), Some("wide"));
        assert_eq!(of(Some("vip"), Some("oven"), None), Some("vip"));
        assert_eq!(of(Some("vip"), Some("oven"), Some("hotels")), Some("oven"));
        let vip = policy.modes.iter().find(|mode| mode.id == "vip").unwrap();
        assert_eq!(
            (vip.free_items.as_slice(), vip.care.as_slice()),
            (&["visit".to_owned()][..], &["greeting".to_owned()][..])
        );
    }
}

#[test]
fn d_h5_design_delivery_and_value_added_are_free_for_whole_sets() {
    let free = |id: &str| HAIER.modes.iter().find(|mode| mode.id == id).unwrap().free_items.clone();
    assert_eq!(free("whole_set_one_stop"), ["design", "delivery", "value_added"]);
    assert_eq!(free("engineering_full_course"), ["design"]);
    assert!(free("installation_and_repair").is_empty());
}

#[test]
fn d_h21_every_kind_of_job_has_a_name_a_checklist_and_its_resolutions() {
    for id in [
        "installation",
        "repair",
        "delivery",
        "design",
        "acceptance",
        "maintenance",
        "inspection",
        "software_upgrade",
        "exchange",
        "part_supply",
        "consultation",
        "training",
        "complaint",
    ] {
        let kind = HAIER.kind(id).unwrap_or_else(|| panic!("{id} is not in the catalogue"));
        assert!(!kind.title.is_empty());
        assert!(HAIER.template(id, None).is_some(), "{id} has no checklist");
    }
    assert!(HAIER.kind("repair").unwrap().may_end("no_fault_found"));
    assert!(!HAIER.kind("installation").unwrap().may_end("repaired"));
    assert!(HAIER.kind("delivery").unwrap().may_end("anything"), "no list = any");
}

#[test]
fn d_h21_a_resolution_that_the_kind_does_not_have_is_a_sign() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.put("T1", "completed", json!({"resolution": "repaired"}));
    let view = story.view();
    let sign = view.signs.iter().find(|sign| sign.sign == "resolution_not_of_kind").unwrap();
    assert_eq!((sign.row, sign.key.as_str()), ("D-H21", "repaired"));
    let mut story = Story::job("installation");
    story.good_visit("T1");
    assert!(story.view().signs.iter().all(|sign| sign.row != "D-H21"));
}
