//! The commands: one file each. The doc comment of a command's arguments is its help text; a new command is one new
//! file, one variant and one name in [`SECTIONS`].

mod accept;
mod answers;
mod arrive;
mod as_person;
mod audit;
mod board;
mod bundle;
mod call_back;
mod card;
mod care;
mod charge;
mod check;
mod classify;
mod clocks;
mod complaint;
mod complete;
mod completions;
mod confirm;
mod contact;
mod correct;
mod counter;
mod customer;
mod delivered;
mod demo;
mod depart;
mod diagnose;
mod dispatch;
mod docs_cli;
mod doctor;
mod enrol;
mod escalate;
mod fault;
mod feedback;
mod form;
mod grade;
mod hazard;
mod inbox;
mod init;
mod invite;
mod job;
mod no_access;
mod note;
mod outlet;
mod overrule;
mod part;
mod pause;
mod person;
mod photo;
mod plan;
mod policy;
mod problem;
mod read;
mod recorded;
mod refuse;
mod relay;
mod resume;
mod roster;
mod scope;
mod send_on;
mod set;
mod sign;
mod status;
mod survey;
mod sync;
mod template;
mod today;
mod told_seller;
mod verify;
mod watch;
mod works;

use clap::Subcommand;

use crate::context::Context;
use crate::errors::Done;

/// The top-level help's sections, in the order in which a newcomer meets the commands.
pub(crate) const SECTIONS: &[(&str, &[&str])] = &[
    ("Set up", &["init", "invite", "enrol", "roster", "policy", "template"]),
    ("Jobs", &["job", "clocks", "set", "grade", "dispatch", "scope", "board"]),
    ("Outlets and people", &["outlet", "person"]),
    ("Requests", &["accept", "classify", "contact", "diagnose", "escalate", "overrule"]),
    (
        "On site",
        &[
            "as",
            "today",
            "card",
            "depart",
            "arrive",
            "pause",
            "resume",
            "check",
            "read",
            "note",
            "photo",
            "sign",
            "confirm",
            "correct",
            "complete",
            "refuse",
            "no-access",
            "hazard",
            "told-seller",
        ],
    ),
    ("After the visit", &["call-back", "survey", "complaint", "problem", "feedback", "form"]),
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
    Template(template::Template),
    #[command(subcommand)]
    Job(job::Job),
    Clocks(clocks::Clocks),
    Set(set::Set),
    #[command(subcommand)]
    Grade(grade::Grade),
    #[command(subcommand)]
    Dispatch(dispatch::Dispatch),
    #[command(subcommand)]
    Scope(scope::Scope),
    Board(board::Board),
    #[command(subcommand)]
    Outlet(outlet::Outlet),
    #[command(subcommand)]
    Person(person::Person),
    Accept(accept::Accept),
    Classify(classify::Classify),
    Contact(contact::Contact),
    Diagnose(diagnose::Diagnose),
    Escalate(escalate::Escalate),
    Overrule(overrule::Overrule),
    Today(today::Today),
    Card(card::CardArgs),
    Depart(depart::Depart),
    Pause(pause::Pause),
    Resume(resume::Resume),
    Arrive(arrive::Arrive),
    As(as_person::As),
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
    CallBack(call_back::CallBack),
    Survey(survey::Survey),
    #[command(subcommand)]
    Complaint(complaint::Complaint),
    #[command(subcommand)]
    Problem(problem::Problem),
    Feedback(feedback::Feedback),
    Form(form::Form),
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
            Self::Template(command) => command.run(context),
            Self::Job(command) => command.run(context),
            Self::Clocks(command) => command.run(context),
            Self::Set(command) => command.run(context),
            Self::Grade(command) => command.run(context),
            Self::Dispatch(command) => command.run(context),
            Self::Scope(command) => command.run(context),
            Self::Board(command) => command.run(context),
            Self::Outlet(command) => command.run(context),
            Self::Person(command) => command.run(context),
            Self::Accept(command) => command.run(context),
            Self::Classify(command) => command.run(context),
            Self::Contact(command) => command.run(context),
            Self::Diagnose(command) => command.run(context),
            Self::Escalate(command) => command.run(context),
            Self::Overrule(command) => command.run(context),
            Self::Today(command) => command.run(context),
            Self::Card(command) => command.run(context),
            Self::Depart(command) => command.run(context),
            Self::Pause(command) => command.run(context),
            Self::Resume(command) => command.run(context),
            Self::Arrive(command) => command.run(context),
            Self::As(command) => command.run(context),
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
            Self::CallBack(command) => command.run(context),
            Self::Survey(command) => command.run(context),
            Self::Complaint(command) => command.run(context),
            Self::Problem(command) => command.run(context),
            Self::Feedback(command) => command.run(context),
            Self::Form(command) => command.run(context),
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
