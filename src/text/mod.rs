//! What maquis needs of text and no library has.

pub mod url;
