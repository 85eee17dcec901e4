//! Checklists, the notice card, the customer's own word, and open jobs brought to other rules.

use crate::company::{Company, OFFICE, steady};

/// The shipped pack with changes, as a company's own.
fn pack(changes: &[(&str, &str)]) -> String {
    let mut text = docket_core::policy::HAIER.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text
}

#[test]
fn d_h13_the_notice_card_is_one_page_that_needs_nothing_else() {
    let company = Company::new();
    let job = company.installation(&[]);
    let page = company.office(&["card", &job]).ok();
    insta::assert_snapshot!("card", steady(&company.env, &page));
    assert!(page.contains("400 699 9999") && page.contains("Once is enough"));
    for foreign in ["http:", "https:", "<script", "<link", "url(", "@import", "src="] {
        assert!(!page.contains(foreign), "the page would load something: {foreign}");
    }
    company.office(&["card", &job, "--out", "card.html"]).ok();
    assert_eq!(std::fs::read_to_string(company.env.path("card.html")).unwrap(), page);
}

#[test]
fn d_h13_the_card_speaks_chinese_and_escapes_what_others_wrote() {
    let company = Company::new();
    let job =
        company.json(OFFICE, &["job", "new", "--kind", "repair", "--product", "<script>alert(1)</script>\u{202e}"]);
    let job = job["code"].as_str().unwrap();
    let mut command = company.env.command(OFFICE, &["card", job]);
    let page = crate::env::finish(command.env("DOCKET_LANG", "zh").output().unwrap()).ok();
    assert!(page.contains("lang=\"zh-Hans\"") && page.contains("一次就好") && page.contains("安全测电"), "{page}");
    assert!(page.contains("<bdi>Repair: &lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
}

#[test]
fn d_h13_a_policy_without_a_supervision_line_leaves_room_to_write_it() {
    let company = Company::new();
    let text = pack(&[
        ("[card]\nphone = \"400 699 9999\"\n", ""),
        ("text = \"Once is enough. If it is not, tell us.\"\n", ""),
    ]);
    let text = text.lines().filter(|line| !line.starts_with("text_zh")).collect::<Vec<_>>().join("\n");
    company.env.write("own.toml", text);
    // A minute later than the first: of two packs of one moment neither is the newer.
    let mut adopt = company.env.command(OFFICE, &["policy", "adopt", "own.toml"]);
    crate::env::finish(adopt.env("DOCKET_NOW", "2026-03-02T09:01:00Z").output().unwrap()).ok();
    let job = company.installation(&[]);
    let card = company.office(&["card", &job]);
    assert!(card.err.contains("by hand"), "{}", card.err);
    assert!(card.ok().contains("………"));
}

#[test]
fn d_h13_the_customers_own_word_stands_beside_the_technicians_and_what_is_missing_is_a_complaint() {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.install("T-042", &job);
    let some = company.env.on("T-042", &["confirm", &job, "--a", "yes", "--b", "no", "--name", "Zhang"]).fails(2);
    assert!(some.contains("not asked about C, D, E"), "{some}");
    let word =
        ["confirm", &job, "--a", "yes", "--b", "no", "--c", "yes", "--d", "yes", "--e", "yes", "--name", "Zhang"];
    let recorded = company.env.on("T-042", &word);
    assert!(recorded.err.contains("the customer misses B"), "{}", recorded.err);
    assert!(recorded.err.contains("the technician recorded it as done"), "{}", recorded.err);
    recorded.ok();
    let complaints = || company.json("T-042", &["complaint", "list"])["complaints"].as_array().unwrap().clone();
    assert_eq!(complaints().len(), 1, "{:?}", complaints());
    assert_eq!((&complaints()[0]["step"], &complaints()[0]["state"]), (&"B".into(), &"open".into()));
    let again = company.env.on("T-042", &word);
    assert!(again.err.contains("complained about already"), "{}", again.err);
    again.ok();
    assert_eq!(complaints().len(), 1, "the same letter, the same visit");
    let clocks = company.json("T-042", &["clocks", &job, "--clock", "complaint"]);
    let due = clocks["clocks"].as_array().unwrap().len();
    assert_eq!(due, 0, "haier's pack sets no deadline for complaints: {clocks}");
    let shown = company.env.on("T-042", &["job", "show", &job]).ok();
    assert!(shown.contains("Zhang says yes to A C D E, no to B"), "{shown}");
    let audit = company.env.on("T-042", &["audit", "run"]);
    assert!(audit.out.contains("five-contradicted"), "{}", audit.out);
    company.env.on("T-042", &["confirm", &job, "--all-yes", "--name", "Zhang"]).ok();
    let audit = company.env.on("T-042", &["audit", "run"]);
    assert!(!audit.out.contains("five-contradicted"), "the last word counts: {}", audit.out);
}

#[test]
fn d_h14_the_seller_is_told_of_an_unsafe_place_and_a_hazard_is_removed() {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.env.on("T-042", &["arrive", &job]).ok();
    let found = company.json("T-042", &["hazard", &job, "--kind", "earth_wire", "--households", "12"]);
    let fact = found["facts"][0].as_str().unwrap().to_owned();
    company.env.on("T-042", &["hazard", &job, "--removed", &fact[..8]]).ok();
    company.env.on("T-042", &["refuse", &job, "--reason", "unsafe"]).ok();
    let shown = company.env.on("T-042", &["job", "show", &job]).ok();
    assert!(shown.contains("earth_wire, 12 households") && shown.contains("removed"), "{shown}");
    assert!(company.env.on("T-042", &["audit", "run"]).out.contains("seller-not-told"));
    company.env.on("T-042", &["told-seller", &job, "--text", "shop 14"]).ok();
    let audit = company.env.on("T-042", &["audit", "run"]);
    assert!(!audit.out.contains("D-H14") && !audit.out.contains("seller-not-told"), "{}", audit.out);
    assert!(company.env.on("T-042", &["hazard", &job, "--removed", "ZZZZ"]).fails(2).contains("no record"));
}

#[test]
fn d_h21_a_kind_that_the_catalogue_lacks_is_refused_with_those_it_has() {
    let company = Company::new();
    let refused = company.office(&["job", "new", "--kind", "haircut", "--product", "x"]).fails(2);
    assert!(refused.contains("no kind of job") && refused.contains("software_upgrade"), "{refused}");
    company.office(&["job", "new", "--kind", "software_upgrade", "--product", "oven"]).ok();
}

#[test]
fn d_h1_a_pack_is_checked_with_every_fault_in_its_place() {
    let company = Company::new();
    company.env.write("good.toml", pack(&[]));
    assert!(company.office(&["template", "check", "good.toml"]).ok().contains("installation@1"));
    let bad = pack(&[
        ("order = [[\"N1\", \"A\"]", "order = [[\"E\", \"N1\"], [\"N1\", \"A\"]"),
        ("unit = \"megaohm\", min = \"2\"", "min = \"2\""),
        ("is = \"damaged\"", "is = \"broken\""),
        ("group = [\"vip\"]", "group = [\"vips\"]"),
    ]);
    company.env.write("bad.toml", bad);
    let checked = company.office(&["template", "check", "bad.toml"]);
    assert_eq!(checked.code, 1);
    insta::assert_snapshot!("check", checked.out);
    assert!(company.office(&["policy", "adopt", "bad.toml"]).fails(2).contains("bad.toml:"));
}

#[test]
fn d_h1_checklists_are_listed_and_shown_with_their_conditions() {
    let company = Company::new();
    let list = company.office(&["template", "list"]).ok();
    assert!(list.contains("installation@1") && list.contains("outlet-inspection@1"), "{list}");
    insta::assert_snapshot!("show", company.office(&["template", "show", "delivery"]).ok());
    assert!(company.office(&["template", "show", "haircut"]).fails(2).contains("delivery@1"));
}

#[test]
fn open_jobs_are_brought_to_another_checklist_after_a_rehearsal() {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    let other = company.installation(&[]);
    company.hand_over(OFFICE, "T-042");
    company.env.on("T-042", &["arrive", &job]).ok();
    for args in [&["check", &job, "N1"][..], &["read", &job, "A1", "3", "ohm"], &["check", &job, "D1", "none"]] {
        company.env.on("T-042", args).ok();
    }
    company.hand_over("T-042", OFFICE);
    // A1 gets a narrower limit, D1 another id, N1 is gone, B2 is new.
    let changed = pack(&[
        ("version = \"1\"", "version = \"2\""),
        ("id = \"installation\"\nversion = \"1\"\nkind", "id = \"installation\"\nversion = \"2\"\nkind"),
        ("order = [[\"N1\", \"A\"], [\"A\"", "order = [[\"A\""),
        (
            "[[template.step]]\nid = \"N1\"\ngroup = \"card\"\ntitle = \"Notice card handed over: once is enough, the five services, the supervision line\"\nanswer = { type = \"bool\", pass = true }\n",
            "",
        ),
        ("unit = \"ohm\", max = \"4\"", "unit = \"ohm\", max = \"2\""),
        ("id = \"D1\"\ngroup = \"D\"", "id = \"D7\"\nwas = [\"D1\"]\ngroup = \"D\""),
        (
            "[[template.step]]\nid = \"C1\"",
            "[[template.step]]\nid = \"B2\"\ngroup = \"B\"\ntitle = \"Warranty explained\"\nanswer = { type = \"bool\", pass = true }\n\n[[template.step]]\nid = \"C1\"",
        ),
    ]);
    company.env.write("two.toml", changed);
    let before = company.json(OFFICE, &["status"])["facts"].clone();
    let plan = company.office(&["template", "migrate", "--to", "two.toml", "--dry-run", &job]).ok();
    insta::assert_snapshot!("plan", steady(&company.env, &plan));
    let early = company.office(&["template", "migrate", "--to", "two.toml", "--reason", "x"]).fails(2);
    assert!(early.contains("never adopted"), "{early}");
    company.office(&["template", "migrate", "--to", "two.toml"]).fails(2);
    company.office(&["policy", "adopt", "two.toml"]).ok();
    let adopted = company.json(OFFICE, &["status"])["facts"].clone();
    assert_ne!(before, adopted);
    let done = company.json(OFFICE, &["template", "migrate", "--to", "two.toml", "--reason", "rules of May"]);
    assert_eq!(done["brought"], 2, "every open job: {done}");
    let shown = company.json(OFFICE, &["job", "show", &job]);
    assert_eq!(shown["checklist"]["template"], "installation@2");
    let state = |step: &str| {
        let steps = shown["checklist"]["steps"].as_array().unwrap();
        steps.iter().find(|state| state["step"] == step).map(|state| state["status"].as_str().unwrap().to_owned())
    };
    assert_eq!(state("A1").as_deref(), Some("out_of_limits"));
    assert_eq!((state("D7").as_deref(), state("B2").as_deref(), state("N1")), (Some("ok"), Some("missing"), None));
    assert!(company.office(&["job", "log", &job]).ok().contains("rules of May"));
    let facts = company.json(OFFICE, &["status"])["facts"].clone();
    let again = company.json(OFFICE, &["template", "migrate", "--to", "two.toml", "--reason", "again"]);
    assert_eq!(again["brought"], 0, "a second run finds nothing to do: {again}");
    assert_eq!(company.json(OFFICE, &["status"])["facts"], facts);
    company.hand_over(OFFICE, "T-042");
    assert_eq!(company.json("T-042", &["job", "show", &job])["checklist"]["template"], "installation@2");
    assert_eq!(company.json(OFFICE, &["job", "show", &other])["checklist"]["template"], "installation@2");
}

#[test]
fn who_may_not_set_a_jobs_policy_brings_none_over() {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.env.write("two.toml", pack(&[("version = \"1\"", "version = \"2\"")]));
    company.office(&["policy", "adopt", "two.toml"]).ok();
    company.hand_over(OFFICE, "T-042");
    let facts = company.json("T-042", &["status"])["facts"].clone();
    let none = company.json("T-042", &["template", "migrate", "--to", "two.toml", "--reason", "x", &job]);
    assert_eq!(none["brought"], 0, "{none}");
    assert!(none["jobs"][0]["left"].as_str().unwrap().contains("technician"), "{none}");
    assert_eq!(company.json("T-042", &["status"])["facts"], facts);
}

#[test]
fn d_h9_two_technicians_work_two_appliances_of_one_job_offline_and_nothing_conflicts() {
    let company = Company::new();
    company.technician("T-001");
    company.technician("T-002");
    let new = [
        "job",
        "new",
        "--kind",
        "installation",
        "--product",
        "air_conditioner",
        "--appliances",
        "2",
        "--difficulty",
        "easy",
    ];
    let job = company.json(OFFICE, &new)["code"].as_str().unwrap().to_owned();
    company.office(&["job", "assign", &job, "T-001", "T-002"]).ok();
    for (person, appliance) in [("T-001", "1"), ("T-002", "2")] {
        company.hand_over(OFFICE, person);
        company.env.on(person, &["arrive", &job]).ok();
        for args in [
            &["read", &job, "A1", "0.35", "ohm"][..],
            &["read", &job, "A2", "5", "megaohm"],
            &["check", &job, "A3", "correct"],
            &["check", &job, "1"],
            &["check", &job, "C1"],
        ] {
            let own = [args, &["--appliance", appliance]].concat();
            company.env.on(person, &own).ok();
        }
    }
    // Either order of coming back, and one of them twice.
    for person in ["T-002", "T-001", "T-002"] {
        company.hand_over(person, OFFICE);
    }
    let shown = company.json(OFFICE, &["job", "show", &job]);
    assert_eq!(shown["view"]["issues"].as_array().map(Vec::len), Some(0), "{}", shown["view"]["issues"]);
    let steps = shown["checklist"]["steps"].as_array().unwrap();
    for step in ["A1", "A2", "A3", "1", "C1"] {
        let by: Vec<_> =
            steps.iter().filter(|state| state["step"] == step).map(|state| &state["answers"][0]["person"]).collect();
        assert_eq!(by, ["T-001", "T-002"], "{step}");
    }
}
