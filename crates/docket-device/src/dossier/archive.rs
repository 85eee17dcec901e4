//! The tar: regular files only, in the order given, with nothing in the headers that depends on who writes them. What is
//! read can be written again, byte for byte, so that a changed header or padding byte is seen.

use std::io::{self, Read as _};

use tar::{Archive, Builder, EntryType, Header};

/// Most entries.
const ENTRIES: usize = 64;

/// A file in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

pub(super) fn write(entries: &[Entry], made_s: u64) -> io::Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    for Entry { name, bytes } in entries {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(made_s);
        builder.append_data(&mut header, name, bytes.as_slice())?;
    }
    builder.into_inner()
}

/// Reads an archive; the error says what is wrong and near which entry. Nothing is unpacked to disk, and no entry can
/// take more memory than the file has bytes: extensions that could (sparse files, long headers) are refused.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Entry>, String> {
    let mut archive = Archive::new(bytes);
    let mut entries: Vec<Entry> = Vec::new();
    let last = |entries: &[Entry]| match entries.last() {
        Some(entry) => format!("after `{}`", entry.name),
        None => "at the start".to_owned(),
    };
    let listed = archive.entries().map_err(|error| error.to_string())?.raw(true);
    for entry in listed {
        let mut entry = entry.map_err(|error| format!("the archive is damaged {}: {error}", last(&entries)))?;
        let name = entry.path_bytes().into_owned();
        let name = String::from_utf8(name).map_err(|_| format!("an entry {} has no readable name", last(&entries)))?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(format!("`{name}` is no plain file"));
        }
        if entries.len() == ENTRIES || entries.iter().any(|known| known.name == name) {
            return Err(format!("`{name}` is one entry too many"));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(|error| format!("`{name}` is cut short: {error}"))?;
        entries.push(Entry { name, bytes: content });
    }
    Ok(entries)
}
