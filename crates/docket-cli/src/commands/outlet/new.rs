use clap::Args;
use docket_device::app::outlets;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::strong;

/// Make an outlet
///
/// Its standing is a record of its own: nothing is dispatched to an outlet before it is authorised.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket outlet new QD-001 --name 'Qingdao North' --level star --time-zone Asia/Shanghai --lat 36.07 --lon 120.38
  docket outlet new QD-002 --region shandong --market 1 --supervised-by QD-001")]
pub(crate) struct New {
    /// Its id
    outlet: String,
    #[command(flatten)]
    fields: Fields,
}

/// What is known about an outlet.
#[derive(Debug, Args)]
struct Fields {
    /// Its name
    #[arg(long)]
    name: Option<String>,
    /// Its level, as the policy names it: `technical_center`, community, star, franchised, headquarters
    #[arg(long)]
    level: Option<String>,
    /// Its time zone, as in Asia/Shanghai; clocks of its jobs are reckoned there
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Degrees north
    #[arg(long, allow_hyphen_values = true)]
    lat: Option<String>,
    /// Degrees east
    #[arg(long, allow_hyphen_values = true)]
    lon: Option<String>,
    /// Its region
    #[arg(long)]
    region: Option<String>,
    /// Its market tier, as the policy names it
    #[arg(long)]
    market: Option<String>,
    /// Its opening hours
    #[arg(long)]
    hours: Option<String>,
    /// The outlet that supervises it
    #[arg(long, value_name = "OUTLET")]
    supervised_by: Option<String>,
    /// Whom to call there
    #[arg(long)]
    contact: Option<String>,
}

impl New {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let fields = &self.fields;
        let given = [
            ("name", &fields.name),
            ("level", &fields.level),
            ("zone", &fields.time_zone),
            ("lat", &fields.lat),
            ("lon", &fields.lon),
            ("region", &fields.region),
            ("market", &fields.market),
            ("hours", &fields.hours),
            ("supervised_by", &fields.supervised_by),
            ("contact", &fields.contact),
        ];
        let given: Vec<(&str, &str)> =
            given.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        let doc = outlets::new(&mut session, &self.outlet, &given)?;
        let answer = json!({"outlet": self.outlet, "doc": doc.to_string()});
        context.out.show(&answer, |page| {
            page.line([strong(&self.outlet), "  made; standing: none".into()]);
        })?;
        Ok(Exit::Clean)
    }
}
