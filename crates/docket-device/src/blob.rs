//! Photos and signature images: files named by their content in DIR/blobs, written before the fact that names them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use docket_format::{ContentDigest, digest, limits};

use crate::error::StoreError;
use crate::files;

/// The directory of a store's blobs.
#[derive(Debug, Clone)]
pub struct Blobs {
    root: PathBuf,
}

impl Blobs {
    /// The blobs of the store in `dir`; made on first use.
    pub fn of(dir: &Path) -> Self {
        Self { root: dir.join("blobs") }
    }

    /// Stores bytes (≤ [`limits::BLOB_BYTES`]) and returns their name. Storing the same bytes twice is one file. When
    /// this returns, the file survives a power cut.
    pub fn put(&self, bytes: &[u8]) -> Result<ContentDigest, StoreError> {
        let digest = ContentDigest::from_bytes(digest::sha256(bytes));
        let path = self.path(digest);
        if bytes.len() > limits::BLOB_BYTES {
            return Err(too_large(&path));
        }
        if self.get(digest).is_ok() {
            return Ok(digest);
        }
        if let Some(parent) = path.parent() {
            files::make_dir(&self.root)?;
            files::make_dir(parent)?;
        }
        files::write_whole(&path, bytes)?;
        Ok(digest)
    }

    /// Stores a file's bytes; returns their name and size.
    pub fn put_file(&self, from: &Path) -> Result<(ContentDigest, u64), StoreError> {
        let bytes = read_bounded(from)?;
        Ok((self.put(&bytes)?, bytes.len() as u64))
    }

    /// Reads a blob and checks it against its name.
    pub fn get(&self, digest: ContentDigest) -> Result<Vec<u8>, StoreError> {
        let path = self.path(digest);
        let bytes = read_bounded(&path)?;
        if digest::sha256(&bytes) == *digest.as_bytes() {
            return Ok(bytes);
        }
        Err(StoreError::BadBlob { path, what: "the content does not fit the name".into() })
    }

    /// Whether the blob's file is here (its content is checked when it is read).
    pub fn has(&self, digest: ContentDigest) -> bool {
        self.path(digest).is_file()
    }

    /// How many blobs are here.
    pub fn count(&self) -> u64 {
        let list = |dir: &Path| std::fs::read_dir(dir).into_iter().flatten().flatten();
        let is_blob =
            |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| ContentDigest::parse_strict(name).is_ok());
        let on_shelf = |shelf: &Path| list(shelf).filter(|entry| is_blob(&entry.file_name())).count() as u64;
        list(&self.root).map(|shelf| on_shelf(&shelf.path())).sum()
    }

    /// Where a blob is kept.
    pub fn path(&self, digest: ContentDigest) -> PathBuf {
        let name = digest.to_string();
        let prefix = name.get(..2).unwrap_or(&name);
        self.root.join(prefix).join(&name)
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, StoreError> {
    let file = std::fs::File::open(path).map_err(|error| StoreError::io(path, error))?;
    let mut bytes = Vec::new();
    file.take(limits::BLOB_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| StoreError::io(path, error))?;
    if bytes.len() > limits::BLOB_BYTES { Err(too_large(path)) } else { Ok(bytes) }
}

fn too_large(path: &Path) -> StoreError {
    StoreError::BadBlob {
        path: path.to_path_buf(),
        what: format!("larger than the limit of {} MiB", limits::BLOB_BYTES / 1024 / 1024),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_its_content() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::of(dir.path());
        let name = blobs.put(b"photo").unwrap();
        assert_eq!(blobs.put(b"photo").unwrap(), name);
        assert_eq!(blobs.get(name).unwrap(), b"photo");
        assert_eq!(blobs.count(), 1);
        std::fs::write(blobs.path(name), b"other").unwrap();
        assert!(matches!(blobs.get(name), Err(StoreError::BadBlob { .. })));
        assert_eq!(blobs.put(b"photo").unwrap(), name, "a damaged blob is mended by its bytes");
        assert_eq!(blobs.get(name).unwrap(), b"photo");
    }

    #[test]
    fn oversize_is_refused_before_it_is_stored() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("big");
        std::fs::File::create(&path).unwrap().set_len(limits::BLOB_BYTES as u64 + 1).unwrap();
        let blobs = Blobs::of(dir.path());
        assert!(matches!(blobs.put_file(&path), Err(StoreError::BadBlob { .. })));
        assert!(!dir.path().join("blobs").exists());
    }
}
