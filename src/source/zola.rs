//! Zola's folders: `config.toml`, `content` and `static`.
//!
//! What the files mean for addresses is in `read::zola`; here is only which file is where.
//! <https://www.getzola.org/documentation/getting-started/directory-structure/>

use super::{FoundFile, beneath};
use crate::content::source::{Role, Source};
use crate::read::zola::Zola;

/// Where Zola keeps its configuration.
pub const CONFIGURATIONS: [&str; 2] = ["config.toml", "zola.toml"];

/// The sources: pages and files of `content`, and files of `static`.
pub fn sources(files: Vec<FoundFile>, zola: &Zola) -> Vec<Source> {
    let mut sources = Vec::new();
    for file in files {
        if let Some(logical) = beneath(&file.path, "content").map(str::to_owned) {
            if zola.ignored_content.is_match(&logical) || zola.ignored_content.is_match(&file.path) {
                continue;
            }
            let role = match Role::of(&file.path) {
                Role::Static => Role::Resource,
                role => role,
            };
            sources.push(Source { role, path: file.path, logical, stamp: file.stamp });
        } else if let Some(logical) = beneath(&file.path, "static").map(str::to_owned)
            && !zola.ignored_static.is_match(&logical)
        {
            sources.push(Source { role: Role::Static, path: file.path, logical, stamp: file.stamp });
        }
    }
    sources
}
