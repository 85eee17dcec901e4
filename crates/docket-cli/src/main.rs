//! The `docket` program: parses, calls the device library, prints.

mod cli;
mod commands;
mod context;
mod demo;
mod docs;
mod errors;
mod escape;
mod files;
mod html;
mod i18n;
mod output;
mod page;
mod run;
mod times;

fn main() -> std::process::ExitCode {
    run::run()
}
