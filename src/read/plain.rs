//! Addresses in a plain folder: every page where its file is, without the ending.

use super::plan::page_path;
use super::rules::Placing;
use crate::content::{Address, PageKind, Role};

/// The address of a page beneath the path part of the blog's web address.
pub(super) fn address(placing: &Placing<'_>) -> Option<Address> {
    let Placing { headed, place, kind, prefix, home, root, .. } = placing;
    if *kind == PageKind::Home {
        return Some((*home).clone());
    }
    let folder = &place.folder;
    if headed.source.role == Role::Gemtext {
        let path = if place.is_index() { format!("{folder}/") } else { headed.source.logical.clone() };
        return prefix.child(&path).ok();
    }
    if let Some(url) = headed.front.url.as_deref().or(headed.front.permalink.as_deref()) {
        return prefix.child(&page_path(url)).ok();
    }
    // The language of a suffix becomes a folder; that of a folder is one already.
    let base = if place.language.is_some() { root } else { prefix };
    let name = headed.front.slug.as_deref().map(|slug| slug.trim_matches('/'));
    let path = match name {
        Some(slug) if place.is_index() => {
            let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            format!("{parent}/{slug}/")
        }
        None if place.is_index() => format!("{folder}/"),
        name => format!("{folder}/{}/", name.unwrap_or(&place.stem)),
    };
    base.child(path.trim_start_matches('/')).ok()
}
