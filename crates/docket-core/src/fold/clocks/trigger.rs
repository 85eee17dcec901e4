//! The facts that start and stop clocks, and when they happened.

use docket_format::fact::{Origin, Stamp};
use serde_json::Value;

use super::super::course::Askers;
use super::super::order::Item;
use crate::policy::Trigger;
use crate::time::{MINUTE_MS, UnixMs};
use crate::view::TimeEvidence;
use crate::{catalogue, kind};

/// How far wall clock and uptime may drift apart before the wall clock is suspect.
const DRIFT_MS: i64 = MINUTE_MS;

/// A moment in the record.
#[derive(Clone, Copy)]
pub(super) struct Mark<'i, 'a> {
    /// When.
    pub(super) at: UnixMs,
    /// How well that is known.
    pub(super) evidence: TimeEvidence,
    /// The fact; `None` for the time at which the demand came in.
    pub(super) item: Option<&'i Item<'a>>,
}

impl<'i, 'a> Mark<'i, 'a> {
    /// The moment of a fact; `None` for one out of a file that doesn't say when.
    pub(super) fn of(item: &'i Item<'a>) -> Option<Self> {
        let stated = stated(item);
        let evidence = if stated.is_some() { TimeEvidence::Stated } else { TimeEvidence::Claimed };
        Some(Self { at: stated.or_else(|| item.at())?, evidence, item: Some(item) })
    }

    /// Whether a fact comes after it in the fold's order.
    pub(super) fn is_before(&self, item: &Item<'_>) -> bool {
        self.item.is_none_or(|own| own.pos < item.pos)
    }
}

/// When somebody says that it happened, where facts of this kind may say so.
fn stated(item: &Item<'_>) -> Option<UnixMs> {
    catalogue::shape(item.kind())?;
    item.fact.str("when").and_then(UnixMs::parse)
}

/// A later moment as seen from a start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elapsed {
    /// When, on the start's clock.
    pub(super) at: UnixMs,
    pub(super) evidence: TimeEvidence,
    pub(super) suspect: bool,
}

/// When a moment was, by uptime where one boot saw both, else by the wall clocks.
pub(super) fn elapsed(from: &Mark<'_, '_>, to: &Mark<'_, '_>) -> Elapsed {
    let by_wall = to.at.0.saturating_sub(from.at.0);
    let evidence = from.evidence.min(to.evidence);
    let seen = from.item.zip(to.item).filter(|_| evidence == TimeEvidence::Claimed);
    let stamps = seen.and_then(|(a, b)| {
        let same = stamp(a).zip(stamp(b)).filter(|(x, y)| a.device() == b.device() && x.boot == y.boot);
        same.filter(|_| a.id() != b.id())
    });
    match stamps {
        None => Elapsed { at: to.at, evidence, suspect: by_wall < 0 },
        Some((a, b)) => {
            let ms = b.up_ms.saturating_sub(a.up_ms);
            let suspect = ms < 0 || ms.saturating_sub(by_wall).saturating_abs() > DRIFT_MS;
            Elapsed { at: UnixMs(from.at.0.saturating_add(ms)), evidence: TimeEvidence::Elapsed, suspect }
        }
    }
}

fn stamp<'i>(item: &'i Item<'_>) -> Option<&'i Stamp> {
    match &item.fact.header.origin {
        Origin::Device { at, .. } => Some(at),
        Origin::Import { .. } => None,
    }
}

/// Whether a fact with effect is one of these.
pub(super) fn any(triggers: &[Trigger], item: &Item<'_>, askers: &Askers<'_>) -> bool {
    item.applied() && triggers.iter().any(|trigger| is(trigger, item, askers))
}

fn is(trigger: &Trigger, item: &Item<'_>, askers: &Askers<'_>) -> bool {
    let Trigger::Fact { kind, fields, centre } = trigger else { return false };
    item.kind() == kind
        && (!centre || askers.objection(item.person().as_ref()).is_none())
        && fields.iter().all(|(name, values)| {
            let said = item.fact.body.get(name).filter(|said| !said.is_null()).or_else(|| unsaid(kind, name));
            said.is_some_and(|said| values.contains(said))
        })
}

/// What a fact means where it says nothing about a field.
fn unsaid(kind: &str, field: &str) -> Option<&'static Value> {
    // Nobody notes down that the customer picked up the phone.
    ((kind, field) == (kind::CONTACTED, "reached")).then_some(&Value::Bool(true))
}

/// Of the moments after `start` the first; if they all claim to be before it, the last of them, which is suspect.
pub(super) fn first_after<'i, 'a>(
    start: &Mark<'i, 'a>,
    candidates: impl IntoIterator<Item = Mark<'i, 'a>>,
) -> Option<(Mark<'i, 'a>, Elapsed)> {
    let seen = candidates.into_iter().map(|mark| (mark, elapsed(start, &mark)));
    let rank = |found: &Elapsed| {
        let early = found.at < start.at;
        (early, if early { found.at.0.saturating_neg() } else { found.at.0 })
    };
    seen.min_by_key(|(_, found)| rank(found))
}
