//! Collects what is wrong with a file, so that one look shows all of it.

use super::error::PolicyError;

/// Faults in the order in which they were found.
#[derive(Default)]
pub(super) struct Faults(Vec<PolicyError>);

impl Faults {
    /// The value, or nothing and one fault more.
    pub(super) fn take<T>(&mut self, read: Result<T, PolicyError>) -> Option<T> {
        read.map_err(|fault| self.0.push(fault)).ok()
    }

    pub(super) fn push(&mut self, fault: PolicyError) {
        self.0.push(fault);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value if nothing was wrong, else the first fault.
    pub(super) fn or<T>(self, value: T) -> Result<T, PolicyError> {
        self.0.into_iter().next().map_or(Ok(value), Err)
    }

    /// By place in the file, each once.
    pub(super) fn into_sorted(self) -> Vec<PolicyError> {
        let mut all = self.0;
        all.sort_by(|a, b| (a.line, a.column, &a.what).cmp(&(b.line, b.column, &b.what)));
        all.dedup();
        all
    }
}
