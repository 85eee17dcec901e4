//! The policy packs that ship with docket, also found as files in `fixtures/policies/`.

/// Haier's 1 + 5 (DOMAIN.md, H).
pub const HAIER: &str = include_str!("../../../../fixtures/policies/haier.toml");

/// Changhong: response and care (C).
pub const CHANGHONG: &str = include_str!("../../../../fixtures/policies/changhong.toml");

/// Hengji Weiye: running a service organisation (E).
pub const HENGJI: &str = include_str!("../../../../fixtures/policies/hengji.toml");

/// How fast a fault is answered, by severity (S).
pub const SEVERITY: &str = include_str!("../../../../fixtures/policies/severity.toml");

/// The union of the shipped packs (D-K5).
pub const DEFAULT: &str = include_str!("../../../../fixtures/policies/default.toml");

/// Every shipped pack: name and text.
pub const SHIPPED: [(&str, &str); 5] =
    [("default", DEFAULT), ("haier", HAIER), ("changhong", CHANGHONG), ("hengji", HENGJI), ("severity", SEVERITY)];

/// The text of a shipped pack by name.
pub fn builtin(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
