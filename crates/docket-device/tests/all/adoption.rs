//! The promise: the policy pack that was adopted last is the company's, however coarse the clock by which two were.

#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
use crate::common::Fixture;
use docket_device::Mode;
use docket_device::app::policies;
use docket_device::app::session::Session;

const NOW: i64 = 1_700_000_000_000;

fn pack(version: &str) -> String {
    format!("name = \"ours\"\nversion = \"{version}\"\n")
}

#[test]
fn of_two_packs_adopted_in_one_millisecond_the_later_counts() {
    // Whichever of two digests is the greater: each of ten packs replaces the one before.
    let mut fix = Fixture::new();
    fix.certify("S-001", "admin");
    let dir = fix.dir;
    drop(fix.store);
    let mut session = Session::open(dir.path(), Mode::ReadWrite, Some(NOW)).unwrap();
    for version in 0..10 {
        let adopted = policies::adopt(&mut session, &pack(&version.to_string()), "ours.toml").unwrap();
        assert_eq!(session.policy().unwrap().digest, adopted.digest, "{version}");
        let named = docket_device::app::templates::known(&session, "ours").unwrap().unwrap();
        assert_eq!(named.digest, adopted.digest, "by name, too");
    }
}
