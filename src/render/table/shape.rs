//! What kind of table an author meant, told by the tree: pairs of a name and what is said of it, columns that say nothing.
//!
//! Many tables have no head and two columns, as that is the only way to set a list of names and values in Markdown;
//! a careful hand types those as list items.

use std::collections::HashSet;

use super::{Grid, is_key};
use crate::content::Document;
use crate::content::document::{Alignment, Kind, NodeId, Target};

/// The rows of a table, and which of them are its head's. A head holds its cells itself, or rows of them.
pub(super) fn rows(document: &Document, table: NodeId) -> Vec<(NodeId, bool)> {
    let mut rows = Vec::new();
    for row in document.children(table) {
        let is_head = matches!(document.kind(row), Kind::TableHead);
        let inner = document.children(row).filter(|&child| matches!(document.kind(child), Kind::TableRow));
        let before = rows.len();
        rows.extend(inner.filter(|_| is_head).map(|row| (row, true)));
        if rows.len() == before {
            rows.push((row, is_head));
        }
    }
    rows
}

/// What is known of a column so far.
#[derive(Clone, Copy)]
enum Column<'a> {
    Blank,
    /// The text of a link to a place on the page.
    Anchors(&'a str),
    Telling,
}

/// The columns that say nothing: nothing is in them, or without a head the same way back to the top of the page in
/// every cell.
pub(super) fn idle_columns(document: &Document, table: NodeId) -> Vec<usize> {
    let mut columns: Vec<Column<'_>> = Vec::new();
    let all = rows(document, table);
    for &(row, is_head) in &all {
        for (index, cell) in document.children(row).enumerate() {
            if index == columns.len() {
                columns.push(Column::Blank);
            }
            if document.children(cell).next().is_some() {
                columns[index] = match (columns[index], anchor(document, cell)) {
                    (Column::Blank, Some(text)) if !is_head && all.len() > 2 => Column::Anchors(text),
                    (Column::Anchors(known), Some(text)) if known == text => Column::Anchors(known),
                    (Column::Blank | Column::Anchors(_) | Column::Telling, _) => Column::Telling,
                };
            }
        }
    }
    let idle = |column: &Column<'_>| !matches!(column, Column::Telling);
    match columns.iter().all(idle) {
        true => Vec::new(),
        false => columns.iter().enumerate().filter(|(_, column)| idle(column)).map(|(index, _)| index).collect(),
    }
}

/// The text of a cell that is nothing but a link to a place on the page.
fn anchor(document: &Document, cell: NodeId) -> Option<&str> {
    let link = only_child(document, cell)?;
    let Kind::Link { target: Target::Nowhere, .. } = document.kind(link) else { return None };
    let Kind::Text(text) = document.kind(only_child(document, link)?) else { return None };
    Some(document.text(*text))
}

fn only_child(document: &Document, node: NodeId) -> Option<NodeId> {
    let mut children = document.children(node);
    children.next().filter(|_| children.next().is_none())
}

/// Whether a table without a head is a list of names and what is said of each, and no grid: the names are stressed, or
/// most of what is said does not look like a name.
pub(super) fn is_pairs(document: &Document, table: NodeId, grid: &Grid) -> bool {
    let headless = (0..2).all(|column| grid.head(column).is_empty());
    if grid.columns() != 2 || !headless || !grid.covered.is_empty() || grid.alignments != [Alignment::Left; 2] {
        return false;
    }
    let mut names = HashSet::new();
    let (mut count, mut telling, mut stressed) = (0, 0, 0);
    for row in grid.body() {
        let (name, said) = (bare_key(grid.cell(row, 0)), grid.cell(row, 1));
        let is_name = is_key(name) && name.contains(char::is_alphabetic) && names.insert(name);
        if !is_name || said.is_empty() {
            return false;
        }
        count += 1;
        let is_longer = said.chars().count() > 2 * name.chars().count();
        telling += usize::from(is_longer || said.contains('\n') || said.contains(|c: char| c.is_ascii_digit()));
    }
    for (row, _) in rows(document, table).iter().filter(|(_, is_head)| !is_head) {
        let mut cells = document.children(*row);
        let (name, said) = (cells.next(), cells.next());
        let is_stress =
            |cell| only_child(document, cell).is_some_and(|child| matches!(document.kind(child), Kind::Strong));
        stressed += usize::from(name.is_some_and(is_stress));
        telling += usize::from(said.is_some_and(|cell| leads(document, cell)));
    }
    count > 1 && (stressed >= count || telling * 2 >= count)
}

/// Whether a link stands in a cell.
fn leads(document: &Document, cell: NodeId) -> bool {
    document.children(cell).any(|child| matches!(document.kind(child), Kind::Link { .. }))
}

/// A name without the colon that its author put behind it.
pub(super) fn bare_key(cell: &str) -> &str {
    cell.trim_end_matches([':', ' ', '\u{a0}', '\u{202f}'])
}
