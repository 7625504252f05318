//! Lists, tasks and definitions (conversion.md, "nested list", "ordered list", "links in list items").
//!
//! Gemtext knows one level of list. Deeper bullets get a dash for each level, numbers are text (`4.1. x`) that
//! prose may refer to, and an item that is a link with a few words becomes a link line.

use super::block::{MAX_LABEL, Marker, Spacing, Writer};
use super::links;
use crate::content::document::{Kind, NodeId};
use crate::render::inline::Form;
use crate::render::style;
use crate::render::target;
use crate::render::words;

/// One list around an item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Bullet,
    /// The item's number.
    Number(u64),
}

/// The mark of an item of a list in prose and in a quote, which has no list lines.
const BULLET: &str = "* ";
const QUOTED_BULLET: &str = "• ";
const DEEPER: &str = "– ";

impl Writer<'_> {
    pub(super) fn list(&mut self, node: NodeId, start: Option<u64>) {
        if self.holding > 0 || !self.leads_to_one_page(node) {
            return self.items(node, start);
        }
        self.holding += 1;
        self.items(node, start);
        self.holding -= 1;
        self.links.unname();
        self.flush();
    }

    /// Whether all links of a list lead to places on one page, which is to be named once.
    fn leads_to_one_page(&self, list: NodeId) -> bool {
        let document = self.document;
        let (mut page, mut count) = (None, 0);
        for item in document.children(list) {
            let mut blocks = document.children(item);
            let (Some(text), None) = (blocks.next(), blocks.next()) else { return false };
            if !self.is_text(text) {
                return false;
            }
            for inline in document.children(text) {
                let Kind::Link { target, .. } = document.kind(inline) else { continue };
                count += 1;
                let (leads, first) = (target.page(), page.get_or_insert(target.page()));
                if leads.is_none() || leads != *first {
                    return false;
                }
            }
        }
        count > 1
    }

    fn items(&mut self, node: NodeId, start: Option<u64>) {
        // The number of the item around this list stands in front of the list's own numbers anyway.
        match (start, self.levels.last()) {
            (Some(_), Some(Level::Number(_))) => self.marker = Marker::default(),
            (_, Some(Level::Bullet | Level::Number(_)) | None) => self.settle_marker(),
        }
        self.gap();
        let linked = !self.leads_to_one_page(node) && self.is_of_links(node);
        let spaced = self.document.children(node).any(|item| self.is_spaced(item));
        let mut number = start;
        for item in self.document.children(node) {
            let level = number.map_or(Level::Bullet, Level::Number);
            number = number.map(|number| number.saturating_add(1));
            let task = if let Kind::Item { task } = self.document.kind(item) { *task } else { None };
            if spaced || self.begins_with_a_block(item) {
                self.lines.gap();
            }
            self.linked_list = linked;
            self.item(item, level, task);
        }
        if spaced {
            self.lines.gap();
        }
    }

    /// Whether an item's sign has no text to stand before.
    fn begins_with_a_block(&self, item: NodeId) -> bool {
        let first = self.document.children(item).next().map(|first| self.document.kind(first));
        first.is_some_and(|kind| matches!(kind, Kind::Code { .. } | Kind::MathBlock { .. } | Kind::Table))
    }

    pub(super) fn definitions(&mut self, node: NodeId) {
        self.settle_marker();
        let mut follows_term = false;
        for child in self.document.children(node) {
            let is_term = matches!(self.document.kind(child), Kind::Term);
            if is_term {
                if !follows_term {
                    self.flush_if_free();
                    self.gap();
                }
                self.inline.read_terms(child);
                self.text_lines();
                self.take_links();
            } else {
                // Nothing stands between a term and what it means.
                if !follows_term && self.is_spaced(child) {
                    self.lines.gap();
                }
                self.adjoins = follows_term;
                self.linked_list = true;
                self.item(child, Level::Bullet, None);
                self.adjoins = false;
            }
            follows_term = is_term;
        }
        self.flush_if_free();
    }

    fn item(&mut self, node: NodeId, level: Level, task: Option<bool>) {
        self.levels.push(level);
        let spacing = if self.is_spaced(node) { Spacing::Open } else { Spacing::Tight };
        let outer = std::mem::replace(&mut self.spacing, spacing);
        self.marker = self.item_marker(task);
        self.hold(|writer| writer.item_blocks(node, task));
        // Under an item of several paragraphs the end of the list is far.
        if outer == Spacing::Open && self.holding > 0 && self.holding == self.levels.len() - 1 && self.shows_by_block()
        {
            self.flush();
        }
        self.spacing = outer;
        if spacing == Spacing::Open {
            self.lines.gap();
        }
        self.levels.pop();
    }

    fn item_blocks(&mut self, node: NodeId, task: Option<bool>) {
        if !matches!(self.document.kind(node), Kind::Item { .. } | Kind::Definition) {
            return self.block(node);
        }
        let mut first = true;
        let may_lead = task.is_none() && !self.lines.in_quote() && self.may_be_links(node);
        for block in self.document.children(node) {
            let may_be_link = first && may_lead;
            // The links of an item's text stand before the list under it.
            if !first && matches!(self.document.kind(block), Kind::List { .. }) && self.shows_own_links() {
                self.flush();
            }
            if !(may_be_link && self.is_text(block) && self.link_item(block)) {
                self.block(block);
            }
            first = false;
        }
    }

    /// Whether the links of this item are shown after it, and not after a block around it.
    fn shows_own_links(&self) -> bool {
        self.shows_by_block() && self.holding == 1
    }

    fn shows_by_block(&self) -> bool {
        self.style.links == style::Links::Block
    }

    /// An item with something under it keeps its bullet, and so does one whose neighbours are text.
    fn may_be_links(&self, node: NodeId) -> bool {
        let document = self.document;
        self.linked_list && document.children(node).nth(1).is_none()
    }

    /// Whether a list is one of links: three in four of its items without anything under them can be link lines. In
    /// any other a bullet, a link and a bullet would not read as one list.
    fn is_of_links(&mut self, list: NodeId) -> bool {
        let document = self.document;
        let (mut all, mut links) = (0, 0);
        for item in document.children(list) {
            let mut blocks = document.children(item);
            let (Some(text), None) = (blocks.next(), blocks.next()) else { continue };
            all += 1;
            links += usize::from(self.can_be_a_line(text));
        }
        links > 0 && links * 4 >= all * 3
    }

    fn can_be_a_line(&mut self, text: NodeId) -> bool {
        let first = self.document.children(text).next().map(|first| self.document.kind(first));
        let begins = first
            .is_some_and(|kind| matches!(kind, Kind::Link { .. } | Kind::Image { .. } | Kind::Strong | Kind::Emphasis));
        if begins {
            self.inline.read(text);
        }
        begins && (self.has_commented_link() || self.has_only_link())
    }

    /// What was read is a link and a short comment on it.
    fn has_commented_link(&self) -> bool {
        let text = &self.inline.text;
        self.inline.leading_link().is_some_and(|link| {
            !text.contains('\n')
                && text.chars().count() <= MAX_LABEL
                && !text[link.start..link.end].trim().is_empty()
                && !self.inline.is_only_mentions()
                && is_set_apart(&text[link.end..])
        })
    }

    fn has_only_link(&self) -> bool {
        let outer = || self.inline.mentions.iter().filter(|mention| mention.outer);
        let images = self.inline.mentions.iter().filter(|mention| mention.form == Form::Image).count();
        // Of pictures side by side each has its line, linked or not.
        let all_pictures = images > 0 && images == outer().count();
        (outer().count() == 1 || all_pictures) && self.inline.is_only_mentions()
    }

    fn is_text(&self, node: NodeId) -> bool {
        matches!(self.document.kind(node), Kind::Paragraph | Kind::Plain)
    }

    /// An item with a paragraph and more than nested lists under it stands apart.
    fn is_spaced(&self, node: NodeId) -> bool {
        let mut blocks = self.document.children(node);
        let loose = blocks.next().is_some_and(|first| matches!(self.document.kind(first), Kind::Paragraph));
        loose && blocks.any(|block| !matches!(self.document.kind(block), Kind::List { .. }))
    }

    /// An item's text as a link line: the link alone, or first with a short comment. False if it is none.
    fn link_item(&mut self, node: NodeId) -> bool {
        self.inline.read(node);
        let mut prefix = String::new();
        self.push_level_marker(&mut prefix, "");
        if self.has_commented_link()
            && let Some(link) = self.inline.leading_link()
        {
            self.marker = Marker::default();
            let others = self.put_by();
            self.commented_link(&prefix, link.node, link.end);
            self.links = others;
            return true;
        }
        if self.has_only_link() {
            self.marker = Marker::default();
            let others = self.put_by();
            self.take_links();
            self.flush_under(&prefix);
            self.links = others;
            return true;
        }
        false
    }

    /// `=> u A – comment`; a text that is an address loses its scheme.
    fn commented_link(&mut self, prefix: &str, node: NodeId, end: usize) {
        let Some(url) = self.url(node) else { return };
        let text = self.inline.text.trim();
        let mut label = if let Kind::Link { target, .. } = self.document.kind(node)
            && target::is_url(self.inline.text[..end].trim(), target)
        {
            format!("{prefix}{}{}", target::place(target), &self.inline.text[end..])
        } else {
            format!("{prefix}{text}")
        };
        if let Kind::Link { target, .. } = self.document.kind(node)
            && let Some(length) = target.file_length()
        {
            label.push_str(&format!(" ({})", words::size(self.language, length)));
        }
        links::write(&mut self.lines, &url, label.trim());
    }

    fn item_marker(&self, task: Option<bool>) -> Marker {
        let mut text = String::new();
        self.push_level_marker(&mut text, if self.lines.in_quote() { QUOTED_BULLET } else { BULLET });
        match task {
            Some(true) => text.push_str("[x] "),
            Some(false) => text.push_str("[ ] "),
            None => {}
        }
        let numbered = matches!(self.levels.last(), Some(Level::Number(_)));
        Marker { text, counts: numbered || task.is_some() }
    }

    /// Numbers around all bullets show in nothing but the order of lines; then a bullet and a dash for each
    /// deeper list; then the numbers of the innermost ordered lists, one path.
    fn push_level_marker(&self, out: &mut String, bullet: &str) {
        let is_number = |level: &&Level| matches!(level, Level::Number(_));
        let leading = self.levels.iter().take_while(is_number).count();
        let rest = &self.levels[leading..];
        let numbers = if rest.is_empty() {
            self.levels.as_slice()
        } else {
            let trailing = rest.iter().rev().take_while(is_number).count();
            out.push_str(bullet);
            (0..rest.len() - trailing.max(1)).for_each(|_| out.push_str(DEEPER));
            &rest[rest.len() - trailing..]
        };
        for level in numbers {
            match level {
                Level::Bullet => {}
                Level::Number(number) => out.push_str(&format!("{number}.")),
            }
        }
        if !numbers.is_empty() {
            out.push(' ');
        }
    }
}

/// Whether what follows an item's link is a comment on it, and not the rest of its sentence.
fn is_set_apart(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with(['–', '—', '-', ':', '(', ',', '·', '|'])
}
