//! The promise: `docs/domain.md` has every row of the requirements, and each names tests that exist.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../../../docs/domain.md");

/// The rows: a letter, its numbers, and those left out of them.
const ROWS: [(char, u32, &[u32]); 6] =
    [('H', 23, &[22]), ('C', 8, &[]), ('E', 16, &[]), ('S', 4, &[]), ('V', 5, &[]), ('K', 5, &[])];

fn rows() -> Vec<String> {
    let of = |(letter, last, without): (char, u32, &'static [u32])| {
        (1..=last).filter(move |number| !without.contains(number)).map(move |number| format!("D-{letter}{number}"))
    };
    ROWS.into_iter().flat_map(of).collect()
}

/// The page's table: row and the tests that it names.
fn table() -> Vec<(String, Vec<String>)> {
    let lines = PAGE.lines().filter(|line| line.starts_with("| D-"));
    let cells = lines.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let tests = cells.last().unwrap().split(',').map(|test| test.trim().trim_matches('`').to_owned());
        (cells.first().unwrap().to_string(), tests.filter(|test| !test.is_empty()).collect())
    });
    cells.collect()
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every test function of the workspace, by name.
fn tests() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut files);
    let mut names = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        for part in text.split("fn ").skip(1) {
            names.insert(part.split('(').next().unwrap().trim().to_owned());
        }
    }
    names
}

#[test]
fn every_row_is_there_once_and_in_order() {
    let named: Vec<String> = table().into_iter().map(|(row, _)| row).collect();
    assert_eq!(named, rows());
}

#[test]
fn every_row_has_a_test_of_its_name_that_exists() {
    let known = tests();
    for (row, named) in table() {
        assert!(!named.is_empty(), "{row} names no test");
        let start = format!("{}_", row.to_lowercase().replace('-', "_"));
        for test in named {
            assert!(test.starts_with(&start), "{row} names {test}");
            assert!(known.contains(&test), "{row} names {test}, which is nowhere");
        }
    }
}
