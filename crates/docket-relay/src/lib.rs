//! The relay: one SQLite log for each company ([`log`]), served over HTTP. It holds no document: it checks, stores and
//! hands on what devices push (DESIGN §4). What travels and how it is judged stands in [`docket_sync`].

pub mod log;
