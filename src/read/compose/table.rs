//! Cells over several columns or rows: what they cover is empty, so that every value stays under its head.
//!
//! HTML, "Forming a table", as far as a text can show it.

use super::Composer;
use super::frame::{Frame, Origin};
use crate::content::document::{Alignment, Exceeded, Kind, Span};

/// Columns further to the right than this are not counted.
const MAX_COLUMN: usize = 16;

/// Which table has lost its rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::read) enum Starved {
    /// The one that is open.
    Open,
    /// The one that has just ended.
    Before,
}

/// Which cell covers another.
#[derive(PartialEq)]
enum By {
    Before,
    Above,
}

impl Composer {
    /// Before a cell of a row: the empty cells that it stands behind, and what it will cover itself.
    pub(in crate::read) fn begin_cell(
        &mut self,
        is_header: bool,
        wide: usize,
        deep: usize,
        span: Span,
    ) -> Result<(), Exceeded> {
        while let Some(by) = self.next_is_covered() {
            let covered = by == By::Above;
            self.open_sealed(Kind::Cell { alignment: Alignment::Left, covered }, Origin::Implied, span)?;
            self.close_implied()?;
        }
        let known = self.find(|kind| matches!(kind, Kind::Table)).map_or(0, |table| table.owed);
        let Some(row) = self.row() else { return Ok(()) };
        let column = row.column;
        let wide = if known > column { wide.min(known - column) } else { wide };
        row.column += 1;
        row.data += usize::from(!is_header);
        row.owed = wide - 1;
        let table = self.find(|kind| matches!(kind, Kind::Table));
        if let Some(table) = table.filter(|_| deep > 1 && column + wide <= MAX_COLUMN) {
            table.covered.resize(table.covered.len().max(column + wide), 0);
            table.covered[column..column + wide].fill(deep - 1);
        }
        Ok(())
    }

    /// The row whose next cell is to come; a row within a cell is a line of it.
    fn row(&mut self) -> Option<&mut Frame> {
        let at = self.innermost()?;
        Some(&mut self.frames[at]).filter(|frame| matches!(frame.kind, Some(Kind::TableRow)))
    }

    /// Whether the next cell of the row is covered by one before or above it; then it is counted.
    fn next_is_covered(&mut self) -> Option<By> {
        let row = self.row()?;
        let column = row.column;
        if row.owed > 0 {
            row.owed -= 1;
            row.column += 1;
            return Some(By::Before);
        }
        let table = self.find(|kind| matches!(kind, Kind::Table));
        let rows = table.and_then(|table| table.covered.get_mut(column)).filter(|rows| **rows > 0);
        *rows? -= 1;
        if let Some(row) = self.row() {
            row.column += 1;
        }
        Some(By::Above)
    }

    /// What was to be the rows of a table is left out, or only a script has it: a table with a head alone gets a row
    /// without cells, by which renderers know. Whether there is such a table: the one that is open, or the one before.
    pub(in crate::read) fn starve_table(&mut self) -> Result<Option<Starved>, Exceeded> {
        let (open, before) = (self.builder.current(), self.builder.last_child());
        let (table, starved) = match before {
            _ if self.builder.is_headed_only(open) => (open, Starved::Open),
            Some(before) if self.builder.is_headed_only(before) => (before, Starved::Before),
            Some(_) | None => return Ok(None),
        };
        self.builder.leaf_under(table, Kind::TableRow)?;
        Ok(Some(starved))
    }

    /// A first row that is all headers is the table's head. What its last cells leave covered is a row less.
    pub(super) fn row_ended(&mut self, row: &Frame) {
        let table = self.frames.last_mut().filter(|table| matches!(table.kind, Some(Kind::Table)));
        let (Some(Kind::TableRow), Some(node), Some(table)) = (&row.kind, row.node, table) else { return };
        for rows in table.covered.iter_mut().skip(row.column + row.owed) {
            *rows = rows.saturating_sub(1);
        }
        table.column += 1;
        table.owed = table.owed.max(row.column + row.owed);
        if table.column == 1 && row.column > 0 && row.data == 0 && row.origin != Origin::Markdown {
            self.builder.set_kind(node, Kind::TableHead);
        }
    }
}
