//! What a rule's SQL may do: read the views, through a list of functions that always give the same answer.
//!
//! SQLite asks an authorizer while it prepares a statement. A base table may be read only from inside a view; the
//! authorizer knows that by the name of the view that is being expanded. A common table expression could take a view's
//! name and so pass for it: [`check_names`] refuses that before SQLite sees the text. Where no column of a table is read
//! SQLite does not say whether a view asked; [`tables`] finds the tables that the text itself names.

use std::collections::BTreeSet;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Functions that a rule itself may call. None reads a clock or draws random numbers; inside views all are allowed.
const FUNCTIONS: [&str; 47] = [
    "abs",
    "avg",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "dense_rank",
    "first_value",
    "format",
    "glob",
    "group_concat",
    "hex",
    "if",
    "ifnull",
    "iif",
    "instr",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "lower",
    "ltrim",
    "max",
    "min",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "printf",
    "quote",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "string_agg",
    "substr",
    "substring",
    "sum",
    "total",
    "trim",
    "typeof",
    "unicode",
    "upper",
];

/// The names of the views a rule may read, and of all tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) views: BTreeSet<String>,
    pub(super) tables: BTreeSet<String>,
}

/// The authorizer's answer.
pub(super) fn authorize(names: &Names, context: &AuthContext<'_>) -> Authorization {
    let inside_view = context.accessor.is_some_and(|view| names.views.contains(&view.to_lowercase()));
    let allowed = match context.action {
        AuthAction::Select | AuthAction::Recursive => true,
        AuthAction::Read { table_name, column_name } => {
            let table = table_name.to_lowercase();
            let schema = table.starts_with("sqlite_") || table.starts_with("pragma_");
            // No column: only the rows are counted, by a view, or of a common table expression. What the rule itself
            // names was looked at before.
            inside_view || names.views.contains(&table) || column_name.is_empty() && !schema
        }
        AuthAction::Function { function_name } => {
            inside_view || FUNCTIONS.contains(&function_name.to_ascii_lowercase().as_str())
        }
        _ => false,
    };
    if allowed { Authorization::Allow } else { Authorization::Deny }
}

/// Refuses common table expressions (and windows) with the name of a view: an identifier `v_…` may be followed
/// neither by `(` nor by `AS (`, `AS MATERIALIZED`, `AS NOT`. The error is a byte offset and what is wrong.
pub(super) fn check_names(sql: &str) -> Result<(), (usize, String)> {
    let tokens = tokens(sql);
    for (index, (offset, token)) in tokens.iter().enumerate() {
        let next = |n: usize| tokens.get(index + n).map_or(String::new(), |(_, token)| token.to_ascii_lowercase());
        let opens = next(1) == "(" || (next(1) == "as" && matches!(next(2).as_str(), "(" | "materialized" | "not"));
        if opens && token.to_ascii_lowercase().starts_with("v_") {
            return Err((*offset, format!("`{token}`: names that start with v_ are the views' own")));
        }
    }
    Ok(())
}

/// The names that stand where SQL wants a table: behind FROM and JOIN, and behind commas between such. The error of
/// taking one for a table that is none costs nothing: only names of base tables are refused.
pub(super) fn tables(sql: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    // For each open parenthesis: whether commas there separate tables.
    let mut lists = vec![false];
    let mut wanted = false;
    for (offset, token) in tokens(sql) {
        let word = token.to_ascii_lowercase();
        match word.as_str() {
            "from" | "join" => {
                wanted = true;
                if let Some(list) = lists.last_mut() {
                    *list = true;
                }
            }
            "select" | "where" | "group" | "having" | "order" | "limit" | "window" | "union" | "except"
            | "intersect" | "values" => {
                wanted = false;
                if let Some(list) = lists.last_mut() {
                    *list = false;
                }
            }
            "(" => lists.push(wanted),
            ")" => {
                lists.pop();
                wanted = false;
            }
            "," => wanted = lists.last().copied().unwrap_or(false),
            // Behind the name of a schema.
            "." => wanted = found.last().is_some_and(|(at, name): &(usize, String)| at + name.len() + 2 >= offset),
            _ if wanted => {
                wanted = false;
                found.push((offset, word));
            }
            _ => {}
        }
    }
    found
}

/// Identifiers and strings (without their quotes: SQLite takes either for a name) and single characters, without white
/// space and comments.
pub(super) fn tokens(sql: &str) -> Vec<(usize, String)> {
    let bytes = sql.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let mut found = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let start = i;
        match at(i) {
            b'-' if at(i + 1) == b'-' => i = skip_to(bytes, i, b"\n"),
            b'/' if at(i + 1) == b'*' => i = skip_to(bytes, i + 2, b"*/"),
            open @ (b'"' | b'`' | b'[' | b'\'') => {
                i = quoted(bytes, i, if open == b'[' { b']' } else { open });
                let inner = sql.get(start + 1..i.saturating_sub(1)).unwrap_or_default();
                found.push((start, inner.to_owned()));
            }
            c if c.is_ascii_whitespace() => i += 1,
            c if is_word(c) => {
                while i < bytes.len() && is_word(at(i)) {
                    i += 1;
                }
                found.push((start, sql.get(start..i).unwrap_or_default().to_owned()));
            }
            c => {
                i += 1;
                found.push((start, char::from(c).to_string()));
            }
        }
    }
    found
}

const fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'_' | b'$') || c >= 0x80
}

/// The index behind the next `end`, or behind the last byte.
fn skip_to(bytes: &[u8], from: usize, end: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(end.len()).position(|window| window == end).map_or(bytes.len(), |at| from + at + end.len())
}

/// The index behind the closing quote; a doubled one is part of the text.
fn quoted(bytes: &[u8], open: usize, close: u8) -> usize {
    let mut i = open + 1;
    while let Some(&byte) = bytes.get(i) {
        i += 1;
        if byte == close {
            if close == b']' || bytes.get(i) != Some(&close) {
                return i;
            }
            i += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_table_cannot_pass_for_a_view() {
        for bad in [
            "WITH v_job AS (SELECT 1) SELECT 1",
            "WITH a AS (SELECT 1), V_JOB(x) AS (SELECT 1) SELECT 1",
            "WITH \"v_job\" AS NOT MATERIALIZED (SELECT 1) SELECT 1",
            "WITH [v_job] /* c */ AS -- c\n MATERIALIZED (SELECT 1) SELECT 1",
            "WITH `v_job`AS(SELECT 1) SELECT 1",
            "WITH 'v_job' AS (SELECT 1) SELECT 1",
        ] {
            assert!(check_names(bad).is_err(), "{bad}");
        }
        for good in [
            "SELECT * FROM v_job AS j WHERE doc IN (SELECT doc FROM v_visit)",
            "SELECT 'v_job (' AS x, cast(v_job.code AS text) FROM v_job -- v_job (\n",
            "WITH a AS (SELECT doc FROM v_job) SELECT count(*) FROM a",
        ] {
            assert_eq!(check_names(good), Ok(()), "{good}");
        }
        assert_eq!(check_names("SELECT v_x (1)").unwrap_err().0, 7, "the offset is the name's");
    }

    #[test]
    fn the_tables_that_a_text_names_are_found_wherever_they_stand() {
        for (sql, expect) in [
            ("SELECT a, b FROM x WHERE c IN (SELECT d, e FROM y)", vec!["x", "y"]),
            ("SELECT 1 FROM x a, 'y' b JOIN [z] c ON a.p = c.q, w", vec!["x", "y", "z", "w"]),
            ("SELECT 1 FROM (x), (SELECT f(p, q), r FROM y) AS s, main.z", vec!["x", "y", "main", "z"]),
            ("SELECT (SELECT 1 FROM x), y FROM z GROUP BY p, q ORDER BY r, s", vec!["x", "z"]),
            ("WITH a AS (SELECT 1 FROM x) SELECT b FROM a UNION SELECT c, d FROM \"Y\"", vec!["x", "a", "y"]),
        ] {
            let found = tables(sql);
            assert_eq!(found.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), expect, "{sql}");
        }
    }

    #[test]
    fn unfinished_quotes_and_comments_end_with_the_text() {
        for text in ["'", "\"", "[", "/*", "--", "'a''", "\"é"] {
            assert!(check_names(text).is_ok());
        }
    }
}
