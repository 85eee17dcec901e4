//! Runs a pack: read-only, authorised, bounded in time and output, on one snapshot of the store.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rusqlite::hooks::{AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode};
use serde_json::{Map, Value};

use super::check::{Known, check_value, known, prepare};
use super::finding::{Audit, Finding, FindingId, RuleRun, Values};
use super::guard::{Names, authorize};
use super::pack::{Pack, PackError, Rule};
use super::spent::Spent;
use super::waiver::{Waiver, waivers};

/// The most processor time of one rule, unless asked otherwise.
pub const RULE_TIME: Duration = Duration::from_secs(10);
/// Most findings of one rule.
pub const RULE_FINDINGS: usize = 500_000;
/// The most that an audit's findings may take in memory, in bytes.
pub const AUDIT_BYTES: usize = 512 * 1024 * 1024;
/// The longest string that a rule may make, in bytes.
const VALUE_BYTES: i32 = 4 * 1024 * 1024;
/// SQLite's virtual machine steps between two looks at the clock.
const STEPS: i32 = 10_000;

/// How to run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// `:as_of_ms`: judge as of this time, milliseconds since 1970.
    pub as_of_ms: i64,
    /// The most processor time that one rule may take. What a slow disk or other programs make it wait is not its fault:
    /// the same rule over the same records passes on a busy machine too.
    pub rule_time: Duration,
}

impl Options {
    /// As of this time, with [`RULE_TIME`] a rule.
    pub const fn as_of(as_of_ms: i64) -> Self {
        Self { as_of_ms, rule_time: RULE_TIME }
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
    check_all(&guarded, pack)
}

/// Runs every rule and marks what is waived. The connection's authorizer, progress handler and limits are docket's
/// during the run and unset after it.
pub fn run(sql: &mut Connection, pack: &Pack, options: Options) -> Result<Audit, AuditError> {
    run_on(std::slice::from_mut(sql), pack, options)
}

/// As [`run`], with the rules shared out among connections that see the same snapshot
/// ([`crate::store::read_only_pair`]). However they are shared out, the result is the same. Without connections no rule
/// runs.
pub fn run_on(connections: &mut [Connection], pack: &Pack, options: Options) -> Result<Audit, AuditError> {
    let mut guarded = connections.iter_mut().map(Guarded::new).collect::<Result<Vec<_>, _>>()?;
    let waived = match guarded.first() {
        Some(first) => {
            check_all(first, pack)?;
            first.waivers.clone()
        }
        None => Vec::new(),
    };
    let shared = Shared { pack, options, next: AtomicUsize::new(0), bytes: AtomicUsize::new(0) };
    let mut done = match guarded.as_mut_slice() {
        [only] => shared.work(only)?,
        many => std::thread::scope(|scope| {
            let shared = &shared;
            let working: Vec<_> = many.iter_mut().map(|sql| scope.spawn(move || shared.work(sql))).collect();
            let mut done = Vec::new();
            let mut failed: Option<(usize, AuditError)> = None;
            for worker in working {
                // A panic there is one here.
                match worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                    Ok(some) => done.extend(some),
                    // Of two rules that fail, the pack's first is named.
                    Err(error) if failed.as_ref().is_none_or(|(rule, _)| error.0 < *rule) => failed = Some(error),
                    Err(_) => {}
                }
            }
            failed.map_or(Ok(done), Err)
        })?,
    };
    done.sort_unstable_by_key(|(place, _)| *place);
    let mut audit = Audit {
        pack: pack.name.clone(),
        as_of_ms: options.as_of_ms,
        rules: Vec::with_capacity(pack.rules.len()),
        findings: Vec::with_capacity(done.iter().map(|(_, findings)| findings.len()).sum()),
        compared: None,
    };
    for (rule, (_, findings)) in pack.rules.iter().zip(done) {
        audit.rules.push(RuleRun {
            id: rule.id.as_str().into(),
            severity: rule.severity,
            row: rule.row.as_str().into(),
            title: rule.title.clone(),
            findings: findings.len(),
        });
        audit.findings.extend(findings);
    }
    audit.findings.sort_unstable_by(Finding::rank);
    audit.waive(&waived);
    Ok(audit)
}

fn check_all(sql: &Guarded<'_>, pack: &Pack) -> Result<(), AuditError> {
    pack.rules.iter().try_for_each(|rule| prepare(sql, &sql.known, rule).map(drop).map_err(Into::into))
}

/// A rule that failed, by its place in the pack.
type Failed = (usize, AuditError);

impl From<Failed> for AuditError {
    fn from((_, error): Failed) -> Self {
        error
    }
}

/// What the connections share.
struct Shared<'a> {
    pack: &'a Pack,
    options: Options,
    /// The next rule that nobody has taken.
    next: AtomicUsize,
    /// What the findings take so far.
    bytes: AtomicUsize,
}

impl Shared<'_> {
    /// Takes rules until there are none left; their findings, by the rule's place in the pack.
    fn work(&self, sql: &mut Guarded<'_>) -> Result<Vec<(usize, Vec<Finding>)>, Failed> {
        let mut done = Vec::new();
        loop {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(rule) = self.pack.rules.get(place) else { return Ok(done) };
            done.push((place, self.run(sql, rule).map_err(|error| (place, error))?));
        }
    }

    fn run(&self, sql: &mut Guarded<'_>, rule: &Rule) -> Result<Vec<Finding>, AuditError> {
        let spent = Spent::from_now();
        let limit = self.options.rule_time;
        sql.progress_handler(STEPS, Some(move || spent.time() > limit))?;
        let mut statement = prepare(sql, &sql.known, rule)?;
        let maker = Maker::new(rule, statement.column_names().map(str::to_owned).collect());
        if statement.parameter_count() > 0 {
            statement.raw_bind_parameter(1, self.options.as_of_ms)?;
        }
        let mut rows = statement.raw_query();
        let mut found = Found::default();
        while let Some(row) = rows.next().map_err(|error| failed(rule, limit, error))? {
            let mut values = Map::new();
            for (index, column) in maker.columns.iter().enumerate() {
                let value = row.get_ref(index)?;
                check_value(rule, column, value)?;
                values.insert(column.clone(), json_of(value));
            }
            let finding = maker.finding(values);
            let weight =
                size_of::<Finding>() + finding.subject.len() + finding.message.len() + finding.values.as_str().len();
            if self.bytes.fetch_add(weight, Ordering::Relaxed) + weight > AUDIT_BYTES {
                let what = format!("the audit's findings take more than {} MiB", AUDIT_BYTES / 1024 / 1024);
                return Err(rule.sql_error(0, what).into());
            }
            if !found.push(finding) {
                return Err(rule.sql_error(0, format!("makes more than {RULE_FINDINGS} findings")).into());
            }
        }
        Ok(found.finish())
    }
}

/// Why a rule stopped.
fn failed(rule: &Rule, limit: Duration, error: rusqlite::Error) -> AuditError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => {
            let mut failure = rule.sql_error(0, format!("stopped after {limit:?} of processor time"));
            failure.hint = Some(
                "join views with `JOIN v_visit USING (job)`; is there an endless recursion? --rule-time allows more"
                    .to_owned(),
            );
            AuditError::Rule(failure)
        }
        Some(ErrorCode::TooBig) => AuditError::Rule(rule.sql_error(0, "makes a string over the limit")),
        // What the SQL itself computes (an overflow, a bad pattern) is the rule's fault; the rest is the store's.
        Some(ErrorCode::Unknown) => AuditError::Rule(rule.sql_error(0, error.to_string())),
        _ => AuditError::Store(error),
    }
}

/// The findings of one rule. Rows of one id are one finding: the least by its text, whatever order SQLite gave them in.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    /// At this length the doubles are taken out.
    full: usize,
}

impl Found {
    /// `false`: there are too many.
    fn push(&mut self, finding: Finding) -> bool {
        if self.findings.len() >= self.full.max(1024) {
            self.settle();
            self.full = self.findings.len() * 2;
        }
        self.findings.push(finding);
        self.findings.len() <= RULE_FINDINGS || {
            self.settle();
            self.findings.len() <= RULE_FINDINGS
        }
    }

    fn settle(&mut self) {
        self.findings.sort_unstable_by(|a, b| (a.id, &a.message, &a.values).cmp(&(b.id, &b.message, &b.values)));
        self.findings.dedup_by(|later, first| later.id == first.id);
    }

    fn finish(mut self) -> Vec<Finding> {
        self.settle();
        self.findings.shrink_to_fit();
        self.findings
    }
}

/// Makes findings of rows.
struct Maker<'r> {
    rule: &'r Rule,
    columns: Vec<String>,
    id: Arc<str>,
    row: Arc<str>,
}

impl<'r> Maker<'r> {
    fn new(rule: &'r Rule, columns: Vec<String>) -> Self {
        Self { rule, columns, id: rule.id.as_str().into(), row: rule.row.as_str().into() }
    }

    fn finding(&self, mut values: Map<String, Value>) -> Finding {
        let rule = self.rule;
        let message = rule.message.fill(|column| values.get(column).map_or_else(String::new, shown));
        let subject = values.get("subject").map_or_else(String::new, shown);
        let key: Vec<Value> =
            rule.key.iter().map(|column| values.get(column).cloned().unwrap_or(Value::Null)).collect();
        values.remove("subject");
        Finding {
            id: FindingId::of(&rule.id, &subject, &key),
            rule: self.id.clone(),
            severity: rule.severity,
            row: self.row.clone(),
            subject: subject.into_boxed_str(),
            message: message.into_boxed_str(),
            values: Values::new(values),
            waived: None,
        }
    }
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

/// A connection on which only rules' SELECTs can be prepared, inside one read transaction.
struct Guarded<'c> {
    sql: &'c mut Connection,
    /// The views and tables there are.
    known: Known,
    /// What the record says is waived.
    waivers: Vec<Arc<Waiver>>,
    began: bool,
    length: i32,
}

impl<'c> Guarded<'c> {
    fn new(sql: &'c mut Connection) -> Result<Self, rusqlite::Error> {
        let began = sql.is_autocommit();
        if began {
            sql.execute_batch("BEGIN")?;
        }
        let length = sql.limit(Limit::SQLITE_LIMIT_LENGTH)?;
        // From here on whatever fails leaves the connection as it was.
        let mut guarded = Self { sql, known: Known::default(), waivers: Vec::new(), began, length };
        let mut names = Names::default();
        {
            let mut statement = guarded.sql.prepare("SELECT lower(name), type FROM pragma_table_list")?;
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
        guarded.known = known(&guarded, &names)?;
        guarded.waivers = waivers(&guarded)?;
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
