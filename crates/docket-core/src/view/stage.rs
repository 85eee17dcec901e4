//! The six stages of service (D-H12).

/// Where a job is on its way; derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The information came in.
    Intake,
    /// An outlet or crew is chosen, a plan is made and reviewed.
    Plan,
    /// The service itself.
    Service,
    /// Checked and accepted.
    Acceptance,
    /// The caring follow-up.
    FollowUp,
    /// The loop is closed: upkeep by contract from here on.
    Upkeep,
}

impl Stage {
    /// Every stage, first first.
    pub const ALL: [Self; 6] =
        [Self::Intake, Self::Plan, Self::Service, Self::Acceptance, Self::FollowUp, Self::Upkeep];

    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Plan => "plan",
            Self::Service => "service",
            Self::Acceptance => "acceptance",
            Self::FollowUp => "follow_up",
            Self::Upkeep => "upkeep",
        }
    }
}
