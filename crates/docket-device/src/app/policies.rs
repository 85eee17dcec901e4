//! Policy packs: documents that carry a TOML text in parts; a job pins one by digest.

use docket_core::Policy;
use docket_core::policy::{adoption, builtin};
use docket_format::{ContentDigest, DocId, FactId};
use serde_json::Value;

use super::body;
use super::error::AppError;
use super::session::Session;
use crate::project::policy::REPLACES;
use crate::store::Draft;

/// Bytes of text in one `pack` fact.
const PART: usize = 12 * 1024;

/// Adoptions that one replaces at most.
const MOST_REPLACED: usize = 64;

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
    let mut first = body([("dk", "policy".into()), ("regs", Value::Object(registers))]);
    let replaces: Vec<Value> = newest(session)?.iter().map(|fact| Value::from(fact.to_string())).collect();
    if !replaces.is_empty() {
        first.insert(REPLACES.into(), Value::Array(replaces));
    }
    let mut drafts = vec![Draft { kind: "created".into(), body: first }];
    let parts = split(text);
    for (index, part) in parts.iter().enumerate() {
        let entries = [("part", Value::from(index + 1)), ("of", parts.len().into()), ("text", (*part).into())];
        drafts.push(Draft { kind: "pack".into(), body: body(entries) });
    }
    session.write(doc, &drafts)?;
    session.store_mut();
    Ok(policy)
}

/// The adoptions that a new one replaces. Many at once means that many offices were apart: the newest of them stand for
/// all, so that the fact stays small.
fn newest(session: &Session) -> Result<Vec<FactId>, AppError> {
    let adoptions = session.adoptions()?;
    let mut newest: Vec<_> = adoption::newest(&adoptions);
    if newest.len() > MOST_REPLACED {
        let at = |fact: &FactId| adoptions.iter().find(|one| one.fact == *fact).map(|one| one.at_ms);
        newest.sort_by_key(|fact| core::cmp::Reverse((at(fact), *fact)));
        newest.truncate(MOST_REPLACED);
    }
    Ok(newest)
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
