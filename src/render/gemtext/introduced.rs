//! A paragraph that ends in a colon, and what it introduces: a list, code, a table, a quotation. Its links stand after that,
//! since nothing is to part the two (conversion.md, "inline link").

use super::block::Writer;
use crate::content::document::{Kind, NodeId};

/// Behind more lines than this a link would have lost its place.
const MAX_LINES: usize = 24;
/// As behind more items.
const MAX_ITEMS: usize = 12;

impl Writer<'_> {
    /// Writes a paragraph and what it introduces; false where it introduces nothing, or has no links.
    pub(super) fn introduced(&mut self, paragraph: NodeId, next: Option<NodeId>) -> bool {
        let Some(next) = next.filter(|&next| self.holding == 0 && self.is_introduction(paragraph, next)) else {
            return false;
        };
        self.holding += 1;
        self.block(paragraph);
        self.holding -= 1;
        let links = std::mem::take(&mut self.links);
        self.block(next);
        self.flush();
        // Directly under its last item they would be that item's.
        if matches!(self.document.kind(next), Kind::List { .. }) {
            self.lines.gap();
        }
        self.links = links;
        self.flush();
        true
    }

    fn is_introduction(&mut self, paragraph: NodeId, next: NodeId) -> bool {
        if !matches!(self.document.kind(paragraph), Kind::Paragraph) || !self.is_short(next) {
            return false;
        }
        let links = |node| matches!(self.document.kind(node), Kind::Link { .. } | Kind::Emphasis | Kind::Strong);
        if !self.document.children(paragraph).any(links) {
            return false;
        }
        self.inline.read(paragraph);
        let inline = &self.inline;
        let ends = inline.text.trim_end().trim_end_matches(['*', '_']).ends_with(':');
        ends && !inline.mentions.is_empty() && !inline.is_only_mentions()
    }

    /// Whether a block is something to be introduced, and its end is not far.
    fn is_short(&self, next: NodeId) -> bool {
        match self.document.kind(next) {
            Kind::List { .. } | Kind::Table => self.document.children(next).nth(MAX_ITEMS).is_none(),
            Kind::Quote { .. } => self.document.children(next).nth(MAX_ITEMS / 2).is_none(),
            Kind::Code { text, .. } | Kind::MathBlock { text } => {
                self.document.text(*text).lines().nth(MAX_LINES).is_none()
            }
            _ => false,
        }
    }
}
