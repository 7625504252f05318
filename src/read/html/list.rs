//! Lists and definitions of HTML: their items, whose ends nobody need write.

use super::Attributes;
use crate::content::document::{Exceeded, Kind, Span};
use crate::read::compose::Origin;
use crate::read::reader::Reader;

const LISTS: [Origin; 3] = [Origin::Html("ul"), Origin::Html("ol"), Origin::Html("menu")];

pub(super) fn item(reader: &mut Reader<'_>, attributes: &Attributes<'_>, span: Span) -> Result<(), Exceeded> {
    let origin = Origin::Html("li");
    if reader.composer.is_within(&[origin], &LISTS).is_some() {
        reader.composer.close(origin)?;
    }
    if reader.composer.is_within(&LISTS, &[]).is_none() {
        reader.composer.open_block(Kind::List { start: None }, Origin::Html("ul"), span)?;
    }
    if let Some(number) = attributes.get("value").and_then(|value| value.parse().ok()) {
        reader.composer.renumber(number, span)?;
    }
    reader.composer.count_item();
    reader.composer.open_block(Kind::Item { task: None }, origin, span)
}

pub(super) fn definition(reader: &mut Reader<'_>, name: &'static str, span: Span) -> Result<(), Exceeded> {
    let list = Origin::Html("dl");
    for open in [Origin::Html("dt"), Origin::Html("dd")] {
        if reader.composer.is_within(&[open], &[list]).is_some() {
            reader.composer.close(open)?;
        }
    }
    if reader.composer.is_within(&[list], &[]).is_none() {
        reader.composer.open_block(Kind::Definitions, list, span)?;
    }
    match name {
        "dt" => reader.composer.open_sealed(Kind::Term, Origin::Html(name), span),
        _ => reader.composer.open_block(Kind::Definition, Origin::Html(name), span),
    }
}
