//! The notice card (D-H13): what the technician hands over first. "Once is enough", the five services, and whom to call
//! when one of them is missing.

use maud::{Markup, html};

use super::{page, said};
use crate::i18n;

/// What is printed.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    /// The company.
    pub(crate) company: String,
    /// The job's code: what a caller names.
    pub(crate) code: String,
    /// The kind of job and the product.
    pub(crate) about: String,
    /// Who comes.
    pub(crate) crew: Vec<String>,
    /// The agreed time, as people read it.
    pub(crate) when: Option<String>,
    /// The supervision line; `None` leaves a line to write it on.
    pub(crate) phone: Option<String>,
    /// The company's own sentence.
    pub(crate) text: Option<String>,
}

/// A letter of the five, its name, and what it means.
const FIVE: [(&str, &str, &str); 5] = [
    ("A", "Safety test", "Before the work your electrical supply is tested, and the result is explained to you."),
    ("B", "Guidance", "You are shown how to use, keep and run the appliance economically."),
    ("C", "Maintenance", "After the work this appliance is cleaned and maintained."),
    ("D", "Check of your other appliances", "Your other appliances of the brand are looked at."),
    ("E", "Clean-up", "The place is left clean when the work is done."),
];

/// The page, self-contained.
pub(crate) fn render(card: &Card) -> String {
    let title = format!("{} {}", i18n::text("Notice card"), card.code);
    page(&title, include_str!("card.css"), &body(card))
}

fn body(card: &Card) -> Markup {
    html! {
        main.card {
            header { span { (said(&card.company)) } b { (card.code) } }
            h1 { (i18n::text("Once is enough")) }
            p { (said(&card.about)) @if let Some(when) = &card.when { ", " (when) } @if !card.crew.is_empty() { ", " (said(&card.crew.join(", "))) } }
            p.promise { (i18n::text("Installed or repaired right the first time, and with it these five services:")) }
            ol { @for (letter, name, what) in FIVE { li { i { (letter) } div { b { (i18n::text(name)) } span { (i18n::text(what)) } } } } }
            section.line {
                p { (i18n::text("Is one of the five missing? Call, and name its letter:")) }
                strong { @match &card.phone { Some(phone) => (said(phone)), None => "……………………" } }
                @if let Some(text) = &card.text { p { (said(text)) } }
            }
            section.word {
                p { (i18n::text("What was done, in your own word:")) }
                div.boxes { @for (letter, _, _) in FIVE { span { (letter) } } }
                div.name { span { (i18n::text("Name")) } span { (i18n::text("Date")) } }
            }
        }
    }
}
