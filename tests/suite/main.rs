//! The tests that need more than one layer: one binary, a module for each kind.
#![allow(clippy::unwrap_used, clippy::panic)] // the configured exception covers only #[test] functions, not their helpers

mod golden;
mod markdown;
