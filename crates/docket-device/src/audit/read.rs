//! Reading packs, and the packs that they include.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::guard::check_names;
use super::message::Message;
use super::pack::{PACK_BYTES, PACK_RULES, Pack, PackError, Places, Rule, Source};
use super::severity::BadSeverity;
use super::shipped;
use crate::import::nearest;

/// Most packs that lie inside one another.
const DEPTH: usize = 8;

/// Finds a pack that another includes: (name, the including file) → the file, or why there is none.
pub type Lookup<'a> = dyn Fn(&str, &str) -> Result<Source, String> + 'a;

/// A pack as one file, for those who have none of those that it was read from.
#[derive(Serialize)]
struct Flat<'a> {
    name: &'a str,
    title: Option<&'a str>,
    rule: Vec<FlatRule<'a>>,
}

#[derive(Serialize)]
struct FlatRule<'a> {
    id: &'a str,
    severity: &'static str,
    row: &'a str,
    title: &'a str,
    message: String,
    key: &'a [String],
    sql: &'a str,
    types: BTreeMap<&'a str, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPack {
    name: String,
    title: Option<String>,
    #[serde(default)]
    include: Vec<Spanned<String>>,
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: Spanned<String>,
    severity: Spanned<String>,
    row: Spanned<String>,
    title: String,
    message: Spanned<String>,
    key: Vec<Spanned<String>>,
    #[serde(default)]
    types: BTreeMap<String, Spanned<String>>,
    sql: Spanned<String>,
}

impl Pack {
    /// Reads and checks a pack, which may include shipped ones. `file` is its name for errors.
    pub fn parse(text: &str, file: &str) -> Result<Self, PackError> {
        Self::parse_with(text, file, &only_shipped)
    }

    /// As [`Pack::parse`]; `lookup` finds what is included and is no shipped pack.
    pub fn parse_with(text: &str, file: &str, lookup: &Lookup<'_>) -> Result<Self, PackError> {
        let mut reader = Reader {
            lookup,
            within: Vec::new(),
            done: BTreeSet::new(),
            pack: Self { name: String::new(), title: None, rules: Vec::new() },
        };
        let source = Source { file: file.to_owned(), text: text.to_owned() };
        let raw = reader.read(&source)?;
        if reader.pack.rules.is_empty() {
            return Err(source.error(0, None, format!("a pack has 1 to {PACK_RULES} rules, not 0")));
        }
        Ok(Self { name: raw.name, title: raw.title, ..reader.pack })
    }
}

impl Pack {
    /// All rules as one pack without includes.
    pub fn to_toml(&self) -> String {
        let rule = self.rules.iter().map(|rule| FlatRule {
            id: &rule.id,
            severity: rule.severity.as_str(),
            row: &rule.row,
            title: &rule.title,
            message: rule.message.template(),
            key: &rule.key,
            sql: &rule.sql,
            types: rule.types.iter().map(|(column, kind)| (column.as_str(), kind.to_string())).collect(),
        });
        let flat = Flat { name: &self.name, title: self.title.as_deref(), rule: rule.collect() };
        // Plain strings and tables: there is nothing that TOML could not hold.
        toml::to_string(&flat).unwrap_or_default()
    }
}

/// The lookup of [`Pack::parse`].
fn only_shipped(name: &str, _: &str) -> Result<Source, String> {
    let known: Vec<&str> = shipped::shipped_names().collect();
    let meant =
        nearest(name, known.iter().copied()).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    Err(format!("no pack `{name}` is shipped, only {}{meant}", known.join(", ")))
}

struct Reader<'a> {
    lookup: &'a Lookup<'a>,
    /// The files that are being read, outermost first.
    within: Vec<String>,
    /// The files that are read.
    done: BTreeSet<String>,
    pack: Pack,
}

impl Reader<'_> {
    /// Adds a file's rules to the pack, after those of what it includes.
    fn read(&mut self, source: &Source) -> Result<RawPack, PackError> {
        if source.text.len() > PACK_BYTES {
            let what = format!("{} bytes; a pack has at most {PACK_BYTES}", source.text.len());
            return Err(source.error(0, None, what));
        }
        let raw: RawPack = toml::from_str(&source.text)
            .map_err(|error| source.error(error.span().map_or(0, |span| span.start), None, error.message()))?;
        self.within.push(source.file.clone());
        for name in &raw.include {
            self.include(source, name)?;
        }
        let source = Arc::new(source.clone());
        for raw in &raw.rule {
            self.pack.add(rule(&source, raw)?)?;
        }
        self.within.pop();
        self.done.insert(source.file.clone());
        Ok(raw)
    }

    fn include(&mut self, from: &Source, name: &Spanned<String>) -> Result<(), PackError> {
        let fail = |what: String| from.error(name.span().start, None, what);
        let name = name.get_ref();
        let found = match shipped::source(name) {
            Some(found) => found,
            None => (self.lookup)(name, &from.file).map_err(|why| fail(format!("can't include `{name}`: {why}")))?,
        };
        if self.done.contains(&found.file) {
            return Ok(());
        }
        if self.within.contains(&found.file) {
            let road: Vec<&str> = self.within.iter().map(String::as_str).collect();
            return Err(fail(format!("includes itself: {} → {}", road.join(" → "), found.file)));
        }
        if self.within.len() == DEPTH {
            return Err(fail(format!("packs lie at most {DEPTH} deep in one another")));
        }
        self.read(&found).map(drop)
    }
}

fn rule(source: &Arc<Source>, raw: &RawRule) -> Result<Rule, PackError> {
    let id = raw.id.get_ref();
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    if !(1..=64).contains(&id.len()) || !id.bytes().all(plain) {
        let what = "a rule's id is 1 to 64 characters of a-z, 0-9, `-`";
        return Err(source.error(raw.id.span().start, None, what));
    }
    let fail = |at: usize, what: String| source.error(at, Some(id), what);
    let severity = raw.severity.get_ref().parse();
    let severity = severity.map_err(|why: BadSeverity| fail(raw.severity.span().start, why.to_string()))?;
    let row = raw.row.get_ref();
    if !(row.starts_with("D-") || row.starts_with('§')) || row.len() > 20 {
        return Err(fail(raw.row.span().start, format!("`{row}` is no row of DOMAIN.md (D-H1) or section (§2)")));
    }
    let message = Message::parse(raw.message.get_ref()).map_err(|why| fail(raw.message.span().start, why))?;
    let mut types = BTreeMap::new();
    for (column, kind) in &raw.types {
        let kind = kind.get_ref().parse().map_err(|why| fail(kind.span().start, why))?;
        types.insert(column.clone(), kind);
    }
    let span = raw.sql.span();
    let sql = raw.sql.get_ref().clone();
    let verbatim = source.text.get(span.clone()).and_then(|literal| literal.find(&sql));
    let places = Places {
        id: raw.id.span().start,
        message: raw.message.span().start,
        key: raw.key.iter().map(|key| key.span().start).collect(),
        types: raw.types.iter().map(|(column, kind)| (column.clone(), kind.span().start)).collect(),
        sql: (span.start + verbatim.unwrap_or(0), verbatim.is_some()),
    };
    let rule = Rule {
        id: id.clone(),
        severity,
        row: row.clone(),
        title: raw.title.clone(),
        message,
        key: raw.key.iter().map(|key| key.get_ref().clone()).collect(),
        types,
        sql,
        source: source.clone(),
        places,
    };
    check_names(&rule.sql).map_err(|(offset, what)| rule.sql_error(offset, what))?;
    Ok(rule)
}
