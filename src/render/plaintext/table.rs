//! Tables in plain text: set in columns, or told as list items.

use super::block::Writer;
use crate::content::document::NodeId;
use crate::render::inline::Inline;
use crate::render::table::{self, Alike, Grid};
use crate::render::words;

impl Writer<'_> {
    pub(super) fn table(&mut self, node: NodeId) {
        self.gap();
        let document = self.document;
        let grid = Grid::read(document, node, &mut |cell, text| {
            self.inline.read(cell);
            text.push_str(&self.lines.fold(&self.inline.text));
        });
        if grid.is_blank() || grid.is_starved() {
            return;
        }
        if grid.body().next().is_none() {
            self.lines.text(&grid.as_line());
            return self.gap();
        }
        match table::widths(&grid, self.lines.columns()) {
            Some(widths) if !self.is_told(&grid) => self.lines.set(&table::set(&grid, &widths, self.lines.room())),
            Some(_) | None => {
                self.lines.text(&grid.title(self.language));
                self.records(&grid);
            }
        }
        self.gap();
    }

    /// Whether a table that would fit is told as records, as others with its head are.
    fn is_told(&mut self, grid: &Grid) -> bool {
        let (document, width) = (self.document, self.options.width);
        let mut inline = Inline::marked(document, self.language, self.options.style.emphasis);
        let alike = self.alike.get_or_insert_with(|| {
            Alike::of(document, width, &mut |cell, text| {
                inline.read(cell);
                text.push_str(&inline.text);
            })
        });
        alike.tells(grid)
    }

    /// Each row a list item, each further cell a line with its column's name.
    fn records(&mut self, grid: &Grid) {
        let colon = words::colon(self.language);
        for row in grid.body() {
            // Heads come again in every row: past the budget they must not even be copied.
            if self.lines.room() == 0 {
                return;
            }
            let Some((first, rest)) = grid.record(row, colon) else { continue };
            self.lines.enter("* ", 2, false);
            self.lines.text(&first);
            for line in rest {
                self.lines.enter("", 2, false);
                self.lines.text(&line);
                self.lines.leave();
            }
            self.lines.leave();
        }
    }
}
