//! A table set in columns: how wide each is, and its rows as text.
//!
//! conversion.md, "table": bounded in width, measured as displayed, as pandoc's simple tables. What does not fit is told
//! as records.

use super::Grid;
use crate::content::document::Alignment;
use crate::text::{width, wrap};

/// More columns than this are unreadable on a narrow screen.
const MAX_COLUMNS: usize = 6;
/// A column that wraps is no narrower than this.
const MIN_COLUMN: usize = 8;
/// A cell that takes more lines than this is prose.
const MAX_CELL_LINES: usize = 4;
const GUTTER: &str = "  ";

/// The width of each column, or none where the table is better read as records.
pub(in crate::render) fn widths(grid: &Grid, max_width: usize) -> Option<Vec<usize>> {
    let columns = grid.columns();
    if columns == 0 || columns > MAX_COLUMNS || grid.is_pairs {
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
pub(in crate::render) fn set(grid: &Grid, widths: &[usize], room: usize) -> String {
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
