use std::io::{BufRead as _, IsTerminal as _};

use clap::Args;
use docket_device::app::Session;
use docket_device::app::people::{self, Hand};
use docket_format::PersonId;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::{tr, word};
use crate::page::{Page, Table, faint, strong, warn};
use crate::times;

/// Say who works on this device now: several people can share one
///
/// The roster says who may (`docket roster share`). Each sets a PIN here the first time; this device alone keeps it, as
/// a hash. What is recorded meanwhile is that person's. Without a name: shows who works here.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket as
  docket as T-007 --for 8h
  docket as --end")]
pub(crate) struct As {
    /// Who works here from now on
    #[arg(conflicts_with_all = ["end", "attempts"])]
    person: Option<PersonId>,
    /// For how long, as in 30m or 8h; then the device is locked until somebody says who
    #[arg(long = "for", value_name = "TIME", default_value = "8h", value_parser = times::duration)]
    duration: jiff::SignedDuration,
    /// Set another PIN; asks for the old one first
    #[arg(long, requires = "person")]
    new_pin: bool,
    /// Give the device back to its own person
    #[arg(long)]
    end: bool,
    /// Show the attempts of late
    #[arg(long, conflicts_with = "end")]
    attempts: bool,
}

impl As {
    pub(crate) fn run(self, context: &Context) -> Done {
        if self.attempts {
            return attempts(context);
        }
        match (&self.person, self.end) {
            (Some(person), _) => {
                let mut session = context.session()?;
                take_over(&mut session, person, self.duration.as_millis() as i64, self.new_pin)?;
                show(context, &session)
            }
            (None, true) => {
                let mut session = context.session()?;
                people::end(&mut session)?;
                session.store_mut();
                show(context, &session)
            }
            (None, false) => show(context, &context.reader()?),
        }
    }
}

fn take_over(session: &mut Session, person: &PersonId, for_ms: i64, new_pin: bool) -> Result<(), CliError> {
    let known = people::has_pin(session, person)?;
    if known {
        let pin = ask(&tr!("as-type-pin", person = person.as_str()))?;
        people::open(session, person, &pin, for_ms)?;
        if new_pin {
            let pin = ask(&tr!("as-choose-pin", person = person.as_str()))?;
            people::set_pin(session, person, &pin)?;
        }
    } else {
        let pin = ask(&tr!("as-choose-pin", person = person.as_str()))?;
        if ask(&tr!("as-repeat-pin"))? != pin {
            return Err(CliError::usage("the two PINs differ").hint("nothing was changed; type the same one twice"));
        }
        people::set_pin(session, person, &pin)?;
        people::open(session, person, &pin, for_ms)?;
    }
    session.store_mut(); // forgets who worked here before
    Ok(())
}

/// Reads a PIN: unseen from a terminal, else a line of standard input.
fn ask(question: &str) -> Result<String, CliError> {
    if std::io::stdin().is_terminal() {
        let typed = rpassword::prompt_password(format!("{question} "));
        return typed.map_err(|error| CliError::environment(format!("can't read a PIN: {error}")));
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    match read {
        Ok(0) => Err(CliError::usage("a PIN is needed").hint("type it, or send it as a line of standard input")),
        Ok(_) => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => Err(CliError::environment(format!("can't read a PIN: {error}"))),
    }
}

fn show(context: &Context, session: &Session) -> Done {
    let own = session.owner().map(|person| person.to_string());
    let sharers = people::sharers(session)?;
    let hand = session.hand();
    let (person, until, locked) = match &hand {
        Hand::Own => (own.clone(), None, None),
        Hand::Other { person, until_ms, .. } => (Some(person.to_string()), Some(*until_ms), None),
        Hand::Locked(why) => (None, None, Some(why.clone())),
    };
    let answer = json!({
        "person": person, "role": session.role(), "own": own, "until_ms": until, "locked": locked, "sharers": sharers,
    });
    let zone = context.zone();
    context.out.show(&answer, |page: &mut Page| {
        match (&person, until, &locked) {
            (Some(person), Some(until), _) => {
                page.line([strong(tr!("as-until", person = person, until = times::show(until, &zone)))]);
            }
            (Some(person), None, _) => page.line([strong(tr!("as-own", person = person))]),
            (None, _, Some(why)) => page.line([warn(tr!("as-locked", why = why))]),
            (None, _, None) => page.line([warn(tr!("as-nobody"))]),
        }
        if sharers.is_empty() {
            return;
        }
        let mut table = Table::new(&["person", "name", "role", "PIN"]);
        for one in &sharers {
            let pin = if one.pin { tr!("as-pin-set") } else { tr!("as-pin-unset") };
            table.row([strong(&one.person), one.name.as_str().into(), word(&one.role).into(), faint(pin)]);
        }
        page.indented(&table);
    })?;
    Ok(Exit::Clean)
}

fn attempts(context: &Context) -> Done {
    let session = context.reader()?;
    let attempts = people::attempts(&session)?;
    let zone = context.zone();
    context.out.show(&json!({"attempts": attempts}), |page| {
        if attempts.is_empty() {
            page.line([tr!("as-no-attempts").into()]);
            return;
        }
        let mut table = Table::new(&["when", "person", "how"]);
        for one in &attempts {
            let how = word(&one.how);
            let how = if matches!(one.how.as_str(), "wrong" | "too_soon") { warn(how) } else { how.into() };
            table.row([times::show(one.at_ms, &zone).into(), one.person.as_str().into(), how]);
        }
        page.table(&table);
    })?;
    Ok(Exit::Clean)
}
