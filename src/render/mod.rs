//! From the models to bytes: one file for each format, and the words that maquis adds.
//!
//! Pure: a head, a document or a listing in, text out. Stands between `read` and the page store.

pub mod atom;
pub mod gemtext;
pub mod style;
pub mod words;
