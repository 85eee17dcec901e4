//! Several people on one device. Its key seals what all of them state; who states it is told apart by a PIN, which only
//! this device knows, as an argon2id hash. Whom the roster lets work here is the roster's word; a fact of somebody else
//! than the device's own person says so (`as`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use docket_format::PersonId;
use rusqlite::OptionalExtension as _;
use serde::{Deserialize, Serialize};

use super::error::AppError;
use super::session::Session;
use crate::error::StoreError;
use crate::{files, keys};

/// The file beside the database. It never leaves the device.
pub const FILE: &str = "docket.people";
/// Wrong PINs that cost nothing but typing them again.
const FREE: u32 = 2;
/// The wait after the next one; it doubles with each further one.
const WAIT_MS: i64 = 30_000;
/// The longest wait.
const MAX_WAIT_MS: i64 = 3_600_000;
/// Attempts that are kept.
const KEPT: usize = 200;
/// Fewest and most characters of a PIN.
const PIN: core::ops::RangeInclusive<usize> = 4..=32;
/// Longest time for which a person takes a device over, in milliseconds: a day.
pub const MAX_MS: i64 = 24 * 3_600_000;

/// Who works on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hand {
    /// Its own person.
    Own,
    /// A further person, with the role that the roster gives them here, until a time (milliseconds since 1970).
    Other {
        /// Who.
        person: PersonId,
        /// What they may do.
        role: String,
        /// Until when.
        until_ms: i64,
    },
    /// Nobody until somebody says who: the reason, for people.
    Locked(String),
}

/// An attempt to take the device over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Who it was said to be.
    pub person: String,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// `opened`, `wrong`, `too_soon`, `set` or `ended`.
    pub how: String,
}

/// What `docket.people` holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    now: Option<Now>,
    #[serde(default)]
    pins: BTreeMap<String, Pin>,
    #[serde(default)]
    attempts: Vec<Attempt>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Now {
    /// `None` = locked.
    person: Option<String>,
    since_ms: i64,
    until_ms: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Pin {
    hash: String,
    /// The roster's leave under which it was set: a new leave asks for a new PIN.
    leave: String,
    #[serde(default)]
    wrong: u32,
    #[serde(default)]
    last_ms: i64,
}

/// A further person of this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sharer {
    /// Staff number.
    pub person: String,
    /// Name.
    pub name: String,
    /// Role on this device.
    pub role: String,
    /// Whether a PIN is set.
    pub pin: bool,
}

fn path(session: &Session) -> PathBuf {
    session.store().dir().join(FILE)
}

fn load(session: &Session) -> Result<Kept, AppError> {
    let path = path(session);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
            AppError::refused(format!("{} can't be read: {error}", path.display()))
                .hint("remove the file: everybody sets a new PIN then")
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Kept::default()),
        Err(error) => Err(StoreError::io(&path, error).into()),
    }
}

fn save(session: &Session, kept: &mut Kept) -> Result<(), AppError> {
    let old = kept.attempts.len().saturating_sub(KEPT);
    kept.attempts.drain(..old);
    let text = serde_json::to_vec_pretty(kept).map_err(|error| AppError::refused(error.to_string()))?;
    Ok(files::write_whole(&path(session), &text)?)
}

/// Who works on this device now.
pub fn hand(session: &Session) -> Result<Hand, AppError> {
    let kept = load(session)?;
    let Some(now) = kept.now else { return Ok(Hand::Own) };
    let Some(person) = now.person else { return Ok(Hand::Locked("nobody has said who works on this device".into())) };
    let at = session.now_ms().0;
    if at >= now.until_ms || at < now.since_ms {
        return Ok(Hand::Locked(format!("the time of {person} on this device is over")));
    }
    match (leave(session, &person)?, person.parse()) {
        (Some((_, role)), Ok(id)) => Ok(Hand::Other { person: id, role, until_ms: now.until_ms }),
        _ => Ok(Hand::Locked(format!("{person} may not work on this device any longer"))),
    }
}

/// The further people whom the roster lets work here.
pub fn sharers(session: &Session) -> Result<Vec<Sharer>, AppError> {
    let pins = load(session)?.pins;
    let run = || -> rusqlite::Result<Vec<Sharer>> {
        let sql = session.store().conn();
        let mut found =
            sql.prepare("SELECT person, name, role FROM p_shared WHERE device = ?1 AND seals IS NULL ORDER BY person")?;
        let device = session.device();
        found
            .query_map([device.as_bytes()], |row| {
                let person: String = row.get(0)?;
                Ok(Sharer { pin: pins.contains_key(&person), person, name: row.get(1)?, role: row.get(2)? })
            })?
            .collect()
    };
    Ok(run().map_err(StoreError::from)?)
}

/// The attempts of late, the newest first.
pub fn attempts(session: &Session) -> Result<Vec<Attempt>, AppError> {
    let mut attempts = load(session)?.attempts;
    attempts.reverse();
    Ok(attempts)
}

/// The roster's leave for a further person of this device, and their role.
fn leave(session: &Session, person: &str) -> Result<Option<(String, String)>, AppError> {
    let device = session.device();
    let found = session
        .store()
        .conn()
        .query_row(
            "SELECT name, role FROM p_shared WHERE device = ?1 AND person = ?2 AND seals IS NULL",
            (device.as_bytes(), person),
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )
        .optional()
        .map_err(StoreError::from)?;
    let Some((_, role)) = found else { return Ok(None) };
    let roster = session.roster()?;
    let given = roster.device(device).and_then(|entry| {
        entry.others.iter().find(|(other, _)| other.as_str() == person).map(|(_, shared)| shared.by.to_string())
    });
    Ok(Some((given.unwrap_or_default(), role)))
}

/// The leave under which a person may set and use a PIN here.
fn required_leave(session: &Session, person: &PersonId) -> Result<String, AppError> {
    if session.owner().as_ref() == Some(person) {
        return Ok("own".into());
    }
    if let Some((leave, _)) = leave(session, person.as_str())? {
        return Ok(leave);
    }
    let shown = sharers(session)?.into_iter().map(|one| format!("{}  {}, {}", one.person, one.name, one.role));
    Err(AppError::refused(format!("the roster does not let {person} work on this device"))
        .details(shown)
        .hint(format!("an admin device allows it: docket roster share {} --person {person} …", session.device())))
}

/// Whether a person has a PIN here that still counts; they set one first if not.
pub fn has_pin(session: &Session, person: &PersonId) -> Result<bool, AppError> {
    let leave = required_leave(session, person)?;
    Ok(load(session)?.pins.get(person.as_str()).is_some_and(|pin| pin.leave == leave))
}

/// Sets a person's PIN. Who has one already proves it first ([`open`]).
pub fn set_pin(session: &mut Session, person: &PersonId, pin: &str) -> Result<(), AppError> {
    let leave = required_leave(session, person)?;
    check_pin(pin)?;
    let salt: [u8; 16] = keys::random()?;
    let hash = Argon2::default().hash_password_with_salt(pin.as_bytes(), &salt);
    let hash = hash.map_err(|error| AppError::refused(format!("the PIN can't be hashed: {error}")))?.to_string();
    let mut kept = load(session)?;
    let at_ms = session.now_ms().0;
    kept.pins.insert(person.to_string(), Pin { hash, leave, wrong: 0, last_ms: at_ms });
    kept.attempts.push(Attempt { person: person.to_string(), at_ms, how: "set".into() });
    save(session, &mut kept)
}

fn check_pin(pin: &str) -> Result<(), AppError> {
    let mut others = pin.chars();
    let first = others.next();
    if !PIN.contains(&pin.chars().count()) || others.all(|c| Some(c) == first) {
        return Err(AppError::refused("a PIN has 4 to 32 characters, not all the same"));
    }
    Ok(())
}

/// Takes the device over as a person for `for_ms` milliseconds, by their PIN.
pub fn open(session: &mut Session, person: &PersonId, pin: &str, for_ms: i64) -> Result<(), AppError> {
    let leave = required_leave(session, person)?;
    let at_ms = session.now_ms().0;
    prove(session, person, &leave, pin, at_ms)?;
    let mut kept = load(session)?;
    let own = session.owner().as_ref() == Some(person);
    let until_ms = at_ms + for_ms.clamp(60_000, MAX_MS);
    kept.now = (!own).then(|| Now { person: Some(person.to_string()), since_ms: at_ms, until_ms });
    kept.attempts.push(Attempt { person: person.to_string(), at_ms, how: "opened".into() });
    save(session, &mut kept)
}

/// Checks a PIN. The attempt is counted before it is judged, under the store's lock: neither killing the program nor
/// running many at once makes guessing cheaper.
fn prove(session: &mut Session, person: &PersonId, leave: &str, pin: &str, at_ms: i64) -> Result<(), AppError> {
    let counted = count(session, person, leave, at_ms)?;
    let hash = PasswordHash::new(&counted.hash)
        .map_err(|error| AppError::refused(format!("the PIN of {person} can't be read: {error}")))?;
    let right = Argon2::default().verify_password(pin.as_bytes(), &hash).is_ok();
    let mut kept = load(session)?;
    if right {
        if let Some(pin) = kept.pins.get_mut(person.as_str()) {
            pin.wrong = 0;
        }
        return save(session, &mut kept);
    }
    kept.attempts.push(Attempt { person: person.to_string(), at_ms, how: "wrong".into() });
    save(session, &mut kept)?;
    let wait = wait_ms(counted.wrong);
    let refused = AppError::refused(format!("that is not the PIN of {person}"));
    Err(if wait > 0 { refused.hint(format!("the next attempt counts in {} s", wait / 1000)) } else { refused })
}

fn count(session: &mut Session, person: &PersonId, leave: &str, at_ms: i64) -> Result<Pin, AppError> {
    let lock = path(session);
    let held = session.store_mut().begin()?;
    let bytes = std::fs::read(&lock).unwrap_or_default();
    let mut kept: Kept = serde_json::from_slice(&bytes).unwrap_or_default();
    let found = kept.pins.get_mut(person.as_str()).filter(|pin| pin.leave == leave);
    let Some(pin) = found else {
        return Err(AppError::refused(format!("{person} has no PIN on this device yet")));
    };
    let wait = wait_ms(pin.wrong);
    // A clock that was set back makes nobody wait for ever.
    let left = (pin.last_ms + wait - at_ms).min(wait);
    let counted = if left > 0 {
        kept.attempts.push(Attempt { person: person.to_string(), at_ms, how: "too_soon".into() });
        None
    } else {
        pin.wrong = pin.wrong.saturating_add(1);
        pin.last_ms = at_ms;
        Some(pin.clone())
    };
    let text = serde_json::to_vec_pretty(&kept).map_err(|error| AppError::refused(error.to_string()))?;
    files::write_whole(&lock, &text)?;
    drop(held);
    counted.ok_or_else(|| {
        AppError::refused(format!("too many wrong PINs for {person}: wait {} s", left.div_euclid(1000) + 1))
            .hint("a new leave lets the person set a new PIN: docket roster unshare, then docket roster share")
    })
}

/// How long after this many wrong PINs in a row the next attempt counts.
fn wait_ms(wrong: u32) -> i64 {
    match wrong.checked_sub(FREE + 1) {
        Some(more) => WAIT_MS.saturating_mul(1 << more.min(20)).min(MAX_WAIT_MS),
        None => 0,
    }
}

/// Ends a further person's time. The device is its own person's again; locked where that person has a PIN.
pub fn end(session: &mut Session) -> Result<Hand, AppError> {
    let mut kept = load(session)?;
    let at_ms = session.now_ms().0;
    let own = session.owner().map(|person| person.to_string());
    let locked = own.is_some_and(|own| kept.pins.contains_key(&own));
    if let Some(Now { person: Some(person), .. }) = &kept.now {
        kept.attempts.push(Attempt { person: person.clone(), at_ms, how: "ended".into() });
    }
    kept.now = locked.then_some(Now { person: None, since_ms: at_ms, until_ms: at_ms });
    save(session, &mut kept)?;
    hand(session)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<i64> = (0..=6).map(|wrong| wait_ms(wrong) / 1000).collect();
        assert_eq!(waits, [0, 0, 0, 30, 60, 120, 240]);
        assert_eq!(wait_ms(u32::MAX), MAX_WAIT_MS);
    }

    #[test]
    fn a_pin_is_no_row_of_one_character() {
        for (pin, good) in [("4711", true), ("", false), ("123", false), ("0000", false), ("厨房厨师", true)] {
            assert_eq!(check_pin(pin).is_ok(), good, "{pin}");
        }
        assert!(check_pin(&"12".repeat(17)).is_err());
    }
}
