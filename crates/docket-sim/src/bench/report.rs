//! What a benchmark prints.

use core::fmt;

/// One measured thing beside its goal.
#[derive(Debug, Clone)]
pub struct Line {
    /// What.
    pub what: String,
    /// How much.
    pub value: f64,
    /// In which unit (`ms`, `×`, `B`, `MiB`).
    pub unit: &'static str,
    /// At most this much, if a goal is set.
    pub goal: Option<f64>,
    /// The same in terms of something else measured in this run, or other remarks.
    pub note: String,
}

/// All lines, in the order measured.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The lines.
    pub lines: Vec<Line>,
}

impl Report {
    /// Adds a line.
    pub fn add(&mut self, what: &str, value: f64, unit: &'static str, goal: Option<f64>, note: String) {
        self.lines.push(Line { what: what.to_owned(), value, unit, goal, note });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Line { what, value, unit, goal, note } in &self.lines {
            let goal = match goal {
                Some(goal) if value <= goal => format!("goal {goal} {unit}: met"),
                Some(goal) => format!("goal {goal} {unit}: MISSED by {:.2} ×", value / goal),
                None => String::new(),
            };
            writeln!(f, "{what:<46} {value:>10.2} {unit:<4} {goal:<30} {note}")?;
        }
        Ok(())
    }
}
