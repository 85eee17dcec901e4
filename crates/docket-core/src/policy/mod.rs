//! A policy pack: what a company edits instead of our code. One TOML file, read strictly: an unknown key, a number
//! out of range or an order that can't be kept is refused with its line and column.
//!
//! Pinned by the digest of its text: a job names the policy it is judged by.

pub mod adoption;
mod answer;
mod assemble;
mod authority;
mod builtin;
mod card;
mod care;
mod clock;
mod clock_deadline;
mod clocks;
mod closing;
mod coverage;
mod dispatch;
mod error;
mod escalation;
mod faults;
mod form;
mod gate;
mod goods;
mod grades;
mod intake;
mod job_kind;
mod mode;
mod nature;
mod order;
mod outlets;
mod price;
mod product;
mod read;
mod resolution;
mod template;
mod training;
mod when;

#[cfg(test)]
mod service_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use docket_format::{ContentDigest, digest, limits};
use jiff::civil::Date;
use toml::de::DeTable;

use crate::role::Role;
use crate::time;

pub use answer::AnswerType;
pub use authority::Authority;
pub use builtin::{CHANGHONG, DEFAULT, HAIER, HENGJI, SEVERITY, SHIPPED, builtin};
pub use card::Card;
pub use care::{CareBasis, CareRule};
pub use clock::{Calendar, ClockRule, PAUSES, Per, Trigger};
pub use clock_deadline::Deadline;
pub use clocks::Clocks;
pub use closing::Closing;
pub use coverage::{CoverageKind, CoverageLevel, CoverageRules, Reach};
pub use dispatch::DispatchRules;
pub use error::PolicyError;
pub use escalation::{Contact, levels};
pub use form::{Asked, FIGURES, Form, PARTS, asked};
pub use gate::Gate;
pub use goods::{GoodsRules, HoldRules, PartRules, SendingRules, WholeSetRules};
pub use grades::{GradeRule, GradeRules};
pub use intake::{AskedFirst, Intake};
pub use job_kind::JobKind;
pub use mode::Mode;
pub use nature::{HandledBy, Nature};
pub use outlets::OutletRules;
pub use price::{Free, Price, PriceList};
pub use product::{Fault, Product};
pub use resolution::{CANCELLED, DECLINED, NO_ACCESS, REFUSED_UNSAFE, Resolution, StatedBy};
pub use template::{Group, Step, Template};
pub use training::Training;
pub use when::{Earlier, Expected, Setting, When};

use error::Source;
use faults::Faults;
use read::{At, Table};
use when::Known;

/// A policy pack that was read and found consistent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its name (`haier`).
    pub name: String,
    /// Its version, free text.
    pub version: String,
    /// The first day it is in force (D-E14); `None` = always.
    pub starts: Option<Date>,
    /// SHA-256 of its text: what a job's `policy` register names.
    pub digest: ContentDigest,
    /// The roles it knows, the built-in ones included (D-H20).
    pub roles: BTreeSet<Role>,
    /// The kinds of job that are taken (D-H21); empty = the policy has no catalogue.
    pub kinds: Vec<JobKind>,
    /// Service modes (D-H5).
    pub modes: Vec<Mode>,
    /// Checklists.
    pub templates: Vec<Template>,
    /// Gates before the core step (D-H14).
    pub gates: Vec<Gate>,
    /// The company's part of the notice card (D-H13).
    pub card: Option<Card>,
    /// What counts as one visit.
    pub clocks: Clocks,
    /// What must happen within what time.
    pub clock_rules: Vec<ClockRule>,
    /// The time zone of outlets that don't name their own; `None` = UTC.
    pub zone: Option<String>,
    /// Conditions of the grades (D-H2).
    pub grades: GradeRules,
    /// Difficulty and customer group → least grade (D-H3).
    pub dispatch: DispatchRules,
    /// Fact kind → roles (D-H20).
    pub authority: Authority,
    /// Products and the difficulty of their faults (D-H3).
    pub products: Vec<Product>,
    /// Levels of outlets and their modes, hand-overs, the outlets that the pack is for (D-H6, D-E13, D-E14).
    pub outlets: OutletRules,
    /// Post → courses (D-E14).
    pub training: Training,
    /// How jobs may end (D-C6); empty = the policy does not say.
    pub resolutions: Vec<Resolution>,
    /// What closes a job (D-H16).
    pub closing: Closing,
    /// How requests come in (D-H7, D-E2).
    pub intake: Intake,
    /// The tree of natures (D-E1); empty = the policy does not say.
    pub natures: Vec<Nature>,
    /// To whom what is unsolved goes (D-E8).
    pub escalation: Vec<Contact>,
    /// Forms, all with the same five parts (D-E8).
    pub forms: Vec<Form>,
    /// What purchases and contracts pay for (D-E10).
    pub coverage: CoverageRules,
    /// What may be charged (D-E9).
    pub prices: PriceList,
    /// Care events (D-H5, D-H11, D-E11).
    pub care: Vec<CareRule>,
    /// Spare parts (D-H15).
    pub parts: PartRules,
    /// Goods that the installer finds there (D-H4).
    pub goods: GoodsRules,
    /// Whole sets (D-H9).
    pub whole_set: WholeSetRules,
    /// Hold points of project work (D-H19).
    pub hold: HoldRules,
    /// Sending a unit on (D-E5).
    pub sending: SendingRules,
}

const KEYS: &[&str] = &[
    "name",
    "version",
    "starts",
    "roles",
    "template",
    "gate",
    "clocks",
    "clock",
    "zone",
    "grades",
    "dispatch",
    "authority",
    "product",
    "outlets",
    "training",
    "resolution",
    "closing",
    "intake",
    "nature",
    "escalation",
    "form",
    "coverage",
    "price",
    "free",
    "care",
    "parts",
    "goods",
    "whole_set",
    "hold",
    "sending_on",
    "kind",
    "mode",
    "card",
];

impl Policy {
    /// Reads a policy. `file_name` is only for messages. At most [`limits::POLICY_BYTES`] of text.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyError> {
        let source = Source { text, file: file_name };
        if text.len() > limits::POLICY_BYTES {
            let what = format!("{} bytes; the limit is {}", text.len(), limits::POLICY_BYTES);
            return Err(source.error(&(0..0), what, ""));
        }
        let parsed = DeTable::parse(text).map_err(|bad| {
            source.error(&bad.span().unwrap_or(0..0), format!("not TOML: {}", bad.message().replace('\n', "; ")), "")
        })?;
        Self::read(&Table::root(source, &parsed), text)
    }

    fn read(root: &Table<'_>, text: &str) -> Result<Self, PolicyError> {
        root.only(KEYS)?;
        let roles = read_roles(root)?;
        let checklists = checklists(root)?;
        let templates = checklists.templates;
        let gates = gate::read(root, &templates)?;
        let clock_rules = clock::read(root)?;
        Ok(Self {
            name: root.text("name")?.value.to_owned(),
            version: root.text("version")?.value.to_owned(),
            starts: read_starts(root)?,
            digest: ContentDigest::from_bytes(digest::sha256(text.as_bytes())),
            clocks: clocks::read(root, &clock_rules)?,
            clock_rules,
            zone: read_zone(root)?,
            grades: grades::read(root)?,
            dispatch: dispatch::read(root)?,
            authority: authority::read(root, &roles)?,
            products: product::read(root)?,
            kinds: checklists.kinds,
            modes: checklists.modes,
            card: card::read(root)?,
            outlets: outlets::read(root)?,
            training: training::read(root)?,
            resolutions: resolution::read(root)?,
            closing: closing::read(root)?,
            intake: intake::read(root)?,
            natures: nature::read(root)?,
            escalation: escalation::read(root)?,
            forms: form::read(root)?,
            coverage: coverage::read(root)?,
            prices: price::read(root)?,
            care: care::read(root)?,
            parts: goods::parts(root)?,
            goods: goods::goods(root)?,
            whole_set: goods::whole_set(root)?,
            hold: goods::hold(root)?,
            sending: goods::sending(root)?,
            roles,
            templates,
            gates,
        })
    }

    /// Everything that is wrong with a file's checklists, by place; and the first fault of its other sections.
    pub fn faults(text: &str, file_name: &str) -> Vec<PolicyError> {
        let mut faults = Faults::default();
        let _ = faults.take(Self::parse(text, file_name));
        if let Ok(parsed) = DeTable::parse(text) {
            let root = Table::root(Source { text, file: file_name }, &parsed);
            read_checklists(&root, &mut faults);
        }
        faults.into_sorted()
    }

    /// The checklist of a job: the one its `template` register names (`id@version`), else the first for its kind.
    pub fn template(&self, kind: &str, pinned: Option<&str>) -> Option<&Template> {
        let named = pinned.and_then(|name| self.templates.iter().find(|template| template.is_named(name)));
        named.or_else(|| self.templates.iter().find(|template| template.kinds.iter().any(|known| known == kind)))
    }

    /// The mode in which a job is served (D-H5); `None` where the policy has no mode for it.
    pub fn mode(&self, setting: &Setting<'_>) -> Option<&Mode> {
        mode::choose(&self.modes, setting)
    }

    /// A service mode by its id.
    pub fn mode_named(&self, id: &str) -> Option<&Mode> {
        self.modes.iter().find(|mode| mode.id == id)
    }

    /// What the catalogue says of a kind of job (D-H21).
    pub fn kind(&self, id: &str) -> Option<&JobKind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }

    /// A resolution by its id.
    pub fn resolution(&self, id: &str) -> Option<&Resolution> {
        self.resolutions.iter().find(|known| known.id == id)
    }

    /// A nature by its id.
    pub fn nature(&self, id: &str) -> Option<&Nature> {
        self.natures.iter().find(|known| known.id == id)
    }

    /// The gates that stand before the core step of a kind of job.
    pub fn gates_of<'p>(&'p self, kind: &str) -> impl Iterator<Item = &'p Gate> {
        self.gates.iter().filter(move |gate| gate.kinds.iter().any(|known| known == kind))
    }
}

/// The sections that checklists are made of: they name each other.
struct Checklists {
    kinds: Vec<JobKind>,
    modes: Vec<Mode>,
    templates: Vec<Template>,
}

fn checklists(root: &Table<'_>) -> Result<Checklists, PolicyError> {
    let mut faults = Faults::default();
    let read = read_checklists(root, &mut faults);
    faults.or(read)
}

fn read_checklists(root: &Table<'_>, faults: &mut Faults) -> Checklists {
    let kinds = faults.take(job_kind::read(root)).unwrap_or_default();
    let _ = faults.take(job_kind::check(root, &kinds));
    // Products and groups are checked by their own sections; here only their names are needed.
    let products: BTreeSet<&str> = root.tables("product").map_or_else(
        |_| BTreeSet::new(),
        |tables| tables.iter().filter_map(|table| table.text("id").ok()).map(|id| id.value).collect(),
    );
    let dispatch = root.opt_table("dispatch").ok().flatten();
    let groups = dispatch.and_then(|table| table.opt_table("group").ok().flatten());
    let groups: BTreeSet<&str> =
        groups.iter().flat_map(|table| table.entries().map(|(name, _)| name.value).collect::<Vec<_>>()).collect();
    let modes = mode::read(root, &groups, &products, faults);
    let known = Known { products, groups, modes: modes.iter().map(|(mode, _)| mode.id.as_str()).collect() };
    let templates = template::read(root, &modes, &known, faults);
    let modes = modes.iter().map(|(mode, _)| mode.clone()).collect();
    Checklists { kinds, modes, templates }
}

fn read_roles(root: &Table<'_>) -> Result<BTreeSet<Role>, PolicyError> {
    let mut roles: BTreeSet<Role> = Role::BUILT_IN.iter().filter_map(|role| role.parse().ok()).collect();
    for At { value, span } in root.texts("roles")? {
        let role = value.parse::<Role>().map_err(|bad| root.source.error(&span, bad.to_string(), ""))?;
        roles.insert(role);
    }
    Ok(roles)
}

fn read_zone(root: &Table<'_>) -> Result<Option<String>, PolicyError> {
    let Some(name) = root.opt_text("zone")? else { return Ok(None) };
    if crate::clock::zone(name.value).is_none() {
        let what = format!("`{}` is no time zone", name.value);
        return Err(root.source.error(&name.span, what, "write it as in \"Asia/Shanghai\""));
    }
    Ok(Some(name.value.to_owned()))
}

fn read_starts(root: &Table<'_>) -> Result<Option<Date>, PolicyError> {
    let Some(text) = root.opt_text("starts")? else { return Ok(None) };
    match time::date(text.value) {
        Some(day) => Ok(Some(day)),
        None => Err(root.source.error(&text.span, format!("`{}` is not a day", text.value), "write it as YYYY-MM-DD")),
    }
}
