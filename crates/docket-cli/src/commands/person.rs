use clap::{Args, Subcommand, ValueEnum};
use docket_device::app::staff;
use docket_format::PersonId;
use serde_json::{Map, Value};

use super::outlet::stated;
use crate::context::Context;
use crate::errors::Done;
use crate::times;

/// Record training, rewards, penalties and ratings of people
#[derive(Debug, Subcommand)]
pub(crate) enum Person {
    Set(Set),
    Train(Train),
    Reward(Reward),
    Penalise(Penalise),
    Rate(Rate),
}

/// Say where a technician belongs, starts from, what they know
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket person set T-042 outlet QD-001
  docket person set T-042 skills 'fridge, washing_machine'")]
pub(crate) struct Set {
    /// Who
    person: PersonId,
    /// outlet, name, skills, lat, lon, post
    field: String,
    /// Its new value
    #[arg(allow_hyphen_values = true)]
    value: String,
}

/// Record a course that somebody had
///
/// The policy says which courses a post asks for; whoever works before having had them is a finding.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket person train T-042 induction --on 2026-02-01")]
pub(crate) struct Train {
    /// Who
    person: PersonId,
    /// The course, as the policy names it
    course: String,
    /// The day it was passed
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    on: String,
    /// The last day it counts
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    until: Option<String>,
}

/// Record a reward
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket person reward T-042 --reason 'a customer wrote a letter of thanks'")]
pub(crate) struct Reward {
    /// Who
    person: PersonId,
    /// What for
    #[arg(long)]
    reason: String,
    /// In a word: initiative, team, `new_problem` …
    #[arg(long)]
    about: Option<String>,
}

/// Record a penalty
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  docket person penalise T-042 --about arbitrary_charges --reason 'took money for a free item'")]
pub(crate) struct Penalise {
    /// Who
    person: PersonId,
    /// What for
    #[arg(long)]
    reason: String,
    /// In a word
    #[arg(long, value_enum)]
    about: Option<Fault>,
    /// Harmless: may be published
    #[arg(long)]
    publish: bool,
}

/// Record what somebody thinks of a person
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket person rate T-042 peer 80")]
pub(crate) struct Rate {
    /// Who is rated
    person: PersonId,
    #[command(flatten)]
    rating: Rating,
}

/// What somebody thinks of a person or an outlet (D-E7).
#[derive(Debug, Args)]
pub(crate) struct Rating {
    /// Who rates
    #[arg(value_enum)]
    rater: Rater,
    /// 0 to 100
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    score: u8,
    /// In words
    #[arg(long)]
    text: Option<String>,
    /// Harmless: may be published
    #[arg(long)]
    publish: bool,
}

impl Rating {
    pub(crate) fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::from_iter([
            ("rater".to_owned(), Value::from(self.rater.name())),
            ("score".to_owned(), self.score.into()),
            ("publish".to_owned(), self.publish.into()),
        ]);
        fields.extend(self.text.as_deref().map(|text| ("text".to_owned(), text.into())));
        fields
    }

    pub(crate) fn told(&self) -> String {
        format!("rated {} by a {}", self.score, self.rater.name())
    }
}

/// What somebody is penalised for (D-E6).
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Fault {
    Attitude,
    ArbitraryCharges,
    NotAsTold,
    Other,
}

/// Who rates (D-E7).
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Rater {
    Supervisor,
    Peer,
    Customer,
    Shopper,
}

impl Rater {
    const fn name(self) -> &'static str {
        match self {
            Self::Supervisor => "supervisor",
            Self::Peer => "peer",
            Self::Customer => "customer",
            Self::Shopper => "shopper",
        }
    }
}

impl Person {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Set(command) => command.run(context),
            Self::Train(command) => {
                let fields = [("course", Some(command.course.as_str().into())), ("on", Some(command.on.into()))];
                let fields = fields.into_iter().chain([("until", command.until.map(Value::from))]);
                state(context, &command.person, "trained", &format!("trained: {}", command.course), fields)
            }
            Self::Reward(command) => {
                let fields = [("why", Some(command.reason.into())), ("about", command.about.map(Value::from))];
                state(context, &command.person, "rewarded", "rewarded", fields)
            }
            Self::Penalise(command) => {
                let about = command.about.map(|fault| match fault {
                    Fault::Attitude => "attitude",
                    Fault::ArbitraryCharges => "arbitrary_charges",
                    Fault::NotAsTold => "not_as_told",
                    Fault::Other => "other",
                });
                let fields = [
                    ("why", Some(Value::from(command.reason))),
                    ("about", about.map(Value::from)),
                    ("publish", Some(command.publish.into())),
                ];
                state(context, &command.person, "penalised", "penalised", fields)
            }
            Self::Rate(command) => {
                write(context, &command.person, "rated", &command.rating.told(), command.rating.fields())
            }
        }
    }
}

impl Set {
    fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let written = staff::set(&mut session, &self.person, &self.field, &self.value)?;
        stated(context, self.person.as_str(), &format!("{}: {}", self.field, self.value), &written)
    }
}

fn state(
    context: &Context,
    person: &PersonId,
    kind: &str,
    told: &str,
    fields: impl IntoIterator<Item = (&'static str, Option<Value>)>,
) -> Done {
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    write(context, person, kind, told, fields.collect())
}

fn write(context: &Context, person: &PersonId, kind: &str, told: &str, fields: Map<String, Value>) -> Done {
    let mut session = context.session()?;
    let written = staff::state(&mut session, person, kind, fields)?;
    stated(context, person.as_str(), told, &written)
}
