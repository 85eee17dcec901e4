use clap::Args;
use docket_device::app::Job;
use docket_device::app::confirm;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record the customer's own word on the five services
///
/// Let the customer answer, on your device. It is kept apart from what you recorded: where the two differ, the audit
/// says so. Each service that the customer misses is recorded as a complaint, which names its letter.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket confirm K7Q2 --all-yes --name 'Zhang Min'
  docket confirm K7Q2 --a yes --b no --c yes --d yes --e yes --name 'Zhang Min'")]
pub(crate) struct Confirm {
    /// The job
    job: String,
    /// The customer's name
    #[arg(long)]
    name: String,
    /// All five were done
    #[arg(long, conflicts_with_all = ["a", "b", "c", "d", "e"])]
    all_yes: bool,
    /// Safety test before the work
    #[arg(long, value_name = "YES|NO", value_parser = yes_no)]
    a: Option<bool>,
    /// Guidance on use and upkeep
    #[arg(long, value_name = "YES|NO", value_parser = yes_no)]
    b: Option<bool>,
    /// Maintenance of the product after the work
    #[arg(long, value_name = "YES|NO", value_parser = yes_no)]
    c: Option<bool>,
    /// Check of the other appliances
    #[arg(long, value_name = "YES|NO", value_parser = yes_no)]
    d: Option<bool>,
    /// Clean-up
    #[arg(long, value_name = "YES|NO", value_parser = yes_no)]
    e: Option<bool>,
}

fn yes_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" => Ok(true),
        "no" | "n" => Ok(false),
        _ => Err("answer yes or no".to_owned()),
    }
}

impl Confirm {
    pub(crate) fn run(self, context: &Context) -> Done {
        let letters = confirm::letters();
        let said: Vec<(&str, bool)> = if self.all_yes {
            letters.map(|letter| (letter, true)).to_vec()
        } else {
            let words = [self.a, self.b, self.c, self.d, self.e];
            letters.into_iter().zip(words).filter_map(|(letter, word)| Some((letter, word?))).collect()
        };
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = confirm::confirm(&mut session, &job, &said, &self.name)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
