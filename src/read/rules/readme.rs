//! A `README.md` introduces its folder in a plain folder of Markdown, where no index does: so its author meant it.
//!
//! Part of pass one. Its name stays what links call it by; its place becomes that of an `_index.md`.

use std::collections::HashSet;

use crate::content::Language;
use crate::read::place::Place;
use crate::read::plan::Headed;

/// The pages, with each `README` in the place of the index that its folder lacks.
pub(super) fn introducing(mut pages: Vec<(Headed, Place)>) -> Vec<(Headed, Place)> {
    let mut indexed: HashSet<(String, Option<Language>)> =
        pages.iter().filter(|(_, place)| place.is_index()).map(|(_, place)| folder(place)).collect();
    for (_, place) in &mut pages {
        if place.stem.eq_ignore_ascii_case("readme") && indexed.insert(folder(place)) {
            "_index".clone_into(&mut place.stem);
        }
    }
    pages
}

fn folder(place: &Place) -> (String, Option<Language>) {
    (place.folder.clone(), place.language.clone())
}
