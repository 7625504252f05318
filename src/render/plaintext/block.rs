//! The walk over a document's blocks: head, body, notes, and the list of links.
//!
//! It may recurse: no document nests deeper than `MAX_DEPTH`. What stands around a block is the business of
//! [`Lines`]; blank lines are asked for before a block and left out inside tight items.

use super::lines::Lines;
use super::list::Level;
use super::{Options, Text};
use crate::content::document::{Alert, Exceeded, Kind, NodeId};
use crate::content::{Document, Head, Language};
use crate::render::head;
use crate::render::inline::{Form, Inline};
use crate::render::letters::letter;
use crate::render::style::{self, Emphasis};
use crate::render::table::Alike;
use crate::render::words::{self, Word};
use crate::text::clean;

pub(super) struct Writer<'a> {
    pub(super) document: &'a Document,
    pub(super) language: &'a Language,
    pub(super) lines: Lines,
    pub(super) inline: Inline<'a>,
    /// The lists around this place, up to the quote around them.
    pub(super) levels: Vec<Level>,
    /// How blocks of the same item follow each other.
    pub(super) spacing: Spacing,
    /// The level of the shallowest heading, which is underlined.
    shallowest: u8,
    pub(super) options: Options<'a>,
    /// How many notes are written, and how many links listed.
    written_notes: usize,
    listed: usize,
    /// Known from the first table on.
    pub(super) alike: Option<Alike>,
}

/// Where a list of links stands.
enum Place {
    Section,
    End,
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
            lines: Lines::new(options.input_len, options.width, options.charset),
            inline: Inline::marked(document, &head.language, options.style.emphasis),
            levels: Vec::new(),
            spacing: Spacing::Open,
            shallowest: 1,
            options: *options,
            written_notes: 0,
            listed: 0,
            alike: None,
        }
    }

    /// The list of links at the end, and the text.
    pub(super) fn finish(mut self) -> Result<Text, Exceeded> {
        self.list_links(Place::End);
        let has_links = !self.inline.letters_from(0).is_empty();
        if let Some(menu) = self.options.menu.filter(|_| has_links) {
            self.lines.gap(1);
            self.lines.text(words::word(self.language, Word::AsMenu));
            self.lines.whole(menu);
        }
        let links = self.inline.into_letters().targets.into_iter().cloned().collect();
        Ok(Text { text: self.lines.finish()?, links })
    }

    /// The links that no list has named yet.
    fn list_links(&mut self, place: Place) {
        let targets = self.inline.letters_from(self.listed);
        if targets.is_empty() {
            return;
        }
        match place {
            Place::End => {
                self.lines.gap(2);
                self.lines.heading(2, words::word(self.language, Word::Links));
                self.lines.gap(1);
            }
            Place::Section => self.lines.gap(1),
        }
        for target in targets {
            let mut line = format!("[{}] ", letter(self.listed));
            line.push_str(&(self.options.address)(target));
            if let Some(length) = target.file_length() {
                line.push_str(&format!(" ({})", words::size(self.language, length)));
            }
            self.lines.whole(&line);
            self.listed += 1;
        }
    }

    /// Before a heading of the body, where the author wants notes or links there.
    fn end_section(&mut self) {
        if !self.levels.is_empty() || self.lines.in_quote() {
            return;
        }
        if self.options.style.notes == style::Notes::Section && self.written_notes < self.inline.notes {
            self.lines.gap(1);
            self.some_notes(self.written_notes..self.inline.notes);
        }
        if self.options.style.links == style::Links::Section {
            self.list_links(Place::Section);
        }
    }

    /// Title, subtitle, and one line of date, author and tags: only what there is.
    pub(super) fn head(&mut self, head: &Head) {
        self.lines.heading(1, &clean::one_line(&head.title));
        if let Some(subtitle) = &head.subtitle {
            self.lines.text(&clean::one_line(subtitle));
        }
        self.lines.gap(1);
        self.lines.text(&head::facts(head));
        self.lines.gap(1);
        self.lines.begin_body();
    }

    /// The body; a first heading that repeats the title is left out.
    pub(super) fn body(&mut self, head: &Head) {
        let (document, root) = (self.document, self.document.root());
        let mut bare = Inline::new(document, self.language, Emphasis::Drop);
        let repeats = head::repeats_title(&mut bare, document, head);
        self.shallowest = head::shallowest_heading(document, root, repeats);
        for block in document.children(root) {
            if repeats == Some(block) {
                // Its links get their letters.
                self.inline.read(block);
            } else {
                self.block(block);
            }
        }
        self.lines.drop_rule();
    }

    /// The notes, hanging behind their numbers; set apart by blank lines where one of them has several blocks.
    pub(super) fn notes(&mut self) {
        let document = self.document;
        let rest = self.written_notes..document.notes().len();
        if rest.is_empty() {
            return;
        }
        let mut bare = Inline::new(document, self.language, Emphasis::Drop);
        let announced = head::announces_notes(&mut bare, document, self.language);
        if announced || self.options.style.notes == style::Notes::Section {
            self.lines.gap(1);
        } else {
            self.lines.gap(2);
            self.lines.heading(2, words::word(self.language, Word::Notes));
            self.lines.gap(1);
        }
        self.some_notes(rest);
    }

    fn some_notes(&mut self, range: std::ops::Range<usize>) {
        let document = self.document;
        self.written_notes = range.end;
        let notes = || document.notes().iter().enumerate().skip(range.start).take(range.len());
        let roomy = notes().any(|(_, note)| document.children(note.node).nth(1).is_some());
        for (index, note) in notes() {
            if roomy {
                self.lines.gap(1);
            }
            let marker = format!("[{}] ", index + 1);
            self.lines.enter(&marker, marker.len(), true);
            document.children(note.node).for_each(|block| self.block(block));
            // A rule that ends a note parts nothing.
            self.lines.drop_rule();
            self.lines.leave();
        }
    }

    /// Before a block: a blank line, but not inside a tight item.
    pub(super) fn gap(&mut self) {
        if self.spacing == Spacing::Open {
            self.lines.gap(1);
        }
    }

    pub(super) fn block(&mut self, node: NodeId) {
        let document = self.document;
        match document.kind(node) {
            Kind::Paragraph if let Some((image, caption)) = head::captioned(document, node) => {
                if !self.captioned_image(image, caption) {
                    self.together(&[image, caption]);
                }
            }
            Kind::Paragraph
            | Kind::Plain
            | Kind::Caption
            | Kind::Term
            | Kind::TableHead
            | Kind::TableRow
            | Kind::Cell { .. } => {
                self.inline.read(node);
                self.prose();
            }
            Kind::Heading { level } => self.heading(node, *level),
            Kind::List { start } => self.list(node, *start),
            Kind::Definitions => self.definitions(node),
            Kind::Quote { alert } => self.quote(node, *alert, None),
            Kind::Figure => self.figure(node),
            Kind::Table => self.table(node),
            Kind::Code { language, text } => self.code(document.text(*language), document.text(*text)),
            Kind::MathBlock { text } => self.code("", document.text(*text)),
            Kind::Rule => {
                self.lines.settle_marker();
                self.lines.rule();
            }
            // Their parents write these; out of place, their content is still shown.
            Kind::Document | Kind::Note | Kind::Item { .. } | Kind::Definition => {
                document.children(node).for_each(|child| self.block(child));
            }
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

    /// What `inline` holds. A blank line in it stays one.
    fn prose(&mut self) {
        if clean::is_quotation_mark(&self.inline.text) && self.levels.is_empty() {
            return;
        }
        self.gap();
        for line in self.inline.text.split('\n') {
            if clean::is_blank(line) {
                self.lines.gap(1);
            } else {
                self.lines.text(line);
            }
        }
        self.gap();
    }

    /// Code, under the name of its file.
    fn code(&mut self, language: &str, text: &str) {
        self.gap();
        if let Some((_, name)) = language.split_once(' ') {
            self.lines.text(&clean::one_line(name));
        }
        self.lines.code(text);
    }

    fn heading(&mut self, node: NodeId, level: u8) {
        self.end_section();
        self.inline.read(node);
        let level = 2 + usize::from(level.saturating_sub(self.shallowest));
        if self.spacing == Spacing::Open {
            let close = self.lines.in_quote() || self.lines.follows_heading();
            self.lines.gap(if close { 1 } else { 2 });
        }
        self.lines.heading(level, &self.inline.text);
        self.gap();
    }

    /// A quotation; what is said of it under it belongs to it.
    fn quote(&mut self, node: NodeId, alert: Option<Alert>, source: Option<NodeId>) {
        self.gap();
        let levels = std::mem::take(&mut self.levels);
        let spacing = std::mem::replace(&mut self.spacing, Spacing::Open);
        self.lines.enter_quote();
        if let Some(alert) = alert {
            let word = words::word(self.language, words::alert(alert));
            let mut bare = Inline::new(self.document, self.language, Emphasis::Drop);
            let named = head::names_alert(&mut bare, self.document, node, word);
            let label = if named { String::new() } else { format!("{word}{} ", words::colon(self.language)) };
            self.lines.enter(&label, 0, !named);
            let first = self.document.children(node).next();
            let is_line = |kind: &Kind| matches!(kind, Kind::Paragraph | Kind::Plain | Kind::Heading { .. });
            if first.is_some_and(|first| !is_line(self.document.kind(first))) {
                self.lines.settle_marker();
            }
        }
        self.document.children(node).chain(source).for_each(|block| self.block(block));
        if alert.is_some() {
            self.lines.leave();
        }
        self.lines.leave_quote();
        (self.levels, self.spacing) = (levels, spacing);
        self.gap();
    }

    /// One image is called by its caption, a quotation has it under it; with anything else it is text.
    fn figure(&mut self, node: NodeId) {
        let document = self.document;
        let caption = document.children(node).find(|&child| matches!(document.kind(child), Kind::Caption));
        let blocks = || document.children(node).filter(|&child| Some(child) != caption);
        let only = blocks().next().filter(|_| blocks().nth(1).is_none());
        match (only, caption) {
            (Some(only), Some(caption)) if self.captioned_image(only, caption) => {}
            (Some(only), Some(caption)) if let Kind::Quote { alert } = document.kind(only) => {
                self.quote(only, *alert, Some(caption));
            }
            (Some(_) | None, Some(_)) => self.together(&blocks().chain(caption).collect::<Vec<_>>()),
            (Some(_) | None, None) => blocks().for_each(|block| self.block(block)),
        }
    }

    /// Blocks without a blank line between them.
    fn together(&mut self, nodes: &[NodeId]) {
        self.gap();
        let spacing = std::mem::replace(&mut self.spacing, Spacing::Tight);
        nodes.iter().for_each(|&node| self.block(node));
        self.spacing = spacing;
        self.gap();
    }

    fn captioned_image(&mut self, node: NodeId, caption: NodeId) -> bool {
        let mut bare = Inline::new(self.document, self.language, Emphasis::Drop);
        bare.read(caption);
        let text = clean::one_line(&bare.text);
        let plain = bare.mentions.is_empty() && !text.is_empty();
        bare.clear();
        bare.add(node);
        let images = bare.mentions.iter().filter(|mention| mention.form == Form::Image).count();
        if !plain || images != 1 || !bare.is_only_mentions() {
            return false;
        }
        self.inline.caption = Some(text);
        self.inline.clear();
        self.inline.add(node);
        self.inline.caption = None;
        self.prose();
        true
    }
}
