//! The one test binary: what a user or a reader would see, over real sockets where there are any.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod certificates;
mod fixture;
mod notices;
mod server;
mod wire;
