use clap::{Args, Subcommand, ValueEnum};
use docket_core::grade::Change;
use docket_device::app::grades;
use docket_format::PersonId;
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{Page, Table, bad, faint, strong};
use crate::times;

/// Show and record what technicians are qualified for
#[derive(Debug, Subcommand)]
pub(crate) enum Grade {
    Show(Show),
    Add(Add),
}

/// Show grades with the evidence, and what is missing for the next one
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket grade show\n  docket grade show T-042 --on 2020-01-31")]
pub(crate) struct Show {
    /// The technician; all when left out
    person: Option<PersonId>,
    /// Judge as of this time instead of now
    #[arg(long, visible_alias = "on", value_name = "TIME")]
    as_of: Option<String>,
}

/// Record a certificate, an exam, an interview or a time of service
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket grade add T-042 certificate --level advanced --issuer 'Qingdao labour office' --issued 2018-05-02
  docket grade add T-042 exam --level A --issuer academy --issued 2019-03-01 --expires 2022-03-01
  docket grade add T-042 service --issuer Haier --from 2016-09-01")]
pub(crate) struct Add {
    /// The technician
    person: PersonId,
    /// What kind of evidence
    #[arg(value_enum)]
    kind: Evidence,
    /// Certificate: junior, intermediate or advanced; exam: C, B, A or A+
    #[arg(long)]
    level: Option<String>,
    /// Who issued it, or whose service it was
    #[arg(long)]
    issuer: String,
    /// When it was issued
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    issued: Option<String>,
    /// When it lapses
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    expires: Option<String>,
    /// Service: its first day
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    from: Option<String>,
    /// Service: its last day; open when left out
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    to: Option<String>,
}

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Evidence {
    /// A trade certificate
    Certificate,
    /// The brand's own exam
    Exam,
    /// The interview for product-support managers
    Interview,
    /// Years in the brand's after-sales service
    Service,
}

impl Grade {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Show(command) => command.run(context),
            Self::Add(command) => command.run(context),
        }
    }
}

impl Show {
    fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let on = match self.as_of.as_deref() {
            Some(text) => times::parse(text, &context.zone())?.to_zoned(context.zone()).date(),
            None => session.today(),
        };
        let people = match &self.person {
            Some(person) => vec![grades::one(&session, person)?],
            None => grades::all(&session)?,
        };
        let mut graded = Vec::new();
        for known in &people {
            graded.push((known, grades::grade_on(&session, known, on)?, grades::history(&session, known, on)?));
        }
        let answer: Vec<Value> = graded
            .iter()
            .map(|(known, grade, history)| {
                json!({
                    "person": known.person.to_string(), "name": known.name, "grade": grade,
                    "evidence": known.credentials, "issues": known.issues, "history": history,
                })
            })
            .collect();
        context.out.show(&json!({"as_of": on.to_string(), "technicians": answer}), |page| {
            if graded.is_empty() {
                page.say("no technicians");
                return;
            }
            let mut table = Table::new(&["person", "name", "grade", "because", "for the next"]);
            for (known, grade, _) in &graded {
                let next = grade.next.map(|next| format!("{next}: {}", grade.missing.join(", "))).unwrap_or_default();
                table.row([
                    strong(known.person.as_str()),
                    known.name.as_deref().unwrap_or_default().into(),
                    strong(grade.grade.as_str()),
                    grade.reasons.join(", ").into(),
                    faint(next),
                ]);
            }
            page.table(&table);
            if let [(known, _, history)] = graded.as_slice() {
                one(page, known, history);
            }
            for issue in people.iter().flat_map(|known| known.issues.iter().filter(|issue| issue.is_open())) {
                page.line([bad("! "), issue.summary.as_str().into()]);
            }
        })?;
        Ok(Exit::Clean)
    }
}

/// One technician's history and courses.
fn one(page: &mut Page, known: &grades::Known, history: &[Change]) {
    if !history.is_empty() {
        let mut table = Table::new(&[]);
        for change in history {
            table.row([change.on.to_string().into(), strong(change.grade.as_str())]);
        }
        page.title("History");
        page.indented(&table);
    }
    if !known.courses.is_empty() {
        let mut table = Table::new(&[]);
        for course in &known.courses {
            let until = course.until.map(|day| format!("until {day}")).unwrap_or_default();
            table.row([course.on.to_string().into(), course.course.as_str().into(), faint(until)]);
        }
        page.title("Training");
        page.indented(&table);
    }
}

impl Add {
    fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let new = grades::NewEvidence {
            kind: match self.kind {
                Evidence::Certificate => "certificate",
                Evidence::Exam => "exam",
                Evidence::Interview => "interview",
                Evidence::Service => "service",
            },
            level: self.level,
            issuer: self.issuer,
            issued: self.issued,
            expires: self.expires,
            from: self.from,
            to: self.to,
        };
        let (fact, warnings) = grades::add(&mut session, &self.person, &new)?;
        for warning in &warnings {
            context.out.warn(warning);
        }
        let known = grades::one(&session, &self.person)?;
        let grade = grades::grade_on(&session, &known, session.today())?;
        let answer = json!({"fact": fact.to_string(), "person": self.person.to_string(), "grade": grade});
        context.out.show(&answer, |page| {
            page.line([strong(self.person.as_str()), t("  grade ").into(), strong(grade.grade.as_str())]);
            if let Some(next) = grade.next {
                page.line([faint(t(&format!("for {next}: {}", grade.missing.join(", "))))]);
            }
        })?;
        Ok(Exit::Clean)
    }
}
