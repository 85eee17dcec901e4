//! Several at once: two offices that import the same file, and two processes on one store.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::company::{Company, OFFICE};

fn fixture(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/import").join(name).display().to_string()
}

#[test]
fn two_offices_that_import_apart_hold_the_same_jobs_and_one_edited_cell_is_one_conflict() {
    let company = Company::new();
    company.enrol("D-002", "dispatcher");
    let (file, map) = (fixture("myla311-extract.csv"), fixture("myla311.toml"));
    let text = std::fs::read_to_string(&file).unwrap();
    let edited = text.replacen("16815 W VANOWEN ST", "16817 W VANOWEN ST", 1);
    assert_ne!(text, edited);
    company.env.write("edited.csv", edited);
    for (store, file) in [(OFFICE, file.as_str()), ("D-002", "edited.csv")] {
        let done = company.json(store, &["job", "import", file, "--map", &map]);
        assert_eq!((done["new"].as_u64(), done["rejects"].as_u64()), (Some(64), Some(0)), "{store}");
    }
    company.hand_over("D-002", OFFICE);
    company.hand_over(OFFICE, "D-002");
    let jobs = |store: &str| {
        let list = company.json(store, &["job", "list", "--limit", "0"]);
        assert_eq!(list["total"], 64, "{store}");
        list["jobs"].as_array().unwrap().iter().map(ToString::to_string).collect::<BTreeSet<_>>()
    };
    assert_eq!(jobs(OFFICE), jobs("D-002"));
    let inbox = |store: &str| company.json(store, &["inbox", "list", "--all"])["items"].as_array().unwrap().clone();
    let items = inbox(OFFICE);
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!(items[0]["kind"], "conflict");
    // An address is a customer's: another one is another customer of the same job.
    assert!(items[0]["summary"].as_str().unwrap().starts_with("customer:"), "{}", items[0]);
    assert_eq!(items, inbox("D-002"));
    // People read addresses, not document ids.
    let id = items[0]["id"].as_str().unwrap();
    let shown = company.env.on(OFFICE, &["inbox", "show", id]).ok();
    assert!(shown.contains("16815 W VANOWEN ST") && shown.contains("16817 W VANOWEN ST"), "{shown}");
    for store in [OFFICE, "D-002"] {
        assert_eq!(company.json(store, &["verify"])["verify"], "ok");
    }
    // Again in both directions: nothing is new.
    company.env.on(OFFICE, &["bundle", "export", "again.docket"]).ok();
    let again = company.json("D-002", &["bundle", "import", "again.docket"]);
    assert_eq!(again["bundles"][0]["new"], 0, "{again}");
}

/// The extract's rows over and over, each with a number of its own.
fn many_rows(rows: usize) -> String {
    let text = std::fs::read_to_string(fixture("myla311-extract.csv")).unwrap();
    let (header, body) = text.split_once('\n').unwrap();
    let mut out = header.to_owned() + "\n";
    for (n, line) in body.lines().cycle().take(rows).enumerate() {
        let (_, cells) = line.split_once(',').unwrap();
        out.extend(["9-", &n.to_string(), ",", cells, "\n"]);
    }
    out
}

#[test]
fn checks_during_an_import_are_kept_and_no_number_is_used_twice() {
    let company = Company::new();
    let new = ["job", "new", "--kind", "installation", "--product", "fridge", "--appliances", "16"];
    let job = company.json(OFFICE, &new)["code"].as_str().unwrap().to_owned();
    company.office(&["arrive", &job]).ok();
    company.env.write("many.csv", many_rows(3_000));
    let map = fixture("myla311.toml");
    let mut import = company.env.command(OFFICE, &["job", "import", "many.csv", "--map", &map, "--json"]);
    let mut import = import.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let (mut during, mut checks) = (0, 0);
    while import.try_wait().unwrap().is_none() && checks < 16 {
        checks += 1;
        company.office(&["check", &job, "A4", "--appliance", &checks.to_string()]).ok();
        during += u32::from(import.try_wait().unwrap().is_none());
    }
    crate::env::finish(import.wait_with_output().unwrap()).ok();
    assert!(during > 0, "no check ended while the import ran");
    assert_eq!(company.json(OFFICE, &["job", "list"])["total"], 3_001);
    let log = company.json(OFFICE, &["job", "log", &job]);
    let kept = log["records"].as_array().unwrap().iter().filter(|record| record["kind"] == "step");
    assert_eq!(kept.count(), checks, "every check is there");
    let store = docket_device::Store::open(&company.env.path(OFFICE), docket_device::Mode::ReadOnly).unwrap();
    for (what, query) in [
        (
            "sequence numbers",
            "SELECT count(*) FROM (SELECT 1 FROM change GROUP BY doc, actor, seq HAVING count(*) > 1)",
        ),
        (
            "fact numbers",
            "SELECT count(*) FROM (SELECT 1 FROM change c JOIN fact f ON f.change = c.id WHERE f.author IS NOT NULL
                                    GROUP BY c.doc, f.author, f.n HAVING count(*) > 1)",
        ),
    ] {
        let twice: i64 = store.conn().query_row(query, [], |row| row.get(0)).unwrap();
        assert_eq!(twice, 0, "{what} used twice");
    }
    drop(store);
    assert_eq!(company.json(OFFICE, &["verify"])["verify"], "ok");
}
