//! The grade on a day: the highest whose conditions all hold.

use jiff::civil::Date;

use super::{Credential, Grade, Graded, Proof, service};
use crate::policy::{GradeRule, GradeRules, Policy};

/// The grade that the evidence gives on a day, why, and what is missing for the next (D-H2). Recomputed each time, so
/// it moves as evidence arrives, lapses or is withdrawn; A+ falls with A.
pub fn grade(credentials: &[Credential], on: Date, policy: &Policy) -> Graded {
    let rules = &policy.grades;
    let held = held(credentials, rules, on);
    let reasons = held.map(|rule| reasons(rule, credentials, rules, on)).unwrap_or_default();
    let grade = held.map_or(Grade::Ungraded, |rule| rule.grade);
    let next = rules.rules.iter().rev().find(|rule| rule.grade > grade);
    let missing = next.map(|rule| missing(rule, credentials, rules, on)).unwrap_or_default();
    Graded { grade, on, reasons, next: next.map(|rule| rule.grade), missing }
}

/// The highest rule that holds; rules are sorted highest first.
pub(super) fn held<'r>(credentials: &[Credential], rules: &'r GradeRules, on: Date) -> Option<&'r GradeRule> {
    rules.rules.iter().find(|rule| meets(rule, credentials, rules, on))
}

fn meets(rule: &GradeRule, credentials: &[Credential], rules: &GradeRules, on: Date) -> bool {
    conditions(rule).into_iter().all(|condition| condition.met(credentials, rules, on).is_some())
}

fn missing(rule: &GradeRule, credentials: &[Credential], rules: &GradeRules, on: Date) -> Vec<String> {
    let unmet = conditions(rule).into_iter().filter(|condition| condition.met(credentials, rules, on).is_none());
    unmet.map(|condition| condition.missing(credentials, rules, on)).collect()
}

fn reasons(rule: &GradeRule, credentials: &[Credential], rules: &GradeRules, on: Date) -> Vec<String> {
    conditions(rule).into_iter().filter_map(|condition| condition.met(credentials, rules, on)).collect()
}

/// One condition of a rule.
enum Condition<'r> {
    Holds(Grade),
    Certificate(&'r str),
    Exam(Grade),
    Interview(&'r str),
    Years(i64),
}

fn conditions(rule: &GradeRule) -> Vec<Condition<'_>> {
    let mut all = Vec::new();
    all.extend(rule.holds.map(Condition::Holds));
    all.extend(rule.certificate.as_deref().map(Condition::Certificate));
    all.extend(rule.exam.map(Condition::Exam));
    all.extend(rule.interview.as_deref().map(Condition::Interview));
    all.extend((rule.years > 0).then_some(Condition::Years(rule.years)));
    all
}

impl Condition<'_> {
    /// Why it is met, or `None`.
    fn met(&self, credentials: &[Credential], rules: &GradeRules, on: Date) -> Option<String> {
        let mut valid = credentials.iter().filter(|item| item.counts_on(on));
        let issued = |item: &Credential| {
            let by = item.issuer.as_deref().map(|issuer| format!(" by {issuer}")).unwrap_or_default();
            let day = item.issued.map(|day| format!(", {day}")).unwrap_or_default();
            format!("{by}{day}")
        };
        match self {
            // A held grade may rest on a rule with conditions of its own; rules only point downwards.
            Self::Holds(grade) => rules
                .rule(*grade)
                .filter(|rule| meets(rule, credentials, rules, on))
                .map(|rule| format!("holds grade {}", rule.grade)),
            Self::Certificate(least) => {
                let least = rules.rank(least)?;
                valid.find_map(|item| match &item.proof {
                    Proof::Certificate { level } if rules.rank(level).is_some_and(|rank| rank >= least) => {
                        Some(format!("certificate: {level}{}", issued(item)))
                    }
                    _ => None,
                })
            }
            Self::Exam(wanted) => valid.find_map(|item| match &item.proof {
                Proof::Exam { grade } if grade == wanted => Some(format!("exam: {grade}{}", issued(item))),
                _ => None,
            }),
            Self::Interview(wanted) => valid.find_map(|item| match &item.proof {
                Proof::Interview { by } if by == wanted => Some(format!("interview: {by}{}", issued(item))),
                _ => None,
            }),
            Self::Years(years) => service::suffices(credentials, rules, on, *years).then(|| {
                let days = service::days(credentials, rules, on);
                format!("service: {days} days, {years} years needed")
            }),
        }
    }

    /// What would meet it, naming evidence that lapsed or does not count.
    fn missing(&self, credentials: &[Credential], rules: &GradeRules, on: Date) -> String {
        match self {
            Self::Holds(grade) => format!("grade {grade}"),
            Self::Certificate(level) => {
                let lapsed = lapsed(credentials, on, |proof| matches!(proof, Proof::Certificate { .. }));
                format!("certificate of level {level} or higher{lapsed}")
            }
            Self::Exam(grade) => {
                let lapsed = lapsed(credentials, on, |proof| matches!(proof, Proof::Exam { grade: g } if g == grade));
                format!("{grade} exam{lapsed}")
            }
            Self::Interview(by) => {
                let lapsed = lapsed(credentials, on, |proof| matches!(proof, Proof::Interview { by: b } if b == by));
                format!("interview with {by}{lapsed}")
            }
            Self::Years(years) => {
                let days = service::days(credentials, rules, on);
                let foreign = credentials
                    .iter()
                    .any(|item| matches!(item.proof, Proof::Service { .. }) && !service::of_the_brand(item, rules));
                let brands = if rules.brands.is_empty() { "after-sales".into() } else { rules.brands.join(" or ") };
                let note = if foreign { "; service for another brand does not count" } else { "" };
                format!("{years} years in {brands} service: {days} days so far{note}")
            }
        }
    }
}

fn lapsed(credentials: &[Credential], on: Date, kind: impl Fn(&Proof) -> bool) -> String {
    let item = credentials.iter().find(|item| kind(&item.proof) && !item.counts_on(on));
    match item {
        Some(Credential { withdrawn: Some(day), .. }) if *day <= on => format!(" (withdrawn {day})"),
        Some(Credential { expires: Some(day), .. }) if *day < on => format!(" (expired {day})"),
        Some(Credential { issued: Some(day), .. }) if *day > on => format!(" (issued only {day})"),
        Some(Credential { issued: None, .. }) => " (one has no date of issue)".to_owned(),
        _ => String::new(),
    }
}
