//! Why bytes are not admitted: one variant a reason, each with a stable code.

use crate::ids::{ActorId, ChangeHash, FactId};

macro_rules! refusals {
    ($($code:literal $name:ident $({ $($field:ident: $ty:ty),* })?: $text:literal;)*) => {
        /// Why a change or a snapshot is refused. `Display` is a sentence for people; [`Refused::code`] is for
        /// programs and never changes.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[non_exhaustive]
        #[allow(clippy::doc_markdown, reason = "each message, with its placeholders, is its variant's documentation")]
        pub enum Refused {
            $(
                #[doc = $text]
                #[error($text)]
                $name $({ $(#[doc = concat!("What was found or allowed: `", stringify!($field), "`.")] $field: $ty),* })?,
            )*
        }

        impl Refused {
            /// Every code, in the order of the enum.
            pub const CODES: &'static [&'static str] = &[$($code),*];

            /// The reason's stable short name.
            pub const fn code(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $code,)*
                }
            }
        }
    };
}

refusals! {
    // The chunk's frame.
    "too-large" TooLarge { bytes: usize, limit: usize }: "{bytes} bytes, the limit is {limit}";
    "truncated" Truncated: "the bytes end too early";
    "trailing" Trailing: "bytes follow after the end";
    "magic" Magic: "not an Automerge chunk";
    "chunk-type" ChunkType { found: u8, expected: u8 }: "chunk type {found}, expected {expected}";
    "deflated" Deflated: "a deflated change: changes travel uncompressed";
    "checksum" Checksum: "the checksum does not match";
    "number" Number: "a number is longer than it needs to be, or too large";

    // A change's header.
    "no-deps" NoDeps: "names no change that it builds on";
    "too-many-deps" TooManyDeps { deps: u64 }: "builds on {deps} changes, the limit is 64";
    "deps-order" DepsOrder: "the changes it builds on are not sorted and unique";
    "actor" Actor { actor: ActorId }: "actor {actor} is not the one that belongs to its carrier and document";
    "actor-length" ActorLength { bytes: u64 }: "an actor of {bytes} bytes, expected 16";
    "actor-table" ActorTable: "the actors it refers to are not exactly the genesis actor";
    "seq" Seq { seq: u64 }: "sequence number {seq} is out of range";
    "start-op" StartOp { start_op: u64 }: "first operation {start_op} is out of range";
    "max-op" MaxOp { max_op: u64 }: "last operation {max_op} is above the highest that a document may have";
    "time" Time { time: i64 }: "time {time} lies outside 1970 to 2200";
    "message" Message: "carries a commit message";
    "author" ExtraBytes: "carries an Automerge author or other extra bytes";
    "import" ImportShape: "an imported change is an actor's only one, at operation 3, time 0, on genesis alone";

    // Columns.
    "column-deflated" DeflatedColumn { spec: u64 }: "column {spec} is deflated";
    "column" Column { spec: u64 }: "column {spec} has no place here";
    "column-order" ColumnOrder: "columns are out of order or repeated";
    "column-length" ColumnLength { column: &'static str }: "column `{column}` does not have one value for each row";

    // The operation grammar (DESIGN §2).
    "no-ops" NoOps: "carries no fact";
    "too-many-ops" TooManyOps { ops: u64 }: "claims {ops} or more operations, the limit is 10,000";
    "object" Object: "an operation on something other than the map of facts";
    "actor-index" ActorIndex { index: u64 }: "refers to actor number {index}, which is not in its table";
    "list-key" ListKey: "an operation on a list element";
    "key" Key: "a key that is not a fact id of 26 characters";
    "key-twice" KeyTwice { key: FactId }: "puts {key} twice";
    "insert" Insert: "an insertion into a list";
    "action" Action { action: u64 }: "action {action}, only a put is admitted";
    "value" Value: "a value that is not a string";
    "fact-size" FactSize { bytes: usize }: "a fact of {bytes} bytes, 1 to 16,384 are admitted";
    "utf8" Utf8: "text that is not UTF-8";
    "pred" Pred: "an operation that replaces another";
    "mark" Mark: "a text mark";
    "not-canonical" NotCanonical: "not encoded the way docket encodes it";

    // Against the document's state.
    "seq-reused" SeqReused { seq: u64, last: u64 }: "sequence number {seq} is already used by another change of its actor (last is {last})";
    "seq-gap" SeqGap { seq: u64, last: u64 }: "sequence number {seq} does not follow the actor's last, {last}";
    "start-op-low" StartOpLow { start_op: u64, after: u64 }: "first operation {start_op} is not above {after}, which it builds on";
    "start-op-high" StartOpHigh { start_op: u64, limit: u64 }: "first operation {start_op} is too far ahead, the limit is {limit}";
    "heads-device" HeadsOfDevice { heads: usize }: "would leave {heads} unmerged heads of one device, the limit is 4";
    "heads-document" HeadsOfDocument { heads: usize }: "would leave {heads} unmerged heads in the document, the limit is 64";

    // Snapshots.
    "inflate" Inflate: "a deflated column can't be inflated";
    "inflated-size" InflatedSize { limit: usize }: "columns inflate to more than {limit} bytes";
    "too-many-changes" TooManyChanges { changes: u64 }: "claims {changes} or more changes, the limit is 100,000";
    "genesis" Genesis: "does not start with this document's genesis";
    "successor" Successor: "an operation that another replaced";
    "actors" Actors: "the actor table is not sorted, unique and used";
    "row" Row { column: &'static str }: "a value of column `{column}` contradicts the rest";
    "heads" Heads { head: ChangeHash }: "head {head} is not what its changes hash to";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let mut codes = Refused::CODES.to_vec();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Refused::CODES.len());
    }
}
