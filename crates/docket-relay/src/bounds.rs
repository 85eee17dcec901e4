//! Every bound of the service, in one table. Sizes of what travels stand in `docket_format::limits`.

use std::time::Duration;

/// A connection that has not sent its whole header by then is closed.
pub(crate) const HEADER_TIME: Duration = Duration::from_secs(10);
/// Between two pieces of a body.
pub(crate) const PIECE_TIME: Duration = Duration::from_secs(30);
/// A client that does not take the next piece of an answer by then is given up.
pub(crate) const SEND_TIME: Duration = Duration::from_mins(1);
/// How long running exchanges may go on when the relay stops.
pub(crate) const STOP_TIME: Duration = Duration::from_secs(10);
/// How long a long poll waits.
pub(crate) const WAIT_TIME: Duration = Duration::from_secs(50);
/// How long an exchange waits for its turn with memory or a reader before it is told to come back.
pub(crate) const TURN_TIME: Duration = Duration::from_secs(30);

/// Connections that are listened to at once.
pub(crate) const CONNECTIONS: usize = 4_096;
/// Connections that the system keeps for us until they are accepted.
pub(crate) const BACKLOG: u32 = 4_096;
/// Long polls of one company.
pub(crate) const WAITERS: usize = 4_096;
/// Exchanges of one device at once: a second beside one that hangs, and some to spare.
pub(crate) const EXCHANGES_A_DEVICE: usize = 4;
/// Requests of one device: per second, and at once.
pub(crate) const REQUESTS_A_SECOND: u32 = 50;
/// See [`REQUESTS_A_SECOND`].
pub(crate) const REQUESTS_AT_ONCE: u32 = 200;

/// Body of a request that is no exchange.
pub(crate) const SMALL_BYTES: usize = 64 * 1024;
/// Body of a comparison: 100,000 documents and some.
pub(crate) const COMPARE_BYTES: usize = 4 * 1024 * 1024;
/// All pages of a proof of identity: a roster.
pub(crate) const ROSTER_BYTES: usize = 16 * 1024 * 1024;
/// Body of an exchange.
pub(crate) const EXCHANGE_BYTES: u64 = 1024 * 1024 * 1024;
/// Changes in one exchange: their hashes are kept until the receipt is signed.
pub(crate) const EXCHANGE_CHANGES: usize = 500_000;
/// Refused changes in one exchange.
pub(crate) const EXCHANGE_REFUSED: usize = 20_000;
/// Documents that one exchange can be asked for.
pub(crate) const EXCHANGE_WANT: usize = 65_536;

/// Frames of at most so many bytes are taken in without asking for memory.
pub(crate) const FREE_FRAME_BYTES: usize = 16 * 1024;
/// The unit in which memory for frames and pages is handed out.
pub(crate) const UNIT_BYTES: usize = 16 * 1024;
/// Units for frames that are being received: 8 MiB.
pub(crate) const FRAME_UNITS: usize = 512;
/// Units for pages between being read and being committed, by their packed size: unpacked and judged they take about
/// twenty times as much.
pub(crate) const PAGE_UNITS: usize = 24;

/// Jobs that wait for the writer.
pub(crate) const QUEUE: usize = 256;
/// Jobs that go into one commit.
pub(crate) const BATCH: usize = 256;
/// Readers of one log.
pub(crate) const READERS: usize = 4;

/// How long a nonce is good for, milliseconds.
pub(crate) const NONCE_MS: i64 = 60_000;
/// How long a token is good for, milliseconds.
pub(crate) const TOKEN_MS: i64 = 12 * 3_600_000;
/// Failed tries with an invitation from one address, in [`TRIES_MS`].
pub(crate) const TRIES: u32 = 5;
/// See [`TRIES`].
pub(crate) const TRIES_MS: i64 = 15 * 60_000;
/// Addresses whose failed tries are remembered.
pub(crate) const TRIERS: usize = 10_000;
