//! Why a bundle was refused. Nothing of it has been used by then.

use crate::ids::TenantId;

/// Why a bundle was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBundle {
    /// The file is something else.
    #[error("not a docket bundle: the file does not start with the bundle mark")]
    NotABundle,
    /// The file ends too early.
    #[error("the bundle is cut short at byte {at}: it was not copied whole")]
    Truncated {
        /// Where it ends.
        at: usize,
    },
    /// The bytes are not those that were signed.
    #[error("the bundle was damaged or changed after it was signed")]
    Damaged,
    /// The signature is not by the device that the header names.
    #[error("the bundle's signature is forged")]
    Forged,
    /// It belongs to another company.
    #[error("the bundle belongs to another tenant ({0})")]
    OtherTenant(TenantId),
    /// A later format version.
    #[error("the bundle has format version {0}, which is newer than this program reads")]
    NewerVersion(u64),
    /// Encrypted with a scheme that this version can't read.
    #[error("the bundle is encrypted (scheme {0}), which this program can't read")]
    Encrypted(u64),
    /// A limit of `docs/protocol.md` is exceeded.
    #[error("the bundle's {what} is over the limit of {limit}")]
    TooLarge {
        /// Which part.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A signed part does not read as what it should be.
    #[error("malformed bundle ({part} at byte {at})")]
    Malformed {
        /// Which part.
        part: &'static str,
        /// Where it starts.
        at: usize,
    },
}
