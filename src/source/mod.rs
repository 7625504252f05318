//! From a folder to a list of files: which layout it has, and the walk.
//!
//! The beginning of the data's way, and with `server` the only place that opens an author's files. What the
//! files mean is decided in `read`.

pub mod hugo;
pub mod jekyll;
pub mod layout;
pub mod pattern;
pub mod pelican;
pub mod root;
pub mod walk;
pub mod zola;

pub use layout::{Layout, recognise};
pub use root::Root;
pub use walk::{FoundFile, walk};

use crate::content::source::{Role, Source};

/// The path in a folder of a file beneath it.
pub(crate) fn beneath<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// The sources of a plain folder: every file stands where it is.
pub fn plain(files: Vec<FoundFile>) -> Vec<Source> {
    // A configuration beside the posts is the author's business, not the readers'.
    let own = |path: &str| path == "config.toml";
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
