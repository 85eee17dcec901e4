//! Waiting: for the customer, for a part (DOMAIN.md, "Clocks in general"; D-K2).
//!
//! A person's pause lasts until they resume, pause for something else, arrive or end the visit; `resumed` by somebody
//! who did not pause ends everybody's. A locked door makes the job wait for the customer until somebody arrives,
//! reaches them or resumes.

use docket_format::PersonId;
use serde_json::Value;

use super::super::order::Item;
use super::super::visits::is_outcome;
use super::trigger::{Mark, elapsed};
use crate::clock::Pause;
use crate::kind;

/// Who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    Person(Option<PersonId>),
    /// The job, for a customer who was not there.
    Door,
}

/// One wait.
struct Wait<'i, 'a> {
    who: Who,
    reason: &'a str,
    from: Mark<'i, 'a>,
    to: Option<Mark<'i, 'a>>,
}

/// All waits of a job, and which of them go on: at most one for each waiter.
#[derive(Default)]
pub(super) struct Waiting<'i, 'a> {
    all: Vec<Wait<'i, 'a>>,
    open: Vec<usize>,
}

impl<'i, 'a> Waiting<'i, 'a> {
    pub(super) fn of(items: &'i [Item<'a>]) -> Self {
        let mut all = Self::default();
        for item in items.iter().filter(|item| item.applied()) {
            let Some(mark) = Mark::of(item) else { continue };
            let own = Who::Person(item.person());
            match item.kind() {
                kind::PAUSED => {
                    all.close(mark, |who| *who == own);
                    if let Some(reason) = item.fact.str("for") {
                        all.begin(own, reason, mark);
                    }
                }
                kind::RESUMED => {
                    let paused = all.open.iter().any(|index| all.all.get(*index).is_some_and(|wait| wait.who == own));
                    all.close(mark, |who| !paused || *who == own);
                }
                kind::NO_ACCESS => {
                    all.close(mark, |who| *who == own);
                    all.close(mark, |who| *who == Who::Door);
                    all.begin(Who::Door, "customer", mark);
                }
                kind::ARRIVED => all.close(mark, |who| *who == own || *who == Who::Door),
                kind::CONTACTED if item.fact.body.get("reached") != Some(&Value::Bool(false)) => {
                    all.close(mark, |who| *who == Who::Door);
                }
                other if is_outcome(other) => all.close(mark, |who| *who == own),
                _ => {}
            }
        }
        all
    }

    fn begin(&mut self, who: Who, reason: &'a str, from: Mark<'i, 'a>) {
        self.open.push(self.all.len());
        self.all.push(Wait { who, reason, from, to: None });
    }

    fn close(&mut self, at: Mark<'i, 'a>, whose: impl Fn(&Who) -> bool) {
        let all = &mut self.all;
        self.open.retain(|index| match all.get_mut(*index) {
            Some(wait) if whose(&wait.who) => {
                wait.to = Some(at);
                false
            }
            _ => true,
        });
    }

    /// The waits for these reasons, as seen from a start. `before`: only what was recorded before that place counts, so
    /// that a visit which broke off to wait still waits when the next one begins.
    pub(super) fn pauses(&self, start: &Mark<'i, 'a>, reasons: &[String], before: Option<u32>) -> Vec<Pause> {
        let is_in = |mark: &Mark<'i, 'a>| before.is_none_or(|before| mark.item.is_none_or(|item| item.pos < before));
        let counting = self.all.iter().filter(|wait| reasons.iter().any(|reason| reason == wait.reason));
        let seen = |mark: &Mark<'i, 'a>| elapsed(start, mark).at;
        let pause = |wait: &Wait<'i, 'a>| Pause {
            from: seen(&wait.from),
            to: wait.to.as_ref().filter(|to| is_in(to)).map(seen),
        };
        counting.filter(|wait| is_in(&wait.from)).map(pause).collect()
    }
}
