//! From the models to bytes: one file for each format, and the words that maquis adds.
//!
//! Pure: a head, a document or a listing in, text out. Stands between `read` and the page store. [`gemtext`],
//! [`plaintext`] and [`menu`] are what readers see; `inline`, `table`, `target`, `letters`, `head` and `budget` are what
//! they share.

pub mod atom;
mod budget;
pub mod gemtext;
mod head;
mod inline;
mod letters;
pub mod menu;
pub mod plaintext;
mod script;
pub mod style;
mod table;
mod target;
#[cfg(test)]
mod trees;
pub mod words;
