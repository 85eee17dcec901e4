//! Every limit of the formats, in one table (`docs/protocol.md` prints it; a test compares). Sizes in bytes unless
//! the name says otherwise.

macro_rules! limits {
    ($(#[doc = $doc:literal] $name:ident: $ty:ty = $value:expr;)*) => {
        $(#[doc = $doc] pub const $name: $ty = $value;)*

        /// The table: name, value, meaning. What `docs/protocol.md` prints.
        pub const TABLE: &[(&str, u64, &str)] = &[$((stringify!($name), $value as u64, $doc)),*];
    };
}

limits! {
    /// One fact's canonical JSON, in bytes.
    FACT_BYTES: usize = 16 * 1024;
    /// Nesting depth of a fact's JSON; the fact's own object is depth 1.
    FACT_DEPTH: usize = 4;
    /// One change chunk as Automerge frames it, in bytes.
    CHANGE_BYTES: usize = 256 * 1024;
    /// Operations in one change.
    CHANGE_OPS: usize = 10_000;
    /// Dependencies of one change, and unmerged heads of one document.
    CHANGE_DEPS: usize = 64;
    /// Unmerged heads that one device may leave in one document.
    HEADS_PER_DEVICE: usize = 4;
    /// How far a change's first operation may lie above the document's highest operation.
    START_OP_LEAD: u64 = 10_000;
    /// Highest operation counter of a document (Automerge counts operations in 32 bits).
    MAX_OP: u64 = 4_000_000_000;
    /// Earliest change time, seconds since 1970.
    CHANGE_TIME_MIN: i64 = 0;
    /// Latest change time, seconds since 1970: the start of the year 2200.
    CHANGE_TIME_MAX: i64 = 7_258_118_400;
    /// One document snapshot, in bytes, before and after inflating its columns.
    SNAPSHOT_BYTES: usize = 16 * 1024 * 1024;
    /// Changes in one document snapshot.
    SNAPSHOT_CHANGES: usize = 100_000;
    /// Leaves under one seal.
    SEAL_LEAVES: usize = 1_000_000;
    /// One beacon inside a seal, in bytes.
    BEACON_BYTES: usize = 256;
    /// One bundle chunk, compressed or not, in bytes.
    CHUNK_BYTES: usize = 4 * 1024 * 1024;
    /// Chunks in one bundle.
    BUNDLE_CHUNKS: usize = 4_096;
    /// One bundle's header frame, in bytes.
    BUNDLE_HEADER_BYTES: usize = 1024 * 1024;
    /// Changes parked on one device because what they build on has not arrived.
    PARKED_CHANGES: usize = 100_000;
    /// One photo or signature image, in bytes.
    BLOB_BYTES: usize = 64 * 1024 * 1024;
    /// One policy pack's text, in bytes.
    POLICY_BYTES: usize = 256 * 1024;
}
