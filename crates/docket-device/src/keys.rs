//! The device's signing key: one file, readable by its owner only, beside the database and never in it, so that a
//! copied database can't sign.

use std::path::{Path, PathBuf};

use docket_format::keys::SecretKey;
use docket_format::{DeviceId, crockford};

use crate::error::StoreError;
use crate::files;

/// The key file's name in the store's directory.
pub const FILE: &str = "device.key";
/// First line of the file.
const MAGIC: &str = "docket-device-key-1";

/// Fills an array from the system's random source.
pub fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::NoRandom(error.to_string()))?;
    Ok(bytes)
}

/// A new secret key, not stored anywhere.
pub fn generate() -> Result<SecretKey, StoreError> {
    Ok(SecretKey::from_seed(&random()?))
}

/// Where the key of the store in `dir` is.
pub fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Stores the key (mode 0600, flushed). An existing key is never replaced: facts hang on it.
pub fn save(dir: &Path, key: &SecretKey) -> Result<(), StoreError> {
    let path = path(dir);
    if path.exists() {
        return Err(StoreError::Exists { dir: dir.to_path_buf() });
    }
    files::make_dir(dir)?;
    let text = format!("{MAGIC}\n{}\n", crockford::encode(&key.seed()));
    files::write_whole(&path, text.as_bytes())
}

/// Reads the key of the store in `dir`, which is `device`'s. Another device's key is refused: its signatures would be
/// nobody's.
pub fn load(dir: &Path, device: DeviceId) -> Result<SecretKey, StoreError> {
    let path = path(dir);
    let text = std::fs::read_to_string(&path).map_err(|error| StoreError::io(&path, error))?;
    let seed = text.strip_prefix(MAGIC).and_then(|rest| crockford::decode_strict::<32>(rest.trim()));
    match seed {
        Some(seed) => {
            let key = SecretKey::from_seed(&seed);
            if key.public().device() == device {
                return Ok(key);
            }
            Err(StoreError::BadKey { path, what: format!("it is another device's, not {device}'s") })
        }
        None => Err(StoreError::BadKey { path, what: "not in the form that `docket init` writes".into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_and_is_nobody_elses_to_read() {
        let dir = tempfile::tempdir().unwrap();
        let key = generate().unwrap();
        save(dir.path(), &key).unwrap();
        assert_eq!(load(dir.path(), key.public().device()).unwrap().public(), key.public());
        let other = generate().unwrap().public().device();
        assert!(matches!(load(dir.path(), other), Err(StoreError::BadKey { .. })));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(path(dir.path())).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_is_never_replaced_and_a_broken_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        save(dir.path(), &generate().unwrap()).unwrap();
        assert!(matches!(save(dir.path(), &generate().unwrap()), Err(StoreError::Exists { .. })));
        std::fs::write(path(dir.path()), "docket-device-key-1\nSHORT\n").unwrap();
        assert!(matches!(load(dir.path(), DeviceId::from_bytes([0; 16])), Err(StoreError::BadKey { .. })));
    }
}
