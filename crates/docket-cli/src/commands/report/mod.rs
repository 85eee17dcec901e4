//! `docket report`: what supervisors, design and the customer read.

mod sheets;
mod value;
mod visit;

use clap::Subcommand;

use crate::context::Context;
use crate::errors::Done;

/// Reports: score cards, models, months, complaints, what customers are worth, the visit report
#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    Technicians(sheets::Technicians),
    Outlets(sheets::Outlets),
    Managers(sheets::Managers),
    Models(sheets::Models),
    Months(sheets::Months),
    Complaints(sheets::Complaints),
    All(sheets::All),
    Value(value::Value),
    Visit(visit::Visit),
}

impl Report {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Technicians(command) => command.run(context),
            Self::Outlets(command) => command.run(context),
            Self::Managers(command) => command.run(context),
            Self::Models(command) => command.run(context),
            Self::Months(command) => command.run(context),
            Self::Complaints(command) => command.run(context),
            Self::All(command) => command.run(context),
            Self::Value(command) => command.run(context),
            Self::Visit(command) => command.run(context),
        }
    }
}
