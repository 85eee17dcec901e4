//! Importing somebody else's CSV: every good row goes in, every bad one is told apart by line and reason, the same
//! file twice changes nothing, an edited cell is one difference.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails is a test that fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use docket_device::import::{
    CELL_BYTES, ImportError, ImportMap, ImportReport, Ingested, Job, MappedDoc, NUMBER_BYTES, Sink, import_file,
};
use docket_format::{DocId, Fact, FactId, TenantId};
use serde_json::Value;

const MAP: &str = include_str!("../../../../fixtures/import/myla311.toml");
const EXTRACT: &[u8] = include_bytes!("../../../../fixtures/import/myla311-extract.csv");

/// A store that only remembers.
#[derive(Default)]
struct Memory {
    docs: BTreeMap<DocId, BTreeMap<FactId, String>>,
    kinds: BTreeMap<DocId, &'static str>,
    batches: usize,
    fail_at: Option<usize>,
}

impl Sink for Memory {
    type Error = String;

    fn ingest(&mut self, batch: &[MappedDoc]) -> Result<Vec<Ingested>, String> {
        self.batches += 1;
        if self.fail_at == Some(self.batches) {
            return Err("disk full".to_owned());
        }
        let one = |document: &MappedDoc| {
            Fact::read(document.doc, document.id, document.text.as_bytes()).unwrap();
            self.kinds.insert(document.doc, document.kind);
            let facts = self.docs.entry(document.doc).or_default();
            let known = !facts.is_empty();
            match facts.insert(document.id, document.text.clone()) {
                Some(_) => Ingested::Unchanged,
                None if known => Ingested::Changed,
                None => Ingested::New,
            }
        };
        Ok(batch.iter().map(one).collect())
    }
}

impl Memory {
    fn regs(&self, kind: &str) -> Vec<Value> {
        let texts = self.docs.iter().filter(|(doc, _)| self.kinds[doc] == kind).flat_map(|(_, facts)| facts.values());
        texts.map(|text| serde_json::from_str::<Value>(text).unwrap()["regs"].clone()).collect()
    }

    /// Registers with more than one value, over all documents.
    fn differing(&self) -> Vec<String> {
        let mut found = Vec::new();
        for facts in self.docs.values() {
            let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for text in facts.values() {
                let fact: Value = serde_json::from_str(text).unwrap();
                for (register, value) in fact["regs"].as_object().unwrap() {
                    values.entry(register.clone()).or_default().insert(value.to_string());
                }
            }
            found.extend(values.into_iter().filter(|(_, values)| values.len() > 1).map(|(register, _)| register));
        }
        found
    }
}

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn rejects(&self) -> PathBuf {
        self.dir.path().join("rejects.csv")
    }

    fn import(&self, sink: &mut Memory, map: &str, csv: &[u8]) -> Result<ImportReport, ImportError<String>> {
        let map = ImportMap::parse(map, "map.toml").unwrap();
        let path = self.dir.path().join("rows.csv");
        fs::write(&path, csv).unwrap();
        let job = Job { tenant: TenantId::of_root(&[7; 32]), file: &path, map: &map, rejects: &self.rejects() };
        import_file(sink, job, |_| {})
    }

    fn reject_rows(&self) -> Vec<(String, String, String)> {
        let mut reader = csv::Reader::from_path(self.rejects()).unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let rows = reader.byte_records().map(|row| row.unwrap());
        rows.map(|row| (text(&row[0]), text(&row[1]), text(&row[3]))).collect()
    }
}

const SMALL: &str = r#"
source = "test"
time_zone = "America/Los_Angeles"
number = "no"
required = ["received_at"]
[formats]
timestamp = "%Y-%m-%d %H:%M"
[columns]
received_at = "in"
product = "what"
appliances = "count"
[customer]
address = "where"
"#;

fn small(rows: &str) -> Vec<u8> {
    format!("no,in,what,count,where\n{rows}").into_bytes()
}

#[test]
fn the_real_extract_goes_in_whole_and_twice_changes_nothing() {
    let (bench, mut store) = (Bench::new(), Memory::default());
    let first = bench.import(&mut store, MAP, EXTRACT).unwrap();
    assert_eq!((first.rows, first.new, first.rejects, first.rejects_file.clone()), (64, 64, 0, None));
    assert_eq!(first.customers, first.customers_new);
    assert!(first.customers < 64, "several requests share an address");
    let before = store.docs.clone();
    let again = bench.import(&mut store, MAP, EXTRACT).unwrap();
    assert_eq!((again.new, again.unchanged, again.changed, again.customers_new), (0, 64, 0, 0));
    assert_eq!(store.docs, before);
}

#[test]
fn dates_prove_what_they_prove_and_personal_data_stays_with_the_customer() {
    let (bench, mut store) = (Bench::new(), Memory::default());
    bench.import(&mut store, MAP, EXTRACT).unwrap();
    let jobs = store.regs("job");
    let with = |register: &str| jobs.iter().filter(|regs| regs.get(register).is_some()).count();
    assert_eq!(with("received_at"), 64);
    assert!(with("closed_at") < with("ext_status") && with("serviced_on") < with("closed_at"));
    let serviced = |length: usize| {
        jobs.iter().filter_map(|regs| regs.get("serviced_on")?.as_str()).filter(|text| text.len() == length).count()
    };
    assert!(serviced(10) > 0, "a midnight is a day");
    assert!(serviced(25) > 0, "another time of day is kept, with its offset");
    for regs in &jobs {
        for register in ["address", "postcode", "lat", "lon", "name", "phone"] {
            assert!(regs.get(register).is_none(), "{register}");
        }
        let customer: DocId = regs["customer"].as_str().unwrap().parse().unwrap();
        assert_eq!(store.kinds[&customer], "customer");
    }
    let first = jobs.iter().find(|regs| regs["received_at"] == "2020-01-01T00:05:00-08:00").unwrap();
    assert_eq!((&first["kind"], &first["channel"]), (&"dumping_collection".into(), &"phone".into()));
}

#[test]
fn two_offices_make_the_same_bytes_and_another_company_makes_other_documents() {
    let bench = Bench::new();
    let (mut here, mut there) = (Memory::default(), Memory::default());
    bench.import(&mut here, MAP, EXTRACT).unwrap();
    // The other office's copy went through a program that changed the line ends and the order of the rows.
    let text = String::from_utf8(EXTRACT.to_vec()).unwrap().replace("\r\n", "\n");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    let other = format!("\u{feff}{}\n", lines.join("\n"));
    Bench::new().import(&mut there, MAP, other.as_bytes()).unwrap();
    assert_eq!(here.docs, there.docs);
    let map = ImportMap::parse(MAP, "map.toml").unwrap();
    let (file, rejects) = (bench.dir.path().join("rows.csv"), bench.rejects());
    let job = Job { tenant: TenantId::of_root(&[8; 32]), file: &file, map: &map, rejects: &rejects };
    let mut other = Memory::default();
    import_file(&mut other, job, |_| {}).unwrap();
    assert!(other.docs.keys().all(|doc| !here.docs.contains_key(doc)));
}

#[test]
fn every_mapped_cell_that_is_edited_is_one_difference() {
    let bench = Bench::new();
    let text = String::from_utf8(EXTRACT.to_vec()).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let victim = rows.iter().position(|row| row.iter().enumerate().all(|(i, c)| i == 10 || !c.is_empty())).unwrap();
    for (column, name) in header.iter().enumerate().skip(1).filter(|(_, name)| *name != "mobileos") {
        let edit = match name {
            "latitude" | "longitude" => "12.5",
            name if name.ends_with("date") => "2020-02-02 02:02:00",
            _ => "Edited by Hand",
        };
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).unwrap();
        for (index, row) in rows.iter().enumerate() {
            let cells = row.iter().enumerate();
            let cells = cells.map(|(i, cell)| if index == victim && i == column { edit } else { cell });
            writer.write_record(cells).unwrap();
        }
        let mut store = Memory::default();
        bench.import(&mut store, MAP, EXTRACT).unwrap();
        let report = bench.import(&mut store, MAP, &writer.into_inner().unwrap()).unwrap();
        assert_eq!((report.changed, report.unchanged, report.rejects), (1, 63, 0), "{name}");
        assert_eq!(store.differing().len(), 1, "{name}: {:?}", store.differing());
    }
}

#[test]
fn unreadable_rows_are_rejected_by_line_and_reason_and_the_good_ones_go_in() {
    let (bench, mut store) = (Bench::new(), Memory::default());
    let mut csv =
        small("1,2020-01-01 10:00,tv,1,here\n2,2020-01-01,tv,1,here\n3,,tv,1,here\n4,2020-01-01 10:00,tv,0,x\n");
    csv.extend_from_slice(b"5,2020-01-01 10:00,K\xfcche,1,x\n6,2020-01-01 10:00,tv,1\n,2020-01-01 10:00,tv,1,x\n");
    csv.extend_from_slice(
        b"8,2020-03-08 02:30,tv,1,x\n9,2020-01-01 10:00,\"open,1,x\n10,2020-01-01 10:00,\"a \"\"b\"\"\",1,x\n",
    );
    let report = bench.import(&mut store, SMALL, &csv).unwrap();
    assert_eq!((report.rows, report.new, report.rejects), (10, 2, 8));
    let expect = [
        ("3", "in", "does not match the format"),
        ("4", "in", "is empty"),
        ("5", "count", "outside 1 to"),
        ("6", "what", "byte 0xFC is not utf-8"),
        ("7", "", "4 fields; the header has 5"),
        ("8", "no", "the number must be"),
        ("9", "in", "clocks were put forward"),
        ("10", "", "quote"),
    ];
    let rejects = bench.reject_rows();
    assert_eq!(rejects.len(), expect.len(), "{rejects:?}");
    for (reject, (line, column, reason)) in rejects.iter().zip(expect) {
        assert_eq!((reject.0.as_str(), reject.1.as_str()), (line, column), "{reject:?}");
        assert!(reject.2.contains(reason), "{reject:?}");
    }
    let file = fs::read(bench.rejects()).unwrap();
    assert!(file.windows(6).any(|bytes| bytes == b"K\xfcche,"), "the row's own bytes are kept");
    // A repaired file leaves no old rejects behind.
    bench.import(&mut store, SMALL, &small("1,2020-01-01 10:00,tv,1,here\n")).unwrap();
    assert!(!bench.rejects().exists());
}

#[test]
fn a_file_in_another_encoding_is_read_when_the_map_says_so() {
    let (bench, mut store) = (Bench::new(), Memory::default());
    let map = SMALL.replacen("number", "encoding = \"windows-1252\"\nnumber", 1);
    let mut csv = small("");
    csv.extend_from_slice(b"1,2020-01-01 10:00,K\xfcche \x80,1,x\n");
    assert_eq!(bench.import(&mut store, &map, &csv).unwrap().new, 1);
    assert_eq!(store.regs("job")[0]["product"], "Küche €");
}

#[test]
fn one_number_twice_is_a_duplicate_when_equal_and_a_conflict_when_not() {
    let (bench, mut store) = (Bench::new(), Memory::default());
    let rows = "1,2020-01-01 10:00,tv,1,x\n1,2020-01-01 10:00,tv,1,x\n1,2020-01-01 10:00,radio,1,x\n";
    let report = bench.import(&mut store, SMALL, &small(rows)).unwrap();
    assert_eq!((report.new, report.duplicates, report.changed), (1, 1, 1));
    assert_eq!(store.differing(), ["product"]);
}

#[test]
fn limits_hold_at_the_limit() {
    for (extra, good) in [(0, 1), (1, 0)] {
        let bench = Bench::new();
        let number = "n".repeat(NUMBER_BYTES + extra);
        let csv = small(&format!("{number},2020-01-01 10:00,tv,1,x\n"));
        assert_eq!(bench.import(&mut Memory::default(), SMALL, &csv).unwrap().new, good, "number + {extra}");
        let csv = small(&format!("1,2020-01-01 10:00,{},1,x\n", "w".repeat(CELL_BYTES + extra)));
        assert_eq!(bench.import(&mut Memory::default(), SMALL, &csv).unwrap().new, good, "cell + {extra}");
    }
}

#[test]
fn a_file_that_does_not_go_with_the_map_imports_nothing() {
    for (csv, expect) in [
        (&b""[..], "empty"),
        (b"\xff\xfen\0o\0", "UTF-16"),
        (b"no,in,what,count\n", "no column `where`"),
        (b"no,in,what,count,where,where\n", "more than once"),
        (b"no,\"in\n", "header can't be read"),
    ] {
        let (bench, mut store) = (Bench::new(), Memory::default());
        let error = bench.import(&mut store, SMALL, csv).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
        assert!(store.docs.is_empty() && !bench.rejects().exists());
    }
    let map = ImportMap::parse(SMALL, "m").unwrap();
    let missing = Path::new("/nonexistent/rows.csv");
    let job = Job { tenant: TenantId::of_root(&[7; 32]), file: missing, map: &map, rejects: missing };
    assert!(matches!(import_file(&mut Memory::default(), job, |_| {}), Err(ImportError::Read { .. })));
}

#[test]
fn a_store_that_fails_half_way_is_carried_on_with_later() {
    let bench = Bench::new();
    let rows =
        (0..9_000).fold(String::new(), |rows, n| rows + &format!("{n},2020-01-01 10:00,tv,1,house {}\n", n % 500));
    let mut store = Memory { fail_at: Some(2), ..Memory::default() };
    assert!(matches!(bench.import(&mut store, SMALL, &small(&rows)), Err(ImportError::Store(_))));
    assert!(!store.docs.is_empty());
    let report = bench.import(&mut store, SMALL, &small(&rows)).unwrap();
    assert_eq!((report.rows, report.new + report.unchanged), (9_000, 9_000));
    assert!(report.new > 0 && report.unchanged > 0);
    assert_eq!(store.regs("job").len(), 9_000);
    assert_eq!(store.regs("customer").len(), 500);
}
