//! Pages for paper: self-contained HTML that needs neither a network nor a script, made where the work is.
//!
//! Text of other people is escaped by the template engine and isolated (`bdi`), so that it can neither break out of its
//! place nor turn the writing direction of ours.

pub(crate) mod card;

use crate::i18n::{Lang, lang};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A language of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    En,
    Zh,
}

impl Tongue {
    /// The language that was asked for.
    pub(crate) fn asked() -> Self {
        match lang() {
            Lang::En => Self::En,
            Lang::Zh => Self::Zh,
        }
    }

    /// The one of the two texts that is in this language.
    pub(crate) fn of(self, en: &'static str, zh: &'static str) -> &'static str {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }

    fn tag(self) -> &'static str {
        self.of("en", "zh-Hans")
    }
}

/// A whole page. The policy in its head forbids a browser to load anything, whatever got into the text.
pub(crate) fn page(tongue: Tongue, title: &str, style: &'static str, body: &Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang=(tongue.tag()) {
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
