//! A policy that is on trial at one outlet only (D-E14): a job of another outlet that pins it is judged by a policy that
//! was not in force there.

use docket_core::policy::DEFAULT;
use docket_format::{ContentDigest, digest};
use serde_json::json;

use super::cast::{Cast, LONG_AGO_MS};
use super::page::{Scribe, Sheet};

/// Characters of text in one `pack` fact.
const PART: usize = 4 * 1024;

/// The shipped policy, for an outlet that no job is given to.
fn text() -> String {
    DEFAULT.replacen("version = \"1\"", "version = \"1-pilot\"", 1).replacen(
        "\n[outlets]\n",
        "\n[outlets]\nonly = [\"O-PILOT\"]\n",
        1,
    )
}

/// What a job's `policy` register says to pin it.
pub(super) fn pin() -> String {
    ContentDigest::from_bytes(digest::sha256(text().as_bytes())).to_string()
}

/// The pack as a document.
pub(super) fn pack(scribe: &Scribe, cast: &Cast) -> Result<Sheet, String> {
    let (text, pin) = (text(), pin());
    let doc = scribe.derived("policy", &pin);
    let mut page = scribe.page(doc);
    let regs = json!({"name": "default", "digest": pin});
    page.put(cast.supervisor, LONG_AGO_MS, "created", json!({"dk": "policy", "regs": regs}))?;
    let chars: Vec<char> = text.chars().collect();
    let parts = chars.chunks(PART);
    let of = parts.len();
    for (part, text) in (1..).zip(parts) {
        let text: String = text.iter().collect();
        page.put(cast.supervisor, LONG_AGO_MS, "pack", json!({"part": part, "of": of, "text": text}))?;
    }
    page.close()
}
