//! `[card]`: what the notice card says beside the five (D-H13).

use super::error::PolicyError;
use super::read::Table;

/// The company's part of the notice card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The supervision line's number: whom a customer calls when one of the five is missing.
    pub phone: String,
    /// A sentence of the company's own.
    pub text: Option<String>,
    /// The same in Chinese; without it the sentence above stands on Chinese cards too.
    pub text_zh: Option<String>,
}

pub(super) fn read(root: &Table<'_>) -> Result<Option<Card>, PolicyError> {
    let Some(table) = root.opt_table("card")? else { return Ok(None) };
    table.only(&["phone", "text", "text_zh"])?;
    let own = |key: &'static str| Ok(table.opt_text(key)?.map(|text| text.value.to_owned()));
    let phone = table.text("phone")?;
    if !phone.value.bytes().any(|c| c.is_ascii_digit()) {
        return Err(table.source.error(&phone.span, format!("\"{}\" is no telephone number", phone.value), ""));
    }
    Ok(Some(Card { phone: phone.value.to_owned(), text: own("text")?, text_zh: own("text_zh")? }))
}
