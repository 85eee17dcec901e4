use clap::{Args, ValueEnum};
use docket_device::audit::{self, Draw};
use docket_device::store;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{Table, bad, faint, strong};
use crate::times;

/// Draw visits for inspection and call-back: the same seed draws the same visits on every device
///
/// Each outlet has the same number of visits, shared out among its kinds of jobs. Visits with a bad answer are always in
/// the sample, beside those drawn (D-C2).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket audit sample --seed 2026-03 --per-outlet 5 --from 2026-03-01 --as-of 2026-04-01
  docket audit sample --seed 2026-03 --per-outlet 5 --format csv > visits.csv")]
pub(crate) struct Sample {
    /// Any text: another seed draws other visits
    #[arg(long)]
    seed: String,
    /// Visits to draw at each outlet
    #[arg(long, value_name = "N")]
    per_outlet: usize,
    /// Only visits that ended at or after this time
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only visits that ended before this time; now if left out
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// A score below this is a bad answer
    #[arg(long, default_value_t = 60, value_name = "SCORE")]
    bad_below: i64,
    /// How to write the visits; --json is short for json
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
}

impl Sample {
    pub(super) fn run(self, context: &Context) -> Done {
        let zone = context.zone();
        let time = |text: &String| times::parse(text, &zone).map(jiff::Timestamp::as_millisecond);
        let as_of_ms = self.as_of.as_ref().map_or_else(|| Ok(context.now().as_millisecond()), time)?;
        let from_ms = self.from.as_ref().map(time).transpose()?;
        drop(context.session().or_else(|_| context.reader())?);
        let sql = store::read_only(&context.store_dir()?)?;
        let draw = Draw { seed: &self.seed, per_outlet: self.per_outlet, from_ms, as_of_ms, bad_below: self.bad_below };
        let sample = audit::sample(&sql, &draw)?;
        match self.format {
            Format::Csv => context.out.stream(|out| sample.write_csv(out))?,
            Format::Json => context.out.json(&sample.to_json())?,
            Format::Table => context.out.show(&sample.to_json(), |page| {
                let mut table = Table::new(&["code", "outlet", "kind", "ended", "people", "why"]);
                for pick in &sample.picks {
                    table.row([
                        strong(&pick.code),
                        pick.outlet.as_str().into(),
                        pick.kind.as_str().into(),
                        times::day(pick.ended_ms, &zone).into(),
                        pick.people.join(", ").into(),
                        if pick.bad.is_some() { bad(pick.why()) } else { faint(pick.why()) },
                    ]);
                }
                page.table(&table);
                let of: usize = sample.strata.iter().map(|stratum| stratum.visits).sum();
                let outlets = sample.strata.chunk_by(|a, b| a.outlet == b.outlet).count();
                page.say(format!("{} of {of} visits at {outlets} outlets, seed {}", sample.picks.len(), sample.seed));
            })?,
        }
        Ok(Exit::Clean)
    }
}
