//! The commands: one file each. The doc comment of a command's arguments is its help text; a new command is one new
//! file, one variant and one name in [`SECTIONS`].

mod arrive;
mod audit;
mod bundle;
mod card;
mod check;
mod complete;
mod completions;
mod confirm;
mod correct;
mod demo;
mod dispatch;
mod docs_cli;
mod doctor;
mod enrol;
mod grade;
mod hazard;
mod inbox;
mod init;
mod invite;
mod job;
mod no_access;
mod note;
mod photo;
mod policy;
mod read;
mod recorded;
mod refuse;
mod relay;
mod roster;
mod scope;
mod set;
mod sign;
mod status;
mod sync;
mod template;
mod today;
mod told_seller;
mod verify;
mod watch;

use clap::Subcommand;

use crate::context::Context;
use crate::errors::Done;

/// The top-level help's sections, in the order in which a newcomer meets the commands.
pub(crate) const SECTIONS: &[(&str, &[&str])] = &[
    ("Set up", &["init", "invite", "enrol", "roster", "policy", "template"]),
    ("Jobs", &["job", "set", "grade", "dispatch", "scope"]),
    (
        "On site",
        &["today", "card", "arrive", "check", "read", "note", "photo", "sign", "confirm", "correct", "complete", "refuse", "no-access", "hazard", "told-seller"],
    ),
    ("Hand over", &["sync", "bundle", "relay"]),
    ("Reconcile", &["inbox"]),
    ("Audit", &["audit", "verify"]),
    ("Store", &["status", "doctor", "completions", "demo"]),
];

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Init),
    Invite(invite::Invite),
    Enrol(enrol::Enrol),
    #[command(subcommand)]
    Roster(roster::Roster),
    #[command(subcommand)]
    Policy(policy::Policy),
    #[command(subcommand)]
    Template(template::Template),
    #[command(subcommand)]
    Job(job::Job),
    Set(set::Set),
    #[command(subcommand)]
    Grade(grade::Grade),
    #[command(subcommand)]
    Dispatch(dispatch::Dispatch),
    #[command(subcommand)]
    Scope(scope::Scope),
    Today(today::Today),
    Card(card::CardArgs),
    Arrive(arrive::Arrive),
    Check(check::Check),
    Read(read::Read),
    Note(note::Note),
    Photo(photo::Photo),
    Sign(sign::Sign),
    Confirm(confirm::Confirm),
    Correct(correct::Correct),
    Complete(complete::Complete),
    Refuse(refuse::Refuse),
    NoAccess(no_access::NoAccess),
    Hazard(hazard::Hazard),
    ToldSeller(told_seller::ToldSeller),
    #[command(subcommand)]
    Bundle(bundle::Bundle),
    #[command(subcommand)]
    Relay(relay::Relay),
    #[command(subcommand)]
    Inbox(inbox::Inbox),
    #[command(subcommand)]
    Audit(audit::Audit),
    Verify(verify::Verify),
    Status(status::Status),
    Sync(sync::Sync),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
    Demo(demo::Demo),
    #[command(hide = true)]
    DocsCli(docs_cli::DocsCli),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Init(command) => command.run(context),
            Self::Invite(command) => command.run(context),
            Self::Enrol(command) => command.run(context),
            Self::Roster(command) => command.run(context),
            Self::Policy(command) => command.run(context),
            Self::Template(command) => command.run(context),
            Self::Job(command) => command.run(context),
            Self::Set(command) => command.run(context),
            Self::Grade(command) => command.run(context),
            Self::Dispatch(command) => command.run(context),
            Self::Scope(command) => command.run(context),
            Self::Today(command) => command.run(context),
            Self::Card(command) => command.run(context),
            Self::Arrive(command) => command.run(context),
            Self::Check(command) => command.run(context),
            Self::Read(command) => command.run(context),
            Self::Note(command) => command.run(context),
            Self::Photo(command) => command.run(context),
            Self::Sign(command) => command.run(context),
            Self::Confirm(command) => command.run(context),
            Self::Correct(command) => command.run(context),
            Self::Complete(command) => command.run(context),
            Self::Refuse(command) => command.run(context),
            Self::NoAccess(command) => command.run(context),
            Self::Hazard(command) => command.run(context),
            Self::ToldSeller(command) => command.run(context),
            Self::Bundle(command) => command.run(context),
            Self::Relay(command) => command.run(context),
            Self::Inbox(command) => command.run(context),
            Self::Audit(command) => command.run(context),
            Self::Verify(command) => command.run(context),
            Self::Status(command) => command.run(context),
            Self::Sync(command) => command.run(context),
            Self::Doctor(command) => command.run(context),
            Self::Completions(command) => command.run(context),
            Self::Demo(command) => command.run(context),
            Self::DocsCli(command) => command.run(context),
        }
    }
}
