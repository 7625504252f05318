//! Tables: set as pandoc's simple tables where they fit a narrow screen, else as records.
//!
//! conversion.md, "table": bounded in width, measured as displayed; more than six columns, columns that would be
//! too narrow or prose that would be cut to ribbons become records, a list item for each row. Every word stays.

use std::collections::HashSet;

mod alike;
mod set;
mod shape;

pub(super) use alike::Alike;
pub(super) use set::{set, widths};

use super::words::{self, Word};
use crate::content::document::{Alignment, Kind, NodeId};
use crate::content::{Document, Language};

/// A name before a colon is no longer, in characters.
const MAX_KEY: usize = 40;

/// The cells of a table, row after row; their text stands in one buffer.
#[derive(Default)]
pub(super) struct Grid {
    text: String,
    /// For each row its cells, as places in the text.
    rows: Vec<Vec<(usize, usize)>>,
    alignments: Vec<Alignment>,
    /// The cells that one above them is over.
    covered: HashSet<(usize, usize)>,
    has_head: bool,
    /// Each row is a name and what is said of it.
    is_pairs: bool,
}

impl Grid {
    /// The cells of a table; `text` says what is in each.
    pub(super) fn read(document: &Document, table: NodeId, text: &mut dyn FnMut(NodeId, &mut String)) -> Grid {
        let (mut grid, idle) = (Grid::default(), shape::idle_columns(document, table));
        for (row, is_head) in shape::rows(document, table) {
            grid.has_head |= is_head && grid.rows.is_empty();
            grid.read_row(document, row, &idle, text);
        }
        grid.is_pairs = shape::is_pairs(document, table, &grid);
        grid
    }

    /// The head of a table and nothing of its body.
    fn read_head(document: &Document, table: NodeId, text: &mut dyn FnMut(NodeId, &mut String)) -> Grid {
        let mut grid = Grid::default();
        if let Some((row, true)) = shape::rows(document, table).into_iter().next() {
            grid.has_head = true;
            grid.read_row(document, row, &[], text);
        }
        grid
    }

    fn read_row(
        &mut self,
        document: &Document,
        row: NodeId,
        idle: &[usize],
        text: &mut dyn FnMut(NodeId, &mut String),
    ) {
        let mut cells = Vec::new();
        for (_, cell) in document.children(row).enumerate().filter(|(column, _)| idle.binary_search(column).is_err()) {
            if let Kind::Cell { alignment, covered } = document.kind(cell) {
                if cells.len() == self.alignments.len() {
                    self.alignments.push(*alignment);
                }
                if *covered {
                    self.covered.insert((self.rows.len(), cells.len()));
                }
            }
            let start = self.text.len();
            text(cell, &mut self.text);
            cells.push((start, self.text.len()));
        }
        self.rows.push(cells);
    }

    /// Whether its rows were made of what only the generator has: the head alone says nothing.
    pub(super) fn is_starved(&self) -> bool {
        self.rows.iter().any(Vec::is_empty) && self.body().next().is_none()
    }

    /// Whether no cell holds a word.
    pub(super) fn is_blank(&self) -> bool {
        self.rows.iter().flatten().all(|&(start, end)| self.text[start..end].trim().is_empty())
    }

    /// A row as a record: its first cell, and each further one with its column's name. In two columns both
    /// stand on one line.
    pub(super) fn record(&self, row: usize, colon: &str) -> Option<(String, Vec<String>)> {
        let columns = self.columns();
        let mut cells = (0..columns).filter(|&column| !self.cell_over(row, column).is_empty());
        let first = cells.next()?;
        let mut lines = Vec::new();
        if self.is_pairs {
            push_named(&mut lines, &flat(shape::bare_key(self.cell(row, 0))), colon, self.cell(row, 1));
        } else if columns == 2 && first == 0 && !self.cell(row, 1).is_empty() && is_key(self.cell(row, 0)) {
            push_named(&mut lines, &flat(self.cell(row, 0)), colon, self.cell(row, 1));
        } else {
            // Prose needs its head, a name does not.
            let named = first == 0 && (columns > 2 || is_key(self.cell(row, 0)));
            let head = if named { "" } else { self.head(first) };
            push_named(&mut lines, head, colon, self.cell_over(row, first));
            cells.for_each(|column| push_named(&mut lines, self.head(column), colon, self.cell_over(row, column)));
        }
        Some((lines.remove(0), lines))
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> &str {
        let place = self.rows.get(row).and_then(|row| row.get(column));
        place.map_or("", |&(start, end)| self.text[start..end].trim())
    }

    /// The cells of a table without rows, which was made to have them beside each other.
    pub(super) fn as_line(&self) -> String {
        let cells = (0..self.rows.len()).flat_map(|row| (0..self.columns()).map(move |column| self.cell(row, column)));
        cells.filter(|cell| !cell.is_empty()).map(flat).collect::<Vec<_>>().join(" · ")
    }

    /// A cell, or the one above that is over it.
    fn cell_over(&self, mut row: usize, column: usize) -> &str {
        while row > 0 && self.covered.contains(&(row, column)) {
            row -= 1;
        }
        self.cell(row, column)
    }

    /// A cell as it stands in the table: under one that is over it nothing, unless that one's row is left out.
    fn cell_set(&self, row: usize, column: usize) -> &str {
        let mut over = row;
        while over > 0 && self.covered.contains(&(over, column)) {
            over -= 1;
        }
        let is_shown = over == row || (self.has_head && over == 0);
        match self.body().find(|&shown| shown >= over) {
            Some(first) if !is_shown && first == row => self.cell(over, column),
            Some(_) | None => self.cell(row, column),
        }
    }

    /// The row and column of each cell, as they are read.
    pub(super) fn cells(&self) -> impl Iterator<Item = (usize, usize)> {
        self.rows.iter().enumerate().flat_map(|(row, cells)| (0..cells.len()).map(move |column| (row, column)))
    }

    pub(super) fn columns(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    pub(super) fn head(&self, column: usize) -> &str {
        if self.has_head { self.cell(0, column) } else { "" }
    }

    /// `Table: A, B (2 rows)`: what it is, for those who do not see its form. Pairs say it themselves.
    pub(super) fn title(&self, language: &Language) -> String {
        let heads = self.heads();
        let rows = words::rows(language, self.body().count());
        match heads.is_empty() {
            _ if self.is_pairs => String::new(),
            true => format!("{} ({rows})", words::word(language, Word::Table)),
            false => words::labelled(language, Word::Table, &format!("{} ({rows})", heads.join(", "))),
        }
    }

    /// What the head says, without the marks of code.
    fn heads(&self) -> Vec<String> {
        let heads = (0..self.columns()).map(|column| self.head(column).replace('\n', " ").replace('`', ""));
        heads.map(|head| head.trim().to_owned()).filter(|head| !head.is_empty()).collect()
    }

    /// The rows under the head that say something, beside what the rows below them say again.
    pub(super) fn body(&self) -> impl Iterator<Item = usize> {
        let says = |row: usize, column: usize| !self.cell(row, column).is_empty();
        let again = |row: usize, column: usize| self.covered.contains(&(row + 1, column)) && self.has_own(row + 1);
        (usize::from(self.has_head)..self.rows.len())
            .filter(move |&row| (0..self.rows[row].len()).any(|column| says(row, column) && !again(row, column)))
    }

    /// Whether a row says something itself.
    fn has_own(&self, row: usize) -> bool {
        (0..self.rows.get(row).map_or(0, Vec::len)).any(|column| !self.cell(row, column).is_empty())
    }

    fn column(&self, column: usize) -> impl Iterator<Item = &str> {
        (0..self.rows.len()).map(move |row| self.cell(row, column))
    }
}

/// `Price : 3 €`, or the value alone where there is no head. A value of several lines keeps them; a list in it stands
/// under the head.
fn push_named(lines: &mut Vec<String>, head: &str, colon: &str, value: &str) {
    let mut parts = value.split('\n').map(str::trim).filter(|part| !part.is_empty());
    let is_list = value.starts_with("• ") && value.contains('\n');
    match head.is_empty() {
        true => {}
        false if is_list => lines.push(format!("{}{colon}", flat(head))),
        false => {
            let colon = if head.ends_with(['.', ':', '!', '?']) { "" } else { colon };
            lines.push(format!("{}{colon} {}", flat(head), parts.next().unwrap_or("")));
        }
    }
    lines.extend(parts.map(str::to_owned));
}

/// Whether a cell can be a name before a colon.
fn is_key(cell: &str) -> bool {
    cell.chars().count() <= MAX_KEY && !cell.contains('\n') && !cell.ends_with(['.', ':', '!', '?'])
}

fn flat(cell: &str) -> String {
    cell.replace('\n', " ")
}
