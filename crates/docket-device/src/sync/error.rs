//! Why a synchronisation ended early. What was acknowledged and what was stored before stays; nothing is lost.

use docket_format::keys::PublicKey;
use docket_sync::wire::Problem;

use super::transport::TransportError;
use crate::company::CompanyError;
use crate::error::{ErrorKind, StoreError};

/// A synchronisation ended early.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// This device's store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Enrolling.
    #[error(transparent)]
    Company(#[from] CompanyError),
    /// The relay can't be reached, or the connection broke.
    #[error("{url}: {error}")]
    Transport {
        /// Where the relay should be.
        url: String,
        /// What happened.
        error: TransportError,
    },
    /// The relay refused.
    #[error("{url} refused ({status} {}): {}", problem.code, problem.message)]
    Refused {
        /// Where the relay is.
        url: String,
        /// The answer's status.
        status: u16,
        /// Why.
        problem: Problem,
        /// After how many seconds to try again, if it says so.
        retry_after_s: Option<u64>,
    },
    /// What answers is no relay, or not in its right mind.
    #[error("{url}: {what}")]
    BadAnswer {
        /// Where the relay should be.
        url: String,
        /// What is wrong with the answer.
        what: String,
    },
    /// The relay there is not one that the company knows.
    #[error("{url} shows a key that is not the company's relay ({key})")]
    UnknownRelay {
        /// Where it is.
        url: String,
        /// Its key.
        key: PublicKey,
    },
    /// Nobody said where the relay is.
    #[error("no relay is known")]
    NoRelay,
}

impl SyncError {
    /// How the command line answers.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Company(error) => error.kind(),
            Self::NoRelay => ErrorKind::Usage,
            _ => ErrorKind::Environment,
        }
    }

    /// What the person can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Store(error) => return error.hint(),
            Self::Company(error) => return error.hint(),
            Self::Transport { error, .. } if error.unreachable => {
                "check the network and the address; `docket sync` goes on where it was".into()
            }
            Self::Transport { .. } => "run `docket sync` again: it goes on where it was".into(),
            Self::Refused { problem, retry_after_s, .. } => match (problem.code.as_str(), retry_after_s) {
                (_, Some(seconds)) => format!("try again in {seconds} seconds"),
                ("unknown-device", _) => "the relay's company does not know this device; ask the office".into(),
                ("invitation-used", _) => {
                    "another device joined with this invitation; ask the office for a new one".into()
                }
                ("unknown-invitation", _) => {
                    "the invitation has not reached the relay: run `docket sync` on the device that made it".into()
                }
                ("unknown-tenant", _) => "the relay at this address serves another company".into(),
                _ => return None,
            },
            Self::BadAnswer { .. } => "is this the address of a docket relay?".into(),
            Self::UnknownRelay { .. } => {
                "run `docket sync` on an admin's device first: it makes the relay known to the company".into()
            }
            Self::NoRelay => "say where: docket sync --relay http://HOST:PORT, or set DOCKET_RELAY".into(),
        })
    }

    /// Whether the relay doesn't believe the token any more.
    pub(super) fn is_token(&self) -> bool {
        matches!(self, Self::Refused { status: 401, .. })
    }

    pub(super) fn is_code(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { problem, .. } if problem.code == wanted)
    }
}
