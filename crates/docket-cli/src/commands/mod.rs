//! The commands: one file each. The doc comment of a command's arguments is its help text; a new command is one new
//! file, one variant and one name in [`SECTIONS`].

mod arrive;
mod audit;
mod bundle;
mod care;
mod charge;
mod check;
mod complete;
mod completions;
mod correct;
mod counter;
mod customer;
mod delivered;
mod demo;
mod dispatch;
mod docs_cli;
mod doctor;
mod enrol;
mod fault;
mod grade;
mod inbox;
mod init;
mod invite;
mod job;
mod no_access;
mod note;
mod part;
mod photo;
mod plan;
mod policy;
mod read;
mod recorded;
mod refuse;
mod relay;
mod roster;
mod scope;
mod send_on;
mod set;
mod sign;
mod status;
mod sync;
mod today;
mod verify;
mod watch;
mod works;

use clap::Subcommand;

use crate::context::Context;
use crate::errors::Done;

/// The top-level help's sections, in the order in which a newcomer meets the commands.
pub(crate) const SECTIONS: &[(&str, &[&str])] = &[
    ("Set up", &["init", "invite", "enrol", "roster", "policy"]),
    ("Jobs", &["job", "set", "grade", "dispatch", "scope"]),
    (
        "On site",
        &["today", "arrive", "check", "read", "note", "photo", "sign", "correct", "complete", "refuse", "no-access"],
    ),
    ("Goods and money", &["delivered", "part", "fault", "counter", "send-on", "charge", "plan", "works"]),
    ("Customers", &["customer", "care"]),
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
    Job(job::Job),
    Set(set::Set),
    #[command(subcommand)]
    Grade(grade::Grade),
    #[command(subcommand)]
    Dispatch(dispatch::Dispatch),
    #[command(subcommand)]
    Scope(scope::Scope),
    Today(today::Today),
    Arrive(arrive::Arrive),
    Check(check::Check),
    Read(read::Read),
    Note(note::Note),
    Photo(photo::Photo),
    Sign(sign::Sign),
    Correct(correct::Correct),
    Complete(complete::Complete),
    Refuse(refuse::Refuse),
    NoAccess(no_access::NoAccess),
    Delivered(delivered::Delivered),
    Part(part::Part),
    #[command(subcommand)]
    Fault(fault::Fault),
    #[command(subcommand)]
    Counter(counter::Counter),
    SendOn(send_on::SendOn),
    Charge(charge::Charge),
    #[command(subcommand)]
    Plan(plan::Plan),
    #[command(subcommand)]
    Works(works::Works),
    #[command(subcommand)]
    Customer(customer::Customer),
    Care(care::Care),
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
            Self::Job(command) => command.run(context),
            Self::Set(command) => command.run(context),
            Self::Grade(command) => command.run(context),
            Self::Dispatch(command) => command.run(context),
            Self::Scope(command) => command.run(context),
            Self::Today(command) => command.run(context),
            Self::Arrive(command) => command.run(context),
            Self::Check(command) => command.run(context),
            Self::Read(command) => command.run(context),
            Self::Note(command) => command.run(context),
            Self::Photo(command) => command.run(context),
            Self::Sign(command) => command.run(context),
            Self::Correct(command) => command.run(context),
            Self::Complete(command) => command.run(context),
            Self::Refuse(command) => command.run(context),
            Self::NoAccess(command) => command.run(context),
            Self::Delivered(command) => command.run(context),
            Self::Part(command) => command.run(context),
            Self::Fault(command) => command.run(context),
            Self::Counter(command) => command.run(context),
            Self::SendOn(command) => command.run(context),
            Self::Charge(command) => command.run(context),
            Self::Plan(command) => command.run(context),
            Self::Works(command) => command.run(context),
            Self::Customer(command) => command.run(context),
            Self::Care(command) => command.run(context),
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
