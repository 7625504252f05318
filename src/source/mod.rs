//! From a folder to a list of files: which layout it has, and the walk.
//!
//! The beginning of the data's way, and with `server` the only place that opens an author's files. What the
//! files mean is decided in `read`.

mod beneath;
pub mod history;
pub mod hugo;
pub mod jekyll;
pub mod layout;
pub mod pattern;
pub mod pelican;
pub mod root;
pub mod walk;
pub mod zola;

pub use history::History;
pub use layout::{Layout, is_absent, is_configured, recognise};
pub use root::Root;
pub use walk::{FoundFile, walk};

use std::collections::HashSet;

use crate::content::source::{Role, Source};

/// The path in a folder of a file beneath it.
pub(crate) fn beneath<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// The sources of a plain folder: every file stands where it is.
pub fn plain(files: Vec<FoundFile>) -> Vec<Source> {
    let generators: HashSet<String> =
        files.iter().filter_map(|file| generator_around(&file.path)).map(str::to_owned).collect();
    // A configuration beside the posts is the author's business, not the readers', and so is the rest of a workshop.
    let own = |path: &str| {
        let in_workshop =
            || folders_around(path).any(|(folder, rest)| generators.contains(folder) && is_workshop(rest));
        generator_around(path).is_some() || (!generators.is_empty() && in_workshop())
    };
    files
        .into_iter()
        .filter(|file| !own(&file.path))
        .map(|file| Source {
            logical: file.path.clone(),
            role: Role::of(&file.path),
            path: file.path,
            stamp: file.stamp,
        })
        .collect()
}

/// The folder whose generator a file configures, if it does; it tells more than its author would.
fn generator_around(path: &str) -> Option<&str> {
    let known = [
        &hugo::CONFIGURATIONS[..],
        &hugo::OLD_CONFIGURATIONS,
        &zola::CONFIGURATIONS,
        &jekyll::CONFIGURATIONS,
        &pelican::CONFIGURATIONS,
        &layout::ELEVENTY,
        &layout::ASTRO,
    ];
    let folders = known.iter().copied().flatten().filter_map(|name| {
        let folder = path.strip_suffix(name)?;
        (folder.is_empty() || folder.ends_with('/')).then(|| folder.trim_end_matches('/'))
    });
    // Of `config/_default/hugo.toml` and `hugo.toml` the longer name is meant.
    folders.min_by_key(|folder| folder.len())
}

/// The folders around a path, and the path in each.
fn folders_around(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let inner = path.match_indices('/').map(|(at, _)| (&path[..at], &path[at + 1..]));
    std::iter::once(("", path)).chain(inner)
}

/// Whether a path, from a generator's configuration on, leads into a folder that the generator keeps for itself.
fn is_workshop(path: &str) -> bool {
    const FOLDERS: [&str; 13] = [
        "_data",
        "_drafts",
        "_includes",
        "_layouts",
        "_plugins",
        "_sass",
        "_site",
        "archetypes",
        "config",
        "i18n",
        "layouts",
        "templates",
        "themes",
    ];
    path.split_once('/').is_some_and(|(top, _)| FOLDERS.contains(&top))
}
