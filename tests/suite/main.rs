//! One binary for all tests that see maquis from outside.

mod configuration;
mod new;
