//! Reads a TOML table key by key, so that every refusal names its line and every unknown key is one.

use core::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{PolicyError, Source};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// A table, its place, and its name for messages.
#[derive(Clone)]
pub(super) struct Table<'s> {
    pub(super) source: Source<'s>,
    entries: &'s DeTable<'s>,
    pub(super) span: Range<usize>,
    name: &'s str,
}

type Read<T> = Result<T, PolicyError>;

impl<'s> Table<'s> {
    /// The whole file.
    pub(super) fn root(source: Source<'s>, table: &'s Spanned<DeTable<'s>>) -> Self {
        // The root's span is the whole text: point at its first line.
        Self { source, entries: table.get_ref(), span: 0..0, name: "the policy" }
    }

    pub(super) fn error(&self, what: impl Into<String>, hint: impl Into<String>) -> PolicyError {
        self.source.error(&self.span, what, hint)
    }

    /// Refuses every key but these.
    pub(super) fn only(&self, allowed: &[&str]) -> Read<()> {
        match self.entries.iter().find(|(key, _)| !allowed.contains(&key.get_ref().as_ref())) {
            None => Ok(()),
            Some((key, _)) => {
                let what = format!("unknown key `{}` in {}", key.get_ref(), self.name);
                Err(self.source.error(&key.span(), what, format!("expected one of: {}", allowed.join(", "))))
            }
        }
    }

    /// Every key with its value, in the keys' order.
    pub(super) fn entries(&self) -> impl Iterator<Item = (At<&'s str>, Value<'s>)> {
        let (source, table) = (self.source, self.entries);
        table.iter().map(move |(key, value)| {
            let name: &'s str = key.get_ref().as_ref();
            (At { value: name, span: key.span() }, Value { source, key: name, found: value })
        })
    }

    pub(super) fn get(&self, key: &'static str) -> Option<Value<'s>> {
        self.entries.get(key).map(|value| Value { source: self.source, key, found: value })
    }

    pub(super) fn need(&self, key: &'static str) -> Read<Value<'s>> {
        self.get(key).ok_or_else(|| self.error(format!("{} lacks `{key}`", self.name), ""))
    }

    pub(super) fn text(&self, key: &'static str) -> Read<At<&'s str>> {
        self.need(key)?.text()
    }

    pub(super) fn opt_text(&self, key: &'static str) -> Read<Option<At<&'s str>>> {
        self.get(key).map(|value| value.text()).transpose()
    }

    pub(super) fn texts(&self, key: &'static str) -> Read<Vec<At<&'s str>>> {
        self.get(key).map_or(Ok(Vec::new()), |value| value.texts())
    }

    pub(super) fn opt_int(&self, key: &'static str, range: RangeInclusive<i64>) -> Read<Option<i64>> {
        self.get(key).map(|value| value.int(range)).transpose()
    }

    pub(super) fn flag(&self, key: &'static str, default: bool) -> Read<bool> {
        self.get(key).map_or(Ok(default), |value| value.flag())
    }

    pub(super) fn opt_table(&self, key: &'static str) -> Read<Option<Table<'s>>> {
        self.get(key).map(|value| value.table()).transpose()
    }

    /// The texts of a list without their places; none where the key is missing.
    pub(super) fn names<C: FromIterator<String>>(&self, key: &'static str) -> Read<C> {
        Ok(own(self.texts(key)?))
    }

    /// As [`Table::names`], and each once.
    pub(super) fn unique_names<C: FromIterator<String>>(&self, key: &'static str, what: &str) -> Read<C> {
        let names = self.texts(key)?;
        unique(self.source, what, &names)?;
        Ok(own(names))
    }

    /// The tables under a key, each with an id of its own under `id`.
    pub(super) fn catalogue(&self, key: &'static str, id: &'static str, what: &str) -> Read<Vec<Self>> {
        let tables = self.tables(key)?;
        let ids = tables.iter().map(|table| table.text(id)).collect::<Read<Vec<_>>>()?;
        unique(self.source, what, &ids)?;
        Ok(tables)
    }

    pub(super) fn tables(&self, key: &'static str) -> Read<Vec<Table<'s>>> {
        self.get(key).map_or(Ok(Vec::new()), |value| value.items()?.map(|item| item.table()).collect())
    }
}

/// A value under a key.
#[derive(Clone, Copy)]
pub(super) struct Value<'s> {
    source: Source<'s>,
    key: &'s str,
    found: &'s Spanned<DeValue<'s>>,
}

impl<'s> Value<'s> {
    pub(super) fn error(&self, what: impl Into<String>, hint: impl Into<String>) -> PolicyError {
        self.source.error(&self.found.span(), what, hint)
    }

    fn wrong(&self, expected: &str) -> PolicyError {
        self.error(format!("`{}` must be {expected}", self.key), "")
    }

    pub(super) fn text(&self) -> Read<At<&'s str>> {
        match self.found.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Ok(At { value: text, span: self.found.span() }),
            DeValue::String(_) => Err(self.error(format!("`{}` is empty", self.key), "")),
            DeValue::Float(_) | DeValue::Integer(_) => {
                Err(self.error(format!("`{}` must be a string", self.key), "write decimals in quotes, as in \"0.35\""))
            }
            _ => Err(self.wrong("a string")),
        }
    }

    pub(super) fn flag(&self) -> Read<bool> {
        match self.found.get_ref() {
            DeValue::Boolean(flag) => Ok(*flag),
            _ => Err(self.wrong("true or false")),
        }
    }

    pub(super) fn int(&self, range: RangeInclusive<i64>) -> Read<i64> {
        let found = match self.found.get_ref() {
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        let expected = || format!("a whole number from {} to {}", range.start(), range.end());
        found.filter(|number| range.contains(number)).ok_or_else(|| self.wrong(&expected()))
    }

    pub(super) fn is_flag(&self) -> bool {
        matches!(self.found.get_ref(), DeValue::Boolean(_))
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.found.get_ref(), DeValue::Array(_))
    }

    pub(super) fn table(&self) -> Read<Table<'s>> {
        match self.found.get_ref() {
            DeValue::Table(table) => {
                Ok(Table { source: self.source, entries: table, span: self.found.span(), name: self.key })
            }
            _ => Err(self.wrong("a table")),
        }
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self.found.get_ref(), DeValue::Table(_))
    }

    /// A string, a whole number or true or false, or a list of them.
    pub(super) fn scalars(&self) -> Read<Vec<serde_json::Value>> {
        let one = |value: &Self| match value.found.get_ref() {
            DeValue::String(text) => Ok(text.as_ref().into()),
            DeValue::Boolean(flag) => Ok((*flag).into()),
            DeValue::Integer(_) => Ok(value.int(i64::MIN..=i64::MAX)?.into()),
            _ => Err(value.wrong("a string, a whole number, true or false")),
        };
        match self.found.get_ref() {
            DeValue::Array(_) => self.items()?.map(|item| one(&item)).collect(),
            _ => Ok(vec![one(self)?]),
        }
    }

    pub(super) fn items(&self) -> Read<impl Iterator<Item = Value<'s>> + use<'s>> {
        let (source, key) = (self.source, self.key);
        match self.found.get_ref() {
            DeValue::Array(items) => Ok(items.iter().map(move |value| Value { source, key, found: value })),
            _ => Err(self.wrong("a list")),
        }
    }

    pub(super) fn texts(&self) -> Read<Vec<At<&'s str>>> {
        self.items()?.map(|item| item.text()).collect()
    }
}

/// Refuses the second of two equal names.
pub(super) fn unique<'t>(source: Source<'_>, what: &str, names: impl IntoIterator<Item = &'t At<&'t str>>) -> Read<()> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name.value) {
            return Err(source.error(&name.span, format!("{what} `{}` appears twice", name.value), "ids must differ"));
        }
    }
    Ok(())
}

/// Texts without their places.
pub(super) fn own<C: FromIterator<String>>(items: Vec<At<&str>>) -> C {
    items.into_iter().map(|item| item.value.to_owned()).collect()
}
