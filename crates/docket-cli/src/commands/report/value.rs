//! What a customer is worth, and what dissatisfied ones cost (D-V1 to D-V5).

use clap::Args;
use docket_core::value::{Assumptions, staying_years};
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::figures::grouped;
use crate::page::Span;

/// What a customer is worth, what losing one costs, and what complaints tell about the market
///
/// The assumptions are the source's example; each can be given. Sums are in whole units of your currency, rounded once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket report value
  docket report value --yearly 800 --years 8 --complaints 40 --settled 31")]
pub(crate) struct Value {
    /// The first purchase
    #[arg(long, default_value_t = 2_000.0, value_name = "AMOUNT")]
    first_purchase: f64,
    /// What winning the customer cost
    #[arg(long, default_value_t = 400.0, value_name = "AMOUNT")]
    acquiring: f64,
    /// What the customer brings each year
    #[arg(long, default_value_t = 500.0, value_name = "AMOUNT")]
    yearly: f64,
    /// Interest a year
    #[arg(long, default_value_t = 9.0, value_name = "PERCENT")]
    rate: f64,
    /// Years that the customer stays
    #[arg(long, default_value_t = 5, value_name = "YEARS", value_parser = clap::value_parser!(u32).range(1..=100))]
    years: u32,
    /// What a satisfied customer adds, now and each year
    #[arg(long, default_value_t = 300.0, value_name = "AMOUNT")]
    adds: f64,
    /// Harm to the good name when a customer is lost
    #[arg(long, default_value_t = 15.0, value_name = "PERCENT")]
    goodwill: f64,
    /// Of a hundred dissatisfied customers, so many complain
    #[arg(long, default_value_t = 10.0, value_name = "PERCENT")]
    complain: f64,
    /// Complaints of the year
    #[arg(long, default_value_t = 100, value_name = "N")]
    complaints: u32,
    /// Of them settled to the customer's satisfaction
    #[arg(long, default_value_t = 65, value_name = "N")]
    settled: u32,
    /// Customers lost each year
    #[arg(long, default_value_t = 20.0, value_name = "PERCENT")]
    lost: f64,
}

impl Value {
    pub(crate) fn run(self, context: &Context) -> Done {
        self.check()?;
        let given = Assumptions {
            first_purchase: self.first_purchase,
            acquiring: self.acquiring,
            yearly: self.yearly,
            rate_percent: self.rate,
            years: self.years,
            adds: self.adds,
            goodwill_percent: self.goodwill,
            complain_percent: self.complain,
        };
        let whole = |amount: f64| amount.round() as i64;
        let (worth, added, loss) = (given.worth(), given.added(), given.loss());
        let market = given.market(self.complaints, self.settled);
        let years = staying_years(self.lost);
        let answer = json!({
            "worth": whole(worth), "added": whole(added), "with_added": whole(worth + added), "loss": whole(loss),
            "complaints": self.complaints, "settled": self.settled, "dissatisfied": market.dissatisfied,
            "market_loss": whole(market.loss), "staying_years": years,
        });
        context.out.show(&answer, |page| {
            let amount = |value: f64| Span::from(grouped(whole(value)));
            page.title("What a customer is worth");
            page.pairs([
                ("worth", amount(worth)),
                ("adds", amount(added)),
                ("in all", amount(worth + added)),
                ("lost, with the good name", amount(loss)),
                ("stays, years", Span::from(years.map_or_else(|| "–".to_owned(), |years| format!("{years:.1}")))),
            ]);
            page.title("What complaints tell");
            page.pairs([
                ("complaints", Span::from(self.complaints.to_string())),
                ("dissatisfied customers", Span::from(grouped(market.dissatisfied as i64))),
                ("loss", amount(market.loss)),
            ]);
        })?;
        Ok(Exit::Clean)
    }

    fn check(&self) -> Result<(), CliError> {
        let amounts = [
            ("--first-purchase", self.first_purchase),
            ("--acquiring", self.acquiring),
            ("--yearly", self.yearly),
            ("--adds", self.adds),
        ];
        if let Some((name, _)) = amounts.into_iter().find(|(_, value)| !(0.0..=1e12).contains(value)) {
            return Err(CliError::usage(format!("{name} must lie from 0 to 1,000,000,000,000")));
        }
        let percents = [
            ("--rate", self.rate),
            ("--goodwill", self.goodwill),
            ("--complain", self.complain),
            ("--lost", self.lost),
        ];
        if let Some((name, _)) = percents.into_iter().find(|(_, value)| !(0.0..=100.0).contains(value)) {
            return Err(CliError::usage(format!("{name} must lie from 0 to 100 per cent")));
        }
        if self.settled > self.complaints {
            return Err(CliError::usage(format!(
                "{} complaints can't be settled out of {}",
                self.settled, self.complaints
            )));
        }
        Ok(())
    }
}
