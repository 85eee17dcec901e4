//! Units of readings. One line here makes a new unit known to policies.

/// A unit's id (as written in facts and policies) and the symbol people read.
pub const UNITS: [(&str, &str); 14] = [
    ("ohm", "Ω"),
    ("megaohm", "MΩ"),
    ("volt", "V"),
    ("ampere", "A"),
    ("milliampere", "mA"),
    ("watt", "W"),
    ("celsius", "°C"),
    ("percent", "%"),
    ("bar", "bar"),
    ("kilopascal", "kPa"),
    ("millimetre", "mm"),
    ("litre_per_minute", "l/min"),
    ("ppm", "ppm"),
    ("minute", "min"),
];

/// Whether the unit is known.
pub fn is_known(id: &str) -> bool {
    symbol(id).is_some()
}

/// The symbol people read; `None` for an unknown unit.
pub fn symbol(id: &str) -> Option<&'static str> {
    UNITS.iter().find(|(known, _)| *known == id).map(|(_, symbol)| *symbol)
}
