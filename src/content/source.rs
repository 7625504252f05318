//! A source: a file of the author's and the place its layout gives it.

use serde::{Deserialize, Serialize};

/// What a file is, before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Markdown,
    Gemtext,
    /// Served as it is.
    Static,
    /// A file among the pages of a generator's content: served as it is, at its page's address.
    Resource,
}

/// Tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Modification time in nanoseconds.
    pub modified: i128,
    pub inode: u64,
}

/// A file and its place in the capsule.
#[derive(Clone, Debug)]
pub struct Source {
    /// Relative to the source folder, with `/` between names.
    pub path: String,
    /// Where the layout puts it, relative to the capsule's root: `posts/x.md` for `content/en/posts/x.md`.
    pub logical: String,
    pub role: Role,
    pub stamp: Stamp,
}

impl Role {
    /// By the ending of its name.
    pub fn of(path: &str) -> Role {
        match path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
            Some("md" | "markdown" | "mdown" | "mkd") => Role::Markdown,
            Some("gmi" | "gemini") => Role::Gemtext,
            _ => Role::Static,
        }
    }
}
