//! The notice card (D-H13): what the technician hands over first. "Once is enough", the five services, and whom to call
//! when one of them is missing.

use maud::{Markup, html};

use super::{Tongue, page, said};

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

/// A letter of the five, its name, and what it means; in English and Chinese.
const FIVE: [(&str, [&str; 2], [&str; 2]); 5] = [
    (
        "A",
        ["Safety test", "安全测电"],
        [
            "Before the work your electrical supply is tested, and the result is explained to you.",
            "服务前检测用电环境，并向您说明结果。",
        ],
    ),
    (
        "B",
        ["Guidance", "讲解指导"],
        ["You are shown how to use, keep and run the appliance economically.", "向您讲解使用、保养与节能知识。"],
    ),
    (
        "C",
        ["Maintenance", "产品维护"],
        ["After the work this appliance is cleaned and maintained.", "安装或维修后，对本产品进行一次维护保养。"],
    ),
    (
        "D",
        ["Check of your other appliances", "一站式通检"],
        ["Your other appliances of the brand are looked at.", "对您家中本品牌的其他产品进行检查与保养。"],
    ),
    ("E", ["Clean-up", "现场清理"], ["The place is left clean when the work is done.", "服务完毕，清理现场。"]),
];

/// The page, self-contained.
pub(crate) fn render(card: &Card, tongue: Tongue) -> String {
    let title = format!("{} {}", tongue.of("Notice card", "服务公示卡"), card.code);
    page(tongue, &title, include_str!("card.css"), &body(card, tongue))
}

fn body(card: &Card, tongue: Tongue) -> Markup {
    let t = |en, zh| tongue.of(en, zh);
    html! {
        main.card {
            header { span { (said(&card.company)) } b { (card.code) } }
            h1 { (t("Once is enough", "一次就好")) }
            p { (said(&card.about)) @if let Some(when) = &card.when { ", " (when) } @if !card.crew.is_empty() { ", " (said(&card.crew.join(", "))) } }
            p.promise { (t(
                "Installed or repaired right the first time, and with it these five services:",
                "安装、维修一次就好，并为您提供以下五项服务：",
            )) }
            ol { @for (letter, name, what) in FIVE { li { i { (letter) } div { b { (t(name[0], name[1])) } span { (t(what[0], what[1])) } } } } }
            section.line {
                p { (t("Is one of the five missing? Call, and name its letter:", "如缺少任何一项，请拨打监督电话并说明项目字母：")) }
                strong { @match &card.phone { Some(phone) => (said(phone)), None => "……………………" } }
                @if let Some(text) = &card.text { p { (said(text)) } }
            }
            section.word {
                p { (t("What was done, in your own word:", "请您确认已完成的项目：")) }
                div.boxes { @for (letter, _, _) in FIVE { span { (letter) } } }
                div.name { span { (t("Name", "姓名")) } span { (t("Date", "日期")) } }
            }
        }
    }
}
