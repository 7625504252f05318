//! From the models to bytes: one file for each format, and the words that maquis adds.
//!
//! Pure: a head, a document or a listing in, text out. Stands between `read` and the page store.

pub mod atom;
mod budget;
pub mod gemtext;
mod head;
mod inline;
mod letters;
pub mod menu;
pub mod plaintext;
mod table;
mod target;
pub mod words;
