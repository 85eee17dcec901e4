//! Runs a pack: read-only, authorised, bounded in time and output, on one snapshot of the store.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use rusqlite::hooks::{AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode};
use serde_json::{Map, Value};

use super::check::{Columns, check_value, prepare, view_columns};
use super::finding::{Audit, Finding, RuleRun};
use super::guard::{Names, authorize};
use super::pack::{Pack, PackError, Rule};

/// Most findings of one rule.
pub const RULE_FINDINGS: usize = 100_000;
/// The longest string that a rule may make, in bytes.
const VALUE_BYTES: i32 = 4 * 1024 * 1024;
/// SQLite's virtual machine steps between two looks at the clock.
const STEPS: i32 = 10_000;

/// How to run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// `:as_of_ms`: judge as of this time, milliseconds since 1970.
    pub as_of_ms: i64,
    /// Longest that one rule may take.
    pub rule_time: Duration,
}

impl Options {
    /// As of this time, with 10 seconds a rule.
    pub const fn as_of(as_of_ms: i64) -> Self {
        Self { as_of_ms, rule_time: Duration::from_secs(10) }
    }
}

/// Why an audit stopped. There are no half results: a rule that can't run is no rule without findings.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A rule can't be run.
    #[error(transparent)]
    Rule(#[from] PackError),
    /// The store failed.
    #[error("the store can't be read: {0}")]
    Store(#[from] rusqlite::Error),
}

/// Prepares every rule without running it: what is wrong with a pack shows here.
pub fn check(sql: &mut Connection, pack: &Pack) -> Result<(), AuditError> {
    let guarded = Guarded::new(sql)?;
    pack.rules.iter().try_for_each(|rule| prepare(&guarded, &guarded.columns, rule).map(drop).map_err(Into::into))
}

/// Runs every rule. The connection's authorizer, progress handler and limits are docket's during the run and unset
/// after it.
pub fn run(sql: &mut Connection, pack: &Pack, options: Options) -> Result<Audit, AuditError> {
    check(sql, pack)?;
    let mut guarded = Guarded::new(sql)?;
    let mut audit =
        Audit { pack: pack.name.clone(), as_of_ms: options.as_of_ms, rules: Vec::new(), findings: Vec::new() };
    for rule in &pack.rules {
        let findings = run_rule(&mut guarded, rule, options)?;
        audit.rules.push(RuleRun {
            id: rule.id.clone(),
            severity: rule.severity,
            row: rule.row.clone(),
            title: rule.title.clone(),
            findings: findings.len(),
        });
        audit.findings.extend(findings);
    }
    audit.findings.sort_by(|a, b| {
        let rank = |finding: &Finding| (core::cmp::Reverse(finding.severity), finding.rule.clone());
        rank(a).cmp(&rank(b)).then_with(|| (&a.subject, &a.message, &a.id).cmp(&(&b.subject, &b.message, &b.id)))
    });
    Ok(audit)
}

/// A connection on which only rules' SELECTs can be prepared, inside one read transaction.
struct Guarded<'c> {
    sql: &'c mut Connection,
    /// The views' columns, for hints.
    columns: Columns,
    began: bool,
    length: i32,
}

impl<'c> Guarded<'c> {
    fn new(sql: &'c mut Connection) -> Result<Self, rusqlite::Error> {
        let mut names = Names::default();
        {
            let mut statement = sql.prepare("SELECT lower(name), type FROM pragma_table_list")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (name, kind): (String, String) = (row.get(0)?, row.get(1)?);
                let is_view = kind == "view" && name.starts_with("v_");
                if is_view {
                    names.views.insert(name)
                } else {
                    names.tables.insert(name)
                };
            }
        }
        let began = sql.is_autocommit();
        if began {
            sql.execute_batch("BEGIN")?;
        }
        let length = sql.limit(Limit::SQLITE_LIMIT_LENGTH)?;
        let columns = view_columns(sql, &names)?;
        let guarded = Self { sql, columns, began, length };
        guarded.sql.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES.min(length))?;
        guarded.sql.authorizer(Some(move |context: AuthContext<'_>| authorize(&names, &context)))?;
        Ok(guarded)
    }
}

impl Drop for Guarded<'_> {
    fn drop(&mut self) {
        // Each of these only unsets what `new` set; a connection that refuses even that is of no use to anybody.
        let _ = self.sql.authorizer(None::<fn(AuthContext<'_>) -> Authorization>);
        let _ = self.sql.progress_handler(0, None::<fn() -> bool>);
        let _ = self.sql.set_limit(Limit::SQLITE_LIMIT_LENGTH, self.length);
        if self.began {
            let _ = self.sql.execute_batch("ROLLBACK");
        }
    }
}

impl Deref for Guarded<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.sql
    }
}

impl DerefMut for Guarded<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.sql
    }
}

fn run_rule(sql: &mut Guarded<'_>, rule: &Rule, options: Options) -> Result<Vec<Finding>, AuditError> {
    let began = Instant::now();
    let limit = options.rule_time;
    sql.progress_handler(STEPS, Some(move || began.elapsed() > limit))?;
    let mut statement = prepare(sql, &sql.columns, rule)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    if statement.parameter_count() > 0 {
        statement.raw_bind_parameter(1, options.as_of_ms)?;
    }
    let mut rows = statement.raw_query();
    let mut found: BTreeMap<String, Finding> = BTreeMap::new();
    let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => {
            let mut failure = rule.sql_error(0, format!("stopped after {limit:?}"));
            failure.hint =
                Some("join views with `JOIN v_visit USING (job)`; is there an endless recursion?".to_owned());
            AuditError::Rule(failure)
        }
        Some(ErrorCode::TooBig) => AuditError::Rule(rule.sql_error(0, "makes a string over the limit")),
        // What the SQL itself computes (an overflow, a bad pattern) is the rule's fault; the rest is the store's.
        Some(ErrorCode::Unknown) => AuditError::Rule(rule.sql_error(0, error.to_string())),
        _ => AuditError::Store(error),
    };
    while let Some(row) = rows.next().map_err(failed)? {
        let mut values = Map::new();
        for (index, column) in columns.iter().enumerate() {
            let value = row.get_ref(index)?;
            check_value(rule, column, value)?;
            values.insert(column.clone(), json_of(value));
        }
        let finding = finding(rule, values);
        let full = found.len() == RULE_FINDINGS;
        match found.get_mut(&finding.id) {
            // Rows of one id are one finding: the least by its text, whatever order SQLite gave them in.
            Some(known) if (&finding.message, text_of(&finding)) < (&known.message, text_of(known)) => *known = finding,
            Some(_) => {}
            None if full => {
                return Err(rule.sql_error(0, format!("makes more than {RULE_FINDINGS} findings")).into());
            }
            None => {
                found.insert(finding.id.clone(), finding);
            }
        }
    }
    Ok(found.into_values().collect())
}

fn finding(rule: &Rule, mut values: Map<String, Value>) -> Finding {
    let message = rule.message.fill(|column| values.get(column).map_or_else(String::new, shown));
    let subject = values.get("subject").map_or_else(String::new, shown);
    let key: Vec<Value> = rule.key.iter().map(|column| values.get(column).cloned().unwrap_or(Value::Null)).collect();
    values.remove("subject");
    Finding {
        id: Finding::id_of(&rule.id, &subject, &key),
        rule: rule.id.clone(),
        severity: rule.severity,
        row: rule.row.clone(),
        subject,
        message,
        values,
    }
}

fn text_of(finding: &Finding) -> String {
    Value::Object(finding.values.clone()).to_string()
}

/// As people read it: text bare, nothing as a dash.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn json_of(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => docket_format::crockford::encode(bytes).into(),
    }
}
