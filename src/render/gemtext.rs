//! Gemtext: what a Gemini client reads.
//!
//! `Document` and `Listing` in, text out; the table in conversion.md says what each construct becomes, and each
//! kind of construct has its file here. Gemtext specification ("Line orientation") and the subscription companion.
//!
//! - `lines` writes lines of each type and keeps blank lines, quotes and the budget right;
//! - `inline` turns a paragraph's content into text and remembers where links stand;
//! - `links` makes the link lines after a block;
//! - `block`, `list`, `table` walk the tree; `listing` renders what is no document.

mod block;
mod inline;
mod lines;
mod links;
mod list;
mod listing;
#[cfg(test)]
mod properties;
mod table;

use crate::content::document::Exceeded;
use crate::content::{Document, Head};
use crate::render::style::Style;

pub use listing::{footer, listing};

/// What a rendering depends on beside the document.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The length of the source in bytes; it bounds the output.
    pub input_len: usize,
    pub base: Base<'a>,
    pub style: Style,
}

impl Options<'_> {
    /// For a page of the capsule, from a source of so many bytes.
    pub fn inside(input_len: usize) -> Options<'static> {
        Options { input_len, base: Base::Path, style: Style::default() }
    }
}

/// How links to the capsule's own pages are written.
#[derive(Clone, Copy, Debug)]
pub enum Base<'a> {
    /// As absolute paths: `/posts/x/`.
    Path,
    /// As full addresses, in feeds: this (`gemini://example.org`, no slash at the end) and the path.
    Url(&'a str),
}

/// A page: title, date line, body, notes. Ends with one newline.
pub fn document(head: &Head, document: &Document, options: &Options<'_>) -> Result<String, Exceeded> {
    let mut writer = block::Writer::new(head, document, options);
    writer.head(head);
    writer.body(head);
    writer.notes();
    writer.finish()
}
