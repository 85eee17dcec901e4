//! What is due, soonest first.

use crate::company::{Company, OFFICE};

#[test]
fn clocks_show_what_is_due_and_when() {
    let company = Company::new();
    let job = company.installation(&[]);
    company.technician("T-042");
    company.office(&["job", "assign", &job, "T-042", "--at", "2026-03-02 09:00"]).ok();
    // The office's pack is Haier's: an arrival that was agreed is due with its tolerance.
    let due = |extra: &[&str]| {
        let mut args = vec!["clocks"];
        args.extend(extra);
        company.json(OFFICE, &args)
    };
    let one = due(&["--as-of", "2026-03-02 08:00"]);
    assert_eq!(one["total"], 1);
    let clock = &one["clocks"][0];
    assert_eq!((clock["clock"].as_str(), clock["row"].as_str()), (Some("arrive"), Some("D-H4")));
    assert_eq!((clock["state"].as_str(), clock["slack_ms"].as_i64()), (Some("running"), Some(75 * 60_000)));
    assert_eq!(due(&["--as-of", "2026-03-02 07:00", "--due-within", "2h"])["total"], 0);
    assert_eq!(due(&["--as-of", "2026-03-02 07:15", "--due-within", "2h"])["total"], 1);
    let late = due(&[&job, "--as-of", "2026-03-02 09:16"]);
    assert_eq!((&late["clocks"][0]["state"], &late["clocks"][0]["slack_ms"]), (&"breached".into(), &(-60_000).into()));
    assert_eq!(due(&["--state", "breached", "--as-of", "2026-03-02 09:16"])["total"], 1);
    let page = company.office(&["clocks", "--as-of", "2026-03-02 08:00"]).ok();
    assert!(page.contains(&job) && page.contains("arrive") && page.contains("1 h 15 min"), "{page}");
    let refused = company.office(&["clocks", "--state", "late"]).fails(2);
    assert!(refused.contains("running, paused, met, breached"), "{refused}");
    assert_eq!(company.office(&["clocks", "--clock", "sundown"]).ok().trim(), "nothing is due");
}

#[test]
fn all_clocks_are_written_while_they_are_read_in_the_same_words() {
    let company = Company::new();
    company.technician("T-042");
    assert_eq!(
        company.office(&["clocks", "--json", "--limit", "0", "--as-of", "2026-03-02 08:00"]).ok(),
        company.office(&["clocks", "--json", "--limit", "9", "--as-of", "2026-03-02 08:00"]).ok(),
        "nothing is due"
    );
    for _ in 0..3 {
        let job = company.installation(&[]);
        company.office(&["job", "assign", &job, "T-042", "--at", "2026-03-02 09:00"]).ok();
    }
    let said = |limit: &str, more: &[&str]| {
        let args = ["clocks", "--json", "--as-of", "2026-03-02 08:00", "--limit", limit];
        company.office(&[&args[..], more].concat()).ok()
    };
    for more in [&[][..], &["--state", "running"], &["--clock", "arrive"]] {
        assert_eq!(said("0", more), said("99", more), "{more:?}");
        assert!(said("0", more).contains("\"total\": 3"), "{}", said("0", more));
    }
}
