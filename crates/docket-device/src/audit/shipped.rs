//! The packs that the program brings: one per operator, and their union with the rules about the record itself.

use super::pack::{Pack, PackError, Source};

/// Name and text of every shipped pack.
const SHIPPED: [(&str, &str); 5] = [
    ("default", include_str!("../../../../fixtures/audit/default.toml")),
    ("haier", include_str!("../../../../fixtures/audit/haier.toml")),
    ("changhong", include_str!("../../../../fixtures/audit/changhong.toml")),
    ("hengji", include_str!("../../../../fixtures/audit/hengji.toml")),
    ("severity", include_str!("../../../../fixtures/audit/severity.toml")),
];

/// The names of the shipped packs.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

pub(super) fn source(name: &str) -> Option<Source> {
    let (name, text) = SHIPPED.iter().find(|(known, _)| *known == name)?;
    // No file that a person names is called so: one of theirs named haier.toml may include `haier`.
    Some(Source { file: format!("shipped:{name}.toml"), text: (*text).to_owned() })
}

impl Pack {
    /// A shipped pack; `None` if there is none of that name.
    pub fn shipped(name: &str) -> Option<Result<Self, PackError>> {
        let Source { file, text } = source(name)?;
        Some(Self::parse(&text, &file))
    }

    /// The pack that is used when none is named: every operator's rules, and those about the record itself.
    pub fn builtin() -> Result<Self, PackError> {
        let [(_, text), ..] = SHIPPED;
        Self::parse(text, "shipped:default.toml")
    }
}
