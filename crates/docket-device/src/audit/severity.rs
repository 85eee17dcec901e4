//! How much a finding matters.

use core::fmt;
use core::str::FromStr;

/// Severities, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nobody did anything wrong.
    Info,
    /// A slip.
    Minor,
    /// The work or its record is not as it must be.
    Major,
    /// Somebody may come to harm.
    Critical,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: [Self; 4] = [Self::Info, Self::Minor, Self::Major, Self::Critical];

    /// The name in packs, JSON, CSV and `--fail-on`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text is no severity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a severity: expected info, minor, major or critical")]
pub struct BadSeverity(String);

impl FromStr for Severity {
    type Err = BadSeverity;

    fn from_str(text: &str) -> Result<Self, BadSeverity> {
        let found = Self::ALL.into_iter().find(|severity| severity.as_str() == text);
        found.ok_or_else(|| BadSeverity(text.chars().take(40).collect()))
    }
}
