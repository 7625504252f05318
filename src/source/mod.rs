//! From a folder to sources: the walk, and one file for each layout.

pub mod root;
