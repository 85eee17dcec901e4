//! `[grades]`: the conditions of each grade (D-H2).

use super::error::PolicyError;
use super::read::Table;
use crate::grade::Grade;

/// The conditions of one grade. All that are named must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradeRule {
    /// The grade.
    pub grade: Grade,
    /// A lower grade that must be held too.
    pub holds: Option<Grade>,
    /// Least certificate level.
    pub certificate: Option<String>,
    /// The brand's exam.
    pub exam: Option<Grade>,
    /// An interview by somebody in this function.
    pub interview: Option<String>,
    /// Years in the brand's after-sales service.
    pub years: i64,
}

/// How grades come about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GradeRules {
    /// Brands whose after-sales service counts (compared without regard to case); empty = any.
    pub brands: Vec<String>,
    /// Certificate levels, least first.
    pub levels: Vec<String>,
    /// The rules, highest grade first.
    pub rules: Vec<GradeRule>,
}

impl GradeRules {
    /// A level's place, least first; `None` for an unknown level.
    pub fn rank(&self, level: &str) -> Option<usize> {
        self.levels.iter().position(|known| known == level)
    }

    /// The rule of a grade.
    pub fn rule(&self, grade: Grade) -> Option<&GradeRule> {
        self.rules.iter().find(|rule| rule.grade == grade)
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<GradeRules, PolicyError> {
    let Some(table) = root.opt_table("grades")? else { return Ok(GradeRules::default()) };
    table.only(&["brands", "levels", "rule"])?;
    let levels: Vec<String> = table.unique_names("levels", "level")?;
    let tables = table.catalogue("rule", "grade", "grade")?;
    let mut rules = tables.iter().map(|rule| read_rule(rule, &levels)).collect::<Result<Vec<_>, _>>()?;
    rules.sort_by_key(|rule| core::cmp::Reverse(rule.grade));
    Ok(GradeRules { brands: table.names("brands")?, levels, rules })
}

fn read_rule(table: &Table<'_>, levels: &[String]) -> Result<GradeRule, PolicyError> {
    table.only(&["grade", "holds", "certificate", "exam", "interview", "years"])?;
    let grade = need_grade(table, "grade")?;
    let holds = read_grade(table, "holds")?;
    if holds.is_some_and(|held| held >= grade) {
        return Err(table.error(format!("grade {grade} can only rest on a lower one"), ""));
    }
    let certificate = table.opt_text("certificate")?;
    if let Some(level) = &certificate
        && !levels.iter().any(|known| known == level.value)
    {
        let hint = format!("`levels` has: {}", levels.join(", "));
        return Err(table.source.error(&level.span, format!("unknown certificate level \"{}\"", level.value), hint));
    }
    Ok(GradeRule {
        grade,
        holds,
        certificate: certificate.map(|level| level.value.to_owned()),
        exam: read_grade(table, "exam")?,
        interview: table.opt_text("interview")?.map(|by| by.value.to_owned()),
        years: table.opt_int("years", 0..=60)?.unwrap_or(0),
    })
}

fn need_grade(table: &Table<'_>, key: &'static str) -> Result<Grade, PolicyError> {
    let text = table.text(key)?;
    match text.value.parse::<Grade>() {
        Ok(Grade::Ungraded) => Err(table.source.error(&text.span, "`ungraded` has no conditions", "")),
        Ok(grade) => Ok(grade),
        Err(bad) => Err(table.source.error(&text.span, bad.to_string(), "")),
    }
}

fn read_grade(table: &Table<'_>, key: &'static str) -> Result<Option<Grade>, PolicyError> {
    if table.get(key).is_none() { Ok(None) } else { need_grade(table, key).map(Some) }
}
