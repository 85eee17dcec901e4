//! Looking for damage.
