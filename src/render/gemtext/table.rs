//! Tables in gemtext: a preformatted block whose alternative text says what it holds, or list items.
//!
//! Links stand under the table, or under their record; one whose text does not tell where it leads, or that comes
//! again, is called by its row or its column too.

use std::collections::HashMap;

use super::block::Writer;
use super::label::is_generic;
use super::links::Links;
use crate::content::document::NodeId;
use crate::render::inline::Inline;
use crate::render::style;
use crate::render::table::{self, Alike, Grid};
use crate::render::words;

/// A first cell longer than this is no name for its row, in characters.
const MAX_NAME: usize = 40;

/// How the rows of a table stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Set,
    Records,
}

impl Writer<'_> {
    pub(super) fn table(&mut self, node: NodeId) {
        self.settle_marker();
        self.gap();
        self.hold(|writer| {
            let (grid, links) = writer.grid(node);
            if grid.is_starved() {
                return;
            }
            if grid.body().next().is_none() && !grid.is_blank() {
                writer.lines.text("", &grid.as_line());
                return links.into_iter().for_each(|links| writer.links.append(links));
            }
            let title = grid.title(writer.language);
            match table::widths(&grid, writer.table_width) {
                Some(widths) if !writer.is_told(&grid) => {
                    let rows = called(&grid, links, Form::Set);
                    writer.lines.preformatted(&title, &table::set(&grid, &widths, writer.lines.room()));
                    rows.into_iter().for_each(|(_, links)| writer.links.append(links));
                }
                Some(_) | None => {
                    let rows = called(&grid, links, Form::Records);
                    writer.records(&grid, &title, rows);
                }
            }
        });
    }

    /// Whether a table that would fit is told as records, as others with its head are.
    fn is_told(&mut self, grid: &Grid) -> bool {
        let (document, width) = (self.document, self.table_width);
        let mut inline = Inline::new(document, self.language, self.style.emphasis);
        let alike = self.alike.get_or_insert_with(|| {
            Alike::of(document, width, &mut |cell, text| {
                inline.read(cell);
                text.push_str(&inline.text);
            })
        });
        alike.tells(grid)
    }

    /// The cells, and the links of each in their order.
    fn grid(&mut self, table: NodeId) -> (Grid, Vec<Links>) {
        let document = self.document;
        let outer = std::mem::take(&mut self.links);
        let mut links = Vec::new();
        let grid = Grid::read(document, table, &mut |cell, text| {
            self.inline.read(cell);
            self.take_links();
            links.push(std::mem::take(&mut self.links));
            text.push_str(&self.inline.text);
        });
        self.links = outer;
        (grid, links)
    }

    /// Each row a list item, each further cell a line with its column's name; then its links.
    fn records(&mut self, grid: &Grid, title: &str, links: Vec<(usize, Links)>) {
        if grid.is_blank() {
            return;
        }
        self.lines.text("", title);
        let bullet = if self.lines.in_quote() { "• " } else { "* " };
        let colon = words::colon(self.language);
        let mut links = links.into_iter().peekable();
        let at_once = self.style.links == style::Links::Block && self.holding == 1;
        for row in grid.body() {
            // Heads come again in every row: past the budget they must not even be copied.
            if self.lines.room() == 0 {
                return;
            }
            if let Some((first, rest)) = grid.record(row, colon) {
                self.lines.text(bullet, &first);
                rest.iter().for_each(|line| self.lines.continuation(line));
            }
            while let Some((_, links)) = links.next_if(|(of, _)| *of <= row) {
                self.links.append(links);
            }
            if at_once {
                self.flush();
            }
        }
        links.for_each(|(_, links)| self.links.append(links));
    }
}

/// The links of each cell that has some, by its row, called so that a reader can tell them apart.
fn called(grid: &Grid, links: Vec<Links>, form: Form) -> Vec<(usize, Links)> {
    let mut names: HashMap<String, u32> = HashMap::new();
    for name in links.iter().flat_map(|links| links.names()) {
        *names.entry(name.to_owned()).or_default() += 1;
    }
    let unclear = |name: &str| is_generic(name) || names.get(name).is_some_and(|&count| count > 1);
    // One rule for all of a table: where one of its links is unclear, each is called by its row. A record's stand with it.
    let all = form == Form::Set && names.keys().any(|name| unclear(name));
    let mut cells = Vec::new();
    for ((row, column), mut links) in grid.cells().zip(links).filter(|(_, links)| !links.is_empty()) {
        if (all || links.names().any(unclear))
            && let Some(name) = context(grid, row, column, form)
        {
            links.qualify(name);
        }
        cells.push((row, links));
    }
    cells
}

/// What a cell is called by: in a record its column; in a table its row, and in the first column nothing.
fn context(grid: &Grid, row: usize, column: usize, form: Form) -> Option<&str> {
    let fits = |name: &&str| !name.is_empty() && !name.contains('\n') && name.chars().count() <= MAX_NAME;
    let name = match form {
        Form::Set => grid.cell(row, 0),
        Form::Records => grid.head(column),
    };
    Some(name).filter(|_| column > 0).filter(fits)
}
