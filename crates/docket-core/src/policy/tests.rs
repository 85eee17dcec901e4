//! A policy is read strictly, and what is wrong is named by line and column.

use super::*;
use crate::grade::Grade;

fn policy(text: &str) -> Result<Policy, PolicyError> {
    Policy::parse(text, "p.toml")
}

#[test]
fn the_shipped_packs_are_read() {
    for name in ["haier", "default"] {
        let text = builtin(name).unwrap();
        let policy = Policy::parse(text, name).unwrap_or_else(|bad| panic!("{bad} {:?}", bad.hint));
        assert_eq!(policy.name, name);
        assert_eq!(policy.templates.len(), 2);
    }
}
