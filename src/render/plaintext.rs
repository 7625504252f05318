//! Plain text: what a Gopher client shows, filled to the width of a terminal.
//!
//! `Document` in, text out; the Gopher column of the table in conversion.md says what each construct becomes. Links
//! leave a letter and are listed at the end. RFC 1436, 3.8 (type 0): lines end in CRLF on the wire, which [`wire`]
//! makes; here they end in LF.
//!
//! - `lines` writes lines, fills them and keeps indentation, blank lines and the budget right;
//! - `block`, `list` and `table` walk the tree;
//! - `gemtext` does the same for the author's lines around every post, which are no document.

mod block;
mod gemtext;
mod lines;
mod list;
#[cfg(test)]
mod properties;
mod table;

pub use gemtext::of_gemtext;

use crate::content::document::{Exceeded, Target};
use crate::content::{Document, Head};
use crate::render::style::Style;
use crate::text::charset::Charset;

/// What a rendering depends on beside the document.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The length of the source in bytes; it bounds the output.
    pub input_len: usize,
    /// In display columns.
    pub width: usize,
    pub charset: Charset,
    /// The address of a link as the list at the end gives it.
    pub address: &'a dyn Fn(&Target) -> String,
    /// Where notes and links stand: at the end, or before the next heading. Stress has its signs in any case.
    pub style: Style,
    /// Where its links can be selected.
    pub menu: Option<&'a str>,
}

/// A text, and the addresses of its links in the order of their letters.
#[derive(Debug)]
pub struct Text {
    pub text: String,
    pub links: Vec<Target>,
}

/// A page: title, date line, body, notes, links. Ends with one newline.
pub fn document(head: &Head, document: &Document, options: &Options<'_>) -> Result<Text, Exceeded> {
    let mut writer = block::Writer::new(head, document, options);
    writer.head(head);
    writer.body(head);
    writer.notes();
    writer.finish()
}

/// The address of a link where the capsule's own have no other form than their path.
pub fn address(target: &Target) -> String {
    super::target::url(target, super::target::Base::Path).into_owned()
}

/// The letter that stands for a link in the text.
pub fn letter(index: usize) -> String {
    super::letters::letter(index)
}

/// A text as it goes over the wire: in the charset, each line ended by CRLF.
pub fn wire(text: &str, charset: Charset) -> Vec<u8> {
    charset.encode(&text.replace('\n', "\r\n"))
}
