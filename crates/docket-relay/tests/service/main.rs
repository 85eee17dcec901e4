//! The relay as devices meet it: the real server on a port of its own, every byte over TCP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

mod access;
mod crash;
mod exchange;
mod hostile;
mod http;
mod measure;
mod scopes;
mod support;
mod world;
