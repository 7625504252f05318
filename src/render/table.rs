//! Tables: set as pandoc's simple tables where they fit a narrow screen, else as records.
//!
//! conversion.md, "table": bounded in width, measured as displayed; more than six columns, columns that would be
//! too narrow or prose that would be cut to ribbons become records, a list item for each row. Every word stays.

use std::collections::HashSet;

use super::words::{self, Word};
use crate::content::document::{Alignment, Kind, NodeId};
use crate::content::{Document, Language};
use crate::text::{width, wrap};

/// More columns than this are unreadable on a narrow screen.
const MAX_COLUMNS: usize = 6;
/// A column that wraps is no narrower than this.
const MIN_COLUMN: usize = 8;
/// A cell that takes more lines than this is prose.
const MAX_CELL_LINES: usize = 4;
/// A name before a colon is no longer, in characters.
const MAX_KEY: usize = 40;
const GUTTER: &str = "  ";

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
}

impl Grid {
    /// The cells of a table; `text` says what is in each.
    pub(super) fn read(document: &Document, table: NodeId, text: &mut dyn FnMut(NodeId, &mut String)) -> Grid {
        let mut grid = Grid::default();
        for row in document.children(table) {
            if matches!(document.kind(row), Kind::TableHead) {
                grid.has_head |= grid.rows.is_empty();
                // A head holds its cells itself, or a row of them.
                let inner = document.children(row).filter(|&child| matches!(document.kind(child), Kind::TableRow));
                let mut rows = inner.peekable();
                if rows.peek().is_some() {
                    rows.for_each(|row| grid.read_row(document, row, text));
                    continue;
                }
            }
            grid.read_row(document, row, text);
        }
        grid
    }

    fn read_row(&mut self, document: &Document, row: NodeId, text: &mut dyn FnMut(NodeId, &mut String)) {
        let mut cells = Vec::new();
        for cell in document.children(row) {
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
        if columns == 2 && first == 0 && !self.cell(row, 1).is_empty() && is_key(self.cell(row, 0)) {
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

    /// `Table: A, B (2 rows)`: what it is, for those who do not see its form.
    pub(super) fn title(&self, language: &Language) -> String {
        let heads: Vec<String> = (0..self.columns())
            .map(|column| self.head(column).replace('\n', " ").replace('`', "").trim().to_owned())
            .filter(|head| !head.is_empty())
            .collect();
        let rows = words::rows(language, self.body().count());
        match heads.is_empty() {
            true => format!("{} ({rows})", words::word(language, Word::Table)),
            false => words::labelled(language, Word::Table, &format!("{} ({rows})", heads.join(", "))),
        }
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

/// The width of each column, or none where the table is better read as records.
pub(super) fn widths(grid: &Grid, max_width: usize) -> Option<Vec<usize>> {
    let columns = grid.columns();
    if columns == 0 || columns > MAX_COLUMNS {
        return None;
    }
    let widest = |column| grid.column(column).flat_map(|cell| cell.split('\n')).map(width::columns).max();
    let natural: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0).max(1)).collect();
    let room = max_width.saturating_sub(GUTTER.len() * (columns - 1));
    if natural.iter().sum::<usize>() <= room {
        return Some(natural);
    }
    let least = (0..columns).map(|column| grid.column(column).map(wrap::widest_word).max().unwrap_or(0));
    let least: Vec<usize> = least.zip(&natural).map(|(word, &natural)| word.max(MIN_COLUMN).min(natural)).collect();
    let widths = share(&natural, &least, room)?;
    let fits = |column| grid.column(column).all(|cell| wrap::lines(cell, widths[column]).len() <= MAX_CELL_LINES);
    (0..columns).all(fits).then_some(widths)
}

/// Narrow columns get what they need, the others equal shares of the rest, none less than its least.
fn share(natural: &[usize], least: &[usize], room: usize) -> Option<Vec<usize>> {
    let widths = |fair: usize| natural.iter().zip(least).map(move |(&natural, &least)| natural.min(fair.max(least)));
    let fair = (0..=room).rev().find(|&fair| widths(fair).sum::<usize>() <= room)?;
    Some(widths(fair).collect())
}

/// The table as text: head, dashes, rows; rows of several lines are set apart. It ends where it exceeds its room.
pub(super) fn set(grid: &Grid, widths: &[usize], room: usize) -> String {
    let wraps = (0..grid.rows.len())
        .any(|row| (0..widths.len()).any(|column| wrap::lines(grid.cell(row, column), widths[column]).len() > 1));
    let mut out = String::new();
    let shows_head = (0..widths.len()).any(|column| !grid.head(column).is_empty());
    if shows_head {
        push_row(&mut out, grid, 0, widths);
        let dashes: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
        out.push_str(&dashes.join(GUTTER));
        out.push('\n');
    }
    let mut first = true;
    for row in grid.body() {
        if out.len() > room {
            break;
        }
        if wraps && !first {
            out.push('\n');
        }
        first = false;
        push_row(&mut out, grid, row, widths);
    }
    out
}

/// Nearly no table has cells over others.
fn set_cell(grid: &Grid, row: usize, column: usize) -> &str {
    if grid.covered.is_empty() { grid.cell(row, column) } else { grid.cell_set(row, column) }
}

fn push_row(out: &mut String, grid: &Grid, row: usize, widths: &[usize]) {
    let cells: Vec<_> =
        (0..widths.len()).map(|column| wrap::lines(set_cell(grid, row, column), widths[column])).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..height {
        let start = out.len();
        for (column, cell) in cells.iter().enumerate() {
            let text = cell.get(line).map_or("", |text| text.trim_matches(' '));
            let space = widths[column].saturating_sub(width::columns(text));
            let before = match grid.alignments.get(column).copied().unwrap_or_default() {
                Alignment::Left => 0,
                Alignment::Center => space / 2,
                Alignment::Right => space,
            };
            out.push_str(if column == 0 { "" } else { GUTTER });
            out.extend(std::iter::repeat_n(' ', before));
            out.push_str(text);
            out.extend(std::iter::repeat_n(' ', space - before));
        }
        out.truncate(start + out[start..].trim_end_matches(' ').len());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_shared_fairly() {
        assert_eq!(share(&[4, 100, 100], &[4, 8, 8], 68).unwrap(), [4, 32, 32]);
        assert_eq!(share(&[4, 100, 100], &[4, 40, 8], 68).unwrap(), [4, 40, 24]);
        assert_eq!(share(&[50, 50], &[40, 40], 70), None);
        assert_eq!(share(&[14, 13, 8, 38], &[9, 8, 8, 38], 64).unwrap(), [9, 9, 8, 38]);
    }
}
