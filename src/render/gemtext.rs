//! Gemtext: what a Gemini client reads.
//!
//! `Document` and `Listing` in, text out; the table in conversion.md says what each construct becomes, and each
//! kind of construct has its file here. Gemtext specification ("Line orientation") and the subscription companion.
//!
//! - `lines` writes lines of each type and keeps blank lines, quotes and the budget right;
//! - `links` makes the link lines after a block;
//! - `block`, `list`, `quote`, `table`, `notes` walk the tree; `listing` renders what is no document.

mod block;
mod introduced;
mod label;
mod line_type;
mod lines;
mod links;
mod list;
mod listing;
mod notes;
#[cfg(test)]
mod properties;
mod quote;
mod table;

use crate::content::document::{Exceeded, Target};
use crate::content::{Document, Head, Plan};
use crate::render::style::Style;
use crate::render::target;

pub use crate::render::target::Base;
pub use line_type::{LineType, line_types};
pub use listing::{footer, listing};

/// What a rendering depends on beside the document.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The length of the source in bytes; it bounds the output.
    pub input_len: usize,
    pub base: Base<'a>,
    /// How wide a table may be, in display columns.
    pub table: usize,
    pub style: Style,
    pub titles: Titles<'a>,
}

/// What the pages of the capsule are called, for links whose text does not tell one from another.
#[derive(Clone, Copy, Default)]
pub struct Titles<'a>(Option<&'a Plan>);

impl<'a> Titles<'a> {
    pub fn of(plan: &'a Plan) -> Titles<'a> {
        Titles(Some(plan))
    }

    fn get(self, target: &Target) -> Option<&'a str> {
        self.0?.title(target.page()?)
    }

    /// Whether a target stands where the blog itself does on the web.
    fn is_own(self, target: &Target) -> bool {
        let web = self.0.and_then(|plan| plan.masthead.web.as_ref());
        web.is_some_and(|web| {
            let (host, own) = (target::host(target), web.authority.as_str());
            host.trim_start_matches("www.").eq_ignore_ascii_case(own.trim_start_matches("www."))
        })
    }
}

impl std::fmt::Debug for Titles<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.0.is_some() { "Titles(known)" } else { "Titles(unknown)" })
    }
}

/// How wide a table is at most on a page of its own. Clients that keep a margin show fewer columns than the terminal
/// has: Amfora 67 of 80, and what is wider it cuts; Gopher's menus have as many.
pub const TABLE: usize = 67;

impl Options<'_> {
    /// For a page of the capsule, from a source of so many bytes.
    pub fn inside(input_len: usize) -> Options<'static> {
        Options { input_len, base: Base::Path, table: TABLE, style: Style::default(), titles: Titles::default() }
    }
}

/// A page: title, date line, body, notes. Ends with one newline.
pub fn document(head: &Head, document: &Document, options: &Options<'_>) -> Result<String, Exceeded> {
    let mut writer = block::Writer::new(head, document, options);
    writer.head(head);
    writer.body(head);
    writer.notes();
    writer.finish()
}

/// A page, and what each of its lines is meant to be.
pub fn recorded(head: &Head, document: &Document, options: &Options<'_>) -> Result<(String, Vec<LineType>), Exceeded> {
    let mut writer = block::Writer::new(head, document, options);
    writer.lines.remember();
    writer.head(head);
    writer.body(head);
    writer.notes();
    let record = writer.lines.take_record();
    Ok((writer.finish()?, record))
}

/// Gemtext with other addresses in its link lines; a link for which there is no other stays as it is.
pub fn relinked(text: &str, other: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut preformatted = false;
    for line in text.split_inclusive('\n') {
        preformatted ^= line.starts_with("```");
        let link = line.strip_prefix("=>").filter(|_| !preformatted).map(|link| link.trim_start_matches([' ', '\t']));
        let address = link.map(|link| link.split(char::is_whitespace).next().unwrap_or(""));
        match (link, address, address.and_then(other)) {
            (Some(link), Some(address), Some(other)) => out.extend(["=> ", &other, &link[address.len()..]]),
            (_, _, _) => out.push_str(line),
        }
    }
    out
}
