//! Whether a rule goes with the views: prepared, never run. What is wrong is shown at its place, with what was
//! probably meant.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Statement};

use super::guard::{Names, tables, tokens};
use super::pack::{PackError, Rule};
use super::types::{Type, word};
use crate::import::nearest;

/// What the store has.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// The columns of every view a rule may read.
    views: BTreeMap<String, Vec<String>>,
    /// Every table, which no rule may read.
    tables: BTreeSet<String>,
}

const ONE_SELECT: &str = "a rule is one SELECT over the views v_…";

/// Asks the store for its views' columns.
pub(super) fn known(sql: &Connection, names: &Names) -> rusqlite::Result<Known> {
    let mut statement = sql.prepare_cached("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    let mut views = BTreeMap::new();
    for view in &names.views {
        let columns: Vec<String> = statement.query_map([view], |row| row.get(0))?.collect::<Result<_, _>>()?;
        views.insert(view.clone(), columns);
    }
    Ok(Known { views, tables: names.tables.clone() })
}

/// Prepares a rule and checks its columns, types and parameters.
pub(super) fn prepare<'s>(sql: &'s Connection, known: &Known, rule: &Rule) -> Result<Statement<'s>, PackError> {
    if let Some((at, name)) = tables(&rule.sql).into_iter().find(|(_, name)| known.tables.contains(name)) {
        let hint = did_you_mean(&name, known.views.keys().map(String::as_str)).unwrap_or_else(|| ONE_SELECT.to_owned());
        return Err(rule.sql_error(at, format!("`{name}` is no view")).hint(Some(hint)));
    }
    let statement = sql.prepare(&rule.sql).map_err(|error| explain(&known.views, rule, &error))?;
    let columns: Vec<&str> = statement.column_names().collect();
    if columns.is_empty() || !statement.readonly() {
        return Err(rule.sql_error(0, "must be one SELECT"));
    }
    check_columns(rule, &columns)?;
    for column in statement.columns() {
        let (name, declared) = (column.name(), column.decl_type().unwrap_or_default());
        let Some(kind) = type_of(rule, name).filter(|kind| !kind.fits(declared)) else { continue };
        let what = format!("`{name}` must be {kind}, and the column is {}", declared.to_lowercase());
        return Err(rule.sql_error(place_in_sql(&rule.sql, name), what));
    }
    for index in 1..=statement.parameter_count() {
        let name = statement.parameter_name(index).unwrap_or("?");
        if name != ":as_of_ms" {
            let at = rule.sql.find(name).unwrap_or(0);
            return Err(rule.sql_error(at, format!("the only parameter is :as_of_ms, not {name}")));
        }
    }
    Ok(statement)
}

/// What a column must hold, if anybody says so.
fn type_of(rule: &Rule, column: &str) -> Option<Type> {
    if column == "subject" { Some(Type::SUBJECT) } else { rule.types.get(column).copied() }
}

/// Whether a row holds what its rule says.
pub(super) fn check_value(rule: &Rule, column: &str, value: ValueRef<'_>) -> Result<(), PackError> {
    match type_of(rule, column) {
        Some(kind) if !kind.holds(value) => {
            let what = format!("`{column}` must be {kind}, and a row has {}", word(value));
            Err(rule.sql_error(place_in_sql(&rule.sql, column), what))
        }
        _ => Ok(()),
    }
}

fn check_columns(rule: &Rule, columns: &[&str]) -> Result<(), PackError> {
    let mut sorted = columns.to_vec();
    sorted.sort_unstable();
    if let Some([twice, _]) = sorted.array_windows().find(|[a, b]| a == b) {
        let what = format!("the SELECT has the column `{twice}` twice");
        return Err(rule.sql_error(place_in_sql(&rule.sql, twice), what));
    }
    let missing = |name: &str| {
        let what = format!("the SELECT has no column `{name}`; it has {}", columns.join(", "));
        (!columns.contains(&name)).then(|| (what, did_you_mean(name, columns.iter().copied())))
    };
    if let Some((what, hint)) = missing("subject") {
        let hint = hint.or_else(|| Some("`SELECT doc AS subject, …` says what a finding is about".to_owned()));
        return Err(rule.sql_error(0, what).hint(hint));
    }
    for name in rule.message.columns() {
        if let Some((what, hint)) = missing(name) {
            return Err(rule.error(place_in_message(rule, name), what).hint(hint));
        }
    }
    for (name, &at) in rule.key.iter().zip(&rule.places.key) {
        if let Some((what, hint)) = missing(name) {
            return Err(rule.error(at, what).hint(hint));
        }
    }
    for (name, &at) in &rule.places.types {
        if let Some((what, hint)) = missing(name) {
            return Err(rule.error(at, what).hint(hint));
        }
    }
    Ok(())
}

/// What SQLite said about a rule, at its place in the pack.
fn explain(views: &BTreeMap<String, Vec<String>>, rule: &Rule, error: &rusqlite::Error) -> PackError {
    let (said, offset) = match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => (msg.clone(), usize::try_from(*offset).ok()),
        rusqlite::Error::SqliteFailure(_, Some(said)) => (said.clone(), None),
        rusqlite::Error::MultipleStatement => ("has more than one statement".to_owned(), None),
        other => (other.to_string(), None),
    };
    // SQLite does not say where a table that it doesn't know stands.
    let named = || said.rsplit(": ").next().and_then(|name| place_of(&rule.sql, name));
    let offset = offset.or_else(named).unwrap_or(0);
    let denied = error.sqlite_error_code() == Some(ErrorCode::AuthorizationForStatementDenied);
    let hint = if denied { Some(ONE_SELECT.to_owned()) } else { meant(views, rule, &said) };
    rule.sql_error(offset, said).hint(hint)
}

/// What was probably meant by a name that there isn't.
fn meant(views: &BTreeMap<String, Vec<String>>, rule: &Rule, said: &str) -> Option<String> {
    if let Some(table) = said.strip_prefix("no such table: ") {
        return did_you_mean(table, views.keys().map(String::as_str));
    }
    let column = said.strip_prefix("no such column: ")?;
    let column = column.rsplit('.').next().unwrap_or(column);
    let named: Vec<String> = tokens(&rule.sql).into_iter().map(|(_, token)| token.to_lowercase()).collect();
    let read = views.iter().filter(|(view, _)| named.contains(view));
    let columns: Vec<&str> = read.clone().flat_map(|(_, columns)| columns).map(String::as_str).collect();
    did_you_mean(column, columns).or_else(|| {
        let all: Vec<String> = read.map(|(view, columns)| format!("{view} has {}", columns.join(", "))).collect();
        (!all.is_empty()).then(|| all.join("; "))
    })
}

fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, known).map(|meant| format!("did you mean `{meant}`?"))
}

/// Where a SELECT makes a column: at its alias, else where the name first stands.
fn place_in_sql(sql: &str, column: &str) -> usize {
    let tokens = tokens(sql);
    let alias =
        tokens.array_windows().find(|[(_, before), (_, name)]| before.eq_ignore_ascii_case("as") && name == column);
    alias.map(|[_, (at, _)]| *at).or_else(|| place_of(sql, column)).unwrap_or(0)
}

/// Where a name first stands.
fn place_of(sql: &str, name: &str) -> Option<usize> {
    tokens(sql).iter().find(|(_, token)| token == name).map(|(at, _)| *at)
}

/// Where a message's hole stands in the pack's text.
fn place_in_message(rule: &Rule, column: &str) -> usize {
    let start = rule.places.message;
    let rest = rule.source.text.get(start..).unwrap_or_default();
    start + rest.find(&format!("{{{column}}}")).unwrap_or(0)
}
