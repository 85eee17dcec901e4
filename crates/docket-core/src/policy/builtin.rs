//! The policy packs that ship with docket, also found as files in `fixtures/policies/`.

/// Haier's 1 + 5.
pub const HAIER: &str = include_str!("../../../../fixtures/policies/haier.toml");

/// The union of the shipped packs.
pub const DEFAULT: &str = include_str!("../../../../fixtures/policies/default.toml");

/// The text of a shipped pack by name.
pub fn builtin(name: &str) -> Option<&'static str> {
    match name {
        "haier" => Some(HAIER),
        "default" => Some(DEFAULT),
        _ => None,
    }
}
