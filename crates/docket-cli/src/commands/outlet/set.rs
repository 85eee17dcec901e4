use clap::Args;
use docket_device::app::outlets;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::strong;

/// Change one field of an outlet: name, level, zone, lat, lon, region, market, hours …
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket outlet set QD-001 hours '08:00-18:00'
  docket outlet set QD-001 lat -- -36.07")]
pub(crate) struct Set {
    /// The outlet
    outlet: String,
    /// The field's name
    field: String,
    /// Its new value
    value: String,
}

impl Set {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let fact = outlets::set(&mut session, &self.outlet, &self.field, &self.value)?;
        let answer = json!({
            "outlet": self.outlet, "field": self.field, "value": self.value,
            "fact": fact.map(|fact| fact.to_string()),
        });
        context.out.show(&answer, |page| {
            let already = if fact.is_some() { "" } else { " already" };
            page.line([strong(&self.outlet), format!("  {}: {}{already}", self.field, self.value).into()]);
        })?;
        Ok(Exit::Clean)
    }
}
