//! Tables in gemtext: a preformatted block whose alternative text says what it holds, or list items.

use super::block::Writer;
use crate::content::document::NodeId;
use crate::render::table::{self, Grid};
use crate::render::words;

impl Writer<'_> {
    pub(super) fn table(&mut self, node: NodeId) {
        self.settle_marker();
        self.gap();
        self.hold(|writer| {
            let grid = writer.grid(node);
            let title = grid.title(writer.language);
            match table::widths(&grid, writer.table_width) {
                Some(widths) => writer.lines.preformatted(&title, &table::set(&grid, &widths, writer.lines.room())),
                None => writer.records(&grid, &title),
            }
        });
    }

    fn grid(&mut self, table: NodeId) -> Grid {
        let document = self.document;
        Grid::read(document, table, &mut |cell, text| {
            self.inline.read(cell);
            self.take_links();
            text.push_str(&self.inline.text);
        })
    }

    /// Each row a list item, each further cell a line with its column's name.
    fn records(&mut self, grid: &Grid, title: &str) {
        if grid.is_blank() {
            return;
        }
        self.lines.text("", title);
        let bullet = if self.lines.in_quote() { "• " } else { "* " };
        let colon = words::colon(self.language);
        for row in grid.body() {
            // Heads come again in every row: past the budget they must not even be copied.
            if self.lines.room() == 0 {
                return;
            }
            let Some((first, rest)) = grid.record(row, colon) else { continue };
            self.lines.text(bullet, &first);
            rest.iter().for_each(|line| self.lines.continuation(line));
        }
    }
}
