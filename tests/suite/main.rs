//! The tests that need more than one layer: one binary, a module for each kind.

mod golden;
