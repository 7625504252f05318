//! Footnotes: from labels in the order of the source to numbers in the order of reading.
//!
//! A definition may stand anywhere, before or after its references, and refer to other notes. Numbers are given
//! when all is read: first the references of the body, then those of the notes, in the order of their numbers.

use std::collections::HashMap;

use crate::content::document::{Builder, Kind, NodeId, Note, Span};

/// All notes and references met so far.
#[derive(Debug, Default)]
pub(super) struct Notes {
    definitions: Vec<Definition>,
    by_label: HashMap<String, usize>,
    /// The references of the body.
    body: Vec<Reference>,
    /// The definitions being read, innermost last.
    open: Vec<usize>,
}

#[derive(Debug)]
struct Definition {
    label: String,
    node: NodeId,
    span: Span,
    references: Vec<Reference>,
    duplicate: bool,
}

#[derive(Debug)]
struct Reference {
    node: NodeId,
    label: String,
}

/// A definition that is not shown, and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unshown {
    /// Nothing refers to it.
    Unused(String, Span),
    /// An earlier one has its label.
    Duplicate(String, Span),
}

impl Notes {
    pub(super) fn open(&mut self, label: &str, node: NodeId, span: Span) {
        let index = self.definitions.len();
        let duplicate = *self.by_label.entry(key(label)).or_insert(index) != index;
        let label = label.to_owned();
        self.definitions.push(Definition { label, node, span, references: Vec::new(), duplicate });
        self.open.push(index);
    }

    pub(super) fn close(&mut self) {
        self.open.pop();
    }

    pub(super) fn refer(&mut self, label: &str, node: NodeId) {
        let reference = Reference { node, label: label.to_owned() };
        match self.open.last() {
            Some(&index) => self.definitions[index].references.push(reference),
            None => self.body.push(reference),
        }
    }

    /// Numbers the notes that are reached from the body, and names those that are not shown.
    pub(super) fn number(self, builder: &mut Builder) -> (Vec<Note>, Vec<Unshown>) {
        let mut numbers: Vec<Option<u32>> = vec![None; self.definitions.len()];
        let mut order: Vec<usize> = Vec::new();
        let mut next = 0;
        let mut references = &self.body;
        loop {
            for reference in references {
                let Some(&index) = self.by_label.get(&key(&reference.label)) else {
                    // What looked like a definition was none.
                    let written = reference.label.starts_with(|c: char| !c.is_control());
                    let text = if written { format!("[^{}]", reference.label) } else { String::new() };
                    let text = Kind::Text(builder.store(&text));
                    builder.set_kind(reference.node, text);
                    continue;
                };
                let number = *numbers[index].get_or_insert_with(|| {
                    order.push(index);
                    order.len() as u32 - 1
                });
                builder.set_kind(reference.node, Kind::NoteReference(number));
            }
            let Some(&index) = order.get(next) else { break };
            references = &self.definitions[index].references;
            next += 1;
        }
        let notes = order.iter().map(|&index| Note { node: self.definitions[index].node }).collect();
        let unshown = self.definitions.into_iter().zip(numbers).filter_map(|(definition, number)| match number {
            _ if definition.duplicate => Some(Unshown::Duplicate(definition.label, definition.span)),
            None => Some(Unshown::Unused(definition.label, definition.span)),
            Some(_) => None,
        });
        (notes, unshown.collect())
    }
}

/// Labels match whatever their case and spacing.
fn key(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
