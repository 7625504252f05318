//! Addresses in a plain folder: every page where its file is, without the ending.

use super::place::Place;
use super::plan::Headed;
use crate::content::{Address, Language, PageKind, Role};

/// The address of a page beneath `prefix` (the path part of the blog's web address).
pub(super) fn address(
    headed: &Headed,
    place: &Place,
    kind: PageKind,
    prefix: &Address,
    own: &Language,
) -> Option<Address> {
    if kind == PageKind::Home {
        return Some(Address::root());
    }
    let folder = &place.folder;
    if headed.source.role == Role::Gemtext {
        let path = if place.is_index() { format!("{folder}/") } else { headed.source.logical.clone() };
        return prefix.child(&path).ok();
    }
    if let Some(url) = headed.front.url.as_deref() {
        return prefix.child(&super::plan::page_path(url)).ok();
    }
    let root = match &place.language {
        Some(language) if language.primary() != own.primary() => prefix.child(&format!("{language}/")).ok()?,
        _ => prefix.clone(),
    };
    let name = headed.front.slug.as_deref().map(|slug| slug.trim_matches('/'));
    let path = match name {
        Some(slug) if place.is_index() => {
            let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            format!("{parent}/{slug}/")
        }
        None if place.is_index() => format!("{folder}/"),
        name => format!("{folder}/{}/", name.unwrap_or(&place.stem)),
    };
    root.child(path.trim_start_matches('/')).ok()
}
