//! A company of three stores and one job, made through the program, for the tests that need one.

use serde_json::Value;

use crate::env::{Env, Ran};

/// An environment with an office (admin), and helpers to make more.
pub(crate) struct Company {
    pub(crate) env: Env,
}

/// The office's store.
pub(crate) const OFFICE: &str = "office";

impl Company {
    /// A company with its office, under Haier's policy.
    pub(crate) fn new() -> Self {
        let company = Self { env: Env::new() };
        company
            .office(&["init", "--tenant-name", "Nordlicht", "--person", "A-001", "--name", "Ada", "--policy", "haier"])
            .ok();
        company
    }

    pub(crate) fn office(&self, args: &[&str]) -> Ran {
        self.env.on(OFFICE, args)
    }

    /// Runs on a store and reads its JSON answer.
    #[track_caller]
    pub(crate) fn json(&self, store: &str, args: &[&str]) -> Value {
        let mut all = args.to_vec();
        all.push("--json");
        json(&self.env.on(store, &all).ok())
    }

    /// Enrols a person's device into the store named like the person; the office learns of it.
    pub(crate) fn enrol(&self, person: &str, role: &str) {
        let invited = self.json(OFFICE, &["invite", "--person", person, "--name", person, "--role", role]);
        self.office(&["bundle", "export", "office.docket", "--welcome", "--overwrite"]).ok();
        let code = invited["code"].as_str().unwrap().to_owned();
        self.env.on(person, &["enrol", &code, "--from", "office.docket"]).ok();
        self.hand_over(person, OFFICE);
    }

    /// A technician of grade C.
    pub(crate) fn technician(&self, person: &str) {
        self.enrol(person, "technician");
        self.office(&["grade", "add", person, "exam", "--level", "C", "--issuer", "academy", "--issued", "2019-03-01"])
            .ok();
        self.office(&[
            "grade",
            "add",
            person,
            "certificate",
            "--level",
            "junior",
            "--issuer",
            "city",
            "--issued",
            "2018-03-01",
        ])
        .ok();
    }

    /// An installation, assigned to these people.
    pub(crate) fn installation(&self, crew: &[&str]) -> String {
        let made = self.json(
            OFFICE,
            &[
                "job",
                "new",
                "--kind",
                "installation",
                "--product",
                "fridge",
                "--customer-name",
                "Zhang",
                "--phone",
                "0532",
            ],
        );
        let job = made["code"].as_str().unwrap().to_owned();
        if !crew.is_empty() {
            let mut args = vec!["job", "assign", &job, "--at", "2026-03-02 09:00"];
            args.extend(crew);
            self.office(&args).ok();
        }
        job
    }

    /// A bundle from one store into another.
    #[track_caller]
    pub(crate) fn hand_over(&self, from: &str, to: &str) {
        let file = format!("{from}-{to}.docket");
        self.env.on(from, &["bundle", "export", &file, "--overwrite"]).ok();
        self.env.on(to, &["bundle", "import", &file]).ok();
    }

    /// Records a whole installation on a store: safety test, core step and the rest.
    pub(crate) fn install(&self, store: &str, job: &str) {
        self.env.on(store, &["arrive", job]).ok();
        for args in [
            &["check", job, "N1"][..],
            &["read", job, "A1", "0.35", "ohm"],
            &["read", job, "A2", "5", "megaohm"],
            &["check", job, "A3", "correct"],
            &["check", job, "A4"],
            &["check", job, "1"],
            &["check", job, "B1"],
            &["check", job, "C1"],
            &["check", job, "D1", "none"],
            &["check", job, "E1"],
            &["sign", job, "--role", "customer", "--name", "Zhang"],
        ] {
            self.env.on(store, args).ok();
        }
        self.env.on(store, &["complete", job, "--resolution", "installed"]).ok();
    }
}

#[track_caller]
pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|bad| panic!("not JSON: {bad}\n{text}"))
}

/// Replaces what differs from run to run (ids, codes, folders) by words.
pub(crate) fn steady(env: &Env, text: &str) -> String {
    let text = text.replace(&env.dir().display().to_string(), "DIR");
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        out.push_str(&masked(&word));
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// Ids are upper-case Crockford words of 8, 26 or 52 characters: masked, width kept.
fn masked(word: &str) -> String {
    let crockford = |c: u8| c.is_ascii_digit() || (c.is_ascii_uppercase() && !b"ILOU".contains(&c));
    let id = matches!(word.len(), 8 | 26 | 52) && word.bytes().all(crockford);
    if id { "X".repeat(word.len()) } else { word.to_owned() }
}
