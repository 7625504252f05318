//! Other forms of an address, which lead to the canonical one by a permanent redirect.
//!
//! So that a reader can swap the scheme of a web address, or leave out a slash.

use super::{Capsule, Resource};
use crate::content::Address;

/// Endings that a page's address does not have, and what stands in their place.
const ENDINGS: [(&str, &str); 9] = [
    ("/index.gmi", "/"),
    ("/index.gemini", "/"),
    ("/index.html", "/"),
    ("/index.htm", "/"),
    ("/index.md", "/"),
    (".html", "/"),
    (".htm", "/"),
    (".md", "/"),
    (".gmi", "/"),
];

/// The address that is meant by a path at which nothing is, if one is meant.
pub fn canonical(capsule: &Capsule, path: &str) -> Option<Address> {
    let folder = (!path.ends_with('/')).then(|| format!("{path}/"));
    let ended =
        ENDINGS.iter().filter_map(|(ending, instead)| path.strip_suffix(ending).map(|rest| format!("{rest}{instead}")));
    folder.into_iter().chain(ended).find_map(|candidate| {
        let (address, resource) = capsule.resources.get_key_value(candidate.as_str())?;
        match resource {
            Resource::Content { .. } => Some(address.clone()),
            Resource::Moved { to, .. } => Some(to.clone()),
            Resource::Gone => None,
        }
    })
}
