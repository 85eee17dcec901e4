//! The least grade that a job needs (D-H3).

use crate::grade::Grade;
use crate::policy::Policy;
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

/// Whether a crew may be sent: at least one of them meets the least grade; others may ride along.
pub fn crew_may_go(need: &Need, grades: impl IntoIterator<Item = Grade>) -> bool {
    grades.into_iter().any(|grade| grade >= need.grade)
}
