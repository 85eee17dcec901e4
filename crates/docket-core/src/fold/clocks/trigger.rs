//! The facts that start and stop clocks, and when they happened.

use docket_format::fact::{Origin, Stamp};
use serde_json::Value;

use super::super::course::Askers;
use super::super::moment::{DRIFT_MS, Moment};
use super::super::order::Item;
use crate::policy::Trigger;
use crate::time::{DRIFT_PPM, UnixMs};
use crate::view::TimeEvidence;
use crate::{catalogue, kind};

/// A moment in the record.
#[derive(Clone, Copy)]
pub(super) struct Mark<'i, 'a> {
    /// When.
    pub(super) at: UnixMs,
    /// How well that is known.
    pub(super) moment: Moment,
    /// The fact; `None` for the time at which the demand came in.
    pub(super) item: Option<&'i Item<'a>>,
}

impl<'i, 'a> Mark<'i, 'a> {
    /// The moment of a fact; `None` for one out of a file that doesn't say when.
    pub(super) fn of(item: &'i Item<'a>) -> Option<Self> {
        let moment = stated(item).map(|at| Moment::exact(at, TimeEvidence::Stated)).or(item.moment)?;
        Some(Self { at: moment.at, moment, item: Some(item) })
    }

    /// A time that somebody wrote down.
    pub(super) fn stated(at: UnixMs) -> Self {
        Self { at, moment: Moment::exact(at, TimeEvidence::Stated), item: None }
    }

    /// How well it is known.
    pub(super) fn evidence(&self) -> TimeEvidence {
        self.moment.evidence
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
    /// How many milliseconds less or more than from the start to `at` it may have been.
    pub(super) off_ms: i64,
}

impl Elapsed {
    /// Whether the evidence leaves open on which side of a deadline it was. What is only claimed is taken at its word.
    pub(super) fn straddles(&self, due: UnixMs) -> bool {
        let Self { at, off_ms, evidence, suspect } = *self;
        evidence >= TimeEvidence::Attested && Moment { at, off_ms, evidence, suspect }.straddles(due)
    }
}

/// When a moment was, by uptime where one boot saw both, else by the clocks.
pub(super) fn elapsed(from: &Mark<'_, '_>, to: &Mark<'_, '_>) -> Elapsed {
    let evidence = from.evidence().min(to.evidence());
    let doubtful = from.moment.suspect || to.moment.suspect;
    let seen = from.item.zip(to.item).filter(|_| evidence >= TimeEvidence::Claimed);
    let stamps = seen.and_then(|(a, b)| {
        let same = stamp(a).zip(stamp(b)).filter(|(x, y)| a.device() == b.device() && x.boot == y.boot);
        same.filter(|_| a.id() != b.id())
    });
    let Some((a, b)) = stamps else {
        let off_ms = from.moment.off_ms.saturating_add(to.moment.off_ms);
        return Elapsed { at: to.at, evidence, suspect: doubtful || to.at < from.at, off_ms };
    };
    let ms = b.up_ms.saturating_sub(a.up_ms);
    let by_wall = b.wall_ms.saturating_sub(a.wall_ms);
    let off = ms.saturating_abs().saturating_mul(DRIFT_PPM) / 1_000_000;
    Elapsed {
        at: UnixMs(from.at.0.saturating_add(ms)),
        evidence: from.evidence().max(TimeEvidence::Elapsed),
        suspect: doubtful || ms < 0 || ms.saturating_sub(by_wall).saturating_abs() > DRIFT_MS,
        off_ms: off,
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
