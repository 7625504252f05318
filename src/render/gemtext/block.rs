//! The walk over a document's blocks: head, body and notes.
//!
//! It may recurse: no document nests deeper than `MAX_DEPTH`. Links wait in [`Links`] while the walk is inside
//! something they are shown after (an item, a quote, a note); blank lines are asked for before a block and left
//! out inside tight items.

use super::lines::Lines;
use super::links::{Around, Links, Named};
use super::list::Level;
use super::{Base, Options, Titles};
use crate::content::document::{Exceeded, Kind, NodeId, Slice};
use crate::content::{Document, Head, Language};
use crate::render::head;
use crate::render::inline::Inline;
use crate::render::style::{self, Style};
use crate::render::table::Alike;
use crate::render::target;
use crate::render::words::{self, Word};
use crate::text::clean;

/// The longest text that may become a link's label, in characters; longer ones stay prose with a link after it.
pub(super) const MAX_LABEL: usize = 160;

pub(super) struct Writer<'a> {
    pub(super) document: &'a Document,
    pub(super) language: &'a Language,
    base: Base<'a>,
    titles: Titles<'a>,
    pub(super) table_width: usize,
    pub(super) lines: Lines,
    pub(super) inline: Inline<'a>,
    pub(super) links: Links,
    pub(super) named: Named,
    /// The lists around this place, up to the quote around them.
    pub(super) levels: Vec<Level>,
    /// What the next line of text begins with.
    pub(super) marker: Marker,
    /// How blocks of the same item follow each other.
    pub(super) spacing: Spacing,
    /// In how many blocks that links are shown after.
    pub(super) holding: usize,
    pub(super) style: Style,
    /// Whether the list that is being written is one of links.
    pub(super) linked_list: bool,
    /// How many notes are written.
    pub(super) written_notes: usize,
    /// Known from the first table on.
    pub(super) alike: Option<Alike>,
    /// What comes belongs to the line above: no blank line stands between them.
    pub(super) adjoins: bool,
    /// The level of the shallowest heading, which becomes `##`.
    shallowest: u8,
}

/// The beginning of an item or note that waits for its first line.
#[derive(Default)]
pub(super) struct Marker {
    pub(super) text: String,
    /// A number or a box is content: it is written even if no text follows it. A bullet is not.
    pub(super) counts: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    /// A blank line between blocks.
    Open,
    Tight,
}

impl<'a> Writer<'a> {
    pub(super) fn new(head: &'a Head, document: &'a Document, options: &Options<'a>) -> Writer<'a> {
        Writer {
            document,
            language: &head.language,
            base: options.base,
            titles: options.titles,
            table_width: options.table,
            lines: Lines::new(options.input_len),
            inline: Inline::new(document, &head.language, options.style.emphasis),
            links: Links::default(),
            named: Named::default(),
            levels: Vec::new(),
            marker: Marker::default(),
            spacing: Spacing::Open,
            holding: outermost(options.style),
            style: options.style,
            linked_list: false,
            written_notes: 0,
            alike: None,
            adjoins: false,
            shallowest: 1,
        }
    }

    pub(super) fn finish(self) -> Result<String, Exceeded> {
        self.lines.finish()
    }

    /// Title, subtitle, and one line of date, author and tags: only what there is.
    pub(super) fn head(&mut self, head: &Head) {
        self.lines.heading(1, &clean::one_line(&head.title));
        if let Some(subtitle) = &head.subtitle {
            self.lines.text("", &clean::one_line(subtitle));
        }
        self.lines.gap();
        self.lines.text("", &head::facts(head));
        self.lines.gap();
        self.lines.begin_body();
    }

    /// The body; a first heading that repeats the title is left out.
    pub(super) fn body(&mut self, head: &Head) {
        let (document, root) = (self.document, self.document.root());
        let repeats = head::repeats_title(&mut self.inline, document, head);
        self.shallowest = head::shallowest_heading(document, root, repeats);
        let mut blocks = document.children(root).peekable();
        while let Some(block) = blocks.next() {
            if repeats == Some(block) {
                self.inline.read(block);
                self.take_links();
                self.flush_if_free();
            } else if self.introduced(block, blocks.peek().copied()) {
                blocks.next();
            } else {
                self.block(block);
            }
        }
        self.lines.drop_rule();
        self.show_waiting_links();
    }

    /// Before a heading of the body, where the author wants links or notes there.
    fn end_section(&mut self) {
        if self.holding > outermost(self.style) || self.lines.in_quote() {
            return;
        }
        if self.style.links == style::Links::Section {
            self.show_waiting_links();
        }
        if self.style.notes == style::Notes::Section && self.written_notes < self.inline.notes {
            self.lines.gap();
            self.some_notes(self.written_notes..self.inline.notes);
        }
    }

    /// Links that no block has shown.
    fn show_waiting_links(&mut self) {
        if self.links.is_empty() {
            return;
        }
        self.lines.gap();
        if self.style.links == style::Links::End {
            self.lines.heading(2, words::word(self.language, Word::Links));
            self.lines.gap();
        }
        self.flush();
    }

    /// Shows what waits before lines of nothing but links, or puts it by where links stand elsewhere.
    pub(super) fn put_by(&mut self) -> Links {
        if self.style.links == style::Links::Block {
            self.flush();
        }
        std::mem::take(&mut self.links)
    }

    /// Runs `inside` and then shows the links it met, unless a block further out does.
    pub(super) fn hold(&mut self, inside: impl FnOnce(&mut Self)) {
        self.holding += 1;
        inside(self);
        self.settle_marker();
        self.holding -= 1;
        self.flush_if_free();
    }

    pub(super) fn flush_if_free(&mut self) {
        if self.holding == 0 {
            self.flush();
        }
    }

    pub(super) fn flush(&mut self) {
        self.flush_under("");
    }

    pub(super) fn flush_under(&mut self, prefix: &str) {
        let around = Around { document: self.document, language: self.language, base: self.base, titles: self.titles };
        self.links.flush(&mut self.lines, around, prefix, &mut self.named);
    }

    pub(super) fn take_links(&mut self) {
        self.links.take(&self.inline);
    }

    pub(super) fn url(&self, node: NodeId) -> Option<std::borrow::Cow<'a, str>> {
        if let Kind::Link { target, .. } | Kind::Image { target, .. } = self.document.kind(node) {
            Some(target::url(target, self.base))
        } else {
            None
        }
    }

    /// Before a block: a blank line, but not inside a tight item.
    pub(super) fn gap(&mut self) {
        if !std::mem::take(&mut self.adjoins) && self.spacing == Spacing::Open {
            self.lines.gap();
        }
    }

    /// Before a block that cannot carry a marker: one that counts gets a line of its own.
    pub(super) fn settle_marker(&mut self) {
        let marker = std::mem::take(&mut self.marker);
        if marker.counts && !marker.text.is_empty() {
            self.lines.text(&marker.text, "");
        }
    }

    pub(super) fn block(&mut self, node: NodeId) {
        let document = self.document;
        match document.kind(node) {
            Kind::Paragraph | Kind::Plain | Kind::Caption => self.paragraph(node),
            Kind::Heading { level } => self.heading(node, *level),
            Kind::List { start } => self.list(node, *start),
            Kind::Definitions => self.definitions(node),
            Kind::Quote { alert } => self.quote(node, *alert, None),
            Kind::Figure => self.figure(node),
            Kind::Table => self.table(node),
            Kind::Code { language, text } => self.code(*language, *text),
            Kind::MathBlock { text } => self.preformatted("TeX", document.text(*text)),
            Kind::Rule => {
                self.settle_marker();
                self.lines.rule();
            }
            // Their parents write these; out of place, their content is still shown.
            Kind::Document | Kind::Note | Kind::Item { .. } | Kind::Definition => {
                document.children(node).for_each(|child| self.block(child));
            }
            Kind::Term | Kind::TableHead | Kind::TableRow | Kind::Cell { .. } => self.paragraph(node),
            Kind::Emphasis
            | Kind::Strong
            | Kind::Strikethrough
            | Kind::Superscript
            | Kind::Subscript
            | Kind::Quotation
            | Kind::Link { .. }
            | Kind::Image { .. }
            | Kind::Embed { .. }
            | Kind::Text(_)
            | Kind::CodeSpan(_)
            | Kind::Math(_)
            | Kind::SoftBreak
            | Kind::HardBreak
            | Kind::NoteReference(_) => {
                self.inline.clear();
                self.inline.add(node);
                self.prose();
            }
        }
    }

    fn paragraph(&mut self, node: NodeId) {
        if let Some((image, caption)) = head::captioned(self.document, node)
            && self.captioned_image(image, caption)
        {
            return;
        }
        self.inline.read(node);
        self.prose();
    }

    /// What `inline` holds: text with its links after it, or link lines where there is nothing else to read.
    fn prose(&mut self) {
        if clean::is_quotation_mark(&self.inline.text) && self.marker.text.is_empty() {
            return;
        }
        if self.marker.text.is_empty() && !self.lines.in_quote() && self.inline.is_only_mentions() {
            return self.link_lines();
        }
        if self.is_note_of_an_address() {
            let marker = std::mem::take(&mut self.marker);
            self.take_links();
            return self.flush_under(&marker.text);
        }
        self.gap();
        self.text_lines();
        self.take_links();
        self.flush_if_free();
    }

    /// A note that is an address and nothing else need not say it twice.
    fn is_note_of_an_address(&self) -> bool {
        let Some(mention) = self.inline.mentions.first().filter(|_| self.inline.mentions.len() == 1) else {
            return false;
        };
        let is_address = |node| match self.document.kind(node) {
            Kind::Link { target, .. } => target::is_url(self.inline.text[mention.start..mention.end].trim(), target),
            _ => false,
        };
        self.marker.counts
            && self.marker.text.starts_with('[')
            && self.links.is_empty()
            && self.inline.is_only_mentions()
            && is_address(mention.node)
    }

    /// Paragraphs of nothing but links stand close together.
    fn link_lines(&mut self) {
        if !self.lines.follows_links() {
            self.gap();
        }
        let others = self.put_by();
        self.take_links();
        self.flush();
        self.links = others;
        self.lines.mark_links();
    }

    /// The lines of `inline`, the first behind the marker that waits.
    pub(super) fn text_lines(&mut self) {
        for line in self.inline.text.split('\n') {
            if clean::is_blank(line) {
                if self.spacing == Spacing::Open && self.marker.text.is_empty() {
                    self.lines.gap();
                }
            } else {
                // The author's own "Warning:" needs no other.
                let said = self.marker.text.starts_with(char::is_alphabetic) && begins_with(line, &self.marker.text);
                self.lines.text(if said { "" } else { &self.marker.text }, line);
                self.marker.text.clear();
            }
        }
    }

    fn heading(&mut self, node: NodeId, level: u8) {
        // A line of the quote, and it may be its first; or an item, whose sign would be lost.
        if self.lines.in_quote() || !self.marker.text.is_empty() {
            return self.paragraph(node);
        }
        self.settle_marker();
        self.end_section();
        self.inline.read(node);
        self.gap();
        let shifted = 2 + usize::from(level.saturating_sub(self.shallowest));
        // As many bytes as before: the mentions still stand where they stood.
        self.inline.text = self.inline.text.replace('\n', " ");
        self.lines.heading(shifted.min(3), &self.inline.text);
        self.take_links();
        self.flush_if_free();
        self.gap();
    }

    fn code(&mut self, language: Slice, text: Slice) {
        let language = clean::one_line(self.document.text(language)).replace('`', "");
        self.preformatted(language.trim(), self.document.text(text));
    }

    pub(super) fn preformatted(&mut self, alt: &str, text: &str) {
        self.settle_marker();
        self.gap();
        self.lines.preformatted(alt, text);
    }
}

fn begins_with(line: &str, marker: &str) -> bool {
    let start = line.get(..marker.trim_end().len());
    start.is_some_and(|start| start.to_lowercase() == marker.trim_end().to_lowercase())
}

/// In how many blocks the body stands that links are shown after, beside the blocks themselves.
fn outermost(style: Style) -> usize {
    match style.links {
        style::Links::Block => 0,
        style::Links::Section | style::Links::End => 1,
    }
}
