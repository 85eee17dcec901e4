//! Where a job stands.

/// Where a job stands. Never stored: derived by the fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody is assigned.
    New,
    /// A crew is assigned.
    Assigned,
    /// Somebody is there.
    OnSite,
    /// Completed; not closed before the call-back, where the policy wants one.
    Done,
    /// Refused; `unsafe` is unpenalised (D-H14).
    Refused,
    /// Nobody opened.
    NoAccess,
    /// Off.
    Cancelled,
    /// Done, and the customer was asked (D-H16); or closed where it was imported from.
    Closed,
}

impl Status {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Assigned => "assigned",
            Self::OnSite => "on_site",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::NoAccess => "no_access",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
        }
    }

    /// Whether there is still something to do.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Assigned | Self::OnSite | Self::NoAccess)
    }
}
