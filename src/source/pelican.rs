//! Pelican's folders: `pelicanconf.py`, the content, and in it pages, articles and files.
//!
//! <https://docs.getpelican.com/en/stable/content.html>

use super::{FoundFile, beneath};
use crate::content::source::{Role, Source};
use crate::read::pelican::Pelican;

/// Where Pelican keeps its settings; the second, for publishing, adds to the first.
pub const CONFIGURATIONS: [&str; 2] = ["pelicanconf.py", "publishconf.py"];

/// The sources. Files that stand in no folder of static files are resources: published where a page links to them.
pub fn sources(files: Vec<FoundFile>, pelican: &Pelican) -> Vec<Source> {
    let source = |file: FoundFile| {
        let logical = match pelican.content.as_str() {
            "" => file.path.as_str(),
            content => beneath(&file.path, content)?,
        };
        let ending = logical.rsplit_once('.').map_or("", |(_, ending)| ending);
        let role = match Role::of(logical) {
            Role::Markdown => pelican.is_content(logical).then_some(Role::Markdown)?,
            Role::Gemtext => Role::Gemtext,
            // Other sources of articles are no files for readers; those maquis cannot read are named by the plan.
            _ if matches!(ending, "html" | "htm" | "py") && !pelican.is_static(logical) => return None,
            _ if pelican.is_static(logical) => Role::Static,
            Role::Static | Role::Resource => Role::Resource,
        };
        let logical = pelican.renamed(logical).to_owned();
        Some(Source { role, logical, path: file.path, stamp: file.stamp })
    };
    files.into_iter().filter_map(source).collect()
}
