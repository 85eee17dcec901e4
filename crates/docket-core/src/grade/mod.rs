//! Grades A+, A, B, C and ungraded, from evidence, as of a day (D-H2).

mod dates;
mod evaluate;
mod history;
mod service;
mod training;

use core::fmt;
use core::str::FromStr;

use docket_format::{FactId, PersonId};
use jiff::civil::Date;

use crate::text;

pub use dates::date_fault;
pub use evaluate::grade;
pub use history::{Change, history};
pub use training::{Course, missing_courses, ready_on};

/// A technician's grade. `D-H2` says "four classes" and names five: ungraded is its D.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// No conditions met: may ride along, never alone.
    Ungraded,
    /// Junior.
    C,
    /// Intermediate.
    B,
    /// Advanced.
    A,
    /// Advanced, proven by exam and interview.
    APlus,
}

impl Grade {
    /// Every grade, least first.
    pub const ALL: [Self; 5] = [Self::Ungraded, Self::C, Self::B, Self::A, Self::APlus];

    /// The name used in facts, policies, views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ungraded => "ungraded",
            Self::C => "C",
            Self::B => "B",
            Self::A => "A",
            Self::APlus => "A+",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for Grade {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A text is no grade.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a grade: expected A+, A, B, C or ungraded")]
pub struct BadGrade(String);

impl FromStr for Grade {
    type Err = BadGrade;

    fn from_str(text: &str) -> Result<Self, BadGrade> {
        let found = Self::ALL.into_iter().find(|grade| grade.as_str().eq_ignore_ascii_case(text));
        found.ok_or_else(|| BadGrade(text.chars().take(40).collect()))
    }
}

/// What a piece of evidence proves.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "ek", rename_all = "snake_case")]
pub enum Proof {
    /// A state certificate of a level.
    Certificate {
        /// `junior`, `intermediate`, `advanced` … as the policy orders them.
        level: String,
    },
    /// The brand's exam for a grade.
    Exam {
        /// The grade examined.
        grade: Grade,
    },
    /// An interview, by whom (`product_support_manager`).
    Interview {
        /// Who holds such interviews.
        by: String,
    },
    /// Employment in after-sales service.
    Service {
        /// First day.
        #[serde(serialize_with = "text::one")]
        from: Date,
        /// Last day; `None` = still serving.
        #[serde(serialize_with = "text::option")]
        to: Option<Date>,
    },
    /// Something that this version does not know; it proves nothing here.
    Unknown {
        /// The kind, as written.
        kind: String,
    },
}

/// One piece of evidence about a technician.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Credential {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// What it proves.
    #[serde(flatten)]
    pub proof: Proof,
    /// Who issued it; for service, the brand served.
    pub issuer: Option<String>,
    /// First day it counts; for service, its first day.
    #[serde(serialize_with = "text::option")]
    pub issued: Option<Date>,
    /// Last day it counts.
    #[serde(serialize_with = "text::option")]
    pub expires: Option<Date>,
    /// The day from which it was withdrawn.
    #[serde(serialize_with = "text::option")]
    pub withdrawn: Option<Date>,
    /// Who recorded it; never the technician (D-H2).
    #[serde(serialize_with = "text::option")]
    pub recorded_by: Option<PersonId>,
}

impl Credential {
    /// Whether it counts on a day: issued by then, not yet expired, not yet withdrawn.
    pub fn counts_on(&self, on: Date) -> bool {
        self.issued.is_some_and(|issued| issued <= on)
            && self.expires.is_none_or(|expires| on <= expires)
            && self.withdrawn.is_none_or(|withdrawn| on < withdrawn)
    }
}

/// A grade and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Graded {
    /// The grade.
    pub grade: Grade,
    /// The day it is true for.
    #[serde(serialize_with = "text::one")]
    pub on: Date,
    /// What it rests on, one line each.
    pub reasons: Vec<String>,
    /// The next grade up, if there is one.
    pub next: Option<Grade>,
    /// What is missing for that, one line each.
    pub missing: Vec<String>,
}
