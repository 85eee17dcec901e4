//! Why a use-case did not happen, in words for the person who asked.

use crate::error::{ErrorKind, StoreError};

/// A use-case failed. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The store below failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was asked for can't be: the same call will fail again.
    #[error("{}", .0.what)]
    Refused(Box<Refusal>),
}

/// What can't be, what there is instead, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// In one line.
    pub what: String,
    /// What there is instead: known steps, candidates.
    pub details: Vec<String>,
    /// What to do.
    pub hints: Vec<String>,
}

impl AppError {
    /// A refusal.
    pub fn refused(what: impl Into<String>) -> Self {
        Self::Refused(Box::new(Refusal { what: what.into(), details: Vec::new(), hints: Vec::new() }))
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.hints.push(hint.into());
        }
        self
    }

    /// Adds what there is instead.
    #[must_use]
    pub fn details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.details.extend(details);
        }
        self
    }

    /// How the command line answers.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Refused(_) => ErrorKind::Usage,
        }
    }
}
