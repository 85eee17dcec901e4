//! The only module that prints. Data goes to standard output, everything else to standard error; a closed pipe is
//! success; `--json` output is one document, its keys stable.

use std::io::{ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::cli::{Color, Globals};
use crate::errors::CliError;
use crate::escape::escape;
use crate::i18n;
use crate::page::{Page, Target};

/// Where a command's answer goes and how.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    out: Target,
    err_styled: bool,
}

impl Output {
    pub(crate) fn new(globals: &Globals) -> Self {
        let styled = |terminal: bool| match globals.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let out = Target { width: width(), styled: styled(std::io::stdout().is_terminal()) };
        let err_styled = styled(std::io::stderr().is_terminal());
        Self { json: globals.json, quiet: globals.quiet, out, err_styled }
    }

    /// A command's answer: `json` under `--json`, else the page that `human` fills.
    pub(crate) fn show<T: Serialize>(&self, json: &T, human: impl FnOnce(&mut Page)) -> Result<(), CliError> {
        if self.json {
            return self.json(json);
        }
        self.page(human)
    }

    /// Whether `--json` was given.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A page for people, whatever `--json` says.
    pub(crate) fn page(&self, human: impl FnOnce(&mut Page)) -> Result<(), CliError> {
        let mut page = Page::new(self.out);
        human(&mut page);
        raw(page.into_text().as_bytes())
    }

    /// What is too much to hold twice, written as it is made.
    #[expect(clippy::unused_self, reason = "printing goes through the one Output that a command was given")]
    pub(crate) fn stream(&self, make: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), CliError> {
        let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        written(make(&mut out).and_then(|()| out.flush()))
    }

    /// One JSON document, with or without `--json`.
    #[expect(clippy::unused_self, reason = "printing goes through the one Output that a command was given")]
    pub(crate) fn json<T: Serialize>(&self, value: &T) -> Result<(), CliError> {
        let text = serde_json::to_string_pretty(value);
        let mut text = text.map_err(|e| CliError::environment(format!("can't write JSON: {e}")))?;
        text.push('\n');
        raw(text.as_bytes())
    }

    /// Bytes as they are: CSV, completions, an exported document.
    #[expect(clippy::unused_self, reason = "printing goes through the one Output that a command was given")]
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), CliError> {
        raw(bytes)
    }

    /// Something worth knowing beside the answer; silent under `--quiet`.
    pub(crate) fn note(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.aside("note:", AnsiColor::Cyan.on_default(), text.as_ref());
        }
    }

    /// Something that needs a person's attention; never silent.
    pub(crate) fn warn(&self, text: impl AsRef<str>) {
        self.aside("warning:", AnsiColor::Yellow.on_default().bold(), text.as_ref());
    }

    fn hint(&self, text: &str) {
        self.aside("hint:", AnsiColor::Cyan.on_default(), text);
    }

    /// A failure: what, then what to do.
    pub(crate) fn error(&self, error: &CliError) {
        if self.json {
            complain(&format!("{}\n", error.to_json()));
            return;
        }
        self.aside("error:", AnsiColor::Red.on_default().bold(), &error.message);
        for detail in &error.details {
            complain(&format!("  {}\n", escape(&i18n::text(detail))));
        }
        for hint in &error.hints {
            self.hint(hint);
        }
    }

    fn aside(&self, label: &str, style: Style, text: &str) {
        let style = if self.err_styled { style } else { Style::new() };
        let label = i18n::text(label);
        let space = if label.ends_with(':') { " " } else { "" }; // a wide colon has its space in it
        complain(&format!("{style}{label}{style:#}{space}{}\n", escape(&i18n::text(text))));
    }

    /// That a service can be used now: always one line on standard error, for people and for what started it.
    #[expect(clippy::unused_self, reason = "printing goes through the one Output that a command was given")]
    pub(crate) fn ready(&self, text: &str) {
        complain(&format!("{text}\n"));
    }

    /// A progress bar on standard error: hidden unless that is a terminal.
    pub(crate) fn progress(&self, total: u64, what: &'static str) -> ProgressBar {
        if self.quiet || self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {percent}% {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(i18n::text(what));
        bar
    }
}

/// Writes what a service logs to standard error, line by line.
pub(crate) fn log_lines(json: bool) {
    let lines = tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false);
    let begun = if json { lines.json().flatten_event(true).try_init() } else { lines.with_ansi(false).try_init() };
    // Somebody else listens already: nothing is lost but the second copy.
    drop(begun);
}

/// COLUMNS, else the terminal's width, else none: what goes into a pipe is not cut.
pub(crate) fn width() -> Option<u16> {
    let asked = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<u16>().ok()).filter(|&columns| columns > 0);
    asked.or_else(|| {
        let terminal = std::io::stdout().is_terminal();
        terminal.then(|| comfy_table::Table::new().width()).flatten()
    })
}

fn raw(bytes: &[u8]) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

fn written(done: std::io::Result<()>) -> Result<(), CliError> {
    match done {
        // The reader (`head`, a pager) has seen enough: that is success.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(CliError::environment(format!("can't write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// What the parser says by itself, with colour where the terminal shows it.
pub(crate) fn parser(text: &str, is_error: bool) {
    use anstream::AutoStream;
    // A closed pipe is success, and nowhere is left to report a failure of standard error.
    let _ = if is_error {
        AutoStream::auto(std::io::stderr()).write_all(text.as_bytes())
    } else {
        AutoStream::auto(std::io::stdout()).write_all(text.as_bytes())
    };
}

fn complain(text: &str) {
    // Nowhere is left to report a failure of standard error itself.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
