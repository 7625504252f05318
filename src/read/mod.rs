//! From text to the models: front matter, Markdown and gemtext in, heads, documents and the plan out.
//!
//! Pass one reads heads and makes the plan; pass two reads one source at a time. Pure: bytes and *now* come in
//! as arguments.

pub mod date;
pub mod front_matter;
pub mod hugo;
pub mod link;
pub mod place;
mod plain;
pub mod plan;
pub mod value;
