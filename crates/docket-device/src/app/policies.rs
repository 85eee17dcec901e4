//! Policy packs: documents that carry a TOML text in parts; a job pins one by digest.

use docket_core::Policy;
use docket_core::policy::builtin;
use docket_format::{ContentDigest, DocId};
use serde_json::Value;

use super::body;
use super::error::AppError;
use super::session::Session;
use crate::store::Draft;

/// Bytes of text in one `pack` fact.
const PART: usize = 12 * 1024;

/// The document of a pack.
fn doc(session: &Session, digest: ContentDigest) -> DocId {
    DocId::derived(session.tenant(), "policy", "docket", &digest.to_string())
}

/// The text of a shipped pack ("default", "haier").
pub fn shipped(name: &str) -> Option<&'static str> {
    builtin(name)
}

/// Reads and checks a pack; `file` names it in errors.
pub fn parse(text: &str, file: &str) -> Result<Policy, AppError> {
    Policy::parse(text, file).map_err(|bad| {
        let refused = AppError::refused(bad.to_string());
        match bad.hint {
            Some(hint) => refused.hint(hint),
            None => refused,
        }
    })
}

/// Puts a pack into the record: from now on it is the company's.
pub fn adopt(session: &mut Session, text: &str, file: &str) -> Result<Policy, AppError> {
    let policy = parse(text, file)?;
    let doc = doc(session, policy.digest);
    if !session.facts(doc)?.is_empty() {
        return Err(AppError::refused(format!("{} {} was adopted before", policy.name, policy.version))
            .hint("the policy adopted last counts; give the pack a new version to adopt it again"));
    }
    let registers = body([("name", policy.name.as_str().into()), ("digest", policy.digest.to_string().into())]);
    let mut drafts = vec![Draft {
        kind: "created".into(),
        body: body([("dk", "policy".into()), ("regs", Value::Object(registers))]),
    }];
    let parts = split(text);
    for (index, part) in parts.iter().enumerate() {
        let entries = [("part", Value::from(index + 1)), ("of", parts.len().into()), ("text", (*part).into())];
        drafts.push(Draft { kind: "pack".into(), body: body(entries) });
    }
    session.write(doc, &drafts)?;
    session.store_mut();
    Ok(policy)
}

fn split(mut text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while !text.is_empty() {
        let mut end = PART.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let (part, rest) = text.split_at(end);
        parts.push(part);
        text = rest;
    }
    parts
}
