//! `[authority]`: fact kind → the roles that may state it (D-H20). `set` may be narrowed to a register:
//! `"set:appointment" = […]`, which then holds for that register however it is set.

use std::collections::{BTreeMap, BTreeSet};

use super::error::PolicyError;
use super::read::Table;
use crate::kind;
use crate::role::Role;

/// Who may state what. A kind that is not listed may be stated by nobody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Authority {
    kinds: BTreeMap<String, BTreeSet<Role>>,
    registers: BTreeMap<String, BTreeSet<Role>>,
}

impl Authority {
    /// Whether a role may state facts of a kind.
    pub fn may_state(&self, role: &str, kind: &str) -> bool {
        self.kinds.get(kind).is_some_and(|roles| roles.contains(role))
    }

    /// Whether a role may set a register; `true` where the policy has no rule for that register.
    pub fn may_set(&self, role: &str, register: &str) -> bool {
        self.registers.is_empty() || self.registers.get(register).is_none_or(|roles| roles.contains(role))
    }

    /// The roles that may state facts of a kind, sorted.
    pub fn roles(&self, kind: &str) -> impl Iterator<Item = &Role> {
        self.kinds.get(kind).into_iter().flatten()
    }
}

pub(super) fn read(root: &Table<'_>, roles: &BTreeSet<Role>) -> Result<Authority, PolicyError> {
    let mut authority = Authority::default();
    let Some(table) = root.opt_table("authority")? else { return Ok(authority) };
    for (key, value) in table.entries() {
        let mut allowed = BTreeSet::new();
        for text in value.texts()? {
            let Some(role) = roles.iter().find(|role| role.as_str() == text.value) else {
                let what = format!("unknown role \"{}\"", text.value);
                return Err(table.source.error(&text.span, what, "add it to `roles` at the top of the policy"));
            };
            allowed.insert(role.clone());
        }
        if let Some(register) = key.value.strip_prefix("set:") {
            authority.registers.insert(register.to_owned(), allowed);
        } else if kind::all().any(|kind| kind == key.value) {
            authority.kinds.insert(key.value.to_owned(), allowed);
        } else {
            let what = format!("unknown fact kind \"{}\"", key.value);
            return Err(table.source.error(
                &key.span,
                what,
                format!("expected one of: {}", kind::all().collect::<Vec<_>>().join(", ")),
            ));
        }
    }
    Ok(authority)
}
