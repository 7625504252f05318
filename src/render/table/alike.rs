//! Tables with the same head on one page: where one of them is told as records, so are the others.

use std::collections::{HashMap, HashSet};

use super::{Grid, widths};
use crate::content::Document;
use crate::content::document::{Kind, NodeId};

/// The heads of those that are told as records because one of their like does not fit.
#[derive(Default)]
pub(in crate::render) struct Alike(HashSet<Vec<String>>);

impl Alike {
    /// Looks at all tables of a document; `text` says what is in a cell.
    pub(in crate::render) fn of(
        document: &Document,
        max_width: usize,
        text: &mut dyn FnMut(NodeId, &mut String),
    ) -> Alike {
        let tables: Vec<NodeId> = document.nodes().filter(|&node| matches!(document.kind(node), Kind::Table)).collect();
        let mut groups: HashMap<Vec<String>, Vec<NodeId>> = HashMap::new();
        // One has nothing to be like.
        for table in tables.iter().copied().filter(|_| tables.len() > 1) {
            let heads = Grid::read_head(document, table, text).heads();
            if !heads.is_empty() {
                groups.entry(heads).or_default().push(table);
            }
        }
        groups.retain(|_, group| {
            group.len() > 1
                && group.iter().any(|&table| widths(&Grid::read(document, table, text), max_width).is_none())
        });
        Alike(groups.into_keys().collect())
    }

    /// Whether a table is told as records, wherever it fits.
    pub(in crate::render) fn tells(&self, grid: &Grid) -> bool {
        !self.0.is_empty() && self.0.contains(&grid.heads())
    }
}
