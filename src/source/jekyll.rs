//! Jekyll's folders: `_config.yml`, `_posts` anywhere, collections, and everything else as a page or a file.
//!
//! A file is a page when it is Markdown or HTML and begins with front matter; another file that does is a template,
//! whose text is not meant for readers. <https://jekyllrb.com/docs/structure/>

use super::{FoundFile, Root};
use crate::content::source::{Role, Source};
use crate::read::jekyll::Jekyll;

/// Where Jekyll keeps its configuration.
pub const CONFIGURATIONS: [&str; 2] = ["_config.yml", "_config.yaml"];

/// Files that cannot begin with front matter: they are not looked into.
const BINARY: [&str; 24] = [
    "png", "jpg", "jpeg", "gif", "webp", "avif", "ico", "pdf", "zip", "gz", "xz", "woff", "woff2", "ttf", "otf", "eot",
    "mp3", "mp4", "ogg", "opus", "webm", "mov", "flac", "tiff",
];

/// The sources Jekyll would look at.
pub fn sources(root: &Root, files: Vec<FoundFile>, jekyll: &Jekyll) -> Vec<Source> {
    let source = |file: FoundFile| {
        let role = jekyll.looks_at(&file.path).then(|| role(root, &file.path))??;
        let logical = jekyll.logical(&file.path).to_owned();
        Some(Source { role, path: file.path, logical, stamp: file.stamp })
    };
    files.into_iter().filter_map(source).collect()
}

/// What a file is; `None` for a template.
fn role(root: &Root, path: &str) -> Option<Role> {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    let in_posts = path.split('/').any(|name| matches!(name, "_posts" | "_drafts"));
    match (Role::of(path), ending.as_str()) {
        (role @ (Role::Markdown | Role::Gemtext), _) => Some(role),
        (_, "mkd" | "mkdn" | "mkdown") => Some(Role::Markdown),
        // A post that is neither Markdown nor HTML is no file either.
        (_, "html" | "htm" | "xhtml") if in_posts || begins_with_front_matter(root, path) => {
            // The home page, the page for errors and those that loop over posts are made by maquis.
            let made = matches!(path, "index.html" | "404.html");
            (!made).then_some(Role::Markdown)
        }
        _ if in_posts => None,
        (_, ending) if BINARY.contains(&ending) => Some(Role::Static),
        _ => (!begins_with_front_matter(root, path)).then_some(Role::Static),
    }
}

fn begins_with_front_matter(root: &Root, path: &str) -> bool {
    // A file that cannot be read is not shown either way.
    root.read(path, 4).map_or(true, |bytes| {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        bytes.starts_with(b"---")
    })
}
