//! Which facts have an effect at all: their device is known, their payload makes sense, their author's role may state
//! them (D-H20), and no claim counts before somebody accepts it (DESIGN §3, §5).

use docket_format::Fact;
use serde_json::Value;

use super::issues::{Issues, choice};
use super::order::Item;
use super::payload;
use crate::issue::IssueKind;
use crate::kind;
use crate::policy::Policy;
use crate::record::{AS, Standing};
use crate::role::Role;
use crate::view::Effect;

/// Judges each fact on its own, before any decision is known.
pub(super) fn judge(items: &[Item<'_>], policy: &Policy) {
    for item in items {
        item.effect.set(effect(item, policy));
    }
}

fn effect(item: &Item<'_>, policy: &Policy) -> Effect {
    if !kind::is_known(item.kind()) {
        return Effect::UnknownKind;
    }
    let role = match (item.author(), &item.who) {
        (None, _) => Role::IMPORT,
        (Some(_), Some(who)) if item.standing != Standing::UnknownDevice => who.role.as_str(),
        (Some(_), None) if is_strangers(item) => return Effect::Unauthorised,
        _ => return Effect::UnknownDevice,
    };
    if payload::fault(item.fact).is_some() {
        Effect::BadPayload
    } else if !is_authorised(item.fact, role, policy) {
        Effect::Unauthorised
    } else if item.standing == Standing::Claim {
        Effect::Claim
    } else {
        Effect::Applied
    }
}

/// Whether a fact names somebody whom the roster does not let work on its device: it is nobody's.
fn is_strangers(item: &Item<'_>) -> bool {
    item.standing != Standing::UnknownDevice && item.who.is_none() && item.fact.body.contains_key(AS)
}

fn is_authorised(fact: &Fact, role: &str, policy: &Policy) -> bool {
    let authority = &policy.authority;
    authority.may_state(role, fact.kind())
        && fact.str("r").is_none_or(|register| authority.may_set(role, register))
        && regs(fact).all(|(register, _)| authority.may_set(role, register))
}

/// The registers that a fact sets through `regs`.
pub(super) fn regs(fact: &Fact) -> impl Iterator<Item = (&str, &Value)> {
    let regs = fact.body.get("regs").and_then(Value::as_object);
    regs.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// Raises an issue for each fact without effect; a supervisor may let claims and unauthorised facts count after all.
pub(super) fn report(items: &[Item<'_>], issues: &mut Issues) {
    for item in items {
        let (kind, why) = match item.effect.get() {
            Effect::Claim if item.author().is_none() => {
                (IssueKind::Claim, "nobody whose word counts says that it came from a file".to_owned())
            }
            Effect::Claim => (IssueKind::Claim, "its device was revoked before it arrived".to_owned()),
            Effect::Unauthorised if is_strangers(item) => {
                let named = item.fact.str(AS).unwrap_or("somebody");
                (IssueKind::Unauthorised, format!("the roster does not let {named} work on its device"))
            }
            Effect::Unauthorised => (IssueKind::Unauthorised, format!("a {} may not state it", role(item))),
            Effect::UnknownDevice => (IssueKind::UnknownDevice, "the roster does not know its device".to_owned()),
            Effect::BadPayload => {
                let fault = payload::fault(item.fact).unwrap_or("it corrects what is not corrected".into());
                (IssueKind::BadPayload, fault.into_owned())
            }
            _ => continue,
        };
        let acceptable = matches!(kind, IssueKind::Claim | IssueKind::Unauthorised);
        let options = if acceptable { vec![choice(item, item.kind().into())] } else { Vec::new() };
        let by = item.person().map(|person| format!(" by {person}")).unwrap_or_default();
        let summary = format!("`{}`{by} has no effect: {why}", item.kind());
        let settled = issues.raise(kind, "", vec![item.id()], options, summary);
        // Decisions themselves can't be let in this way: who may decide would then be decided by a decision.
        if acceptable && item.kind() != kind::DECIDED && settled.keeps(item) {
            item.effect.set(Effect::Applied);
        }
    }
}

fn role<'i>(item: &'i Item<'_>) -> &'i str {
    item.who.as_ref().map_or(Role::IMPORT, |who| who.role.as_str())
}
