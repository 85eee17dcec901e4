//! Packs that people name: shipped ones by name, their own by file.

use std::path::{Component, Path};

use docket_device::audit::{self, PACK_BYTES, Pack, PackError, Source};

use crate::errors::CliError;
use crate::files;

/// The packs that were named, as one.
pub(super) fn read(named: &[String]) -> Result<Pack, CliError> {
    let mut packs = Vec::with_capacity(named.len());
    for name in named {
        packs.push(match Pack::shipped(name) {
            Some(shipped) => shipped.map_err(|bad| bad_pack(&bad))?,
            None => file(name)?,
        });
    }
    Pack::join(packs).map_err(|bad| bad_pack(&bad))
}

/// Only these rules of the packs.
pub(super) fn read_only(named: &[String], rules: &[String]) -> Result<Pack, CliError> {
    let pack = read(named)?;
    if rules.is_empty() {
        return Ok(pack);
    }
    let known: Vec<String> = pack.rules.iter().map(|rule| rule.id.clone()).collect();
    pack.only(rules).map_err(|unknown| {
        CliError::usage(format!("the pack has no rule `{unknown}`")).hint(format!("one of: {}", known.join(", ")))
    })
}

/// A pack of one's own.
pub(super) fn file(name: &str) -> Result<Pack, CliError> {
    let shipped: Vec<&str> = audit::shipped_names().collect();
    let text = files::text(Path::new(name), PACK_BYTES as u64)
        .map_err(|missing| missing.hint(format!("a file, or one of the packs {}", shipped.join(", "))))?;
    Pack::parse_with(&text, name, &included).map_err(|bad| bad_pack(&bad))
}

/// A file that a pack of one's own includes: it lies beside that pack, or in a folder below.
fn included(name: &str, from: &str) -> Result<Source, String> {
    let below = Path::new(name);
    let plain = below.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || below.extension().is_none_or(|end| end != "toml") {
        let shipped: Vec<&str> = audit::shipped_names().collect();
        return Err(format!("neither a shipped pack ({}) nor a .toml file beside this one", shipped.join(", ")));
    }
    let path = Path::new(from).parent().unwrap_or(Path::new("")).join(below);
    let text = files::text(&path, PACK_BYTES as u64).map_err(|failed| failed.message)?;
    Ok(Source { file: path.display().to_string(), text })
}

pub(super) fn bad_pack(bad: &PackError) -> CliError {
    let failed = CliError::usage(bad.to_string());
    match &bad.hint {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}
