//! What a command wants people to read: lines, label-value pairs and tables, not yet bytes. Every piece of text is
//! escaped on its way in, so a command can't forget to.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Width};
use unicode_width::UnicodeWidthStr;

use crate::escape::escape;
use crate::i18n;

/// How a piece of text is meant; colour is only ever a second sign beside the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Warn,
    Bad,
}

/// A piece of escaped text with its tone.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    tone: Tone,
    text: String,
}

impl Span {
    pub(crate) fn new(tone: Tone, text: impl AsRef<str>) -> Self {
        Self { tone, text: escape(text.as_ref()) }
    }

    fn style(&self) -> Style {
        match self.tone {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().bold(),
            Tone::Faint => Style::new().dimmed(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Warn => AnsiColor::Yellow.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
        }
    }

    fn cell(&self) -> Cell {
        let cell = Cell::new(&self.text);
        match self.tone {
            Tone::Plain => cell,
            Tone::Strong => cell.add_attribute(Attribute::Bold),
            Tone::Faint => cell.add_attribute(Attribute::Dim),
            Tone::Good => cell.fg(Color::DarkGreen),
            Tone::Warn => cell.fg(Color::DarkYellow),
            Tone::Bad => cell.fg(Color::DarkRed).add_attribute(Attribute::Bold),
        }
    }
}

impl<T: AsRef<str>> From<T> for Span {
    fn from(text: T) -> Self {
        Self::new(Tone::Plain, text)
    }
}

pub(crate) fn strong(text: impl AsRef<str>) -> Span {
    Span::new(Tone::Strong, text)
}

pub(crate) fn faint(text: impl AsRef<str>) -> Span {
    Span::new(Tone::Faint, text)
}

pub(crate) fn good(text: impl AsRef<str>) -> Span {
    Span::new(Tone::Good, text)
}

pub(crate) fn warn(text: impl AsRef<str>) -> Span {
    Span::new(Tone::Warn, text)
}

pub(crate) fn bad(text: impl AsRef<str>) -> Span {
    Span::new(Tone::Bad, text)
}

/// A table: a header, rows, and which columns are numbers.
#[derive(Debug, Default)]
pub(crate) struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<Span>>,
    right: Vec<usize>,
    firm: Vec<usize>,
}

impl Table {
    /// With these column titles; none for label-value pairs.
    pub(crate) fn new(header: &[&'static str]) -> Self {
        Self { header: header.to_vec(), ..Self::default() }
    }

    /// Columns (from 0) that are aligned right.
    pub(crate) fn right(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    /// Columns (from 0) that are never broken over lines, beside the first.
    pub(crate) fn firm(mut self, columns: &[usize]) -> Self {
        self.firm = columns.to_vec();
        self
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Span>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn render(&self, target: Target, indent: usize) -> String {
        // A column without a single value only takes room from the others.
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(self.header.len());
        let used =
            |column: &usize| self.rows.iter().any(|row| row.get(*column).is_some_and(|cell| !cell.text.is_empty()));
        let kept: Vec<usize> = (0..columns).filter(used).collect();
        let inner = target.width.map(|width| usize::from(width).saturating_sub(indent).max(20));
        let lines = match inner.map(|inner| self.fit(&kept, inner)) {
            Some(Fit::Stacked) => self.stacked(&kept, target),
            fit => self.side_by_side(&kept, target, inner, fit == Some(Fit::Words)),
        };
        let mut out = String::new();
        for line in lines {
            out.push_str(&" ".repeat(indent));
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// How these columns go into a width.
    fn fit(&self, kept: &[usize], inner: usize) -> Fit {
        let gaps = kept.len().saturating_sub(1) * GAP;
        let sum = |most: usize| kept.iter().map(|column| self.floor(*column, most)).sum::<usize>() + gaps;
        if sum(WORD) <= inner {
            Fit::Words
        } else if self.header.is_empty() || kept.len() < 3 || sum(PIECE) <= inner {
            Fit::Broken
        } else {
            Fit::Stacked
        }
    }

    /// The least width of a column: its longest word up to `most`, all of it where it is never broken.
    fn floor(&self, column: usize, most: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.as_str());
        let title = self.header.get(column).map(|title| i18n::text(title)).unwrap_or_default();
        if column == 0 || self.firm.contains(&column) {
            return cells.map(UnicodeWidthStr::width).max().unwrap_or(0).max(title.width());
        }
        let words = cells.chain([&*title]).flat_map(|text| text.split(' ')).map(UnicodeWidthStr::width);
        words.max().unwrap_or(0).min(most)
    }

    fn side_by_side(&self, kept: &[usize], target: Target, inner: Option<usize>, whole_words: bool) -> Vec<String> {
        let mut table = styled(target);
        match inner {
            Some(inner) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(inner as u16),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        if !self.header.is_empty() {
            let titles = kept.iter().filter_map(|column| self.header.get(*column));
            table.set_header(titles.map(|title| Cell::new(i18n::text(title)).add_attribute(Attribute::Bold)));
        }
        for row in &self.rows {
            table.add_row(kept.iter().filter_map(|column| row.get(*column)).map(Span::cell));
        }
        let last = kept.last().copied();
        for (column, origin) in table.column_iter_mut().zip(kept) {
            let gap = if Some(*origin) == last { 0 } else { GAP as u16 };
            column.set_padding((0, gap));
            if self.right.contains(origin) {
                column.set_cell_alignment(CellAlignment::Right);
            }
            if *origin == 0 || self.firm.contains(origin) {
                // What people copy into the next command is never broken over lines.
                column.set_constraint(ColumnConstraint::ContentWidth);
            } else if whole_words && inner.is_some() {
                let floor = self.floor(*origin, WORD) as u16 + gap;
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(floor)));
            }
        }
        table.lines().collect()
    }

    /// Each row as lines of title and value: for tables with more columns than a narrow terminal can show.
    fn stacked(&self, kept: &[usize], target: Target) -> Vec<String> {
        let mut lines = Vec::new();
        for row in &self.rows {
            let mut pairs = Table::new(&[]);
            for column in kept {
                let Some(cell) = row.get(*column).filter(|cell| !cell.text.is_empty()) else { continue };
                let title = self.header.get(*column).map(|title| i18n::text(title)).unwrap_or_default();
                pairs.row([faint(title), cell.clone()]);
            }
            let inner = target.width.map(usize::from);
            lines.extend(pairs.side_by_side(&[0, 1], target, inner, false));
            lines.push(String::new());
        }
        lines.pop();
        lines
    }
}

/// How a table goes into a width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Without breaking a word of ordinary length.
    Words,
    /// With broken words.
    Broken,
    /// Not at all: row by row.
    Stacked,
}

/// Columns between two columns.
const GAP: usize = 2;
/// Words up to here are not broken where there is room: a date.
const WORD: usize = 10;
/// Narrower pieces of words than this can't be read.
const PIECE: usize = 6;

fn styled(target: Target) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    if target.styled {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

/// Where a page goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// Columns to fit into; `None` writes lines as long as they are (pipes, files).
    pub(crate) width: Option<u16>,
    /// Whether to write colour.
    pub(crate) styled: bool,
}

/// The text of one command's answer.
#[derive(Debug)]
pub(crate) struct Page {
    target: Target,
    text: String,
}

impl Page {
    pub(crate) fn new(target: Target) -> Self {
        Self { target, text: String::new() }
    }

    /// One line of pieces, written one after the other.
    pub(crate) fn line(&mut self, spans: impl IntoIterator<Item = Span>) {
        for span in spans {
            let style = if self.target.styled { span.style() } else { Style::new() };
            // Writing to a String can't fail.
            let _ = write!(self.text, "{style}{}{style:#}", span.text);
        }
        self.text.push('\n');
    }

    /// One plain line, in the reader's language where the catalogue knows it.
    pub(crate) fn say(&mut self, text: impl AsRef<str>) {
        self.line([Span::from(i18n::text(text.as_ref()))]);
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A section's title, after a blank line unless it is the first.
    pub(crate) fn title(&mut self, text: impl AsRef<str>) {
        if !self.text.is_empty() {
            self.blank();
        }
        self.line([strong(i18n::text(text.as_ref()))]);
    }

    pub(crate) fn table(&mut self, table: &Table) {
        let text = table.render(self.target, 0);
        self.text.push_str(&text);
    }

    /// A table two columns in, under a title.
    pub(crate) fn indented(&mut self, table: &Table) {
        let text = table.render(self.target, 2);
        self.text.push_str(&text);
    }

    /// Aligned labels and values.
    pub(crate) fn pairs(&mut self, pairs: impl IntoIterator<Item = (&'static str, Span)>) {
        let mut table = Table::new(&[]);
        for (label, value) in pairs {
            table.row([faint(i18n::text(label)), value]);
        }
        self.indented(&table);
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(columns: u16) -> String {
        let mut table = Table::new(&["job", "state", "due", "left"]);
        table.row(["2YG1MD4B", "breached", "2026-01-06 02:19 +00:00", "-320 d 15 h"].map(Span::from));
        let mut page = Page::new(Target { width: Some(columns), styled: false });
        page.table(&table);
        page.into_text()
    }

    #[test]
    fn a_date_is_whole_where_there_is_room_and_rows_are_stacked_where_there_is_none() {
        assert_eq!(
            text(38).lines().collect::<Vec<_>>(),
            [
                "job       state     due         left",
                "2YG1MD4B  breached  2026-01-06  -320 d",
                "                    02:19       15 h",
                "                    +00:00",
            ]
        );
        assert_eq!(
            text(26).lines().collect::<Vec<_>>(),
            ["job    2YG1MD4B", "state  breached", "due    2026-01-06 02:19", "       +00:00", "left   -320 d 15 h"]
        );
        assert!(text(100).lines().all(|line| line.len() < 60), "no wider than it must be");
    }
}
