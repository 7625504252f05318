//! Lists, tasks and definitions, indented as on paper (conversion.md, "nested list", "ordered list").

use super::block::{Spacing, Writer};
use crate::content::document::{Kind, NodeId};

/// One list around an item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Bullet,
    /// The item's number.
    Number(u64),
}

/// By how many lists of bullets are around.
const BULLETS: [&str; 3] = ["*", "-", "+"];
const DEFINITION_INDENT: &str = "    ";

impl Writer<'_> {
    pub(super) fn list(&mut self, node: NodeId, start: Option<u64>) {
        // The number of the item around this list stands in front of the list's own numbers anyway.
        if start.is_some() && matches!(self.levels.last(), Some(Level::Number(_))) {
            self.lines.drop_marker();
        }
        self.gap();
        let items = self.document.children(node).count() as u64;
        let widest = start.map_or(0, |start| self.path(start.saturating_add(items.saturating_sub(1))).len());
        let spaced = self.document.children(node).any(|item| self.is_spaced(item));
        let mut number = start;
        for item in self.document.children(node) {
            let task = if let Kind::Item { task } = self.document.kind(item) { *task } else { None };
            let mut marker = match number {
                Some(number) => format!("{:>widest$} ", self.path(number)),
                None => format!("{} ", self.bullet()),
            };
            let hang = marker.len();
            match task {
                Some(true) => marker.push_str("[x] "),
                Some(false) => marker.push_str("[ ] "),
                None => {}
            }
            if spaced {
                self.lines.gap(1);
            }
            self.levels.push(number.map_or(Level::Bullet, Level::Number));
            self.item(item, &marker, hang, number.is_some() || task.is_some());
            self.levels.pop();
            number = number.map(|number| number.saturating_add(1));
        }
        self.gap();
    }

    pub(super) fn definitions(&mut self, node: NodeId) {
        let mut follows_term = false;
        for child in self.document.children(node) {
            let is_term = matches!(self.document.kind(child), Kind::Term);
            if is_term {
                if !follows_term {
                    self.gap();
                }
                self.inline.read_terms(child);
                self.lines.text(&self.inline.text);
            } else {
                if !follows_term && self.is_spaced(child) {
                    self.lines.gap(1);
                }
                self.item(child, DEFINITION_INDENT, DEFINITION_INDENT.len(), false);
            }
            follows_term = is_term;
        }
        self.gap();
    }

    fn item(&mut self, node: NodeId, marker: &str, hang: usize, counts: bool) {
        let spaced = self.is_spaced(node);
        if spaced && !matches!(self.document.kind(node), Kind::Definition) {
            self.lines.gap(1);
        }
        let outer = std::mem::replace(&mut self.spacing, if spaced { Spacing::Open } else { Spacing::Tight });
        self.lines.enter(marker, hang, counts);
        if matches!(self.document.kind(node), Kind::Item { .. } | Kind::Definition) {
            let mut blocks = self.document.children(node);
            if let Some(first) = blocks.next() {
                // Nothing stands between a marker and its text.
                let spacing = std::mem::replace(&mut self.spacing, Spacing::Tight);
                self.block(first);
                self.spacing = spacing;
            }
            blocks.for_each(|block| self.block(block));
        } else {
            self.block(node);
        }
        self.lines.leave();
        self.spacing = outer;
        if spaced {
            self.lines.gap(1);
        }
    }

    /// An item with a paragraph and more than nested lists under it stands apart.
    fn is_spaced(&self, node: NodeId) -> bool {
        let mut blocks = self.document.children(node);
        let loose = blocks.next().is_some_and(|first| matches!(self.document.kind(first), Kind::Paragraph));
        loose && blocks.any(|block| !matches!(self.document.kind(block), Kind::List { .. }))
    }

    fn bullet(&self) -> &'static str {
        let around = self.levels.iter().filter(|level| **level == Level::Bullet).count();
        BULLETS[around % BULLETS.len()]
    }

    /// `4.1.`: the number behind those of the ordered lists directly around it.
    fn path(&self, number: u64) -> String {
        let around = self.levels.iter().rev().map_while(|level| match level {
            Level::Number(number) => Some(*number),
            Level::Bullet => None,
        });
        let mut numbers: Vec<u64> = around.collect();
        numbers.reverse();
        numbers.push(number);
        numbers.iter().map(|number| format!("{number}.")).collect()
    }
}
