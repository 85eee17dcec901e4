//! What a person is for the company: an open list, which a policy closes (D-H20).

use core::fmt;
use core::str::FromStr;

/// A role's name, 1 to 40 characters of `a-z 0-9 _ -`. The list is open: a policy's `roles` says which exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Role(String);

/// A text is no role's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role: expected 1 to 40 characters of a-z, 0-9, `_` or `-`, as in technician")]
pub struct BadRole(String);

impl Role {
    /// Works jobs.
    pub const TECHNICIAN: &'static str = "technician";
    /// Sends people to jobs.
    pub const DISPATCHER: &'static str = "dispatcher";
    /// Dispatches, and decides about what clashes.
    pub const SUPERVISOR: &'static str = "supervisor";
    /// Reads and audits.
    pub const AUDITOR: &'static str = "auditor";
    /// Keeps the roster.
    pub const ADMIN: &'static str = "admin";
    /// Stands in for the writer of an imported fact: what may come out of a file is policy too.
    pub const IMPORT: &'static str = "import";

    /// The roles that every policy knows; it may add more.
    pub const BUILT_IN: [&'static str; 6] =
        [Self::TECHNICIAN, Self::DISPATCHER, Self::SUPERVISOR, Self::AUDITOR, Self::ADMIN, Self::IMPORT];

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// Text and role sort alike, so a set of roles can be asked with a text.
impl core::borrow::Borrow<str> for Role {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Role {
    type Err = BadRole;

    fn from_str(text: &str) -> Result<Self, BadRole> {
        let good = (1..=40).contains(&text.len())
            && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'_' | b'-'));
        if good { Ok(Self(text.to_owned())) } else { Err(BadRole(text.chars().take(60).collect())) }
    }
}
