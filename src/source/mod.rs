//! From a folder to a list of files: which layout it has, and the walk.
//!
//! The beginning of the data's way, and with `server` the only place that opens an author's files. What the
//! files mean is decided in `read`.

mod beneath;
pub mod hugo;
pub mod jekyll;
pub mod layout;
pub mod pattern;
pub mod pelican;
pub mod root;
pub mod walk;
pub mod zola;

pub use layout::{Layout, is_configured, recognise};
pub use root::Root;
pub use walk::{FoundFile, walk};

use crate::content::source::{Role, Source};

/// The path in a folder of a file beneath it.
pub(crate) fn beneath<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// The sources of a plain folder: every file stands where it is.
pub fn plain(files: Vec<FoundFile>) -> Vec<Source> {
    let has_generator = files.iter().any(|file| is_generator(&file.path));
    // A configuration beside the posts is the author's business, not the readers'.
    let own = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == "config.toml" || is_generator(path) || (has_generator && is_workshop(path))
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

/// Whether it is the configuration of a generator, which tells more than its author would.
fn is_generator(path: &str) -> bool {
    let known = [
        &hugo::CONFIGURATIONS[..],
        &hugo::OLD_CONFIGURATIONS,
        &zola::CONFIGURATIONS,
        &jekyll::CONFIGURATIONS,
        &pelican::CONFIGURATIONS,
        &layout::ELEVENTY,
        &layout::ASTRO,
    ];
    known.iter().any(|names| names.contains(&path))
}

/// Whether it stands in a folder that a generator keeps for itself.
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
