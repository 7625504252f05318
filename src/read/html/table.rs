//! Tables of HTML: rows and cells, whose ends nobody need write, and cells over several of either.

use super::Attributes;
use crate::content::document::{Alignment, Exceeded, Kind, Span};
use crate::read::compose::{Origin, Role};
use crate::read::reader::Reader;

const CELLS: [Origin; 2] = [Origin::Html("td"), Origin::Html("th")];
/// A cell is over no more columns and rows than this.
const MAX_WIDE: usize = 12;
const MAX_DEEP: usize = 1000;
const TABLE: [Origin; 1] = [Origin::Html("table")];

pub(super) fn row(reader: &mut Reader<'_>, span: Span) -> Result<(), Exceeded> {
    let (rows, origin) = (Origin::Html("tbody"), Origin::Html("tr"));
    if reader.composer.is_within(&[origin], &TABLE).is_some() {
        reader.composer.close(origin)?;
    }
    if reader.composer.is_within(&TABLE, &[]).is_none() {
        reader.composer.open_mark(Role::Mark, TABLE[0], span)?;
    }
    if reader.composer.is_within(&[rows], &TABLE).is_none() {
        reader.composer.open_block(Kind::Table, rows, span)?;
    }
    reader.composer.open_block(Kind::TableRow, origin, span)
}

pub(super) fn cell(
    reader: &mut Reader<'_>,
    name: &'static str,
    attributes: &Attributes<'_>,
    span: Span,
) -> Result<(), Exceeded> {
    let row_origin = Origin::Html("tr");
    if let Some(open) = reader.composer.is_within(&CELLS, &[row_origin, TABLE[0]]) {
        reader.composer.close(open)?;
    }
    if reader.composer.is_within(&[row_origin], &TABLE).is_none() {
        row(reader, span)?;
    }
    let reach = |name, most| attributes.get(name).and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, most);
    reader.composer.begin_cell(name == "th", reach("colspan", MAX_WIDE), reach("rowspan", MAX_DEEP), span)?;
    let style = attributes.get("align").or_else(|| attributes.get("style")).unwrap_or_default();
    let alignment = match style.rsplit([':', ' ', ';']).find(|word| !word.is_empty()) {
        Some("right") => Alignment::Right,
        Some("center") => Alignment::Center,
        _ => Alignment::Left,
    };
    reader.composer.open_sealed(Kind::Cell { alignment, covered: false }, Origin::Html(name), span)
}
