//! D-H20 for every kind of fact: each shipped pack says who may state it, and what another role states is kept, without
//! effect, and found.

use docket_core::view::Effect;
use docket_core::{IssueKind, Policy, Role, catalogue, kind};
use serde_json::json;

use crate::story::Story;

const PACKS: [&str; 5] = ["haier", "changhong", "hengji", "severity", "default"];

#[test]
fn d_h20_every_pack_says_who_may_state_each_kind() {
    for name in PACKS {
        let policy = Policy::parse(docket_core::policy::builtin(name).unwrap(), name).unwrap();
        for kind in kind::all() {
            let roles: Vec<&str> = policy.authority.roles(kind).map(Role::as_str).collect();
            assert!(!roles.is_empty(), "{name}: nobody may state `{kind}`");
            // An auditor writes notes, and answers for findings; nothing that a job is judged by.
            let audits = catalogue::shape(kind).is_some_and(|shape| shape.belongs_to("audit"));
            assert!(!roles.contains(&Role::AUDITOR) || kind == kind::NOTED || audits, "{name}: an auditor, `{kind}`");
        }
    }
}

#[test]
fn d_h20_the_roles_of_the_catalogue_can_do_their_part() {
    for name in PACKS {
        let policy = Policy::parse(docket_core::policy::builtin(name).unwrap(), name).unwrap();
        for (role, kind) in [
            ("salesperson", "created"),
            ("representative", "contacted"),
            ("dispatcher", "assigned"),
            ("technician", "arrived"),
            ("outlet_manager", "fed_back"),
            ("technical_manager", "plan_approved"),
            ("works_supervisor", "works_witnessed"),
            ("acceptor", "works_accepted"),
            ("product_support_manager", "evidence"),
            ("handling_specialist", "accepted"),
            ("director", "standing"),
            ("inspector", "inspected"),
            ("call_back_agent", "called_back"),
        ] {
            assert!(policy.authority.may_state(role, kind), "{name}: {role} {kind}");
        }
        for (role, kind) in [
            ("technician", "called_back"),
            ("technician", "plan_approved"),
            ("outlet_manager", "called_back"),
            ("technician", "handled"),
        ] {
            assert!(!policy.authority.may_state(role, kind), "{name}: {role} {kind}");
        }
    }
}

#[test]
fn d_h20_what_another_role_states_is_kept_and_found_never_refused() {
    for (kind, body) in [
        ("called_back", json!({"reached": true})),
        ("complained", json!({"cause": "x"})),
        ("overruled", json!({"why": "x"})),
        ("classified", json!({"regs": {"nature": "hardware"}})),
        ("escalated", json!({"to": "task_force"})),
    ] {
        let mut story = Story::job("repair");
        let fact = story.put("X1", kind, body);
        let view = story.view();
        assert_eq!(view.timeline.last().unwrap().effect, Effect::Unauthorised, "{kind}");
        assert!(view.events.is_empty() && view.str("nature").is_none(), "{kind}");
        assert_eq!(story.issue(IssueKind::Unauthorised).facts, [fact], "{kind}");
    }
}
