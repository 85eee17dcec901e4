//! Breaking lines of text in which some characters are two columns wide and words have no spaces between them.

use unicode_width::UnicodeWidthChar as _;

/// Marks that no line begins with.
const CLOSING: &str = "，。、；：！？）】》」』”’,.;:!?)]}…—";

/// Breaks a line that is longer than `width` columns; what follows stands under where its text began: after the
/// indent, or in the second column of a list.
pub(crate) fn hanging(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.trim_end().to_owned();
    }
    let indent = hang(line);
    // Where the second column is too narrow to read, the text goes on under the first.
    let indent = if indent > 12 && indent + 20 > width { 10.min(width / 4) } else { indent };
    let mut out = String::new();
    let mut at = 0;
    let mut begun = false;
    for piece in pieces(line) {
        let wide = columns(piece);
        if begun && at + columns(piece.trim_end()) > width {
            let kept = out.trim_end_matches(' ').len();
            out.truncate(kept);
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            let piece = piece.trim_start();
            out.push_str(piece);
            at = indent + columns(piece);
            continue;
        }
        out.push_str(piece);
        at += wide;
        begun = begun || !piece.trim().is_empty();
    }
    out.truncate(out.trim_end().len());
    out
}

/// How many columns a text takes; escape sequences take none.
pub(crate) fn columns(text: &str) -> usize {
    let mut escape = false;
    let mut columns = 0;
    for c in text.chars() {
        match c {
            '\u{1b}' => escape = true,
            'm' if escape => escape = false,
            _ if escape => {}
            c => columns += c.width().unwrap_or(0),
        }
    }
    columns
}

/// The column at which a line's text begins.
fn hang(line: &str) -> usize {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let body = line.get(indent..).unwrap_or_default();
    match body.find("  ") {
        Some(gap) if indent > 0 => {
            let after = body.get(gap..).unwrap_or_default();
            let text = after.len() - after.trim_start_matches(' ').len();
            columns(line.get(..indent + gap + text).unwrap_or_default())
        }
        _ => indent,
    }
}

/// A line in pieces between which it may be broken: words with the spaces behind them, and single wide characters.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut before) = (0, ' ');
    for (at, c) in line.char_indices() {
        let wide = |c: char| c.width().unwrap_or(0) > 1;
        let breaks = (before == ' ' && c != ' ') || wide(c) || wide(before);
        if breaks && at > start && c != ' ' && !CLOSING.contains(c) {
            pieces.push(line.get(start..at).unwrap_or_default());
            start = at;
        }
        before = c;
    }
    pieces.push(line.get(start..).unwrap_or_default());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns_and_break_anywhere() {
        assert_eq!(columns("工单 K7"), 7);
        assert_eq!(columns("\u{1b}[1m工单\u{1b}[0m"), 4);
        assert_eq!(hanging("工单工单工单", 8), "工单工单\n工单");
        assert_eq!(hanging("工单，工单工，单", 12), "工单，工单\n工，单");
    }

    #[test]
    fn what_follows_stands_under_the_text() {
        let line = "  --limit <N>  最多显示这么多条工单，默认五十条，零表示全部";
        let broken = hanging(line, 40);
        assert!(broken.lines().all(|line| columns(line) <= 40), "{broken}");
        assert!(broken.lines().skip(1).all(|line| line.starts_with(&" ".repeat(15))), "{broken}");
        assert_eq!(broken.split_whitespace().collect::<String>(), line.split_whitespace().collect::<String>());
        assert_eq!(hanging("one two three four", 9), "one two\nthree\nfour");
    }
}
