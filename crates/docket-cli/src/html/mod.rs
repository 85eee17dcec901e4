//! Pages for paper: self-contained HTML that needs neither a network nor a script, made where the work is.
//!
//! Text of other people is escaped by the template engine and isolated (`bdi`), so that it can neither break out of its
//! place nor turn the writing direction of ours.

pub(crate) mod card;
mod chart;
pub(crate) mod report;
pub(crate) mod visit;

use crate::i18n::lang;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A whole page. The policy in its head forbids a browser to load anything, whatever got into the text.
pub(crate) fn page(title: &str, style: &'static str, body: &Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang=(lang().tag()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body { (body) }
        }
    };
    markup.into_string()
}

/// A text that somebody else wrote.
pub(crate) fn said(text: &str) -> Markup {
    html! { bdi { (text) } }
}
