//! Who may be sent to a job, and why not the others (D-H3).

use docket_format::PersonId;
use jiff::civil::Date;

use crate::grade::{self, Credential, Grade, Graded};
use crate::policy::Policy;
use crate::text;
use crate::view::JobView;

/// The least grade that a job needs, and what asks for it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Need {
    /// The least grade.
    pub grade: Grade,
    /// What asks for it, one line each; the highest decides.
    pub reasons: Vec<String>,
}

/// What dispatch looks at in a job.
#[derive(Debug, Clone, Copy, Default)]
pub struct Demand<'a> {
    /// The job's `difficulty` register.
    pub difficulty: Option<&'a str>,
    /// The job's `product` register.
    pub product: Option<&'a str>,
    /// The job's `fault` register.
    pub fault: Option<&'a str>,
    /// The customer's `group` register.
    pub group: Option<&'a str>,
}

impl<'a> Demand<'a> {
    /// Of a job, and of its customer's group where that is known.
    pub fn of(job: &JobView<'a>, group: Option<&'a str>) -> Self {
        Self { difficulty: job.str("difficulty"), product: job.str("product"), fault: job.str("fault"), group }
    }
}

/// The least grade for a demand: by difficulty (the job's own, else its fault's, else its product's) and by customer
/// group; the higher wins (D-H3). Never below C: ungraded people don't go alone (D-H2).
pub fn least_grade(demand: &Demand<'_>, policy: &Policy) -> Need {
    let mut need = Need { grade: policy.dispatch.default.max(Grade::C), reasons: Vec::new() };
    let mut asks = |grade: Grade, reason: String| {
        need.grade = need.grade.max(grade);
        need.reasons.push(format!("{reason} → {grade}"));
    };
    if let Some((difficulty, source)) = difficulty(demand, policy) {
        match policy.dispatch.difficulty.get(difficulty) {
            Some(&grade) => asks(grade, format!("difficulty {difficulty} ({source})")),
            // A typo must not send a beginner to a hard job.
            None => asks(
                policy.dispatch.difficulty.values().copied().max().unwrap_or(Grade::C),
                format!("difficulty {difficulty} ({source}) is unknown to the policy: the highest"),
            ),
        }
    }
    if let Some(group) = demand.group
        && let Some(&grade) = policy.dispatch.group.get(group)
    {
        asks(grade, format!("customer group {group}"));
    }
    if need.reasons.is_empty() {
        need.reasons.push(format!("the policy's default → {}", need.grade));
    }
    need
}

fn difficulty<'a>(demand: &Demand<'a>, policy: &'a Policy) -> Option<(&'a str, &'static str)> {
    if let Some(own) = demand.difficulty {
        return Some((own, "of the job"));
    }
    let product = policy.products.iter().find(|product| Some(product.id.as_str()) == demand.product)?;
    let fault = product.faults.iter().find(|fault| Some(fault.id.as_str()) == demand.fault);
    match fault {
        Some(fault) => Some((&fault.difficulty, "of the fault")),
        None => product.difficulty.as_deref().map(|difficulty| (difficulty, "of the product")),
    }
}

/// Somebody who might be sent.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Who.
    pub person: PersonId,
    /// Their evidence.
    pub credentials: &'a [Credential],
}

/// Whether somebody may be sent, and why or why not.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// Who.
    #[serde(serialize_with = "text::one")]
    pub person: PersonId,
    /// May be sent alone.
    pub alone: bool,
    /// The grade on that day, with reasons and what is missing.
    pub grade: Graded,
    /// One line for people.
    pub why: String,
}

/// For each candidate, whether they may be sent alone on a day: fit ones first, the least sufficient grade before
/// higher ones (a hard job may come later), then by person.
pub fn explain(need: &Need, candidates: &[Candidate<'_>], on: Date, policy: &Policy) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = candidates
        .iter()
        .map(|candidate| {
            let grade = grade::grade(candidate.credentials, on, policy);
            let why = why(need, &grade);
            let alone = grade.grade >= need.grade;
            Verdict { person: candidate.person.clone(), alone, grade, why }
        })
        .collect();
    verdicts.sort_by(|a, b| {
        let rank = |v: &Verdict| (!v.alone, if v.alone { v.grade.grade as i32 } else { -(v.grade.grade as i32) });
        rank(a).cmp(&rank(b)).then_with(|| a.person.cmp(&b.person))
    });
    verdicts
}

fn why(need: &Need, graded: &Graded) -> String {
    if graded.grade >= need.grade {
        return format!("grade {}, {} needed", graded.grade, need.grade);
    }
    let missing = match graded.next {
        Some(next) if !graded.missing.is_empty() => format!("; for {next}: {}", graded.missing.join(", ")),
        _ => String::new(),
    };
    match graded.grade {
        Grade::Ungraded => format!("ungraded: may ride along, never alone; {} needed{missing}", need.grade),
        grade => format!("grade {grade} is below {}{missing}", need.grade),
    }
}

/// Whether a crew may be sent: at least one of them meets the least grade; others may ride along.
pub fn crew_may_go(need: &Need, grades: impl IntoIterator<Item = Grade>) -> bool {
    grades.into_iter().any(|grade| grade >= need.grade)
}
