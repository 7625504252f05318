//! One binary for all tests that see maquis from outside.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests; a failure must stop them")]

mod configuration;
mod new;
