//! What we need of text and no library has: cleaning, escaping, measuring, wrapping, slugs, URLs.
//!
//! The lowest layer: strings in, strings out. It knows no document, no page and no protocol.

pub mod charset;
pub mod clean;
pub mod escape;
pub mod search;
pub mod slug;
pub mod url;
pub mod width;
pub mod wrap;
