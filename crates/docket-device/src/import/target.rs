//! The registers that an import may fill, and what each may hold. Other names are open: text unless the map says
//! otherwise.

/// What a column's cells become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Text as it is, without outer white space.
    Text,
    /// A short name: 1 to 64 characters of `a-z 0-9 _ . -`. A cell that no value table translates is spelled like
    /// one ("Mobile App" as `mobile_app`).
    Slug,
    /// An instant, RFC 3339 with the offset that the zone had then.
    Timestamp,
    /// A day; a cell with a time of day other than midnight becomes an instant, so that nothing is lost.
    Date,
    /// Digits with at most one point, kept as they are written.
    Decimal,
    /// A 64-bit integer.
    Int,
    /// True or false, by value table only.
    Bool,
}

impl Type {
    /// The names a map may use.
    pub const NAMES: [(&str, Self); 7] = [
        ("text", Self::Text),
        ("slug", Self::Slug),
        ("timestamp", Self::Timestamp),
        ("date", Self::Date),
        ("decimal", Self::Decimal),
        ("int", Self::Int),
        ("bool", Self::Bool),
    ];

    /// Reads a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// The name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("text", |(name, _)| name)
    }
}

/// Bounds of a number, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Least.
    pub min: i64,
    /// Greatest.
    pub max: i64,
}

/// Which document a register belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// The job.
    Job,
    /// The customer: personal data lives only there, so that it can be erased without touching the job.
    Customer,
    /// Filled by docket, never by a map.
    Reserved,
}

/// A register that docket itself knows.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Where it lives.
    pub home: Home,
    /// What it holds.
    pub kind: Type,
    /// Bounds, for numbers.
    pub bounds: Option<Bounds>,
}

const fn known(name: &'static str, home: Home, kind: Type) -> Known {
    Known { name, home, kind, bounds: None }
}

const fn bounded(name: &'static str, home: Home, kind: Type, min: i64, max: i64) -> Known {
    Known { name, home, kind, bounds: Some(Bounds { min, max }) }
}

/// Every register that docket knows by name.
pub const KNOWN: [Known; 25] = [
    known("kind", Home::Job, Type::Slug),
    known("product", Home::Job, Type::Text),
    bounded("appliances", Home::Job, Type::Int, 1, 10_000),
    known("outlet", Home::Job, Type::Text),
    known("difficulty", Home::Job, Type::Slug),
    known("channel", Home::Job, Type::Slug),
    known("received_at", Home::Job, Type::Timestamp),
    known("appointment", Home::Job, Type::Timestamp),
    bounded("window_min", Home::Job, Type::Int, 0, 60 * 24 * 366),
    known("text", Home::Job, Type::Text),
    known("ext_status", Home::Job, Type::Text),
    known("serviced_on", Home::Job, Type::Date),
    known("closed_at", Home::Job, Type::Timestamp),
    known("updated_at", Home::Job, Type::Timestamp),
    known("policy", Home::Reserved, Type::Text),
    known("template", Home::Reserved, Type::Text),
    known("crew", Home::Reserved, Type::Text),
    known("customer", Home::Reserved, Type::Text),
    known("group", Home::Customer, Type::Slug),
    known("name", Home::Customer, Type::Text),
    known("phone", Home::Customer, Type::Text),
    known("address", Home::Customer, Type::Text),
    known("postcode", Home::Customer, Type::Text),
    bounded("lat", Home::Customer, Type::Decimal, -90, 90),
    bounded("lon", Home::Customer, Type::Decimal, -180, 180),
];

/// The known register of this name.
pub(super) fn find(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

/// Whether a name may be a register's: `a-z`, then `a-z 0-9 _`, at most 40 characters.
pub(super) fn is_register(name: &str) -> bool {
    let plain = name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
    name.len() <= 40 && plain && name.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
}

/// Whether a text is a short name (see [`Type::Slug`]).
pub(super) fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'_' | b'.' | b'-'))
}
